/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The protos of the TCP sockets below MPTCP, see mptcp.c.
 */
#ifndef _PORTRES_TCP_MPTCP_H
#define _PORTRES_TCP_MPTCP_H

#include <linux/types.h>

struct net;
struct portres_tcp_original;
struct proto;

bool portres_tcp_mptcp_exists(int family);
int portres_tcp_mptcp_enabled(struct net *net, bool *enabled);
int portres_tcp_mptcp_find(const struct proto *base, const struct portres_tcp_original *original,
			   struct proto **copy);
int portres_tcp_mptcp_exchange(void **at, void *old, void *new);

#endif /* _PORTRES_TCP_MPTCP_H */
