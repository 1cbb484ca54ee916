/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Removal of what closed sockets held, see expire.c.
 */
#ifndef _PORTRES_EXPIRE_H
#define _PORTRES_EXPIRE_H

struct net;
struct portres_net;
struct portres_sock;

int portres_expire_init(void);
void portres_expire_fini(void);
int portres_expire_prepare(struct portres_net *pnet);
void portres_expire_flush(struct portres_net *pnet);
void portres_expire_fini_net(struct portres_net *pnet);
void portres_expire_sock(struct portres_sock *ps, struct net *net);

#endif /* _PORTRES_EXPIRE_H */
