// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creates a reservation if its ports are neither reserved nor in use. How creation races with binds
 * is in core/decision.c.
 *
 * A creation has four steps, so that the table lock, a spinlock, is not held while a block is
 * probed:
 *
 *	insert	under the lock: the reservation is tentative. It refuses nobody, automatic
 *		selection avoids its ports as long as others are free, and it is neither listed
 *		nor found nor deleted
 *	wait	without the lock, for a short time: until the ports that were selected before are
 *		bound, where an undone selection would have been visible from outside
 *	probe	without the lock, with the decision open, see core/decision.c
 *	decide	under the lock: the reservation is committed, or removed
 *
 * If the blocks of two creations overlap: one that finds a committed reservation fails with
 * -EEXIST. A creation of an administrator that finds a tentative acquisition removes that, so
 * that no user delays an administrator; the acquisition finds its reservation dead when it
 * decides, and fails as if the block had been reserved earlier. A creation of an administrator
 * that finds another tentative one fails with -EAGAIN, as the other may still fail.
 */
#include <linux/err.h>
#include <linux/sched.h>

#include "account.h"
#include "core/changes.h"
#include "core/decision.h"
#include "core/net.h"
#include "core/probe.h"
#include "core/refusals.h"
#include "core/reservation.h"
#include "holder.h"
#include "overlap.h"
#include "portres.h"
#include "ready.h"
#include "reason.h"
#include "remove.h"
#include "reserve.h"
#include "wait.h"

/**
 * struct attempt - an attempt to insert a reservation
 * @spec: its parameters
 * @charges: users to charge, or NULL; owned by the reservation after insertion
 * @resv: the reservation, NULL to check only
 */
struct attempt {
	const struct portres_spec *spec;
	struct portres_charges *charges;
	struct portres_reservation *resv;
};

static struct portres_table *reserve_table(const struct net *net, const struct portres_spec *spec)
{
	return portres_table_of(net, spec->protocol->index);
}

static void reserve_attach(struct net *net, const struct attempt *attempt)
{
	struct portres_runtime *runtime = portres_runtime_of(attempt->resv);

	if (!attempt->resv->runtime)
		return;
	if (attempt->charges)
		portres_account_charge(portres_net_of(net), runtime, attempt->charges);
	portres_holder_add(attempt->spec->holder, runtime);
}

static int reserve_check_limits(struct net *net, const struct attempt *attempt)
{
	const struct portres_spec *spec = attempt->spec;
	struct portres_runtime *expired = NULL;
	int err;

	if (!attempt->charges)
		return 0;
	err = portres_account_check(portres_net_of(net), attempt->charges,
				    spec->last - spec->first + 1, &expired);
	if (!expired)
		return err;
	portres_unreserve(net, &expired->resv);
	return PORTRES_RETRY;
}

static int reserve_check_all(struct net *net, const struct attempt *attempt)
{
	return reserve_check_limits(net, attempt) ?:
	       portres_overlap_check(net, attempt->spec);
}

static int reserve_insert_locked(struct net *net, const struct attempt *attempt)
{
	int err;

	err = reserve_check_all(net, attempt);
	if (err)
		return err;
	/* Attach before insertion: without a holder the reservation counts as expired. */
	reserve_attach(net, attempt);
	WARN_ON_ONCE(portres_table_add(reserve_table(net, attempt->spec), attempt->resv));
	/* For reserve_decide(); the table owns the first reference. */
	refcount_inc(&attempt->resv->refs);
	return 0;
}

/* Runs a step under the table lock, again each time that it removed something. */
static int reserve_do_locked(struct net *net, const struct attempt *attempt,
			     int (*step)(struct net *net, const struct attempt *attempt))
{
	struct portres_table *table = reserve_table(net, attempt->spec);
	int err;

	for (;;) {
		spin_lock_bh(table->lock);
		err = step(net, attempt);
		spin_unlock_bh(table->lock);
		if (err != PORTRES_RETRY)
			return err;
		cond_resched();
	}
}

static int reserve_prepare_charges(struct net *net, struct attempt *attempt)
{
	if (!attempt->spec->charged)
		return 0;
	attempt->charges = portres_charges_alloc(portres_net_of(net));
	return attempt->charges ? 0 : -ENOMEM;
}

static int reserve_insert(struct net *net, struct attempt *attempt)
{
	int err;

	err = portres_changes_prepare(portres_net_of(net)) ?:
	      portres_refusals_prepare(portres_net_of(net)) ?:
	      portres_table_prepare(reserve_table(net, attempt->spec)) ?:
	      reserve_prepare_charges(net, attempt);
	if (err)
		return err;
	err = reserve_do_locked(net, attempt, reserve_insert_locked);
	if (err)
		portres_charges_free(portres_net_of(net), attempt->charges);
	return err;
}

static int reserve_decide_locked(struct net *net, struct portres_reservation *resv, u16 *in_use,
				 unsigned int epoch)
{
	static const struct portres_event created = { .cmd = PORTRES_CMD_CREATED };

	if (resv->dead)
		return -EEXIST;
	if (!*in_use && portres_ready_epoch() == epoch && portres_decision_commit(resv, in_use)) {
		portres_table_commit(portres_table_of_reservation(net, resv), resv);
		portres_decision_settle(resv);
		portres_announce(net, resv, &created);
		return 0;
	}
	portres_unreserve(net, resv);
	return *in_use ? -EADDRINUSE : -EAGAIN;
}

static int reserve_decide(struct net *net, struct portres_reservation *resv, u16 *in_use,
			  unsigned int epoch)
{
	struct portres_table *table = portres_table_of_reservation(net, resv);
	int err;

	spin_lock_bh(table->lock);
	err = reserve_decide_locked(net, resv, in_use, epoch);
	spin_unlock_bh(table->lock);
	return err;
}

static int reserve_check(struct net *net, const struct portres_spec *spec,
			 int (*step)(struct net *net, const struct attempt *attempt))
{
	struct attempt attempt = { .spec = spec };
	int err;

	err = reserve_prepare_charges(net, &attempt);
	if (err)
		return err;
	err = reserve_do_locked(net, &attempt, step);
	portres_charges_free(portres_net_of(net), attempt.charges);
	return err;
}

/**
 * portres_reserve_check_limits - check the limits of the users that a creation would charge
 * @net: the network namespace, its table not locked
 * @spec: its parameters, of which only the number of ports counts
 *
 * Return: 0, -EDQUOT or -ENOMEM.
 */
int portres_reserve_check_limits(struct net *net, const struct portres_spec *spec)
{
	return reserve_check(net, spec, reserve_check_limits);
}

/*
 * Without a probe, sockets on the ports of the block are adopted, and there is nobody to veto. A
 * connection whose port was selected before the block was inserted has it before the decision.
 */
static int reserve_probe_and_decide(struct net *net, struct portres_reservation *resv,
				    const struct portres_spec *spec, struct portres_probe *probe,
				    u16 *in_use)
{
	bool all;
	int err;

	all = portres_wait_choices(spec->protocol);
	if (!probe)
		return reserve_decide(net, resv, in_use, spec->epoch);
	portres_decision_open(resv);
	*in_use = portres_probe_look(probe, resv->first, resv->last);
	err = reserve_decide(net, resv, in_use, spec->epoch);
	if (!err && (!all || READ_ONCE(resv->sought)))
		portres_wait_leavers(probe, spec->first, spec->last);
	return err;
}

/**
 * portres_reserve_probed - create a reservation, by one decisive look at its ports
 * @net: the network namespace, its table not locked
 * @spec: its parameters
 * @probe: for the decisive look, with the reservation in the table; NULL to adopt sockets on its
 *	ports
 * @in_use: set to the port that is in use, else 0
 *
 * Return: the reservation with a reference; or an ERR_PTR: -EADDRINUSE with @in_use, or
 * the other errors of portres_reserve().
 */
struct portres_reservation *portres_reserve_probed(struct net *net,
						   const struct portres_spec *spec,
						   struct portres_probe *probe, u16 *in_use)
{
	struct attempt attempt = { .spec = spec };
	struct portres_reservation *resv;
	int err;

	*in_use = 0;
	resv = portres_reservation_alloc(spec);
	if (!resv)
		return ERR_PTR(-ENOMEM);
	attempt.resv = resv;
	err = reserve_insert(net, &attempt);
	if (!err)
		err = reserve_probe_and_decide(net, resv, spec, probe, in_use);
	if (err) {
		portres_reservation_put(resv);
		return ERR_PTR(err);
	}
	return resv;
}

/*
 * A look before the insertion, where it is worth more than it takes: it saves a creation that must
 * fail the wait for choices. And it saves others that an acquisition that must fail changes the
 * table, which makes them look twice: any user may try one again and again. Elsewhere the decisive
 * look is enough, as a look takes most of the time of a creation of many ports.
 */
static bool reserve_is_in_vain(struct portres_probe *probe, const struct portres_spec *spec)
{
	return (spec->protocol->wait_choices || spec->holder) &&
	       portres_probe_look(probe, spec->first, spec->last);
}

static struct portres_reservation *reserve_probe_and_create(struct net *net,
							    const struct portres_spec *spec,
							    struct netlink_ext_ack *extack)
{
	struct portres_reservation *resv = ERR_PTR(-EADDRINUSE);
	struct portres_probe probe;
	u16 in_use;
	int err;

	if (spec->adopt)
		return portres_reserve_probed(net, spec, NULL, &in_use);
	err = portres_probe_open(&probe, spec->protocol, net);
	if (err)
		return ERR_PTR(err);
	if (!reserve_is_in_vain(&probe, spec))
		resv = portres_reserve_probed(net, spec, &probe, &in_use);
	if (resv == ERR_PTR(-EADDRINUSE))
		portres_reason_in_use(extack, probe.found);
	portres_probe_close(&probe);
	return resv;
}

/**
 * portres_reserve - create a reservation
 * @net: the network namespace, its table not locked
 * @spec: its parameters
 * @extack: set to the reason of a failure, or NULL
 *
 * Return: the reservation with a reference; or an ERR_PTR: -EEXIST if it overlaps another one,
 * -EADDRINUSE if a port is in use, -EAGAIN if the caller has to try again, -EDQUOT, -ENOMEM or
 * the error of the creation of a kernel socket.
 */
struct portres_reservation *portres_reserve(struct net *net, const struct portres_spec *spec,
					    struct netlink_ext_ack *extack)
{
	struct portres_reservation *resv;
	int err;

	err = portres_protocol_check(spec->protocol, net, extack);
	if (err)
		return ERR_PTR(err);
	err = reserve_check(net, spec, reserve_check_all);
	resv = err ? ERR_PTR(err) : reserve_probe_and_create(net, spec, extack);
	if (IS_ERR(resv))
		portres_reason_set(extack, PTR_ERR(resv));
	return resv;
}
