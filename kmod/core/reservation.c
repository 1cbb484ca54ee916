// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocates one reservation, and frees it with the last reference. table.c adds it to the others
 * and removes it.
 */
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "decision.h"
#include "reservation.h"

/*
 * The low 16 bits are the first port, the next one is the protocol, the rest is random. So a token
 * is looked up by its port, without an index. It is unique, as blocks in a table do not overlap,
 * and not 0, as no port is. It stays when the block is moved, see portres_table.moved. A token is
 * an identifier, not a credential: the use of a reservation needs permission.
 */
static u64 reservation_make_token(const struct portres_protocol *protocol, u16 first)
{
	u64 token = get_random_u64() & ~(PORTRES_TOKEN_TCP | U16_MAX);

	return token | first | (protocol->index == PORTRES_TCP ? PORTRES_TOKEN_TCP : 0);
}

/**
 * portres_reservation_renew_token - replace a token that another reservation has already
 * @resv: a reservation that is not in the table yet
 */
void portres_reservation_renew_token(struct portres_reservation *resv)
{
	resv->token = reservation_make_token(resv->protocol, resv->first);
}

/* The struct pid of the thread group stays unique after its exit. ps shows the leader's name. */
static void runtime_fill(struct portres_runtime *runtime, struct portres_terms *terms)
{
	runtime->process = get_pid(task_tgid(current));
	runtime->started = current->group_leader->start_boottime;
	get_task_comm(runtime->command, current->group_leader);
	runtime->resv.runtime = true;
	if (terms)
		terms->process = runtime->process;
}

/**
 * portres_reservation_alloc - allocate a tentative reservation
 * @spec: its parameters
 *
 * The memory is charged to the caller's memory cgroup: the root of a user namespace can create
 * any number of reservations.
 *
 * Return: the reservation with one reference, for portres_table_add() to take; NULL if there
 * is no memory.
 */
struct portres_reservation *portres_reservation_alloc(const struct portres_spec *spec)
{
	struct portres_reservation *resv;
	struct portres_terms *terms;

	BUILD_BUG_ON(offsetof(struct portres_runtime, resv));
	if (portres_terms_make(&terms, spec->grants, spec->name))
		return NULL;
	resv = kzalloc(spec->holder ? sizeof(struct portres_runtime) : sizeof(*resv),
		       GFP_KERNEL_ACCOUNT);
	if (!resv) {
		kfree(terms);
		return NULL;
	}
	refcount_set(&resv->refs, 1);
	resv->token = reservation_make_token(spec->protocol, spec->first);
	resv->protocol = spec->protocol;
	resv->owner = spec->owner;
	resv->first = spec->first;
	resv->last = spec->last;
	resv->block = portres_block_pack(spec->first, spec->last);
	resv->tentative = true;
	portres_decision_begin(resv);
	if (spec->holder)
		runtime_fill(portres_runtime_of(resv), terms);
	RCU_INIT_POINTER(resv->terms, terms);
	return resv;
}

/* After a grace period, as RCU readers use @process. */
static void runtime_free_rcu(struct rcu_head *rcu)
{
	struct portres_reservation *resv = container_of(rcu, struct portres_reservation, rcu);
	struct portres_runtime *runtime = portres_runtime_of(resv);

	put_pid(runtime->process);
	kfree(runtime);
}

/**
 * portres_reservation_put - drop a reference
 * @resv: the reservation; freed after a grace period with the last reference
 *
 * The table has a reference until the reservation is removed (portres_table_del()). Each associated
 * socket has one until it is destroyed or associated with another reservation. So have creations
 * and acquisitions until their reply, changes, and a setsockopt() that looks up a token.
 */
void portres_reservation_put(struct portres_reservation *resv)
{
	struct portres_terms *terms;

	if (!refcount_dec_and_test(&resv->refs))
		return;
	/* Changes need a reference; RCU readers may still use @terms. */
	terms = rcu_dereference_protected(resv->terms, true);
	if (terms)
		kfree_rcu(terms, rcu);
	if (resv->runtime)
		call_rcu(&resv->rcu, runtime_free_rcu);
	else
		kfree_rcu(resv, rcu);
}

/**
 * portres_runtime_is_expired - check whether the holder socket of a runtime reservation is closed
 * @runtime: the reservation, kept alive by the caller
 *
 * Context: any but hard interrupts.
 */
bool portres_runtime_is_expired(const struct portres_runtime *runtime)
{
	struct portres_sock *holder;
	bool expired;

	rcu_read_lock();
	holder = rcu_dereference(runtime->holder);
	expired = !holder || portres_sock_is_closed(holder);
	rcu_read_unlock();
	return expired;
}
