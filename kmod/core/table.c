// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reservations of one protocol in one network namespace: adds and removes them. Whether a block
 * may be reserved is decided in reserve/, lookups are in lookup.c.
 *
 * The reservations are in a list, in the order of their ports. Each bucket has the first one
 * that has any of its ports, so a lookup takes at most as many steps as a bucket has ports.
 * Readers use RCU. A removed entry keeps its next pointer. A reader on it began before the
 * removal, so whatever that pointer leads to, even if removed later, is freed after the reader.
 */
#include <linux/bitmap.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "decision.h"
#include "reservation.h"
#include "table.h"

/* Shared by tables that never had a reservation or are closed: readers need no NULL check. */
static const unsigned long no_bits[BITS_TO_LONGS(PORTRES_PORTS)];

/* Writable if table_has_index(). */
static unsigned long *table_bits_locked(struct portres_table *table)
{
	return (unsigned long *)rcu_dereference_protected(table->bits,
							  lockdep_is_held(table->lock));
}

static struct portres_bucket_index *table_index_locked(struct portres_table *table)
{
	return rcu_dereference_protected(table->index, lockdep_is_held(table->lock));
}

/**
 * portres_table_init - prepare an empty table
 * @table: the table
 * @lock: the lock of its writers, which lives as long
 */
void portres_table_init(struct portres_table *table, spinlock_t *lock)
{
	table->lock = lock;
	INIT_LIST_HEAD(&table->list);
	table->end = U16_MAX;
	RCU_INIT_POINTER(table->index, NULL);
	RCU_INIT_POINTER(table->moved, NULL);
	RCU_INIT_POINTER(table->bits, no_bits);
	atomic64_set(&table->unreserved_range, PORTRES_NO_RANGE);
	atomic64_set(&table->overlapping_range, PORTRES_NO_RANGE);
	bitmap_zero(table->summary, PORTRES_SUMMARY_BITS);
	table->retired = NULL;
	table->generation = 1;
}

/**
 * portres_table_close - stop refusing binds, at the exit of the namespace
 * @table: the table
 *
 * Marks the reservations dead: sockets of the kernel may still be associated, and outlive the
 * table.
 *
 * Context: process; a grace period has to pass before portres_table_fini().
 */
void portres_table_close(struct portres_table *table)
{
	struct portres_reservation *resv;

	spin_lock_bh(table->lock);
	list_for_each_entry(resv, &table->list, link)
		WRITE_ONCE(resv->dead, true);
	if (table_bits_locked(table) != no_bits)
		table->retired = table_bits_locked(table);
	rcu_assign_pointer(table->bits, no_bits);
	spin_unlock_bh(table->lock);
}

/**
 * portres_table_fini - free the members of a table and drop its reservations
 * @table: the table, closed a grace period ago
 */
void portres_table_fini(struct portres_table *table)
{
	struct portres_reservation *resv, *next;

	/* before the reservations: a worker may be moving them to a larger hash */
	portres_moved_fini(table);
	list_for_each_entry_safe(resv, next, &table->list, link)
		portres_reservation_put(resv);
	kfree(rcu_dereference_protected(table->index, true));
	RCU_INIT_POINTER(table->index, NULL);
	bitmap_free(table->retired);
	table->retired = NULL;
}

static bool table_has_index(struct portres_table *table)
{
	return rcu_access_pointer(table->bits) != no_bits;
}

/* Return: true if the table took both, false if it had others already. */
static bool table_install_index(struct portres_table *table, unsigned long *bits,
				struct portres_bucket_index *index)
{
	bool wanted;

	spin_lock_bh(table->lock);
	wanted = !table_has_index(table);
	if (wanted) {
		rcu_assign_pointer(table->index, index);
		rcu_assign_pointer(table->bits, bits);
	}
	spin_unlock_bh(table->lock);
	return wanted;
}

/**
 * portres_table_prepare - allocate bitmap and bucket index before the first insertion
 * @table: the table, not locked, of a namespace that the caller keeps alive
 *
 * Call before the table is locked: allocations sleep. Both stay until the namespace exits.
 *
 * Return: 0 or -ENOMEM.
 */
int portres_table_prepare(struct portres_table *table)
{
	struct portres_bucket_index *index;
	unsigned long *bits;

	if (table_has_index(table))
		return 0;
	bits = bitmap_zalloc(PORTRES_PORTS, GFP_KERNEL_ACCOUNT);
	index = kzalloc(sizeof(*index), GFP_KERNEL_ACCOUNT);
	if (bits && index && table_install_index(table, bits, index))
		return 0;
	bitmap_free(bits);
	kfree(index);
	return table_has_index(table) ? 0 : -ENOMEM;
}

static void table_fill_buckets(struct portres_table *table, struct portres_reservation *resv)
{
	struct portres_bucket_index *index = table_index_locked(table);
	unsigned int i;

	for (i = resv->first / PORTRES_BUCKET_PORTS; i <= resv->last / PORTRES_BUCKET_PORTS; i++) {
		const struct portres_reservation *other =
			rcu_dereference_protected(index->first[i], lockdep_is_held(table->lock));

		if (!other || other->first > resv->first)
			rcu_assign_pointer(index->first[i], resv);
	}
}

/*
 * Insert into the list before publishing in the buckets: readers continue from a bucket along
 * the list.
 */
static void table_insert(struct portres_table *table, struct portres_reservation *resv)
{
	struct portres_reservation *next = portres_table_next(table, resv->last + 1);

	list_add_tail_rcu(&resv->link, next ? &next->link : &table->list);
	table_fill_buckets(table, resv);
}

/*
 * In each bucket that begins with @resv, store the next reservation if that has a port of the
 * bucket, else NULL.
 */
static void table_leave_buckets(struct portres_table *table, struct portres_reservation *resv,
				unsigned int first, unsigned int last)
{
	struct portres_bucket_index *index = table_index_locked(table);
	struct portres_reservation *next = NULL;
	unsigned int i;

	if (!list_is_last(&resv->link, &table->list))
		next = list_next_entry(resv, link);
	for (i = first; i <= last; i++) {
		bool reaches = next && next->first / PORTRES_BUCKET_PORTS == i;

		if (rcu_access_pointer(index->first[i]) == resv)
			rcu_assign_pointer(index->first[i], reaches ? next : NULL);
	}
}

static void table_unlink(struct portres_table *table, struct portres_reservation *resv)
{
	table_leave_buckets(table, resv, resv->first / PORTRES_BUCKET_PORTS,
			    resv->last / PORTRES_BUCKET_PORTS);
	list_del_rcu(&resv->link);
	portres_moved_del(table, resv);
}

/*
 * Writes whole words, as the lock excludes other writers and readers see either value. A block
 * of ten thousand ports has 160 words.
 */
static void table_fill_bits(unsigned long *bits, unsigned int first, unsigned int last, bool set)
{
	unsigned int port, end;
	unsigned long mask;

	for (port = first; port <= last; port = end + 1) {
		unsigned long *word = bits + BIT_WORD(port);

		end = min_t(unsigned int, last, port | (BITS_PER_LONG - 1));
		mask = GENMASK(end % BITS_PER_LONG, port % BITS_PER_LONG);
		WRITE_ONCE(*word, set ? *word | mask : *word & ~mask);
	}
}

/*
 * Call after table_fill_bits(). Readers load both bitmaps without a lock and may see either
 * updated first.
 */
static void table_fill_summary(struct portres_table *table, unsigned int first, unsigned int last)
{
	const unsigned long *bits = table_bits_locked(table);
	unsigned int chunk;

	for (chunk = first / PORTRES_SUMMARY_PORTS; chunk <= last / PORTRES_SUMMARY_PORTS;
	     chunk++) {
		unsigned int end = (chunk + 1) * PORTRES_SUMMARY_PORTS;

		assign_bit(chunk, table->summary,
			   find_next_bit(bits, end, end - PORTRES_SUMMARY_PORTS) < end);
	}
}

/*
 * Call last. A bind that read the bitmap before this change then fails the cmpxchg in
 * range_remember() and caches nothing.
 */
static void table_invalidate_range_cache(struct portres_table *table)
{
	u32 next = table->generation + 1 ?: 1;
	u64 unknown = (u64)next << 32 | PORTRES_NO_RANGE;

	WRITE_ONCE(table->generation, next);
	atomic64_set_release(&table->unreserved_range, unknown);
	atomic64_set_release(&table->overlapping_range, unknown);
}

/**
 * portres_table_add - insert a reservation
 * @table: the table, prepared and locked
 * @resv: the reservation; the table takes the caller's reference on success
 *
 * Inserts before it sets the bits: a reader that sees a bit finds its reservation, or that one
 * is just being removed.
 *
 * Return: 0, or -EEXIST if it overlaps another one in the table.
 */
int portres_table_add(struct portres_table *table, struct portres_reservation *resv)
{
	lockdep_assert_held(table->lock);
	if (portres_table_overlaps(table, resv->first, resv->last))
		return -EEXIST;
	while (unlikely(portres_table_find_token(table, resv->token)))
		portres_reservation_renew_token(resv);
	table_insert(table, resv);
	table_fill_bits(table_bits_locked(table), resv->first, resv->last, true);
	table_fill_summary(table, resv->first, resv->last);
	table_invalidate_range_cache(table);
	return 0;
}

/**
 * portres_table_del - remove a reservation
 * @table: the table, locked
 * @resv: a reservation in it; drops the table's reference
 *
 * Sets @dead first: a bind of an associated socket in flight must see it in the second look,
 * even if the ports are reserved again by then.
 *
 * Must not fail: error paths roll back with it.
 */
void portres_table_del(struct portres_table *table, struct portres_reservation *resv)
{
	lockdep_assert_held(table->lock);
	WRITE_ONCE(resv->dead, true);
	table_fill_bits(table_bits_locked(table), resv->first, resv->last, false);
	table_fill_summary(table, resv->first, resv->last);
	table_unlink(table, resv);
	table_invalidate_range_cache(table);
	portres_reservation_put(resv);
}

/**
 * portres_table_commit - make a tentative reservation active
 * @table: the table, locked
 * @resv: a tentative reservation in it
 *
 * A dump that skipped it while it was tentative sees the change of the generation.
 */
void portres_table_commit(struct portres_table *table, struct portres_reservation *resv)
{
	lockdep_assert_held(table->lock);
	/* before the decision is settled; pairs with decision_read() */
	WRITE_ONCE(resv->tentative, false);
	table_invalidate_range_cache(table);
}

/**
 * portres_table_extend - enforce more ports for a reservation
 * @table: the table, locked
 * @resv: a reservation in it
 * @first: first port, not above the present one
 * @last: last port, not below the present one; the ports that are new are not reserved
 *
 * As portres_table_add(), sets the new bits last. The order in the list stays, as no reservation
 * is in between.
 */
void portres_table_extend(struct portres_table *table, struct portres_reservation *resv,
			  u16 first, u16 last)
{
	lockdep_assert_held(table->lock);
	/* before the bounds */
	portres_decision_begin(resv);
	WRITE_ONCE(resv->first, first);
	WRITE_ONCE(resv->last, last);
	table_fill_buckets(table, resv);
	table_fill_bits(table_bits_locked(table), first, last, true);
	table_fill_summary(table, first, last);
	table_invalidate_range_cache(table);
}

static void table_clear_range(struct portres_table *table, unsigned int first, unsigned int last)
{
	if (first > last)
		return;
	table_fill_bits(table_bits_locked(table), first, last, false);
	table_fill_summary(table, first, last);
}

/**
 * portres_table_reduce - enforce fewer ports for a reservation
 * @table: the table, locked
 * @resv: a reservation in it
 * @first: first port, not below the present one
 * @last: last port, not above the present one
 *
 * The bits of the ports that stay are not written, and each lookup of one of them finds the
 * reservation, see portres_table_find(). portres_moved_add() comes before.
 */
void portres_table_reduce(struct portres_table *table, struct portres_reservation *resv,
			  u16 first, u16 last)
{
	unsigned int old_first = resv->first, old_last = resv->last;

	lockdep_assert_held(table->lock);
	/* what portres_moved_add() did before the bounds; pairs with portres_table_find_token() */
	smp_wmb();
	table_clear_range(table, old_first, (unsigned int)first - 1);
	table_clear_range(table, (unsigned int)last + 1, old_last);
	WRITE_ONCE(resv->first, first);
	WRITE_ONCE(resv->last, last);
	old_first /= PORTRES_BUCKET_PORTS;
	old_last /= PORTRES_BUCKET_PORTS;
	if (old_first < first / PORTRES_BUCKET_PORTS)
		table_leave_buckets(table, resv, old_first, first / PORTRES_BUCKET_PORTS - 1);
	if (old_last > last / PORTRES_BUCKET_PORTS)
		table_leave_buckets(table, resv, last / PORTRES_BUCKET_PORTS + 1, old_last);
	table_invalidate_range_cache(table);
}

/**
 * portres_table_change - give a reservation other ports, another name and other grants
 * @table: the table, locked
 * @resv: a reservation in it
 * @first: first port
 * @last: last port; all ports are enforced
 * @terms: name and grants, or NULL; the reservation takes them
 *
 * A reader may see the new grants with the old block, but not the old grants with a port that is
 * only in the new one, see portres_reservation_has_port().
 */
void portres_table_change(struct portres_table *table, struct portres_reservation *resv,
			  u16 first, u16 last, struct portres_terms *terms)
{
	lockdep_assert_held(table->lock);
	terms = rcu_replace_pointer(resv->terms, terms, lockdep_is_held(table->lock));
	/* Pairs with the acquire in portres_reservation_has_port(). */
	smp_store_release(&resv->block, portres_block_pack(first, last));
	portres_table_reduce(table, resv, first, last);
	if (terms)
		kfree_rcu(terms, rcu);
}
