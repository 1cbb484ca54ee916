// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slow bind path of UDP: automatic selection beside reservations. The fast path is in bind.h;
 * explicit ports are in core/bind.c, ports for associated sockets in core/associated.c.
 *
 * A bind to port 0 runs under the socket lock, in a task that may sleep.
 */
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <net/ip.h>

#include "bind.h"
#include "core/assoc.h"

/* Random tries before every port of the range is tried in turn; choice_kunit.c has a copy. */
#define GUESSES	32

/* Automatic selection tries the next port; nothing is recorded. */
static __always_inline int bind_try_port(struct sock *sk, struct portres_table *table, u16 port,
					 portres_get_port_t get_port)
{
	int err;

	if (inet_is_local_reserved_port(sock_net(sk), port))
		return -EADDRINUSE;
	err = get_port(sk, port);
	if (!err && unlikely(portres_bind_must_yield(table, port))) {
		portres_bind_undo(sk);
		err = -EADDRINUSE;
	}
	return err;
}

static int bind_try_each(struct sock *sk, struct portres_table *table, u16 first, u16 last,
			 struct portres_undecided *undecided, portres_get_port_t get_port)
{
	unsigned int port = first;

	while (port <= last && (port = portres_table_next_free(table, port, last, undecided))) {
		int err = bind_try_port(sk, table, port++, get_port);

		if (err != -EADDRINUSE)
			return err;
		cond_resched();
	}
	return -EADDRINUSE;
}

static int bind_scan_once(struct sock *sk, struct portres_table *table, u16 low, u16 high,
			  struct portres_undecided *undecided, portres_get_port_t get_port)
{
	u16 start = low + reciprocal_scale(get_random_u32(), high - low + 1);
	int err;

	err = bind_try_each(sk, table, start, high, undecided, get_port);
	if (err == -EADDRINUSE && start > low)
		err = bind_try_each(sk, table, low, start - 1, undecided, get_port);
	return err;
}

/* Ports that are not decided are the last resort, see core/decision.c. */
static noinline int bind_scan_range(struct sock *sk, struct portres_table *table, u16 low, u16 high,
				    portres_get_port_t get_port)
{
	struct portres_undecided undecided = {};
	int err = bind_scan_once(sk, table, low, high, &undecided, get_port);

	if (likely(err != -EADDRINUSE || !undecided.avoided))
		return err;
	undecided.take = true;
	return bind_scan_once(sk, table, low, high, &undecided, get_port);
}

/* Random tries check the bitmap only: bind_scan_range() finds the ports of expired reservations. */
static int bind_choose_port(struct sock *sk, struct portres_table *table, u16 low, u16 high,
			    portres_get_port_t get_port)
{
	u32 range = high - low + 1;
	int i, err;

	for (i = 0; i < GUESSES; i++) {
		u16 port = low + reciprocal_scale(get_random_u32(), range);

		if (portres_table_reserved(table, port)) {
			if (!i)
				portres_bind_count_avoided(table, port);
			continue;
		}
		err = bind_try_port(sk, table, port, get_port);
		if (err != -EADDRINUSE)
			return err;
	}
	return bind_scan_range(sk, table, low, high, get_port);
}

/*
 * If no reservation overlaps the range the kernel selects the port. If the port is reserved by
 * the time of the second look, it is selected here instead.
 */
static noinline int bind_look_and_select(struct sock *sk, struct portres_table *table,
					 portres_get_port_t get_port)
{
	int low, high, err;

	inet_sk_get_local_port_range(sk, &low, &high);
	if (!portres_range_overlaps(sk, table, low, high)) {
		err = get_port(sk, 0);
		if (err || !portres_bind_must_yield(table, inet_sk(sk)->inet_num))
			return err;
		portres_bind_undo(sk);
	}
	return bind_choose_port(sk, table, low, high, get_port);
}

/**
 * portres_udp_bind_any - get a port by automatic selection for an unassociated socket
 * @sk: the socket, locked
 * @table: table of its namespace
 * @range: from portres_range_of()
 * @get_port: the kernel's own get_port of @sk
 *
 * Return: as portres_udp_bind().
 */
int portres_udp_bind_any(struct sock *sk, struct portres_table *table, u32 range,
			 portres_get_port_t get_port)
{
	if (!portres_range_is_overlapped(table, range))
		return bind_look_and_select(sk, table, get_port);
	return bind_choose_port(sk, table, range & U16_MAX, range >> 16, get_port);
}

/**
 * portres_udp_bind_tracked - get a port for a socket that may be tracked
 * @sk: the socket, locked
 * @port: requested port, 0 for automatic selection
 * @get_port: the kernel's own get_port of @sk
 *
 * Return: as portres_udp_bind().
 */
int portres_udp_bind_tracked(struct sock *sk, u16 port, portres_get_port_t get_port)
{
	struct portres_table *table = portres_table_of(sock_net(sk), PORTRES_UDP);
	struct portres_reservation *mine = portres_assoc_find(sk);

	if (mine)
		return portres_bind_associated(sk, port, mine, get_port);
	if (port)
		return portres_bind_reserved(sk, table, port, get_port);
	return portres_udp_bind_any(sk, table, portres_range_of(sk), get_port);
}

/**
 * portres_udp_bind_recheck - handle a port that was reserved between first and second look
 * @sk: the socket, locked, unassociated, bound to the port
 * @port: requested port, 0 for automatic selection
 * @get_port: the kernel's own get_port of @sk
 *
 * Return: as portres_udp_bind().
 */
int portres_udp_bind_recheck(struct sock *sk, u16 port, portres_get_port_t get_port)
{
	struct portres_table *table = portres_table_of(sock_net(sk), PORTRES_UDP);
	int low, high;

	if (port)
		return portres_bind_recheck(sk, table, port);
	if (!portres_bind_must_yield(table, inet_sk(sk)->inet_num))
		return 0;
	portres_bind_undo(sk);
	inet_sk_get_local_port_range(sk, &low, &high);
	return bind_choose_port(sk, table, low, high, get_port);
}
