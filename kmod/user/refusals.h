/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Refused binds in netlink messages, see refusals.c.
 */
#ifndef _PORTRES_USER_REFUSALS_H
#define _PORTRES_USER_REFUSALS_H

/* Room that a message should have besides for portres_put_refusals(). */
#define PORTRES_REFUSALS_ROOM	8192

struct net;
struct portres_reader;
struct portres_reservation;
struct sk_buff;
struct work_struct;

void portres_send_refusals(struct work_struct *work);
void portres_put_refusals(struct sk_buff *msg, struct net *net,
			  const struct portres_reservation *resv,
			  const struct portres_reader *reader);

#endif /* _PORTRES_USER_REFUSALS_H */
