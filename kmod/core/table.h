/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reservations of one protocol in one network namespace, see table.c.
 */
#ifndef _PORTRES_TABLE_H
#define _PORTRES_TABLE_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct portres_reservation;
struct portres_moved;
struct portres_terms;

#define PORTRES_PORTS		(U16_MAX + 1)

/* Ports of a bucket, which leads to the reservation of one port. */
#define PORTRES_BUCKET_PORTS		128
#define PORTRES_BUCKETS	(PORTRES_PORTS / PORTRES_BUCKET_PORTS)

/**
 * struct portres_bucket_index - index into the list of reservations
 * @first: for each bucket the first reservation that has any of its ports, or NULL
 */
struct portres_bucket_index {
	struct portres_reservation __rcu *first[PORTRES_BUCKETS];
};

/* Ports of one bit of the summary bitmap, which makes searches of large ranges fast. */
#define PORTRES_SUMMARY_PORTS	1024
#define PORTRES_SUMMARY_BITS	(PORTRES_PORTS / PORTRES_SUMMARY_PORTS)

/* No ephemeral port range has this value: its end is before its beginning. */
#define PORTRES_NO_RANGE	1

/**
 * struct portres_table - the reservations of one protocol in one network namespace
 * @bits: port bitmap, a bit for each port that is reserved. Shared by all namespaces without
 *	a reservation so far. Written under @lock, read under RCU
 * @unreserved_range: range cache. Low half: an ephemeral port range, as portres_net_range()
 *	returns it, that no reservation overlaps, or PORTRES_NO_RANGE; high half: @generation
 *	at the time. See core/range.c
 * @overlapping_range: the same for a range that some reservation overlaps
 * @generation: changes with every change of @list, never 0; written under @lock
 * @summary: summary bitmap, a bit for each PORTRES_SUMMARY_PORTS ports, set if @bits has any
 *	of them; locked as @bits
 * @lock: serialises writers; one for all tables of the namespace
 * @list: the reservations in the order of their ports; written under @lock, read under RCU
 * @end: in the place where an entry of @list has its last port: the highest port, so that a lookup
 *	ends at the head of @list without a check for it. Never changes
 * @index: buckets of @list, NULL until the namespace's first reservation; locked as @list
 * @moved: hash of reservations whose block was moved off the port of their token, NULL until the
 *	first such move; locked as @list
 * @retired: @bits of a closed table, until readers are through, or NULL
 *
 * Binds read the members before @lock. Those after it change only together with @generation, so
 * they may be on the same cache line.
 */
struct portres_table {
	const unsigned long __rcu *bits;
	atomic64_t unreserved_range;
	atomic64_t overlapping_range;
	u32 generation;
	DECLARE_BITMAP(summary, PORTRES_SUMMARY_BITS);
	spinlock_t *lock;	/* writers */
	struct list_head list;
	u16 end;
	struct portres_bucket_index __rcu *index;
	struct portres_moved __rcu *moved;
	const unsigned long *retired;
};

/**
 * struct portres_undecided - ports that a creation or change is about to add, in a search
 * @take: they count as free
 * @avoided: set if there were any, and they did not count as free
 */
struct portres_undecided {
	bool take;
	bool avoided;
};

/* table.c */
void portres_table_init(struct portres_table *table, spinlock_t *lock);
void portres_table_close(struct portres_table *table);
void portres_table_fini(struct portres_table *table);
int portres_table_prepare(struct portres_table *table);
int portres_table_add(struct portres_table *table, struct portres_reservation *resv);
void portres_table_commit(struct portres_table *table, struct portres_reservation *resv);
void portres_table_del(struct portres_table *table, struct portres_reservation *resv);
void portres_table_extend(struct portres_table *table, struct portres_reservation *resv,
			  u16 first, u16 last);
void portres_table_reduce(struct portres_table *table, struct portres_reservation *resv,
			  u16 first, u16 last);
void portres_table_change(struct portres_table *table, struct portres_reservation *resv,
			  u16 first, u16 last, struct portres_terms *terms);

/* moved.c */
int portres_moved_prepare(struct portres_table *table);
void portres_moved_fini(struct portres_table *table);
int portres_moved_add(struct portres_table *table, struct portres_reservation *resv,
		      u16 first, u16 last);
void portres_moved_del(struct portres_table *table, struct portres_reservation *resv);
struct portres_reservation *portres_moved_find(struct portres_table *table, u64 token);
unsigned int portres_moved_count(struct portres_table *table);
unsigned int portres_moved_longest(struct portres_table *table);

/* lookup.c */
struct portres_reservation *portres_table_find(struct portres_table *table, u16 port);
struct portres_reservation *portres_table_find_block(struct portres_table *table,
						     u16 first, u16 last);
struct portres_reservation *portres_table_find_token(struct portres_table *table, u64 token);
struct portres_reservation *portres_table_next(struct portres_table *table, u32 port);
bool portres_table_overlaps(const struct portres_table *table, u16 first, u16 last);
u16 portres_table_gap_end(struct portres_table *table, u16 first, u16 last);
void portres_table_gap_around(const struct portres_table *table, u16 port, u16 *first, u16 *last);
u16 portres_table_next_free(struct portres_table *table, u16 first, u16 last,
			    struct portres_undecided *undecided);

/**
 * portres_table_reserved - check whether a port is reserved
 * @table: the table
 * @port: the port
 *
 * Every bind calls it. rcu_read_lock() is an out-of-line call with CONFIG_PREEMPT_RCU;
 * rcu_read_lock_sched() is not.
 */
static __always_inline bool portres_table_reserved(const struct portres_table *table, u16 port)
{
	bool reserved;

	rcu_read_lock_sched();
	reserved = test_bit(port, rcu_dereference_sched(table->bits));
	rcu_read_unlock_sched();
	return reserved;
}

/**
 * portres_table_reserved_near - check whether a port around another one is reserved
 * @table: the table
 * @port: the port
 *
 * Around: in the same chunk of PORTRES_SUMMARY_PORTS ports, which begins at a multiple of that.
 *
 * Return: false if no port of the chunk is reserved.
 */
static __always_inline bool portres_table_reserved_near(const struct portres_table *table, u16 port)
{
	return test_bit(port / PORTRES_SUMMARY_PORTS, table->summary);
}

#endif /* _PORTRES_TABLE_H */
