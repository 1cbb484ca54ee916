// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens in get_port of a UDP socket: an explicit port is judged, a port
 * that the kernel shall choose is chosen where the socket may have one.
 *
 * Creation of a reservation races with binds, and neither waits for the other.
 * Both write, then read:
 *
 *	bind:	the kernel's get_port puts the socket into the slot of the
 *		port, under the slot's lock; then the table is looked at again
 *	create:	the reservation is put into the table; then each slot of the
 *		block is looked at, under the slot's lock (probe.c)
 *
 * Whichever section under the slot's lock comes second sees what the other wrote
 * before: the socket in the slot, or the reservation in the table. So one of the
 * two backs out, or both, and never both stay. The first look at the table, before
 * get_port, keeps a stranger from holding a reserved port even for an instant.
 *
 * Deletion followed by another creation on the same ports is the same story for
 * an associated socket: the old reservation is dead before the new one stands.
 *
 * A runtime reservation whose holder has been closed stands in the way of nobody,
 * though it is in the table still. Whoever creates another one takes it out first.
 *
 * All of this runs under the socket lock, which keeps the association and with
 * it the reservation; a stranger looks at one under RCU. An explicit bind may come
 * from a BPF program that must not sleep; port 0 may not.
 */
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <net/ip.h>

#include "portres.h"
#include "trace.h"

/* Random tries before every port of the range is tried in turn. */
#define GUESSES	32

static int judge(const struct sock *sk, const struct portres_reservation *mine, u16 port,
		 bool reserved)
{
	const struct portres_case c = {
		.port = port,
		.reserved = reserved,
		.associated = mine,
		.gone = mine && portres_reservation_over(mine),
		.first = mine ? mine->first : 0,
		.last = mine ? mine->last : 0,
		.denied = READ_ONCE(portres_net_of(sock_net(sk))->denied_errno),
	};

	return portres_verdict_bind(&c);
}

/*
 * A refusal is put down to the reservation that caused it: the one on the port
 * for a stranger, his own for an associated socket.
 */
static noinline int judge_and_tell(struct sock *sk, struct portres_reservation *mine, u16 port)
{
	struct portres_table *table = portres_table_of(sock_net(sk));
	struct portres_reservation *cause;
	int err;

	rcu_read_lock();
	cause = mine ?: portres_table_find(table, port);
	err = judge(sk, mine, port, cause && !portres_reservation_over(cause));
	if (err) {
		atomic64_inc(&cause->refused);
		trace_refused(sk, port, cause, err);
	}
	rcu_read_unlock();
	return err;
}

/*
 * One look, for whoever has nothing to do with reservations. What the others need
 * is kept apart, here and below, so that it costs him not even a saved register.
 */
static int may_have(struct sock *sk, struct portres_reservation *mine, u16 port)
{
	if (!mine && !portres_table_reserved(portres_table_of(sock_net(sk)), port))
		return 0;
	return judge_and_tell(sk, mine, port);
}

/* The kernel's own undo of get_port, as for a BPF program that refuses. */
static void undo(struct sock *sk)
{
	sk->sk_prot->put_port(sk);
}

static int bind_to(struct sock *sk, u16 port, struct portres_reservation *mine,
		   portres_get_port_t get_port)
{
	int err;

	err = may_have(sk, mine, port);
	if (err)
		return err;
	err = get_port(sk, port);
	if (err)
		return err;
	err = may_have(sk, mine, port);
	if (err)
		undo(sk);
	return err;
}

/*
 * The search begins behind the port that was found last, so that filling a block
 * does not walk over its beginning again and again.
 */
static int bind_in_block(struct sock *sk, struct portres_reservation *mine,
			 portres_get_port_t get_port)
{
	unsigned int count = portres_reservation_count(mine);
	unsigned int start = (unsigned int)atomic_read(&mine->cursor) % count;
	unsigned int i;

	for (i = 0; i < count; i++) {
		unsigned int offset = (start + i) % count;
		int err = bind_to(sk, mine->first + offset, mine, get_port);

		if (err != -EADDRINUSE) {
			atomic_set(&mine->cursor, offset + 1);
			return err;
		}
		cond_resched();
	}
	return -EADDRINUSE;
}

static bool is_reserved(struct portres_table *table, u16 port)
{
	return !portres_table_next_free(table, port, port);
}

/* For a choice, an unsuitable port is no refusal: the next one is tried. */
static int try_port(struct sock *sk, u16 port, portres_get_port_t get_port)
{
	struct portres_table *table = portres_table_of(sock_net(sk));
	int err;

	if (is_reserved(table, port) || inet_is_local_reserved_port(sock_net(sk), port))
		return -EADDRINUSE;
	err = get_port(sk, port);
	if (!err && is_reserved(table, port)) {
		undo(sk);
		err = -EADDRINUSE;
	}
	return err;
}

static int try_each(struct sock *sk, u16 first, u16 last, portres_get_port_t get_port)
{
	struct portres_table *table = portres_table_of(sock_net(sk));
	unsigned int port = first;

	while (port <= last && (port = portres_table_next_free(table, port, last))) {
		int err = try_port(sk, port++, get_port);

		if (err != -EADDRINUSE)
			return err;
		cond_resched();
	}
	return -EADDRINUSE;
}

static noinline int choose(struct sock *sk, u16 low, u16 high, portres_get_port_t get_port)
{
	u32 range = high - low + 1;
	u16 start;
	int i, err;

	for (i = 0; i < GUESSES; i++) {
		err = try_port(sk, low + reciprocal_scale(get_random_u32(), range), get_port);
		if (err != -EADDRINUSE)
			return err;
	}

	start = low + reciprocal_scale(get_random_u32(), range);
	err = try_each(sk, start, high, get_port);
	if (err == -EADDRINUSE && start > low)
		err = try_each(sk, low, start - 1, get_port);
	return err;
}

/*
 * Where no reservation touches the range the choice is the kernel's, as ever.
 * One that comes up in between may have been hit: then it is chosen here.
 */
static int bind_anywhere(struct sock *sk, portres_get_port_t get_port)
{
	struct portres_table *table = portres_table_of(sock_net(sk));
	int low, high, err;

	inet_sk_get_local_port_range(sk, &low, &high);
	if (!portres_table_touches(table, low, high)) {
		err = get_port(sk, 0);
		if (err || !portres_table_reserved(table, inet_sk(sk)->inet_num))
			return err;
		undo(sk);
	}
	return choose(sk, low, high, get_port);
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
int portres_bind(struct sock *sk, unsigned short port, portres_get_port_t get_port)
{
	struct portres_reservation *mine = portres_assoc_find(sk);

	if (port)
		return bind_to(sk, port, mine, get_port);
	if (mine)
		return bind_in_block(sk, mine, get_port);
	return bind_anywhere(sk, get_port);
}
