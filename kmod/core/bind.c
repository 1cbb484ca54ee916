// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two looks at the table that a bind takes, one before the kernel's get_port and one after it.
 *
 * The first look refuses a port that is reserved: so no other socket holds a reserved port even for
 * an instant. The second look is for reservations that were created since: decision.c has the race.
 *
 * An expired reservation refuses no bind, though it is still in the table. A creation that needs
 * its ports removes it first.
 *
 * All of this runs under the socket lock. Reservations are read under RCU. An explicit bind may
 * come from a BPF program that must not sleep.
 */
#include <linux/rcupdate.h>

#include "bind.h"
#include "decision.h"
#include "grant.h"
#include "net.h"
#include "refusal.h"
#include "reservation.h"
#include "sock.h"
#include "verdict.h"

/*
 * The second look compares the grants again only if they were replaced since the first look: the
 * task is the same. If it is moved to another cgroup in between, the bind counts as before that.
 *
 * Return: true if a grant admits the current task.
 */
static bool bind_is_granted(const struct sock *sk, const struct portres_reservation *resv,
			    u64 *serial)
{
	struct portres_terms *terms = rcu_dereference(resv->terms);

	if (!terms || !terms->n)
		return false;
	if (terms->serial == *serial)
		return true;
	if (!portres_grant_sock(terms, sk))
		return false;
	*serial = terms->serial;
	return true;
}

/*
 * A port that a change is about to add is granted to nobody: the present grants need not be those
 * that it will have. Check the block before the grants, see portres_reservation_has_port().
 */
static int bind_verdict(const struct sock *sk, u16 port, const struct portres_reservation *resv,
			bool reserved, u64 *serial)
{
	const struct portres_case c = {
		.port = port,
		.reserved = reserved,
		.granted = reserved && portres_reservation_has_port(resv, port) &&
			   bind_is_granted(sk, resv, serial),
		/* the search of a kernel socket, as sunrpc's, stops at any other errno */
		.denied = portres_sock_is_kernels(sk) ? EADDRINUSE :
			  READ_ONCE(portres_net_of(sock_net(sk))->denied_errno),
	};

	return portres_verdict_bind(&c);
}

/*
 * Records a refusal. @serial: serial of the grants that admitted the task in the first look, else
 * 0; set to that of the grants that admit it.
 */
static __always_inline int bind_look(struct sock *sk, struct portres_table *table, u16 port,
				     bool (*is_taken)(struct portres_reservation *resv, u16 port),
				     u64 *serial)
{
	struct portres_reservation *resv;
	int err;

	rcu_read_lock();
	resv = portres_table_find(table, port);
	err = bind_verdict(sk, port, resv, resv && is_taken(resv, port), serial);
	if (err)
		portres_refusal_record(sk, port, resv, err);
	rcu_read_unlock();
	return err;
}

/* For the first look: is the port the reservation's? */
static __always_inline bool bind_is_held(struct portres_reservation *resv, u16 port)
{
	return !portres_reservation_gone(resv) && portres_decision_holds(resv, port);
}

/* For the second look: has the socket, which has the port by now, to give it back? */
static __always_inline bool bind_is_lost(struct portres_reservation *resv, u16 port)
{
	return !portres_reservation_gone(resv) && portres_decision_contest(resv, port);
}

static int bind_look_again(struct sock *sk, struct portres_table *table, u16 port, u64 serial)
{
	int err = bind_look(sk, table, port, bind_is_lost, &serial);

	if (err)
		portres_bind_undo(sk);
	return err;
}

/*
 * The number of the last change of the table. The acquire pairs with the release in
 * table_invalidate_range_cache().
 */
static u32 bind_count_changes(const struct portres_table *table)
{
	return (u64)atomic64_read_acquire(&table->unreserved_range) >> 32;
}

/**
 * portres_bind_reserved - get a port for an unassociated socket
 * @sk: the socket, locked
 * @table: table of its namespace
 * @port: requested port, whose bit is set; its reservation may have expired
 * @get_port: the kernel's own get_port of @sk
 *
 * A port that a grant admitted is in the block of its reservation, so nobody decides about it. If
 * the table is the same as before the first look, the second one would find the same.
 *
 * Return: 0, the error of @get_port, or that of portres_verdict_bind().
 */
int portres_bind_reserved(struct sock *sk, struct portres_table *table, u16 port,
			  portres_get_port_t get_port)
{
	u32 changes = bind_count_changes(table);
	u64 serial = 0;
	int err;

	err = bind_look(sk, table, port, bind_is_held, &serial) ?: get_port(sk, port);
	if (err)
		return err;
	if (likely(serial && bind_count_changes(table) == changes))
		return 0;
	return bind_look_again(sk, table, port, serial);
}

/**
 * portres_bind_recheck - take the second look at a port that was not reserved at the first one
 * @sk: the socket, locked, unassociated, bound to the port
 * @table: table of its namespace
 * @port: the port, which was requested
 *
 * Return: 0, or the error of portres_verdict_bind(), then @sk is not bound any more.
 */
int portres_bind_recheck(struct sock *sk, struct portres_table *table, u16 port)
{
	return bind_look_again(sk, table, port, 0);
}

/**
 * portres_bind_count_avoided - count a port that automatic selection did not take
 * @table: table of the socket's namespace
 * @port: the first port that it would have taken, which is reserved
 */
void portres_bind_count_avoided(struct portres_table *table, u16 port)
{
	struct portres_reservation *resv;

	rcu_read_lock();
	resv = portres_table_find(table, port);
	if (resv)
		atomic64_inc(&resv->avoided);
	rcu_read_unlock();
}

/* portres_bind_must_yield() where the bit of the port is set. */
bool portres_bind_loses(struct portres_table *table, u16 port)
{
	struct portres_reservation *resv;
	bool yields;

	rcu_read_lock();
	resv = portres_table_find(table, port);
	yields = resv && bind_is_lost(resv, port);
	rcu_read_unlock();
	return yields;
}
