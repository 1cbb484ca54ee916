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
int portres_bind_stranger(struct sock *sk, struct portres_table *table, u16 port,
			  portres_get_port_t get_port);
int portres_bind_again(struct sock *sk, u16 port, portres_get_port_t get_port);

/*
 * Is it known of a range that no reservation touches it, or that one does? Of the
 * namespace's own, where the kernel would choose for nearly all sockets.
 */
static __always_inline bool portres_bind_knows(const struct sock *sk, const atomic64_t *known,
					       u32 range)
{
	return !portres_has_own_range(sk) && (u32)atomic64_read(known) == range;
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
	if (unlikely(port ? portres_table_reserved(table, port) :
			    !portres_bind_knows(sk, &table->untouched,
						portres_net_range(sock_net(sk)))))
		return portres_bind_stranger(sk, table, port, get_port);
	err = get_port(sk, port);
	if (likely(err || !portres_table_reserved(table, inet_sk(sk)->inet_num)))
		return err;
	return portres_bind_again(sk, port, get_port);
}

#endif /* _PORTRES_BIND_H */
