/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Removal of reservations and the announcement of changes, see remove.c.
 */
#ifndef _PORTRES_REMOVE_H
#define _PORTRES_REMOVE_H

#include <linux/types.h>

struct net;
struct portres_block;
struct portres_caller;
struct portres_reservation;

/**
 * struct portres_event - what happened to a reservation
 * @cmd: PORTRES_CMD_CREATED, PORTRES_CMD_CHANGED or PORTRES_CMD_DELETED
 * @by: process that requested a removal, or NULL
 * @was: block before a change
 */
struct portres_event {
	u8 cmd;
	const struct portres_caller *by;
	const struct portres_block *was;
};

/* As portres_notify(). Called under the table lock, which keeps the order of changes. */
typedef void (*portres_notify_t)(struct net *net, const struct portres_reservation *resv,
				 const struct portres_event *event);

void portres_announce_init(portres_notify_t notify);
void portres_announce(struct net *net, const struct portres_reservation *resv,
		      const struct portres_event *event);
void portres_unreserve_by(struct net *net, struct portres_reservation *resv,
			  const struct portres_caller *by);

/* portres_unreserve_by() for a removal that no process requested. */
static inline void portres_unreserve(struct net *net, struct portres_reservation *resv)
{
	portres_unreserve_by(net, resv, NULL);
}

#endif /* _PORTRES_REMOVE_H */
