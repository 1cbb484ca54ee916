/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Creation and removal of reservations, see reserve.c.
 */
#ifndef _PORTRES_RESERVE_H
#define _PORTRES_RESERVE_H

#include <linux/types.h>

struct net;
struct netlink_ext_ack;
struct portres_caller;
struct portres_block;
struct portres_probe;
struct portres_reservation;
struct portres_spec;

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

/* An expired or tentative reservation was removed under the lock: check again. */
#define PORTRES_RETRY	1

void portres_reserve_init(portres_notify_t notify);
void portres_reserve_notify(struct net *net, const struct portres_reservation *resv,
			    const struct portres_event *event);
int portres_reserve_check_overlap(struct net *net, const struct portres_spec *spec);
int portres_reserve_check_limits(struct net *net, const struct portres_spec *spec);
struct portres_reservation *portres_reserve(struct net *net, const struct portres_spec *spec,
					    struct netlink_ext_ack *extack);
struct portres_reservation *portres_reserve_probed(struct net *net,
						   const struct portres_spec *spec,
						   struct portres_probe *probe, u16 *in_use);
void portres_unreserve_by(struct net *net, struct portres_reservation *resv,
			  const struct portres_caller *by);

/* portres_unreserve_by() for a removal that no process requested. */
static inline void portres_unreserve(struct net *net, struct portres_reservation *resv)
{
	portres_unreserve_by(net, resv, NULL);
}

#endif /* _PORTRES_RESERVE_H */
