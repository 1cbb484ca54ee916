/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notifications of changes. */
#ifndef PORTRES_NLLISTEN_H
#define PORTRES_NLLISTEN_H

#include "nllink.h"

/*
 * Opens a link for notifications instead of requests. Its descriptor does not block.
 */
int portres_listen_open(struct portres_link **link);
int portres_link_fd(const struct portres_link *link);

/*
 * Joins or leaves the group of refused binds, and joins it again when the module was reloaded:
 * -EOPNOTSUPP if the module has none.
 */
int portres_listen_refusals(struct portres_link *link, bool wanted);

/*
 * Calls take for each queued notification. Command PORTRES_CMD_UNSPEC: notifications were
 * lost.
 */
int portres_listen_receive(struct portres_link *link, portres_reply_fn take, void *arg);

#endif /* PORTRES_NLLISTEN_H */
