// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slow bind path of TCP: automatic selection beside reservations, and tracked sockets. Explicit
 * ports are in core/bind.c, ports for associated sockets in core/associated.c.
 *
 * Automatic selection does not try explicit ports, as that of UDP does: for an explicit port the
 * kernel applies the relaxed rules of SO_REUSEADDR, and would give a socket with it a port that
 * another one has. It is the kernel that selects, from a window without reservations.
 */
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/sock.h>

#include "bind.h"
#include "core/assoc.h"
#include "listener.h"
#include "window.h"

/**
 * struct bind_choice - automatic selection for a bind
 * @choice: what every selection has
 * @get_port: the kernel's own get_port
 */
struct bind_choice {
	struct portres_tcp_choice choice;
	portres_get_port_t get_port;
};

static int bind_attempt(struct portres_tcp_choice *choice)
{
	struct bind_choice *bind = container_of(choice, struct bind_choice, choice);
	struct sock *sk = choice->sk;
	int err = bind->get_port(sk, 0);

	if (err || likely(!portres_bind_must_yield(choice->table, inet_sk(sk)->inet_num)))
		return err;
	portres_bind_undo(sk);
	choice->yielded = true;
	return -EADDRINUSE;
}

/* range: known to overlap, or 0. */
static int bind_in_windows(struct sock *sk, struct portres_table *table, u32 range,
			   portres_get_port_t get_port)
{
	struct bind_choice bind = {
		.choice = { .sk = sk, .table = table, .attempt = bind_attempt,
			    .full = -EADDRINUSE, .range = range },
		.get_port = get_port,
	};

	return portres_tcp_choose(&bind.choice);
}

/* The second look at a port that the kernel has selected without a window. */
static int bind_keep_or_choose(struct sock *sk, struct portres_table *table,
			       portres_get_port_t get_port)
{
	if (likely(!portres_bind_must_yield(table, inet_sk(sk)->inet_num)))
		return 0;
	portres_bind_undo(sk);
	return bind_in_windows(sk, table, 0, get_port);
}

/**
 * portres_tcp_bind_any - get a port by automatic selection for an unassociated socket
 * @sk: the socket, locked
 * @table: table of its namespace
 * @get_port: the kernel's own get_port of @sk
 *
 * Return: as portres_tcp_bind().
 */
int portres_tcp_bind_any(struct sock *sk, struct portres_table *table, portres_get_port_t get_port)
{
	u32 range = portres_range_of(sk);
	int low, high;

	if (likely(portres_range_is_overlapped(table, range)))
		return bind_in_windows(sk, table, range, get_port);
	inet_sk_get_local_port_range(sk, &low, &high);
	if (portres_range_overlaps(sk, table, low, high))
		return bind_in_windows(sk, table, 0, get_port);
	return get_port(sk, 0) ?: bind_keep_or_choose(sk, table, get_port);
}

/**
 * portres_tcp_bind_recheck - handle a port that was reserved between first and second look
 * @sk: the socket, locked, unassociated, bound to the port
 * @port: requested port, 0 for automatic selection
 * @get_port: the kernel's own get_port of @sk
 *
 * Return: as portres_tcp_bind().
 */
int portres_tcp_bind_recheck(struct sock *sk, u16 port, portres_get_port_t get_port)
{
	struct portres_table *table = portres_table_of(sock_net(sk), PORTRES_TCP);

	return port ? portres_bind_recheck(sk, table, port) :
		      bind_keep_or_choose(sk, table, get_port);
}

/*
 * The ports of the block are tried as explicit ones, which the kernel would let the socket share
 * with others if it has a reuse flag: selection is for a port of its own.
 */
static int bind_in_block(struct sock *sk, struct portres_reservation *mine,
			 portres_get_port_t get_port)
{
	unsigned char reuse = sk->sk_reuse, reuseport = sk->sk_reuseport;
	int err;

	sk->sk_reuse = SK_NO_REUSE;
	sk->sk_reuseport = 0;
	err = portres_bind_associated(sk, 0, mine, get_port);
	sk->sk_reuse = reuse;
	sk->sk_reuseport = reuseport;
	return err;
}

static int bind_unassociated(struct sock *sk, u16 port, portres_get_port_t get_port)
{
	struct portres_table *table = portres_table_of(sock_net(sk), PORTRES_TCP);

	return port ? portres_bind_reserved(sk, table, port, get_port) :
		      portres_tcp_bind_any(sk, table, get_port);
}

/**
 * portres_tcp_bind_tracked - get a port for a socket that may be tracked
 * @sk: the socket, locked
 * @port: requested port, 0 for automatic selection
 * @get_port: the kernel's own get_port of @sk
 *
 * listen() calls it before connections can come in, which copy the destructor of the socket.
 *
 * Return: as portres_tcp_bind(); -EBUSY if a tracked socket cannot listen.
 */
int portres_tcp_bind_tracked(struct sock *sk, u16 port, portres_get_port_t get_port)
{
	struct portres_sock *ps = portres_sock_lookup(sk);
	int err;

	if (ps && sk->sk_state == TCP_LISTEN) {
		err = portres_tcp_listener_add(sk, ps);
		if (err)
			return err;
	}
	if (inet_csk(sk)->icsk_bind_hash)
		return get_port(sk, port);
	if (!ps || !ps->assoc)
		return bind_unassociated(sk, port, get_port);
	return port ? portres_bind_associated(sk, port, ps->assoc, get_port) :
		      bind_in_block(sk, ps->assoc, get_port);
}
