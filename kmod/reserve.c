// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes a reservation stand if nobody is in its way: neither another reservation
 * nor a socket. How that races with binds is told in bind.c.
 */
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/netlink.h>

#include "portres.h"

static bool overlaps(struct portres_table *table, const struct portres_spec *spec)
{
	struct portres_reservation *next = portres_table_next(table, spec->first);

	return next && next->first <= spec->last;
}

/*
 * The first look disturbs nobody; a creation that has no chance ends there. Only
 * the second one, with the reservation in the table, is binding.
 */
static int stand(struct portres_table *table, struct portres_reservation *resv,
		 struct portres_probe *probe)
{
	int err;

	if (portres_probe_look(probe, resv->first, resv->last))
		return -EADDRINUSE;
	err = portres_table_add(table, resv);
	if (err)
		return err;
	if (portres_probe_look(probe, resv->first, resv->last)) {
		portres_table_del(table, resv);
		return -EADDRINUSE;
	}
	return 0;
}

static struct portres_reservation *make(struct net *net, struct portres_table *table,
					const struct portres_spec *spec)
{
	struct portres_reservation *resv;
	struct portres_probe probe;
	int err;

	err = portres_probe_open(&probe, net);
	if (err)
		return ERR_PTR(err);
	resv = portres_reservation_alloc(spec);
	if (!resv) {
		err = -ENOMEM;
		goto close_probe;
	}
	err = stand(table, resv, &probe);
close_probe:
	portres_probe_close(&probe);
	return err ? ERR_PTR(err) : resv;
}

/**
 * portres_reserve - make a reservation
 * @net: the network namespace; its table is locked by the caller
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
	struct portres_table *table = portres_table_of(net);
	struct portres_reservation *resv;

	lockdep_assert_held(&table->lock);
	if (overlaps(table, spec)) {
		NL_SET_ERR_MSG(extack, "the block overlaps a reservation that stands");
		return ERR_PTR(-EEXIST);
	}
	resv = make(net, table, spec);
	if (resv == ERR_PTR(-EADDRINUSE))
		NL_SET_ERR_MSG(extack, "a port of the block is in use by a socket");
	return resv;
}
