/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ephemeral port ranges, and whether reservations overlap them. See range.c.
 */
#ifndef _PORTRES_RANGE_H
#define _PORTRES_RANGE_H

#include <linux/types.h>
#include <net/sock.h>

#include "compat.h"
#include "table.h"

/* Return: portres_net_range(), or 0 if the socket has an ephemeral port range of its own. */
static __always_inline u32 portres_range_of(const struct sock *sk)
{
	return unlikely(portres_has_own_range(sk)) ? 0 : portres_net_range(sock_net(sk));
}

/**
 * portres_range_is_unreserved - check whether a range is known to have no reservation
 * @table: the table
 * @range: from portres_range_of()
 *
 * Return: false if some reservation overlaps it, or that is not known.
 */
static __always_inline bool portres_range_is_unreserved(struct portres_table *table, u32 range)
{
	return (u32)atomic64_read(&table->unreserved_range) == range;
}

/**
 * portres_range_is_overlapped - check whether a range is known to have a reservation
 * @table: the table
 * @range: from portres_range_of()
 *
 * Return: false if no reservation overlaps it, or that is not known.
 */
static __always_inline bool portres_range_is_overlapped(struct portres_table *table, u32 range)
{
	return (u32)atomic64_read(&table->overlapping_range) == range;
}

bool portres_range_overlaps(const struct sock *sk, struct portres_table *table, u16 low, u16 high);

#endif /* _PORTRES_RANGE_H */
