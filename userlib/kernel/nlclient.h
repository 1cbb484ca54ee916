/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests to the kernel: send one, receive its replies and its acknowledgment. */
#ifndef PORTRES_NLCLIENT_H
#define PORTRES_NLCLIENT_H

#include "codec.h"
#include "nllink.h"

/*
 * Sends a request and calls take for its reply; without take, waits for the acknowledgment. Returns
 * 0 or a negative errno, with its message in the text of the link. -ENOBUFS: neither of them
 * arrived; a request that has no reply may have been carried out.
 */
int portres_request(struct portres_link *link, enum portres_cmd command,
		    const struct portres_attrs *attrs, portres_reply_fn take, void *arg);

/*
 * The same for a dump. -EINTR: a change interrupted the dump, so its parts are not
 * consistent.
 */
int portres_dump(struct portres_link *link, enum portres_cmd command, portres_reply_fn take,
		 void *arg);

#endif /* PORTRES_NLCLIENT_H */
