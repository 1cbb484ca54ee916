// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a block that is to be reserved overlaps other reservations, and which of these give way:
 * expired ones, and to an administrator the acquisitions that are not decided yet.
 */
#include <linux/errno.h>

#include "core/net.h"
#include "core/reservation.h"
#include "overlap.h"
#include "portres.h"
#include "remove.h"

static bool overlap_gives_way(const struct portres_reservation *resv,
			      const struct portres_spec *spec)
{
	return portres_reservation_gone(resv) ||
	       (resv->tentative && resv->runtime && !spec->holder);
}

/* Tentative, or overlapping only with ports that a change may still add to it. */
static bool overlap_is_undecided(const struct portres_reservation *resv,
				 const struct portres_spec *spec)
{
	struct portres_block block = portres_reservation_block(resv);

	return resv->tentative || block.first > spec->last || block.last < spec->first;
}

/**
 * portres_overlap_check - check whether other reservations leave a block free
 * @net: the network namespace, its table locked
 * @spec: first and last port, and the holder of an acquisition
 *
 * Removes one reservation for each time that the lock is taken: users control how many have
 * expired.
 *
 * Return: 0; PORTRES_RETRY; -EEXIST; -EAGAIN if the other reservation may still fail.
 */
int portres_overlap_check(struct net *net, const struct portres_spec *spec)
{
	struct portres_reservation *next;

	next = portres_table_next(portres_table_of(net, spec->protocol->index), spec->first);
	if (!next || next->first > spec->last)
		return 0;
	if (overlap_gives_way(next, spec)) {
		portres_unreserve(net, next);
		return PORTRES_RETRY;
	}
	/* An acquisition takes other ports instead of waiting for a tentative reservation. */
	return !spec->holder && overlap_is_undecided(next, spec) ? -EAGAIN : -EEXIST;
}
