/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fast bind path of TCP, for untracked sockets: inlined into the hook, with one call, which is
 * that of the kernel's get_port, and no store to a shared cache line. The slow path is in bind.c.
 */
#ifndef _PORTRES_TCP_BIND_H
#define _PORTRES_TCP_BIND_H

#include <net/inet_connection_sock.h>
#include <net/inet_sock.h>

#include "core/bind.h"
#include "core/net.h"
#include "core/protocol.h"
#include "core/range.h"
#include "core/sock.h"

int portres_tcp_bind_tracked(struct sock *sk, u16 port, portres_get_port_t get_port);
int portres_tcp_bind_any(struct sock *sk, struct portres_table *table,
			 portres_get_port_t get_port);
int portres_tcp_bind_recheck(struct sock *sk, u16 port, portres_get_port_t get_port);

/**
 * portres_tcp_bind - get a port for a TCP socket
 * @sk: the socket, locked
 * @port: requested port, 0 for automatic selection
 * @get_port: the kernel's own get_port of @sk
 *
 * listen() asks for the port of a bound socket once more: it keeps what it has.
 *
 * Return: 0, the error of @get_port, or that of portres_verdict_bind(). For port 0:
 * -EADDRINUSE if no port is free that the socket may have.
 */
static __always_inline int portres_tcp_bind(struct sock *sk, u16 port, portres_get_port_t get_port)
{
	struct portres_table *table = portres_table_of(sock_net(sk), PORTRES_TCP);
	int err;

	if (unlikely(!table))
		return get_port(sk, port);
	if (unlikely(!portres_sock_is_untracked(sk, PORTRES_TCP)))
		return portres_tcp_bind_tracked(sk, port, get_port);
	if (inet_csk(sk)->icsk_bind_hash)
		return get_port(sk, port);
	if (port) {
		if (unlikely(portres_table_reserved(table, port)))
			return portres_bind_reserved(sk, table, port, get_port);
	} else if (unlikely(!portres_range_is_unreserved(table, portres_range_of(sk)))) {
		return portres_tcp_bind_any(sk, table, get_port);
	}
	err = get_port(sk, port);
	if (likely(err || !portres_table_reserved(table, inet_sk(sk)->inet_num)))
		return err;
	return portres_tcp_bind_recheck(sk, port, get_port);
}

#endif /* _PORTRES_TCP_BIND_H */
