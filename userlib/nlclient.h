/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The only way to the kernel: one request, its answers, its verdict. */
#ifndef PORTRES_NLCLIENT_H
#define PORTRES_NLCLIENT_H

#include "codec.h"

int portres_link_open(struct portres_link **link);
void portres_link_close(struct portres_link *link);

/* Takes the attributes of an answer; a negative errno makes the request fail. */
typedef int portres_answer_fn(uint8_t command, const void *attrs, size_t len, void *arg);

/*
 * Sends a request, gives each answer to take, and waits for the verdict. Returns 0 or
 * a negative errno, with its text in the handle. -ENOBUFS: there was neither answer nor
 * verdict; it may have been carried out, if it is one that is not answered.
 */
int portres_request(struct portres *handle, enum portres_cmd command,
		    const struct portres_attrs *attrs, portres_answer_fn *take, void *arg);

/*
 * The same for a dump. -EINTR: it was interrupted by a change, what it has told does not
 * fit together.
 */
int portres_dump(struct portres *handle, enum portres_cmd command, portres_answer_fn *take,
		 void *arg);

/*
 * Opens a link that listens for changes, in the place of a link for requests. Its
 * descriptor does not block.
 */
int portres_listen(struct portres *handle, struct portres_link **link);
int portres_link_fd(const struct portres_link *link);

/*
 * Gives each notification that waits to take; command PORTRES_CMD_UNSPEC stands for
 * those that were lost.
 */
int portres_hear(struct portres_link *link, portres_answer_fn *take, void *arg);

#endif /* PORTRES_NLCLIENT_H */
