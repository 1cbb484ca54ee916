// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens in get_port of a UDP socket: an explicit port is judged, a port
 * that the kernel shall choose is chosen where the socket may have one. The way of
 * those who have nothing to do with reservations is in bind.h, that of all others here.
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

#include "bind.h"
#include "trace.h"

/* Random tries before every port of the range is tried in turn. */
#define GUESSES	32

static int judge_stranger(const struct sock *sk, u16 port, bool reserved)
{
	const struct portres_case c = {
		.port = port,
		.reserved = reserved,
		.denied = READ_ONCE(portres_net_of(sock_net(sk))->denied_errno),
	};

	return portres_verdict_bind(&c);
}

static int judge_member(const struct portres_reservation *mine, u16 port)
{
	const struct portres_case c = {
		.port = port,
		.associated = true,
		.gone = portres_reservation_over(mine),
		.first = mine->first,
		.last = mine->last,
	};

	return portres_verdict_bind(&c);
}

static void tell(struct sock *sk, u16 port, struct portres_reservation *cause, int err)
{
	atomic64_inc(&cause->refused);
	trace_refused(sk, port, cause, err);
}

/* A refusal is put down to the reservation on the port. */
static int may_stranger_have(struct sock *sk, u16 port)
{
	struct portres_reservation *resv;
	int err;

	rcu_read_lock();
	resv = portres_table_find(portres_table_of(sock_net(sk)), port);
	err = judge_stranger(sk, port, resv && !portres_reservation_over(resv));
	if (err)
		tell(sk, port, resv, err);
	rcu_read_unlock();
	return err;
}

/* A refusal is put down to his own reservation. */
static int may_member_have(struct sock *sk, struct portres_reservation *mine, u16 port)
{
	int err = judge_member(mine, port);

	if (unlikely(err))
		tell(sk, port, mine, err);
	return err;
}

/* The kernel's own undo of get_port, as for a BPF program that refuses. */
static void undo(struct sock *sk)
{
	sk->sk_prot->put_port(sk);
}

/**
 * portres_bind_reserved - get a port for a socket that is not associated
 * @sk: the socket, locked
 * @port: the port that is asked for, which may be reserved
 * @get_port: the kernel's own way to get it
 *
 * What is on the port may be over, and then is in nobody's way.
 *
 * Return: as portres_bind().
 */
int portres_bind_reserved(struct sock *sk, u16 port, portres_get_port_t get_port)
{
	int err;

	err = may_stranger_have(sk, port) ?: get_port(sk, port);
	if (err)
		return err;
	err = may_stranger_have(sk, port);
	if (err)
		undo(sk);
	return err;
}

static int bind_member(struct sock *sk, u16 port, struct portres_reservation *mine,
		       portres_get_port_t get_port)
{
	int err;

	err = may_member_have(sk, mine, port) ?: get_port(sk, port);
	if (err)
		return err;
	err = may_member_have(sk, mine, port);
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
		int err = bind_member(sk, mine->first + offset, mine, get_port);

		if (err != -EADDRINUSE) {
			atomic_set(&mine->cursor, offset + 1);
			return err;
		}
		cond_resched();
	}
	return -EADDRINUSE;
}

/* One that is over is in nobody's way. */
static bool is_reserved(struct portres_table *table, u16 port)
{
	return portres_table_reserved(table, port) && !portres_table_next_free(table, port, port);
}

/* For a choice, an unsuitable port is no refusal: the next one is tried. */
static __always_inline int try_port(struct sock *sk, struct portres_table *table, u16 port,
				    portres_get_port_t get_port)
{
	int err;

	if (inet_is_local_reserved_port(sock_net(sk), port))
		return -EADDRINUSE;
	err = get_port(sk, port);
	if (!err && unlikely(is_reserved(table, port))) {
		undo(sk);
		err = -EADDRINUSE;
	}
	return err;
}

static int try_each(struct sock *sk, struct portres_table *table, u16 first, u16 last,
		    portres_get_port_t get_port)
{
	unsigned int port = first;

	while (port <= last && (port = portres_table_next_free(table, port, last))) {
		int err = try_port(sk, table, port++, get_port);

		if (err != -EADDRINUSE)
			return err;
		cond_resched();
	}
	return -EADDRINUSE;
}

static noinline int sweep(struct sock *sk, struct portres_table *table, u16 low, u16 high,
			  portres_get_port_t get_port)
{
	u16 start = low + reciprocal_scale(get_random_u32(), high - low + 1);
	int err;

	err = try_each(sk, table, start, high, get_port);
	if (err == -EADDRINUSE && start > low)
		err = try_each(sk, table, low, start - 1, get_port);
	return err;
}

/* Guesses go by the bits alone: what is over is left for the sweep. */
static int choose(struct sock *sk, struct portres_table *table, u16 low, u16 high,
		  portres_get_port_t get_port)
{
	u32 range = high - low + 1;
	int i, err;

	for (i = 0; i < GUESSES; i++) {
		u16 port = low + reciprocal_scale(get_random_u32(), range);

		if (portres_table_reserved(table, port))
			continue;
		err = try_port(sk, table, port, get_port);
		if (err != -EADDRINUSE)
			return err;
	}
	return sweep(sk, table, low, high, get_port);
}

/*
 * What was found out about a range is kept for bind.h, if it is the namespace's own. It is
 * written once for each change of the table or of the range; a socket with a range of
 * its own would cost the others their answer.
 *
 * What changed before the look is seen by it, and what changes later is seen by the
 * exchange. In between the answer is that of a first look.
 */
static void keep(atomic64_t *known, u64 before, u32 range)
{
	if ((u32)before != range)
		atomic64_cmpxchg(known, before, (before >> 32) << 32 | range);
}

static bool is_touched(struct sock *sk, struct portres_table *table, u16 low, u16 high)
{
	u64 untouched = atomic64_read(&table->untouched);
	u64 touched = atomic64_read(&table->touched);
	u32 range = (u32)high << 16 | low;
	bool is;

	smp_rmb(); /* before the bits; pairs with next_generation() */
	is = portres_table_touches(table, low, high);
	if (portres_has_own_range(sk))
		return is;
	if (is)
		keep(&table->touched, touched, range);
	else
		keep(&table->untouched, untouched, range);
	return is;
}

/*
 * Where no reservation touches the range the choice is the kernel's, as ever.
 * One that comes up in between may have been hit: then it is chosen here.
 */
static noinline int look_and_bind_anywhere(struct sock *sk, struct portres_table *table,
					   portres_get_port_t get_port)
{
	int low, high, err;

	inet_sk_get_local_port_range(sk, &low, &high);
	if (!is_touched(sk, table, low, high)) {
		err = get_port(sk, 0);
		if (err || !portres_table_reserved(table, inet_sk(sk)->inet_num))
			return err;
		undo(sk);
	}
	return choose(sk, table, low, high, get_port);
}

/**
 * portres_bind_anywhere - get any port for a socket that is not associated
 * @sk: the socket, locked
 * @table: that of its namespace
 * @range: from portres_bind_range()
 * @get_port: the kernel's own way to get one
 *
 * Return: as portres_bind().
 */
int portres_bind_anywhere(struct sock *sk, struct portres_table *table, u32 range,
			  portres_get_port_t get_port)
{
	if ((u32)atomic64_read(&table->touched) != range)
		return look_and_bind_anywhere(sk, table, get_port);
	return choose(sk, table, range & U16_MAX, range >> 16, get_port);
}

/**
 * portres_bind_apart - get a port for a socket that something of ours may hang on
 * @sk: the socket, locked
 * @port: the port that is asked for, 0 for any
 * @get_port: the kernel's own way to get it
 *
 * Return: as portres_bind().
 */
int portres_bind_apart(struct sock *sk, u16 port, portres_get_port_t get_port)
{
	struct portres_reservation *mine = portres_assoc_find(sk);

	if (mine)
		return port ? bind_member(sk, port, mine, get_port) :
			      bind_in_block(sk, mine, get_port);
	if (port)
		return portres_bind_reserved(sk, port, get_port);
	return portres_bind_anywhere(sk, portres_table_of(sock_net(sk)), portres_bind_range(sk),
				     get_port);
}

/**
 * portres_bind_again - a reservation has come up under the port that a socket got
 * @sk: the socket, not associated
 * @port: the port that was asked for, 0 for any
 * @get_port: the kernel's own way to get it
 *
 * Return: as portres_bind().
 */
int portres_bind_again(struct sock *sk, u16 port, portres_get_port_t get_port)
{
	int low, high, err;

	if (!port) {
		inet_sk_get_local_port_range(sk, &low, &high);
		undo(sk);
		return choose(sk, portres_table_of(sock_net(sk)), low, high, get_port);
	}
	err = may_stranger_have(sk, port);
	if (err)
		undo(sk);
	return err;
}
