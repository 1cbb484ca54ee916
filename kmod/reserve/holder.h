/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which socket holds which runtime reservations, see holder.c.
 */
#ifndef _PORTRES_HOLDER_H
#define _PORTRES_HOLDER_H

struct portres_runtime;
struct portres_sock;
struct sock;

struct portres_sock *portres_holder_pin(struct sock *sk);
void portres_holder_unpin(struct sock *sk, struct portres_sock *holder);
void portres_holder_add(struct portres_sock *holder, struct portres_runtime *runtime);
void portres_holder_del(struct portres_runtime *runtime);

#endif /* _PORTRES_HOLDER_H */
