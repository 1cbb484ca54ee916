// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes a reservation stand if nobody is in its way, neither another reservation
 * nor a socket; and ends it. How creation races with binds is told in bind.c.
 *
 * Whatever comes or goes passes here: so it is told, and charged to its user.
 */
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/netlink.h>

#include "portres.h"

/* What a closed socket held is in nobody's way: it ends here, as it were before. */
static bool overlaps(struct net *net, const struct portres_spec *spec)
{
	struct portres_table *table = portres_table_of(net);
	struct portres_reservation *next;

	while ((next = portres_table_next(table, spec->first)) && next->first <= spec->last) {
		if (!portres_reservation_over(next))
			return true;
		portres_unreserve(net, next);
	}
	return false;
}

/* From before it stands, as nobody must see it without. */
static int bind_to_holder(struct net *net, struct portres_reservation *resv,
			  const struct portres_spec *spec)
{
	int err;

	if (!resv->runtime)
		return 0;
	if (spec->charged) {
		err = portres_account_charge(portres_net_of(net), portres_runtime_of(resv));
		if (err)
			return err;
	}
	portres_holder_add(spec->holder, portres_runtime_of(resv));
	return 0;
}

static void part_from_holder(struct net *net, struct portres_reservation *resv)
{
	if (!resv->runtime)
		return;
	portres_holder_del(portres_runtime_of(resv));
	portres_account_uncharge(portres_net_of(net), portres_runtime_of(resv));
}

/* The creation needs the hook already, so it stands. */
static void need_hook(struct portres_net *pnet)
{
	if (!pnet->guarded)
		portres_guard_keep();
	pnet->guarded = true;
}

/**
 * portres_unguard - the namespace needs the hook no longer, if it did
 * @pnet: the namespace, its table locked or closed, without reservations
 */
void portres_unguard(struct portres_net *pnet)
{
	if (pnet->guarded)
		portres_guard_put();
	pnet->guarded = false;
}

/* Takes the caller's reference, on success for the table. */
static int stand(struct net *net, struct portres_reservation *resv,
		 struct portres_probe *probe, u16 *in_use)
{
	struct portres_table *table = portres_table_of(net);
	int err;

	err = portres_table_add(table, resv);
	if (err) {
		part_from_holder(net, resv);
		portres_reservation_put(resv);
		return err;
	}
	*in_use = portres_probe_look(probe, resv->first, resv->last);
	if (*in_use) {
		part_from_holder(net, resv);
		portres_table_del(table, resv);
		return -EADDRINUSE;
	}
	need_hook(portres_net_of(net));
	portres_notify(net, resv, PORTRES_CMD_CREATED);
	return 0;
}

/**
 * portres_reserve_seen - make a reservation where no socket was seen
 * @net: the network namespace; its table is locked by the caller, who needs the hook
 * @spec: what it shall be, overlapping none that stands
 * @probe: looks once more, now with the reservation in the table; only this look
 *	is binding
 * @in_use: told the port that a socket took in between
 *
 * Return: the reservation, kept alive by the table's lock; or an ERR_PTR:
 * -EADDRINUSE with @in_use, -ENOMEM.
 */
struct portres_reservation *portres_reserve_seen(struct net *net, const struct portres_spec *spec,
						 struct portres_probe *probe, u16 *in_use)
{
	struct portres_reservation *resv;
	int err;

	resv = portres_reservation_alloc(spec);
	if (!resv)
		return ERR_PTR(-ENOMEM);
	err = bind_to_holder(net, resv, spec);
	if (err) {
		portres_reservation_put(resv);
		return ERR_PTR(err);
	}
	err = stand(net, resv, probe, in_use);
	return err ? ERR_PTR(err) : resv;
}

/* The first look disturbs nobody; a creation that has no chance ends there. */
static struct portres_reservation *look_and_reserve(struct net *net,
						    const struct portres_spec *spec)
{
	struct portres_reservation *resv = ERR_PTR(-EADDRINUSE);
	struct portres_probe probe;
	u16 in_use;
	int err;

	err = portres_probe_open(&probe, net);
	if (err)
		return ERR_PTR(err);
	if (!portres_probe_look(&probe, spec->first, spec->last))
		resv = portres_reserve_seen(net, spec, &probe, &in_use);
	portres_probe_close(&probe);
	return resv;
}

/**
 * portres_reserve - make a reservation
 * @net: the network namespace; its table is locked by the caller, who needs the hook
 *	(guard.c)
 * @spec: what it shall be
 * @extack: told why not
 *
 * Return: the reservation, kept alive by the table's lock; or an ERR_PTR:
 * -EEXIST if it overlaps another one, -EADDRINUSE if a socket uses a port,
 * -ENOMEM or what the creation of a kernel socket answers.
 */
struct portres_reservation *portres_reserve(struct net *net, const struct portres_spec *spec,
					    struct netlink_ext_ack *extack)
{
	struct portres_reservation *resv;

	lockdep_assert_held(&portres_table_of(net)->lock);
	if (overlaps(net, spec)) {
		NL_SET_ERR_MSG(extack, "the block overlaps a reservation that stands");
		return ERR_PTR(-EEXIST);
	}
	resv = look_and_reserve(net, spec);
	if (resv == ERR_PTR(-EADDRINUSE))
		NL_SET_ERR_MSG(extack, "a port of the block is in use by a socket");
	return resv;
}

/**
 * portres_unreserve - end a reservation
 * @net: its network namespace; its table is locked by the caller
 * @resv: a reservation that stands; the table's reference is dropped
 */
void portres_unreserve(struct net *net, struct portres_reservation *resv)
{
	struct portres_table *table = portres_table_of(net);

	lockdep_assert_held(&table->lock);
	portres_notify(net, resv, PORTRES_CMD_DELETED);
	part_from_holder(net, resv);
	portres_table_del(table, resv);
	if (list_empty(&table->standing))
		portres_unguard(portres_net_of(net));
}
