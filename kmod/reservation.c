// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of one reservation: made here, freed with the last reference. Where
 * it stands among the others is the table's business.
 */
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "portres.h"

/*
 * The first port sits in the low 16 bits, the rest is random. So the token leads
 * to its reservation by a look into the table, with no index to keep; it is
 * unique because live blocks do not overlap, and not 0 because no port is. It is
 * a name, not a secret: who may use a reservation is asked of the caller.
 */
static u64 make_token(u16 first)
{
	return (get_random_u64() & ~(u64)U16_MAX) | first;
}

/*
 * The process is the thread group, which a struct pid names beyond its end. It is
 * called as the thread that it began with, as in ps.
 */
static void fill_runtime(struct portres_runtime *runtime)
{
	runtime->process = get_pid(task_tgid(current));
	get_task_comm(runtime->command, current->group_leader);
	runtime->resv.runtime = true;
}

/**
 * portres_reservation_alloc - make a reservation that stands nowhere yet
 * @spec: what it shall be
 *
 * Return: the reservation with one reference, for portres_table_add() to take;
 * NULL if there is no memory. It is charged to the caller's memory cgroup, as
 * the root of a user namespace may make as many as he likes.
 */
struct portres_reservation *portres_reservation_alloc(const struct portres_spec *spec)
{
	struct portres_reservation *resv;

	BUILD_BUG_ON(offsetof(struct portres_runtime, resv));
	resv = kzalloc(spec->holder ? sizeof(struct portres_runtime) : sizeof(*resv),
		       GFP_KERNEL_ACCOUNT);
	if (!resv)
		return NULL;
	refcount_set(&resv->refs, 1);
	resv->token = make_token(spec->first);
	resv->owner = spec->owner;
	resv->first = spec->first;
	resv->last = spec->last;
	if (spec->name)
		strscpy(resv->name, spec->name, sizeof(resv->name));
	if (spec->holder)
		fill_runtime(portres_runtime_of(resv));
	return resv;
}

/* Readers look at the process. */
static void free_runtime(struct rcu_head *rcu)
{
	struct portres_reservation *resv = container_of(rcu, struct portres_reservation, rcu);
	struct portres_runtime *runtime = portres_runtime_of(resv);

	put_pid(runtime->process);
	kfree(runtime);
}

/**
 * portres_reservation_put - drop a reference
 * @resv: the reservation; freed after a grace period with the last reference
 */
void portres_reservation_put(struct portres_reservation *resv)
{
	if (!refcount_dec_and_test(&resv->refs))
		return;
	if (resv->runtime)
		call_rcu(&resv->rcu, free_runtime);
	else
		kfree_rcu(resv, rcu);
}
