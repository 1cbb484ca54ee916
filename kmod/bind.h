/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way of a bind that has nothing to do with reservations: everybody's, and therefore
 * all in one piece, without a call but that of the kernel's get_port, and without a write
 * to what other CPUs look at. All else, and why it is right, is in bind.c.
 */
#ifndef _PORTRES_BIND_H
#define _PORTRES_BIND_H

#include <linux/atomic.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "sock.h"

int portres_bind_apart(struct sock *sk, u16 port, portres_get_port_t get_port);
int portres_bind_reserved(struct sock *sk, u16 port, portres_get_port_t get_port);
int portres_bind_anywhere(struct sock *sk, struct portres_table *table, u32 range,
			  portres_get_port_t get_port);
int portres_bind_again(struct sock *sk, u16 port, portres_get_port_t get_port);

/*
 * Where the kernel would choose, if that is the namespace's own ephemeral range, as it is
 * for nearly all sockets.
 *
 * Return: as portres_net_range(), or 0 for a range of the socket's own.
 */
static __always_inline u32 portres_bind_range(const struct sock *sk)
{
	return unlikely(portres_has_own_range(sk)) ? 0 : portres_net_range(sock_net(sk));
}

/**
 * portres_bind - get a port for a UDP socket
 * @sk: the socket, locked
 * @port: the port that is asked for, 0 for any
 * @get_port: the kernel's own way to get it
 *
 * Return: 0, the kernel's own error, or that of portres_verdict_bind(). For port
 * 0: -EADDRINUSE if nothing is free that the socket may have.
 */
static __always_inline int portres_bind(struct sock *sk, u16 port, portres_get_port_t get_port)
{
	struct portres_table *table = portres_table_of(sock_net(sk));
	int err;

	if (unlikely(!portres_sock_is_plain(sk)))
		return portres_bind_apart(sk, port, get_port);
	if (port) {
		if (unlikely(portres_table_reserved(table, port)))
			return portres_bind_reserved(sk, port, get_port);
	} else {
		u32 range = portres_bind_range(sk);

		if (unlikely((u32)atomic64_read(&table->untouched) != range))
			return portres_bind_anywhere(sk, table, range, get_port);
	}
	err = get_port(sk, port);
	if (likely(err || !portres_table_reserved(table, inet_sk(sk)->inet_num)))
		return err;
	return portres_bind_again(sk, port, get_port);
}

#endif /* _PORTRES_BIND_H */
