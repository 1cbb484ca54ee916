/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fast bind path, for untracked sockets: inlined into the hook, with one call, which is that
 * of the kernel's get_port, and no store to a shared cache line. The slow path is in bind.c; why
 * both are right, in core/bind.c and core/decision.c.
 */
#ifndef _PORTRES_BIND_H
#define _PORTRES_BIND_H

#include <net/inet_sock.h>
#include <net/net_namespace.h>

#include "core/bind.h"
#include "core/net.h"
#include "core/protocol.h"
#include "core/range.h"
#include "core/sock.h"
#include "core/table.h"

int portres_udp_bind_tracked(struct sock *sk, u16 port, portres_get_port_t get_port);
int portres_udp_bind_any(struct sock *sk, struct portres_table *table, u32 range,
			 portres_get_port_t get_port);
int portres_udp_bind_recheck(struct sock *sk, u16 port, portres_get_port_t get_port);

/**
 * portres_udp_bind - get a port for a UDP socket
 * @sk: the socket, locked
 * @port: requested port, 0 for automatic selection
 * @get_port: the kernel's own get_port of @sk
 *
 * Return: 0, the error of @get_port, or that of portres_verdict_bind(). For port 0:
 * -EADDRINUSE if no port is free that the socket may have.
 */
static __always_inline int portres_udp_bind(struct sock *sk, u16 port, portres_get_port_t get_port)
{
	struct portres_table *table = portres_table_of(sock_net(sk), PORTRES_UDP);
	int err;

	if (unlikely(!table))
		return get_port(sk, port);
	if (unlikely(!portres_sock_is_untracked(sk, PORTRES_UDP)))
		return portres_udp_bind_tracked(sk, port, get_port);
	if (port) {
		if (unlikely(portres_table_reserved(table, port)))
			return portres_bind_reserved(sk, table, port, get_port);
	} else {
		u32 range = portres_range_of(sk);

		if (unlikely(!portres_range_is_unreserved(table, range)))
			return portres_udp_bind_any(sk, table, range, get_port);
	}
	err = get_port(sk, port);
	if (likely(err || !portres_table_reserved(table, inet_sk(sk)->inet_num)))
		return err;
	return portres_udp_bind_recheck(sk, port, get_port);
}

#endif /* _PORTRES_BIND_H */
