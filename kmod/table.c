// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reservations of one network namespace. Whether a block may be reserved is
 * decided elsewhere; here it is only found, added and removed.
 */
#include <linux/bitmap.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "portres.h"

#define PORTS	(U16_MAX + 1)

void portres_table_init(struct portres_table *table)
{
	mutex_init(&table->lock);
	mt_init_flags(&table->tree, MT_FLAGS_ALLOC_RANGE | MT_FLAGS_USE_RCU);
	RCU_INIT_POINTER(table->bits, NULL);
	table->retired = NULL;
	table->generation = 1;
}

/**
 * portres_table_close - stop guarding, for a namespace that goes away
 * @table: the table
 *
 * The reservations die here and not with the table: sockets of the kernel may
 * be associated still, and outlive it.
 *
 * Context: process; a grace period has to pass before portres_table_fini().
 */
void portres_table_close(struct portres_table *table)
{
	struct portres_reservation *resv;
	unsigned long port = 0;

	mutex_lock(&table->lock);
	/* With the lock held there is no other writer: here a walk is safe. */
	mt_for_each(&table->tree, resv, port, U16_MAX)
		WRITE_ONCE(resv->dead, true);
	table->retired = rcu_replace_pointer(table->bits, NULL,
					     lockdep_is_held(&table->lock));
	mutex_unlock(&table->lock);
}

/**
 * portres_table_fini - free what the table holds
 * @table: the table, closed a grace period ago
 */
void portres_table_fini(struct portres_table *table)
{
	struct portres_reservation *resv;
	unsigned long port = 0;

	mt_for_each(&table->tree, resv, port, U16_MAX)
		portres_reservation_put(resv);
	mtree_destroy(&table->tree);
	bitmap_free(table->retired);
	mutex_destroy(&table->lock);
}

static unsigned long *bits_of_writer(struct portres_table *table)
{
	return rcu_dereference_protected(table->bits, lockdep_is_held(&table->lock));
}

static int provide_bits(struct portres_table *table)
{
	unsigned long *bits;

	if (bits_of_writer(table))
		return 0;
	bits = bitmap_zalloc(PORTS, GFP_KERNEL_ACCOUNT);
	if (!bits)
		return -ENOMEM;
	rcu_assign_pointer(table->bits, bits);
	return 0;
}

/*
 * Words are written whole: the lock keeps other writers away, readers take what
 * they find, and a block of ten thousand ports is no more than 160 words.
 */
static void fill_bits(unsigned long *bits, unsigned int first, unsigned int last, bool set)
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

static void next_generation(struct portres_table *table)
{
	u32 next = table->generation + 1;

	WRITE_ONCE(table->generation, next ? next : 1);
}

/**
 * portres_table_add - let a reservation stand
 * @table: the table, locked
 * @resv: the reservation; the table takes the caller's reference on success
 *
 * The tree is written before the bits, so that whoever sees a bit finds its
 * reservation, or knows that it is just leaving.
 *
 * Return: 0; -EEXIST if it overlaps one that stands; -ENOMEM.
 */
int portres_table_add(struct portres_table *table, struct portres_reservation *resv)
{
	int err;

	lockdep_assert_held(&table->lock);
	err = provide_bits(table);
	if (err)
		return err;
	err = mtree_insert_range(&table->tree, resv->first, resv->last, resv, GFP_KERNEL_ACCOUNT);
	if (err)
		return err;
	fill_bits(bits_of_writer(table), resv->first, resv->last, true);
	next_generation(table);
	return 0;
}

/**
 * portres_table_del - end a reservation
 * @table: the table, locked
 * @resv: a reservation that stands in it; the table's reference is dropped
 *
 * It dies first, so that a bind that an associated socket began before sees it
 * when it looks again, whatever stands on the ports by then.
 *
 * Cannot fail: who takes back a creation has nobody to tell. Hence the small
 * allocation that the tree may need is one that waits for memory.
 */
void portres_table_del(struct portres_table *table, struct portres_reservation *resv)
{
	MA_STATE(mas, &table->tree, resv->first, resv->last);

	lockdep_assert_held(&table->lock);
	WRITE_ONCE(resv->dead, true);
	fill_bits(bits_of_writer(table), resv->first, resv->last, false);
	mas_lock(&mas);
	mas_store_gfp(&mas, NULL, GFP_KERNEL | __GFP_NOFAIL);
	mas_unlock(&mas);
	next_generation(table);
	portres_reservation_put(resv);
}

/*
 * Marked as races that are meant to be: a reader of the tree takes what he finds in a
 * node and then looks whether the node is dead; and the search for a bit reads words,
 * which fill_bits() writes whole.
 */
static void *load(struct portres_table *table, unsigned long port)
{
	return data_race(mtree_load(&table->tree, port));
}

static unsigned long next_bit(const unsigned long *bits, unsigned long size, unsigned long from)
{
	return data_race(find_next_bit(bits, size, from));
}

/**
 * portres_table_find - the reservation that holds a port
 * @table: the table
 * @port: the port
 *
 * Context: under RCU or the table's lock, which keeps the answer alive.
 * Return: the reservation, or NULL.
 */
struct portres_reservation *portres_table_find(struct portres_table *table, u16 port)
{
	return load(table, port);
}

/**
 * portres_table_find_block - the reservation of exactly this block
 * @table: the table
 * @first: its first port
 * @last: its last port
 *
 * Context: under RCU or the table's lock, which keeps the answer alive.
 * Return: the reservation, or NULL.
 */
struct portres_reservation *portres_table_find_block(struct portres_table *table,
						     u16 first, u16 last)
{
	struct portres_reservation *resv = portres_table_find(table, first);

	return resv && resv->first == first && resv->last == last ? resv : NULL;
}

/**
 * portres_table_find_token - the reservation that a token names
 * @table: the table
 * @token: the token; any number may be asked for
 *
 * Context: under RCU or the table's lock, which keeps the answer alive.
 * Return: the reservation, or NULL.
 */
struct portres_reservation *portres_table_find_token(struct portres_table *table, u64 token)
{
	struct portres_reservation *resv = portres_table_find(table, (u16)token);

	return resv && resv->token == token ? resv : NULL;
}

/**
 * portres_table_next - the reservation that holds a port, or the first after it
 * @table: the table
 * @port: the port; one beyond the last port is allowed
 *
 * By the bits and single look-ups: mt_find() and the like must not walk under RCU
 * alone, as a writer who empties the tree at that moment leaves them with a node
 * that is none (6.12). One that is just leaving has lost its bits before, so the
 * search goes on behind it.
 *
 * Context: under RCU or the table's lock, which keeps the answer alive.
 * Return: the reservation, or NULL.
 */
struct portres_reservation *portres_table_next(struct portres_table *table, u32 port)
{
	struct portres_reservation *resv = NULL;
	const unsigned long *bits;

	rcu_read_lock();
	bits = rcu_dereference(table->bits);
	while (bits && !resv && (port = next_bit(bits, PORTS, port)) < PORTS)
		resv = portres_table_find(table, port++);
	rcu_read_unlock();
	return resv;
}

/**
 * portres_table_reserved - is a port reserved?
 * @table: the table
 * @port: the port
 */
bool portres_table_reserved(const struct portres_table *table, u16 port)
{
	const unsigned long *bits;
	bool reserved;

	rcu_read_lock();
	bits = rcu_dereference(table->bits);
	reserved = bits && test_bit(port, bits);
	rcu_read_unlock();
	return reserved;
}

/**
 * portres_table_touches - is any port of a range reserved?
 * @table: the table
 * @first: first port of the range
 * @last: last port of the range
 */
bool portres_table_touches(const struct portres_table *table, u16 first, u16 last)
{
	const unsigned long *bits;
	bool touches;

	rcu_read_lock();
	bits = rcu_dereference(table->bits);
	touches = bits && next_bit(bits, last + 1, first) <= last;
	rcu_read_unlock();
	return touches;
}

static unsigned int skip_reservation(struct portres_table *table, u16 port)
{
	const struct portres_reservation *resv;
	unsigned int next;

	rcu_read_lock();
	resv = portres_table_find(table, port);
	next = resv && !portres_reservation_over(resv) ? resv->last + 1 : port;
	rcu_read_unlock();
	return next;
}

/**
 * portres_table_next_free - the first port of a range that is not reserved
 * @table: the table
 * @first: first port of the range
 * @last: last port of the range
 *
 * A reservation that is over, and one that is just leaving, count no more: hence
 * it is not only by the bits.
 *
 * Context: process, may reschedule between reservations.
 * Return: the port, or 0 if all are reserved.
 */
u16 portres_table_next_free(struct portres_table *table, u16 first, u16 last)
{
	unsigned int port = first, next;

	while (port <= last && portres_table_reserved(table, port)) {
		next = skip_reservation(table, port);
		if (next == port)
			break;
		port = next;
		cond_resched();
	}
	return port <= last ? port : 0;
}
