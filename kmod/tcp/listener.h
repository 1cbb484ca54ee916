/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracked sockets that listen, see listener.c.
 */
#ifndef _PORTRES_TCP_LISTENER_H
#define _PORTRES_TCP_LISTENER_H

struct portres_sock;
struct sock;

int portres_tcp_listener_add(struct sock *sk, struct portres_sock *ps);
void portres_tcp_listener_fini(void);

#endif /* _PORTRES_TCP_LISTENER_H */
