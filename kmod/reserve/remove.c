// SPDX-License-Identifier: GPL-2.0-only
/*
 * Removes reservations, and has changes of all kinds announced. Every removal but that at the exit
 * of a namespace passes here.
 */
#include <linux/lockdep.h>

#include "account.h"
#include "core/net.h"
#include "core/reservation.h"
#include "holder.h"
#include "portres.h"
#include "remove.h"

/* Queues notifications of a change. */
static portres_notify_t announce_change __read_mostly;

/**
 * portres_announce_init - prepare for creations, changes and removals
 * @notify: called for each of them, under the table lock
 */
void portres_announce_init(portres_notify_t notify)
{
	announce_change = notify;
}

/**
 * portres_announce - queue notifications of a change
 * @net: the network namespace, its table locked
 * @resv: the reservation
 * @event: what happened
 */
void portres_announce(struct net *net, const struct portres_reservation *resv,
		      const struct portres_event *event)
{
	announce_change(net, resv, event);
}

static void remove_detach(struct net *net, struct portres_reservation *resv)
{
	if (!resv->runtime)
		return;
	portres_holder_del(portres_runtime_of(resv));
	portres_account_uncharge(portres_net_of(net), portres_runtime_of(resv));
}

/**
 * portres_unreserve_by - remove a reservation
 * @net: its network namespace, the table locked by the caller
 * @resv: a reservation in the table; drops the table's reference
 * @by: process that requested the removal, or NULL
 */
void portres_unreserve_by(struct net *net, struct portres_reservation *resv,
			  const struct portres_caller *by)
{
	struct portres_table *table = portres_table_of_reservation(net, resv);
	const struct portres_event deleted = { .cmd = PORTRES_CMD_DELETED, .by = by };

	lockdep_assert_held(table->lock);
	if (!resv->tentative)
		announce_change(net, resv, &deleted);
	remove_detach(net, resv);
	portres_table_del(table, resv);
}
