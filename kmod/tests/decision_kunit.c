// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decision between a reservation that is about to get ports and a socket that takes one of them
 * meanwhile: each state, and the creations and binds that go through them.
 */
#include <kunit/test.h>
#include <net/inet_sock.h>

#include "core/bind.h"
#include "core/decision.h"
#include "fixture.h"

#define FIRST	5000
#define LAST	5009
#define PORT	5004

/* A reservation in the table, as a creation has it after the insertion. */
static struct portres_reservation *insert(struct kunit *test, struct portres_table *table)
{
	const struct portres_spec spec = {
		.protocol = &portres_udp, .first = FIRST, .last = LAST, .owner = INVALID_UID,
	};
	struct portres_reservation *resv = portres_reservation_alloc(&spec);

	KUNIT_ASSERT_NOT_NULL(test, resv);
	KUNIT_ASSERT_EQ(test, portres_table_prepare(table), 0);
	spin_lock_bh(table->lock);
	KUNIT_EXPECT_EQ(test, portres_table_add(table, resv), 0);
	spin_unlock_bh(table->lock);
	return resv;
}

static void settle(struct portres_table *table, struct portres_reservation *resv)
{
	spin_lock_bh(table->lock);
	portres_table_commit(table, resv);
	portres_decision_settle(resv);
	spin_unlock_bh(table->lock);
}

static void tentative_refuses_nobody(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *resv = insert(test, table);
	u16 vetoed;

	KUNIT_EXPECT_FALSE(test, portres_decision_holds(resv, PORT));
	KUNIT_EXPECT_FALSE(test, portres_decision_contest(resv, PORT));
	KUNIT_EXPECT_FALSE(test, portres_bind_must_yield(table, PORT));
	portres_decision_open(resv);
	KUNIT_EXPECT_TRUE_MSG(test, portres_decision_commit(resv, &vetoed),
			      "what came before the opening is for the probe");
}

static void veto_wins(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *resv = insert(test, table);
	u16 vetoed = 0;

	portres_decision_open(resv);
	KUNIT_EXPECT_FALSE(test, portres_decision_holds(resv, PORT));
	KUNIT_EXPECT_FALSE(test, portres_decision_contest(resv, PORT));
	KUNIT_EXPECT_FALSE_MSG(test, portres_decision_contest(resv, LAST), "a second veto");
	KUNIT_EXPECT_FALSE(test, portres_decision_commit(resv, &vetoed));
	KUNIT_EXPECT_EQ(test, vetoed, PORT);
	KUNIT_EXPECT_FALSE_MSG(test, portres_decision_contest(resv, PORT), "after the failure");
}

static void commitment_wins(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *resv = insert(test, table);
	u16 vetoed;

	portres_decision_open(resv);
	KUNIT_ASSERT_TRUE(test, portres_decision_commit(resv, &vetoed));
	KUNIT_EXPECT_TRUE_MSG(test, portres_decision_holds(resv, PORT), "before it is settled");
	KUNIT_EXPECT_TRUE(test, portres_decision_contest(resv, PORT));
	settle(table, resv);
	KUNIT_EXPECT_TRUE(test, portres_decision_holds(resv, PORT));
	KUNIT_EXPECT_TRUE(test, portres_decision_contest(resv, PORT));
	KUNIT_EXPECT_TRUE(test, portres_bind_must_yield(table, PORT));
}

static struct portres_reservation *settled(struct kunit *test, struct portres_table *table)
{
	struct portres_reservation *resv = insert(test, table);
	u16 vetoed;

	portres_decision_open(resv);
	KUNIT_ASSERT_TRUE(test, portres_decision_commit(resv, &vetoed));
	settle(table, resv);
	return resv;
}

/* A change adds ports: those of the block stay the reservation's in every state. */
static void growth_is_decided_apart(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *resv = settled(test, table);
	u16 vetoed = 0;

	spin_lock_bh(table->lock);
	portres_table_extend(table, resv, FIRST, LAST + 10);
	spin_unlock_bh(table->lock);
	KUNIT_EXPECT_TRUE(test, portres_decision_holds(resv, PORT));
	KUNIT_EXPECT_FALSE(test, portres_decision_holds(resv, LAST + 1));
	portres_decision_open(resv);
	KUNIT_EXPECT_TRUE(test, portres_decision_contest(resv, PORT));
	KUNIT_EXPECT_FALSE(test, portres_decision_contest(resv, LAST + 1));
	KUNIT_EXPECT_FALSE(test, portres_decision_commit(resv, &vetoed));
	KUNIT_EXPECT_EQ(test, vetoed, LAST + 1);
	spin_lock_bh(table->lock);
	portres_table_reduce(table, resv, FIRST, LAST);
	portres_decision_settle(resv);
	spin_unlock_bh(table->lock);
	KUNIT_EXPECT_TRUE(test, portres_decision_holds(resv, PORT));
	KUNIT_EXPECT_FALSE(test, portres_decision_holds(resv, LAST + 1));
}

/* A socket that read the word of one change must not veto the next one. */
static void words_of_changes_differ(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *resv = settled(test, table);
	u64 words[2];
	int i;

	for (i = 0; i < 2; i++) {
		spin_lock_bh(table->lock);
		portres_table_extend(table, resv, FIRST, LAST + 10);
		spin_unlock_bh(table->lock);
		portres_decision_open(resv);
		words[i] = atomic64_read(&resv->decision);
		spin_lock_bh(table->lock);
		portres_table_reduce(table, resv, FIRST, LAST);
		portres_decision_settle(resv);
		spin_unlock_bh(table->lock);
	}
	KUNIT_EXPECT_NE(test, words[0], words[1]);
}

/*
 * A socket got a port while a change was to add it, and finds the reservation by the bounds of that
 * time. Meanwhile another change has begun, which has nothing to do with the port.
 */
static void another_change_is_left_alone(struct kunit *test)
{
	struct portres_table *table = portres_test_table(test);
	struct portres_reservation *resv = settled(test, table);
	u16 vetoed;

	spin_lock_bh(table->lock);
	portres_table_extend(table, resv, FIRST, LAST + 3);
	spin_unlock_bh(table->lock);
	portres_decision_open(resv);
	KUNIT_EXPECT_FALSE(test, portres_decision_contest(resv, LAST + 5));
	KUNIT_ASSERT_TRUE_MSG(test, portres_decision_commit(resv, &vetoed), "it was vetoed");
	KUNIT_EXPECT_FALSE_MSG(test, portres_decision_contest(resv, LAST + 5), "when committed");
	KUNIT_EXPECT_FALSE(test, portres_decision_holds(resv, LAST + 5));
	KUNIT_EXPECT_TRUE(test, portres_decision_contest(resv, LAST + 3));
	KUNIT_EXPECT_TRUE(test, portres_decision_holds(resv, LAST + 3));
	spin_lock_bh(table->lock);
	portres_table_change(table, resv, FIRST, LAST + 3, NULL);
	portres_decision_settle(resv);
	spin_unlock_bh(table->lock);
}

static struct kunit_case decision_cases[] = {
	KUNIT_CASE(tentative_refuses_nobody),
	KUNIT_CASE(veto_wins),
	KUNIT_CASE(commitment_wins),
	KUNIT_CASE(growth_is_decided_apart),
	KUNIT_CASE(words_of_changes_differ),
	KUNIT_CASE(another_change_is_left_alone),
	{}
};

static struct kunit_suite decision_suite = {
	.name = "portres_decision",
	.test_cases = decision_cases,
};

kunit_test_suite(decision_suite);
