/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reservations of one network namespace, see table.c.
 */
#ifndef _PORTRES_TABLE_H
#define _PORTRES_TABLE_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/cache.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct portres_reservation;

/* The ports in pieces, to find the reservation of one. */
#define PORTRES_STRETCH		128
#define PORTRES_STRETCHES	((U16_MAX + 1) / PORTRES_STRETCH)

/**
 * struct portres_ways - the ways into a list of reservations
 * @lowest: for each stretch of ports the first one that has any of them, or NULL
 */
struct portres_ways {
	struct portres_reservation __rcu *lowest[PORTRES_STRETCHES];
};

/* The ports in pieces, for those who look for something in a large range. */
#define PORTRES_CHUNK	1024
#define PORTRES_CHUNKS	((U16_MAX + 1) / PORTRES_CHUNK)

/* In the place of an ephemeral range: none, as its end is before its beginning. */
#define PORTRES_NO_RANGE	1

/**
 * struct portres_table - the UDP reservations of one network namespace
 * @bits: a bit for each port, set where a reservation stands: the answer for
 *	the way of a bind. Until the namespace's first reservation one that it has
 *	in common with others. Written under @lock, read under RCU
 * @untouched: in its low half an ephemeral range, as portres_net_range() has it, that
 *	no reservation touches, or PORTRES_NO_RANGE; in the other what changes with
 *	@standing. See bind.h
 * @touched: as that, a range that some reservation touches
 * @generation: changes with every change of @standing, never 0; written under @lock
 * @chunks: a bit for each chunk of ports, set where @bits has any; as @bits
 * @lock: serialises writers
 * @standing: the reservations in the order of their ports; written under @lock, read
 *	under RCU, as the next
 * @ways: into @standing, NULL until the namespace's first reservation
 * @retired: @bits of a closed table, until readers are through, or NULL
 *
 * What a bind reads is written when it changes, and lies apart from what others
 * write: creations that fail take the lock as well.
 */
struct portres_table {
	const unsigned long __rcu *bits;
	atomic64_t untouched;
	atomic64_t touched;
	u32 generation;
	DECLARE_BITMAP(chunks, PORTRES_CHUNKS);
	struct mutex lock ____cacheline_aligned_in_smp;	/* writers */
	struct list_head standing;
	struct portres_ways __rcu *ways;
	const unsigned long *retired;
};

void portres_table_init(struct portres_table *table);
void portres_table_close(struct portres_table *table);
void portres_table_fini(struct portres_table *table);
int portres_table_add(struct portres_table *table, struct portres_reservation *resv);
void portres_table_del(struct portres_table *table, struct portres_reservation *resv);
struct portres_reservation *portres_table_find(struct portres_table *table, u16 port);
struct portres_reservation *portres_table_find_block(struct portres_table *table,
						     u16 first, u16 last);
struct portres_reservation *portres_table_find_token(struct portres_table *table, u64 token);
struct portres_reservation *portres_table_next(struct portres_table *table, u32 port);
bool portres_table_touches(const struct portres_table *table, u16 first, u16 last);
u16 portres_table_next_free(struct portres_table *table, u16 first, u16 last);

/**
 * portres_table_reserved - is a port reserved?
 * @table: the table
 * @port: the port
 *
 * On the way of every bind. Hence not by rcu_read_lock(), which is a call of a
 * function where tasks can be preempted.
 */
static __always_inline bool portres_table_reserved(const struct portres_table *table, u16 port)
{
	bool reserved;

	rcu_read_lock_sched();
	reserved = test_bit(port, rcu_dereference_sched(table->bits));
	rcu_read_unlock_sched();
	return reserved;
}

#endif /* _PORTRES_TABLE_H */
