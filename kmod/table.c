// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reservations of one network namespace. Whether a block may be reserved is
 * decided elsewhere; here it is only found, added and removed.
 *
 * They stand in a list, in the order of their ports, and each stretch of ports leads to
 * the lowest one that has any of it; so to find one takes at most as many steps as a
 * stretch has ports. Readers have RCU. Who comes from one that is leaving goes on from
 * it as if it stood; he has begun before it left, and so before any that it leads to.
 */
#include <linux/bitmap.h>
#include <linux/lockdep.h>
#include <linux/rculist.h>
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

static struct portres_ways *ways_of_writer(struct portres_table *table)
{
	return rcu_dereference_protected(table->ways, lockdep_is_held(&table->lock));
}

void portres_table_init(struct portres_table *table)
{
	mutex_init(&table->lock);
	INIT_LIST_HEAD(&table->standing);
	RCU_INIT_POINTER(table->ways, NULL);
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

	mutex_lock(&table->lock);
	list_for_each_entry(resv, &table->standing, link)
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
	struct portres_reservation *resv, *next;

	list_for_each_entry_safe(resv, next, &table->standing, link)
		portres_reservation_put(resv);
	kfree(rcu_dereference_protected(table->ways, true));
	bitmap_free(table->retired);
	mutex_destroy(&table->lock);
}

/* With the first reservation; both stay until the end. */
static int provide(struct portres_table *table)
{
	struct portres_ways *ways;
	unsigned long *bits;

	if (bits_of_writer(table) != no_bits)
		return 0;
	bits = bitmap_zalloc(PORTS, GFP_KERNEL_ACCOUNT);
	ways = kzalloc(sizeof(*ways), GFP_KERNEL_ACCOUNT);
	if (!bits || !ways) {
		bitmap_free(bits);
		kfree(ways);
		return -ENOMEM;
	}
	rcu_assign_pointer(table->ways, ways);
	rcu_assign_pointer(table->bits, bits);
	return 0;
}

/* Whoever is led to it goes on to its neighbours: so it is in the list first. */
static void link(struct portres_table *table, struct portres_reservation *resv)
{
	struct portres_reservation *next = portres_table_next(table, resv->last + 1);
	struct portres_ways *ways = ways_of_writer(table);
	unsigned int i;

	list_add_tail_rcu(&resv->link, next ? &next->link : &table->standing);
	for (i = resv->first / PORTRES_STRETCH; i <= resv->last / PORTRES_STRETCH; i++) {
		const struct portres_reservation *other =
			rcu_dereference_protected(ways->lowest[i], lockdep_is_held(&table->lock));

		if (!other || other->first > resv->first)
			rcu_assign_pointer(ways->lowest[i], resv);
	}
}

/* Where it was the lowest its neighbour is, if it has a port of the stretch. */
static void unlink(struct portres_table *table, struct portres_reservation *resv)
{
	struct portres_ways *ways = ways_of_writer(table);
	struct portres_reservation *next = NULL;
	unsigned int i;

	if (!list_is_last(&resv->link, &table->standing))
		next = list_next_entry(resv, link);
	for (i = resv->first / PORTRES_STRETCH; i <= resv->last / PORTRES_STRETCH; i++) {
		bool reaches = next && next->first / PORTRES_STRETCH == i;

		if (rcu_access_pointer(ways->lowest[i]) == resv)
			rcu_assign_pointer(ways->lowest[i], reaches ? next : NULL);
	}
	list_del_rcu(&resv->link);
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
 * It is in its place before the bits are set, so that whoever sees a bit finds its
 * reservation, or knows that it is just leaving.
 *
 * Return: 0; -EEXIST if it overlaps one that stands; -ENOMEM.
 */
int portres_table_add(struct portres_table *table, struct portres_reservation *resv)
{
	int err;

	lockdep_assert_held(&table->lock);
	if (portres_table_touches(table, resv->first, resv->last))
		return -EEXIST;
	err = provide(table);
	if (err)
		return err;
	link(table, resv);
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
 * Cannot fail: who takes back a creation has nobody to tell.
 */
void portres_table_del(struct portres_table *table, struct portres_reservation *resv)
{
	lockdep_assert_held(&table->lock);
	WRITE_ONCE(resv->dead, true);
	fill_bits(bits_of_writer(table), resv->first, resv->last, false);
	fill_chunks(table, resv->first, resv->last);
	unlink(table, resv);
	next_generation(table);
	portres_reservation_put(resv);
}

static struct portres_reservation *way_in(struct portres_table *table, u16 port)
{
	struct portres_ways *ways;

	ways = rcu_dereference_check(table->ways, lockdep_is_held(&table->lock));
	return ways ? rcu_dereference_check(ways->lowest[port / PORTRES_STRETCH],
					    lockdep_is_held(&table->lock)) : NULL;
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
	struct portres_reservation *resv = way_in(table, port);

	if (!resv)
		return NULL;
	list_for_each_entry_from_rcu(resv, &table->standing, link)
		if (resv->last >= port)
			return resv->first <= port ? resv : NULL;
	return NULL;
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
 * By the bits, as a stretch does not tell where the next one is that has any. One that
 * is just leaving has lost its bits before, so the search goes on behind it.
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
