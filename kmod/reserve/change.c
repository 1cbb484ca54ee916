// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes the block, the name and the grants of a persistent reservation. The token,
 * associations and the number of refused binds stay.
 *
 * A change has the steps of a creation (reserve.c), so that no allocation that sleeps and no probe
 * runs under the table lock:
 *
 *	claim	under the lock: the reservation is looked up and marked as changing. Other changes
 *		of it fail with -EAGAIN until the decision, so that only this one writes its
 *		block and terms. A deletion does not wait
 *	prepare	without the lock: name and grants are allocated, new ports are probed
 *	extend	under the lock: the new ports are tentative, as those of a creation. Associated
 *		sockets, grants, replies and lookups still have the old block
 *	probe	without the lock: the decisive probe of the new ports, see core/decision.c
 *	decide	under the lock: the reply is sent; block, name and grants are replaced, and from
 *		then on only the ports of the new block are enforced. After an error, only those
 *		of the old block
 *
 * A port of both blocks is enforced at every moment: its bit in the table is not written, and
 * each lookup finds the reservation (portres_table_find()).
 *
 * The second look of a bind in flight (core/bind.c) sees the new block and the new grants.
 */
#include <linux/err.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "change.h"
#include "core/decision.h"
#include "core/net.h"
#include "core/probe.h"
#include "core/protocol.h"
#include "core/reservation.h"
#include "overlap.h"
#include "portres.h"
#include "ready.h"
#include "reason.h"
#include "remove.h"
#include "wait.h"

/**
 * struct step - a change in progress
 * @net: the network namespace
 * @table: the table of the reservation
 * @change: the request
 * @extack: set to the reason of a failure, or NULL
 * @resv: the reservation, with a reference
 * @old: block before the change
 * @new: block after it, which may be the same
 * @terms: name and grants after it, or NULL; owned by the reservation after the commit
 * @probe: probe of new ports
 * @all: it has waited for all ports that were selected before
 * @found: how a new port is used, for a message; or NULL
 */
struct step {
	struct net *net;
	struct portres_table *table;
	const struct portres_change *change;
	struct netlink_ext_ack *extack;
	struct portres_reservation *resv;
	struct portres_block old;
	struct portres_block new;
	struct portres_terms *terms;
	struct portres_probe probe;
	bool all;
	const char *found;
};

static bool change_overlaps(struct portres_block a, struct portres_block b)
{
	return a.first <= b.last && b.first <= a.last;
}

static bool change_grows(const struct step *step)
{
	return step->new.first < step->old.first || step->new.last > step->old.last;
}

static int change_claim_locked(struct step *step, struct netlink_ext_ack *extack)
{
	const struct portres_change *change = step->change;
	struct portres_reservation *resv;

	resv = portres_table_find_token(step->table, change->token);
	if (!resv || !portres_reservation_is_active(resv)) {
		NL_SET_ERR_MSG(extack, "token: there is no such reservation");
		return -ENOENT;
	}
	if (resv->runtime) {
		NL_SET_ERR_MSG(extack, "token: a runtime reservation cannot be changed");
		return -EOPNOTSUPP;
	}
	if (resv->changing) {
		NL_SET_ERR_MSG(extack, "another request is changing the reservation; try again");
		return -EAGAIN;
	}
	step->old = portres_reservation_block(resv);
	step->new = change->moves ? change->block : step->old;
	if (!change_overlaps(step->old, step->new)) {
		NL_SET_ERR_MSG(extack, "first: the new block does not overlap the present one");
		return -EINVAL;
	}
	/* It is active and therefore in the table, which holds a reference. */
	refcount_inc(&resv->refs);
	resv->changing = true;
	step->resv = resv;
	return 0;
}

static int change_claim(struct step *step, struct netlink_ext_ack *extack)
{
	struct portres_table *table = step->table;
	int err;

	spin_lock_bh(table->lock);
	err = change_claim_locked(step, extack);
	spin_unlock_bh(table->lock);
	return err;
}

/* Only a change replaces @terms, and @changing excludes other changes. */
static int change_make_terms(struct step *step)
{
	const struct portres_terms *old = rcu_dereference_protected(step->resv->terms, true);
	const struct portres_change *change = step->change;

	return portres_terms_make(&step->terms, change->regrants ? change->grants : old,
				  change->renames ? change->name : portres_terms_name(old));
}

static int change_prepare(struct step *step)
{
	u16 lead = (u16)step->resv->token;
	int err;

	err = change_make_terms(step);
	if (!err && (lead < step->new.first || lead > step->new.last))
		err = portres_moved_prepare(step->table);
	return err;
}

/* Calls @what for the new ports before the old block and for those after it. */
static int change_each_new(struct step *step, int (*what)(struct step *step, u16 first, u16 last))
{
	int err = 0;

	if (step->new.first < step->old.first)
		err = what(step, step->new.first, step->old.first - 1);
	if (!err && step->new.last > step->old.last)
		err = what(step, step->old.last + 1, step->new.last);
	return err;
}

static int change_probe_part(struct step *step, u16 first, u16 last)
{
	return portres_probe_look(&step->probe, first, last) ? -EADDRINUSE : 0;
}

static int change_wait_part(struct step *step, u16 first, u16 last)
{
	portres_wait_leavers(&step->probe, first, last);
	return 0;
}

static int change_check_part(struct step *step, u16 first, u16 last)
{
	const struct portres_spec part = {
		.protocol = step->resv->protocol, .first = first, .last = last,
	};

	return portres_overlap_check(step->net, &part);
}

static int change_extend_locked(struct step *step)
{
	struct portres_table *table = step->table;
	int err;

	if (step->resv->dead)
		return -ENOENT;
	err = change_each_new(step, change_check_part);
	if (!err)
		portres_table_extend(table, step->resv, min(step->old.first, step->new.first),
				     max(step->old.last, step->new.last));
	return err;
}

static int change_extend(struct step *step)
{
	struct portres_table *table = step->table;
	int err;

	for (;;) {
		spin_lock_bh(table->lock);
		err = change_extend_locked(step);
		spin_unlock_bh(table->lock);
		if (err != PORTRES_RETRY)
			return err;
		cond_resched();
	}
}

/* Look before extending as well, so that a change that must fail leaves the table alone. */
static int change_extend_and_probe(struct step *step)
{
	int err;

	err = change_each_new(step, change_probe_part) ?: change_extend(step);
	if (err)
		return err;
	step->all = portres_wait_choices(step->resv->protocol);
	portres_decision_open(step->resv);
	return change_each_new(step, change_probe_part);
}

static int change_reply(const struct step *step)
{
	const struct portres_change *change = step->change;

	return change->reply ? change->reply(step->resv, step->new, step->terms, change->arg) : 0;
}

/*
 * The new ports are decided before the reply, which must not promise what a socket can still veto.
 * If the reply fails they have been the reservation's for the time of the call.
 */
static int change_check_decision(const struct step *step, int err)
{
	u16 vetoed;

	if (step->resv->dead)
		return -ENOENT;
	if (!err)
		err = portres_moved_add(step->table, step->resv, step->new.first, step->new.last);
	if (err)
		return err;
	if (!change_grows(step))
		return change_reply(step);
	if (portres_ready_epoch() != step->change->epoch)
		return -EAGAIN;
	return portres_decision_commit(step->resv, &vetoed) ? change_reply(step) : -EADDRINUSE;
}

static void change_commit(struct step *step)
{
	const struct portres_event changed = { .cmd = PORTRES_CMD_CHANGED, .was = &step->old };

	portres_table_change(step->table, step->resv, step->new.first, step->new.last,
			     step->terms);
	portres_decision_settle(step->resv);
	step->terms = NULL;
	portres_announce(step->net, step->resv, &changed);
}

static void change_roll_back(struct step *step)
{
	struct portres_reservation *resv = step->resv;

	if (!resv->dead && (resv->first != step->old.first || resv->last != step->old.last)) {
		portres_table_reduce(step->table, resv, step->old.first, step->old.last);
		portres_decision_settle(resv);
	}
}

static int change_decide(struct step *step, int err)
{
	struct portres_table *table = step->table;

	spin_lock_bh(table->lock);
	err = change_check_decision(step, err);
	if (err)
		change_roll_back(step);
	else
		change_commit(step);
	step->resv->changing = false;
	spin_unlock_bh(table->lock);
	return err;
}

static int change_grow_and_decide(struct step *step)
{
	int err;

	err = portres_protocol_check(step->resv->protocol, step->net, step->extack) ?:
	      portres_probe_open(&step->probe, step->resv->protocol, step->net);
	if (err)
		return change_decide(step, err);
	err = change_decide(step, change_extend_and_probe(step));
	if (!err && (!step->all || READ_ONCE(step->resv->sought)))
		change_each_new(step, change_wait_part);
	step->found = step->probe.found;
	portres_probe_close(&step->probe);
	return err;
}

static int change_run(struct step *step)
{
	int err;

	err = change_prepare(step);
	if (!err && change_grows(step))
		err = change_grow_and_decide(step);
	else
		err = change_decide(step, err);
	kfree(step->terms);
	portres_reservation_put(step->resv);
	return err;
}

/**
 * portres_change - change a persistent reservation
 * @net: the network namespace, its table not locked
 * @change: the request
 * @extack: set to the reason of a failure, or NULL
 *
 * Context: process, sleeps.
 * Return: 0; -ENOENT, -EOPNOTSUPP, -EINVAL if the blocks do not overlap, -EAGAIN, -EEXIST,
 * -EADDRINUSE, -ENOMEM; or the error of @change->reply. An error leaves the reservation as it was.
 */
int portres_change(struct net *net, const struct portres_change *change,
		   struct netlink_ext_ack *extack)
{
	struct step step = {
		.net = net, .change = change, .extack = extack,
		.table = portres_table_of_token(net, change->token),
	};
	int err;

	err = change_claim(&step, extack);
	if (err)
		return err;
	err = change_run(&step);
	if (err == -ENOENT)
		NL_SET_ERR_MSG(extack, "token: the reservation was deleted meanwhile");
	else if (err == -EADDRINUSE)
		portres_reason_in_use(extack, step.found);
	else if (err)
		portres_reason_set(extack, err);
	return err;
}
