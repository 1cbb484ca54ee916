// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks reservations up in the table of a namespace, by port, block and token, and finds the
 * next one or the next free port. The order of the list, and why a reader may continue from an
 * entry that is being removed, is in table.c.
 */
#include <linux/bitmap.h>
#include <linux/build_bug.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/stddef.h>

#include "decision.h"
#include "reservation.h"
#include "table.h"

static struct portres_reservation *bucket_first(struct portres_table *table, u16 port)
{
	struct portres_bucket_index *index;

	index = rcu_dereference_check(table->index, lockdep_is_held(table->lock));
	return index ? rcu_dereference_check(index->first[port / PORTRES_BUCKET_PORTS],
					     lockdep_is_held(table->lock)) : NULL;
}

/**
 * portres_table_find - find the reservation of a port
 * @table: the table
 * @port: the port
 *
 * During a change the two bounds may be loaded one from before it and one from after it. A port
 * of both blocks is between any such pair. As each block overlaps the one before, any other port
 * between them was in the block at some time during the lookup.
 *
 * Context: under RCU or the table's lock, which keeps the reservation alive.
 * Return: the reservation, or NULL.
 */
struct portres_reservation *portres_table_find(struct portres_table *table, u16 port)
{
	struct portres_reservation *resv = bucket_first(table, port);
	struct list_head *at;

	/* the head of the list is an entry here, of which only this member exists */
	static_assert(offsetof(struct portres_table, end) - offsetof(struct portres_table, list) ==
		      offsetof(struct portres_reservation, last) -
		      offsetof(struct portres_reservation, link));
	if (!resv)
		return NULL;
	/* by the links, as each instruction counts: a bucket has up to 128 reservations */
	at = &resv->link;
	while (READ_ONCE(list_entry(at, struct portres_reservation, link)->last) < port)
		at = rcu_dereference_raw(list_next_rcu(at));
	resv = list_entry(at, struct portres_reservation, link);
	return at != &table->list && READ_ONCE(resv->first) <= port ? resv : NULL;
}

/**
 * portres_table_find_block - find the reservation of exactly one block
 * @table: the table
 * @first: its first port
 * @last: its last port
 *
 * Context: under RCU or the table's lock, which keeps the reservation alive.
 * Return: the reservation, or NULL.
 */
struct portres_reservation *portres_table_find_block(struct portres_table *table,
						     u16 first, u16 last)
{
	struct portres_reservation *resv = portres_table_find(table, first);

	return resv && READ_ONCE(resv->block) == portres_block_pack(first, last) ? resv : NULL;
}

/**
 * portres_table_find_token - find the reservation with a token
 * @table: the table
 * @token: the token, or any other number
 *
 * Context: under RCU or the table's lock, which keeps the reservation alive.
 * Return: the reservation, or NULL.
 */
struct portres_reservation *portres_table_find_token(struct portres_table *table, u64 token)
{
	struct portres_reservation *resv = portres_table_find(table, (u16)token);

	if (resv && resv->token == token)
		return resv;
	/* the bounds before the entry; pairs with portres_table_reduce() */
	smp_rmb();
	return portres_moved_find(table, token);
}

/*
 * Finds the first bit of a range, by the summary bitmap, so that an empty table costs no more
 * than a full one.
 *
 * Return: the port, or PORTRES_PORTS if there is none.
 */
static unsigned int table_next_bit(const struct portres_table *table, const unsigned long *bits,
				   unsigned int port, unsigned int last)
{
	while (port <= last) {
		unsigned int end = min(last, port | (PORTRES_SUMMARY_PORTS - 1)) + 1;

		/* writers write whole words, and either value is right */
		port = data_race(find_next_bit(bits, end, port));
		if (port < end)
			return port;
		port = DIV_ROUND_UP(port, PORTRES_SUMMARY_PORTS);
		/* as above */
		port = data_race(find_next_bit(table->summary, PORTRES_SUMMARY_BITS, port));
		port *= PORTRES_SUMMARY_PORTS;
	}
	return PORTRES_PORTS;
}

/**
 * portres_table_next - find the reservation of a port, or the first one after it
 * @table: the table
 * @port: the port; one beyond the last port is allowed
 *
 * Searches the bitmap, as an empty bucket does not lead to the next one. The bits of a
 * reservation are cleared before it is removed: if there is none for a bit, the search goes on.
 *
 * Context: under RCU or the table's lock, which keeps the reservation alive.
 * Return: the reservation, or NULL.
 */
struct portres_reservation *portres_table_next(struct portres_table *table, u32 port)
{
	struct portres_reservation *resv = NULL;
	const unsigned long *bits;

	rcu_read_lock();
	bits = rcu_dereference(table->bits);
	while (!resv && (port = table_next_bit(table, bits, port, U16_MAX)) < PORTRES_PORTS)
		resv = portres_table_find(table, port++);
	rcu_read_unlock();
	return resv;
}

/**
 * portres_table_overlaps - check whether any port of a range is reserved
 * @table: the table
 * @first: first port of the range
 * @last: last port of the range
 */
bool portres_table_overlaps(const struct portres_table *table, u16 first, u16 last)
{
	bool touches;

	rcu_read_lock();
	touches = table_next_bit(table, rcu_dereference(table->bits), first, last) < PORTRES_PORTS;
	rcu_read_unlock();
	return touches;
}

/* Return: the next port to look at, or @port if a socket may get that. */
static unsigned int table_skip_undecided(struct portres_reservation *resv, unsigned int port)
{
	/* before the decision is read; pairs with the exchange in portres_decision_commit() */
	smp_store_mb(resv->sought, true);
	return portres_decision_holds(resv, port) ? port + 1 : port;
}

static unsigned int table_skip_reservation(struct portres_table *table, u16 port,
					   struct portres_undecided *undecided)
{
	struct portres_reservation *resv;
	unsigned int next = port;
	bool pending;

	rcu_read_lock();
	resv = portres_table_find(table, port);
	if (resv && !portres_reservation_gone(resv)) {
		pending = portres_decision_is_pending(resv);
		undecided->avoided |= pending;
		next = pending && undecided->take ? table_skip_undecided(resv, port) :
						    portres_reservation_next_port(resv, port);
	}
	rcu_read_unlock();
	return next;
}

/**
 * portres_table_gap_end - find the end of a run of ports that are not reserved
 * @table: the table
 * @first: first port of the run; if it is one that is not decided, the run is that port alone
 * @last: last port that counts
 *
 * As for portres_table_next_free(), expired reservations do not count.
 *
 * Context: process, may reschedule between reservations.
 */
u16 portres_table_gap_end(struct portres_table *table, u16 first, u16 last)
{
	const struct portres_reservation *resv;
	u32 port = first, end = last;
	bool gone;

	do {
		rcu_read_lock();
		resv = port <= last ? portres_table_next(table, port) : NULL;
		gone = resv && portres_reservation_gone(resv);
		if (gone)
			port = max(portres_reservation_next_port(resv, port), port + 1);
		else if (resv && READ_ONCE(resv->first) <= last)
			end = max_t(u32, READ_ONCE(resv->first), first + 1) - 1;
		rcu_read_unlock();
		cond_resched();
	} while (gone);
	return min_t(u32, end, last);
}

/* Return: the port after the last bit that is set from @first on and before @port, or @first. */
static unsigned int table_gap_begin(const unsigned long *bits, unsigned int first,
				    unsigned int port)
{
	unsigned long below = BIT_MASK(port) - 1;
	unsigned int word;

	for (word = BIT_WORD(port); word + 1 > BIT_WORD(first); word--, below = ~0UL) {
		/* writers write whole words, and either value is right */
		unsigned long set = READ_ONCE(bits[word]) & below;

		if (set)
			return max_t(unsigned int, word * BITS_PER_LONG + __fls(set) + 1, first);
		if (!word)
			break;
	}
	return first;
}

/**
 * portres_table_gap_around - find the run of ports around one port that are not reserved
 * @table: the table
 * @port: the port, which was not reserved a moment ago
 * @first: first port that counts; set to the beginning of the run
 * @last: last port that counts; set to its end
 *
 * If the port is reserved by now, the run ends before it; it may have no port, then @last is less
 * than @first.
 *
 * By the bitmap alone, so expired reservations count. Takes time in proportion to @last - @first.
 */
void portres_table_gap_around(const struct portres_table *table, u16 port, u16 *first, u16 *last)
{
	const unsigned long *bits;
	unsigned int at;

	rcu_read_lock();
	bits = rcu_dereference(table->bits);
	/* writers write whole words, and either value is right */
	at = data_race(find_next_bit(bits, *last + 1, port));
	*last = at - 1;
	*first = table_gap_begin(bits, *first, port);
	rcu_read_unlock();
}

/**
 * portres_table_next_free - find the first port of a range that is not reserved
 * @table: the table
 * @first: first port of the range
 * @last: last port of the range
 * @undecided: what to do about ports that are not decided
 *
 * Does not rely on the bitmap alone: expired reservations, and those that are being removed,
 * do not count.
 *
 * Context: process, may reschedule between reservations.
 * Return: the port, or 0 if all are reserved.
 */
u16 portres_table_next_free(struct portres_table *table, u16 first, u16 last,
			    struct portres_undecided *undecided)
{
	unsigned int port = first, next;

	while (port <= last && portres_table_reserved(table, port)) {
		next = table_skip_reservation(table, port, undecided);
		if (next == port)
			break;
		port = next;
		cond_resched();
	}
	return port <= last ? port : 0;
}
