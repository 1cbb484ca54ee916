/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The association of a socket with a reservation, see assoc.c.
 */
#ifndef _PORTRES_ASSOC_H
#define _PORTRES_ASSOC_H

struct portres_reservation;
struct portres_sock;
struct sock;

int portres_assoc_set(struct sock *sk, struct portres_reservation *resv);
struct portres_reservation *portres_assoc_find(const struct sock *sk);
void portres_assoc_end(struct portres_sock *ps);

#endif /* _PORTRES_ASSOC_H */
