/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Creation of reservations, see reserve.c.
 */
#ifndef _PORTRES_RESERVE_H
#define _PORTRES_RESERVE_H

#include <linux/types.h>

struct net;
struct netlink_ext_ack;
struct portres_probe;
struct portres_reservation;
struct portres_spec;

int portres_reserve_check_limits(struct net *net, const struct portres_spec *spec);
struct portres_reservation *portres_reserve(struct net *net, const struct portres_spec *spec,
					    struct netlink_ext_ack *extack);
struct portres_reservation *portres_reserve_probed(struct net *net,
						   const struct portres_spec *spec,
						   struct portres_probe *probe, u16 *in_use);

#endif /* _PORTRES_RESERVE_H */
