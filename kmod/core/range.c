// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks whether reservations overlap an ephemeral port range, and remembers the answer for the
 * range of the namespace.
 *
 * Only the namespace's own range is stored: a socket with a range of its own would replace the
 * result that all others use.
 *
 * A change of the table before the bitmap was read is in the result; one after it makes the
 * exchange fail. A bind that reads the result just before it is invalidated is in the position
 * of one that did its first look before the change: the second look corrects it.
 */
#include <asm/barrier.h>

#include "range.h"

static void range_remember(atomic64_t *known, u64 before, u32 range)
{
	if ((u32)before != range)
		atomic64_cmpxchg(known, before, (before >> 32) << 32 | range);
}

/**
 * portres_range_overlaps - check whether any port of an ephemeral port range is reserved
 * @sk: the socket whose range it is
 * @table: the table
 * @low: first port
 * @high: last port
 */
bool portres_range_overlaps(const struct sock *sk, struct portres_table *table, u16 low, u16 high)
{
	u64 unreserved = atomic64_read(&table->unreserved_range);
	u64 overlapping = atomic64_read(&table->overlapping_range);
	u32 range = (u32)high << 16 | low;
	bool overlaps;

	/* before the bits; pairs with table_invalidate_range_cache() */
	smp_rmb();
	overlaps = portres_table_overlaps(table, low, high);
	if (portres_has_own_range(sk))
		return overlaps;
	if (overlaps)
		range_remember(&table->overlapping_range, overlapping, range);
	else
		range_remember(&table->unreserved_range, unreserved, range);
	return overlaps;
}
