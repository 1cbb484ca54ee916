/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Acquisition and release of runtime reservations, see acquire.c.
 */
#ifndef _PORTRES_ACQUIRE_H
#define _PORTRES_ACQUIRE_H

#include <linux/types.h>

struct net;
struct portres_reservation;
struct sock;

struct portres_reservation *portres_acquire(struct sock *sk, u16 first, u16 count, bool tree);
int portres_release(struct net *net, u64 token);

#endif /* _PORTRES_ACQUIRE_H */
