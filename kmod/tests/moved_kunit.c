// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reservations that were moved off the port of their token: found by it, however many there are
 * and whatever their tokens, in a bounded number of steps.
 */
#include <kunit/test.h>
#include <linux/hash.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "fixture.h"
#include "portres.h"

#define MANY	8192
#define FIRST	2000

/* What the kernel's hash tables allow in a chain before they grow, twice. */
#define STEPS	32

/*
 * A token that has the same place as all others in a hash without a seed, and in one that uses
 * some of its bits: what a caller gets that creates a reservation until its token is right.
 */
static u64 bad_token(u16 port)
{
	u64 token = port;

	do
		token += BIT_ULL(16);
	while (hash_64(token, 7));
	return token;
}

static int move_by_one(struct portres_table *table, struct portres_reservation *resv)
{
	int err;

	spin_lock_bh(table->lock);
	err = portres_moved_add(table, resv, resv->last, resv->last);
	if (!err)
		portres_table_change(table, resv, resv->last, resv->last, NULL);
	spin_unlock_bh(table->lock);
	return err;
}

static struct portres_reservation *add_moved(struct kunit *test, struct portres_table *table,
					     u16 first)
{
	const struct portres_spec spec = {
		.protocol = &portres_udp, .first = first, .last = first + 1, .owner = INVALID_UID,
	};
	struct portres_reservation *resv = portres_reservation_alloc(&spec);

	KUNIT_ASSERT_NOT_NULL(test, resv);
	resv->token = bad_token(first);
	spin_lock_bh(table->lock);
	KUNIT_EXPECT_EQ(test, portres_table_add(table, resv), 0);
	spin_unlock_bh(table->lock);
	while (move_by_one(table, resv) == -EAGAIN)
		schedule_timeout_uninterruptible(1);
	KUNIT_ASSERT_EQ(test, resv->first, first + 1);
	return resv;
}

static void short_chains(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *resv;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, portres_table_prepare(table), 0);
	KUNIT_ASSERT_EQ(test, portres_moved_prepare(table), 0);
	for (i = 0; i < MANY; i++)
		add_moved(test, table, FIRST + 2 * i);
	KUNIT_EXPECT_EQ(test, portres_moved_count(table), MANY);
	KUNIT_EXPECT_LE(test, portres_moved_longest(table), STEPS);
	for (i = 0; i < MANY; i++) {
		u16 port = FIRST + 2 * i;

		resv = portres_test_find_token(table, bad_token(port));
		KUNIT_ASSERT_NOT_NULL(test, resv);
		KUNIT_ASSERT_EQ(test, resv->first, port + 1);
		spin_lock_bh(table->lock);
		portres_table_del(table, resv);
		spin_unlock_bh(table->lock);
		KUNIT_ASSERT_NULL(test, portres_test_find_token(table, bad_token(port)));
	}
	KUNIT_EXPECT_EQ(test, portres_moved_count(table), 0);
}

/* The fixture frees the table, maybe while the hash still grows. */
static void ends_with_the_table(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, portres_table_prepare(table), 0);
	KUNIT_ASSERT_EQ(test, portres_moved_prepare(table), 0);
	for (i = 0; i < MANY; i++)
		add_moved(test, table, FIRST + 2 * i);
}

static void added_once(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *resv;
	int err;

	KUNIT_ASSERT_EQ(test, portres_table_prepare(table), 0);
	KUNIT_ASSERT_EQ(test, portres_moved_prepare(table), 0);
	KUNIT_ASSERT_EQ(test, portres_moved_prepare(table), 0);
	resv = add_moved(test, table, FIRST);
	spin_lock_bh(table->lock);
	err = portres_moved_add(table, resv, FIRST + 1, FIRST + 1);
	spin_unlock_bh(table->lock);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, portres_moved_count(table), 1);
}

static struct kunit_case moved_cases[] = {
	KUNIT_CASE(short_chains),
	KUNIT_CASE(ends_with_the_table),
	KUNIT_CASE(added_once),
	{}
};

static struct kunit_suite moved_suite = {
	.name = "portres_moved",
	.test_cases = moved_cases,
};

kunit_test_suite(moved_suite);
