// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds reservations by a token whose port has left the block. portres_table_find_token() looks up
 * a token by its low 16 bits, the first port at creation; a change can move the block off it.
 *
 * The root of a user namespace can move every reservation of its network namespace, and create
 * reservations until their tokens are what it likes. Lookups run under the table lock. So the hash
 * grows with its entries and has a random seed: a chain has as many entries as the kernel's hash
 * tables allow, 16, and twice that while it grows.
 */
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "reservation.h"
#include "table.h"

/**
 * struct portres_moved - reservations whose block does not contain the port of their token
 * @hash: by token. Its buckets are not charged to a memory cgroup: a few bytes for each entry,
 *	which is charged
 */
struct portres_moved {
	struct rhashtable hash;
};

static const struct rhashtable_params moved_params = {
	.key_len = sizeof_field(struct portres_reservation, token),
	.key_offset = offsetof(struct portres_reservation, token),
	.head_offset = offsetof(struct portres_reservation, moved),
	.automatic_shrinking = true,
};

static struct portres_moved *moved_locked(struct portres_table *table)
{
	return rcu_dereference_protected(table->moved, lockdep_is_held(table->lock));
}

static struct portres_moved *moved_alloc(void)
{
	struct portres_moved *moved = kzalloc(sizeof(*moved), GFP_KERNEL_ACCOUNT);

	if (moved && rhashtable_init(&moved->hash, &moved_params)) {
		kfree(moved);
		return NULL;
	}
	return moved;
}

static void moved_free(struct portres_moved *moved)
{
	if (!moved)
		return;
	rhashtable_destroy(&moved->hash);
	kfree(moved);
}

/**
 * portres_moved_prepare - allocate the hash, if no change has needed it before
 * @table: the table, not locked
 *
 * Return: 0 or -ENOMEM.
 */
int portres_moved_prepare(struct portres_table *table)
{
	struct portres_moved *moved;

	if (rcu_access_pointer(table->moved))
		return 0;
	moved = moved_alloc();
	if (!moved)
		return -ENOMEM;
	spin_lock_bh(table->lock);
	if (!rcu_access_pointer(table->moved)) {
		rcu_assign_pointer(table->moved, moved);
		moved = NULL;
	}
	spin_unlock_bh(table->lock);
	moved_free(moved);
	return 0;
}

/**
 * portres_moved_fini - free the hash
 * @table: the table, closed a grace period ago
 */
void portres_moved_fini(struct portres_table *table)
{
	moved_free(rcu_dereference_protected(table->moved, true));
	RCU_INIT_POINTER(table->moved, NULL);
}

/**
 * portres_moved_add - add a reservation, if a block does not contain the port of its token
 * @table: the table, locked; prepared, if the block does not
 * @resv: a reservation in it; may be in the hash already
 * @first: first port of the block that it is about to have
 * @last: last port
 *
 * The entry stays until the reservation is removed, so that no lookup by token misses it. It does
 * no harm if the block is not changed after all.
 *
 * Return: 0; -ENOMEM; -EAGAIN if the hash is growing already and too full until then.
 */
int portres_moved_add(struct portres_table *table, struct portres_reservation *resv,
		      u16 first, u16 last)
{
	u16 port = resv->token;
	int err;

	if (resv->in_moved || (port >= first && port <= last))
		return 0;
	err = rhashtable_insert_fast(&moved_locked(table)->hash, &resv->moved, moved_params);
	resv->in_moved = !err;
	return err == -EBUSY ? -EAGAIN : err;
}

/**
 * portres_moved_del - remove a reservation, if it is in the hash
 * @table: the table, locked
 * @resv: the reservation, which is being removed
 */
void portres_moved_del(struct portres_table *table, struct portres_reservation *resv)
{
	if (resv->in_moved)
		rhashtable_remove_fast(&moved_locked(table)->hash, &resv->moved, moved_params);
	resv->in_moved = false;
}

/**
 * portres_moved_find - find a reservation by its token
 * @table: the table
 * @token: the token, or any other number
 *
 * Context: under RCU or the table lock, which keeps the reservation alive.
 * Return: the reservation, or NULL.
 */
struct portres_reservation *portres_moved_find(struct portres_table *table, u64 token)
{
	struct portres_moved *moved;

	moved = rcu_dereference_check(table->moved, lockdep_is_held(table->lock));
	return moved ? rhashtable_lookup_fast(&moved->hash, &token, moved_params) : NULL;
}

/**
 * portres_moved_count - count the reservations in the hash, for tests
 * @table: the table, not in use by others
 */
unsigned int portres_moved_count(struct portres_table *table)
{
	struct portres_moved *moved = rcu_access_pointer(table->moved);

	return moved ? atomic_read(&moved->hash.nelems) : 0;
}

static unsigned int moved_chain(const struct bucket_table *buckets, unsigned int i)
{
	const struct rhash_head *entry;
	unsigned int n = 0;

	rht_for_each_rcu(entry, buckets, i)
		n++;
	return n;
}

/**
 * portres_moved_longest - get the length of the longest chain, for tests
 * @table: the table, not in use by others
 */
unsigned int portres_moved_longest(struct portres_table *table)
{
	struct portres_moved *moved = rcu_access_pointer(table->moved);
	const struct bucket_table *buckets;
	unsigned int i, longest = 0;

	rcu_read_lock();
	buckets = rht_dereference_rcu(moved->hash.tbl, &moved->hash);
	for (i = 0; i < buckets->size; i++)
		longest = max(longest, moved_chain(buckets, i));
	rcu_read_unlock();
	return longest;
}
