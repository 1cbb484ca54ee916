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

/* What a table has that never had a reservation, or is closed: so nobody asks for NULL. */
static const unsigned long no_bits[BITS_TO_LONGS(PORTS)];

/* To be written if there is, or was, a reservation. */
static unsigned long *bits_of_writer(struct portres_table *table)
{
	return (unsigned long *)rcu_dereference_protected(table->bits,
							  lockdep_is_held(&table->lock));
}

/*
 * Gaps are not looked for in the tree. But one of the other kind, if it has nodes of fifteen
 * branches, is not destroyed without taking their number for a pointer (6.12).
 */
void portres_table_init(struct portres_table *table)
{
	mutex_init(&table->lock);
	mt_init_flags(&table->tree, MT_FLAGS_ALLOC_RANGE | MT_FLAGS_USE_RCU);
	RCU_INIT_POINTER(table->bits, no_bits);
	atomic64_set(&table->untouched, PORTRES_NO_RANGE);
	atomic64_set(&table->touched, PORTRES_NO_RANGE);
	bitmap_zero(table->chunks, PORTRES_CHUNKS);
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
	if (bits_of_writer(table) != no_bits)
		table->retired = bits_of_writer(table);
	rcu_assign_pointer(table->bits, no_bits);
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

static int provide_bits(struct portres_table *table)
{
	unsigned long *bits;

	if (bits_of_writer(table) != no_bits)
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

/* After the bits. Who reads them apart has to live with either being ahead. */
static void fill_chunks(struct portres_table *table, unsigned int first, unsigned int last)
{
	const unsigned long *bits = bits_of_writer(table);
	unsigned int chunk;

	for (chunk = first / PORTRES_CHUNK; chunk <= last / PORTRES_CHUNK; chunk++) {
		unsigned int end = (chunk + 1) * PORTRES_CHUNK;

		assign_bit(chunk, table->chunks,
			   find_next_bit(bits, end, end - PORTRES_CHUNK) < end);
	}
}

/*
 * After all else: whoever has found out something by the bits, and has begun before,
 * finds that it is not to be kept. See is_touched() in bind.c.
 */
static void next_generation(struct portres_table *table)
{
	u32 next = table->generation + 1 ?: 1;
	u64 unknown = (u64)next << 32 | PORTRES_NO_RANGE;

	WRITE_ONCE(table->generation, next);
	atomic64_set_release(&table->untouched, unknown);
	atomic64_set_release(&table->touched, unknown);
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
	fill_chunks(table, resv->first, resv->last);
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
	fill_chunks(table, resv->first, resv->last);
	mas_lock(&mas);
	mas_store_gfp(&mas, NULL, GFP_KERNEL | __GFP_NOFAIL);
	mas_unlock(&mas);
	next_generation(table);
	portres_reservation_put(resv);
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

/*
 * The first bit from a port on, up to another one. Chunk by chunk, so that it takes
 * the same time however empty the table is.
 *
 * Return: the port, or one beyond the last if there is none.
 */
static unsigned int next_bit(const struct portres_table *table, const unsigned long *bits,
			     unsigned int port, unsigned int last)
{
	while (port <= last) {
		unsigned int end = min(last, port | (PORTRES_CHUNK - 1)) + 1;

		/* writers write words whole, and any of the two is right */
		port = data_race(find_next_bit(bits, end, port));
		if (port < end)
			return port;
		port = DIV_ROUND_UP(port, PORTRES_CHUNK);
		/* as the bits */
		port = data_race(find_next_bit(table->chunks, PORTRES_CHUNKS, port));
		port *= PORTRES_CHUNK;
	}
	return PORTS;
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
	while (!resv && (port = next_bit(table, bits, port, U16_MAX)) < PORTS)
		resv = portres_table_find(table, port++);
	rcu_read_unlock();
	return resv;
}

/**
 * portres_table_touches - is any port of a range reserved?
 * @table: the table
 * @first: first port of the range
 * @last: last port of the range
 */
bool portres_table_touches(const struct portres_table *table, u16 first, u16 last)
{
	bool touches;

	rcu_read_lock();
	touches = next_bit(table, rcu_dereference(table->bits), first, last) < PORTS;
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
