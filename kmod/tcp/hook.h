/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hook in get_port and connect of TCP's protos, see hook.c.
 */
#ifndef _PORTRES_TCP_HOOK_H
#define _PORTRES_TCP_HOOK_H

struct net;
struct netlink_ext_ack;

int portres_tcp_hook_install(void);
void portres_tcp_hook_remove(void);
int portres_tcp_hook_check(struct net *net, struct netlink_ext_ack *extack);

#endif /* _PORTRES_TCP_HOOK_H */
