// SPDX-License-Identifier: GPL-2.0-only
/*
 * The work of the ring of refused binds: when it is queued, what it tells, and what it forgets.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <net/net_namespace.h>

#include "core/refusals.h"
#include "ring.h"

static void due_after_a_second(struct kunit *test)
{
	struct portres_told told;

	portres_ring_refuse(test, 1);
	KUNIT_EXPECT_EQ_MSG(test, portres_ring_take_all(test).pairs, 1, "the first at once");
	portres_ring_refuse(test, 1);
	portres_ring_refuse(test, 2);
	KUNIT_EXPECT_TRUE(test, portres_ring_queued(test));
	told = portres_ring_take_all(test);
	KUNIT_EXPECT_EQ_MSG(test, told.pairs, 1, "another one is due, the same is not");
	KUNIT_EXPECT_EQ(test, told.last.token, 2);
	KUNIT_EXPECT_TRUE_MSG(test, portres_ring_queued(test), "there is more");
	portres_ring_pass(test, HZ);
	told = portres_ring_take_all(test);
	KUNIT_EXPECT_EQ_MSG(test, told.pairs, 1, "a second later");
	KUNIT_EXPECT_EQ(test, told.last.token, 1);
	KUNIT_EXPECT_EQ(test, told.last.unsent, 1);
	KUNIT_EXPECT_EQ(test, told.last.times, 2);
	KUNIT_EXPECT_FALSE_MSG(test, portres_ring_queued(test), "there is no more");
}

static void what_has_no_room_stays(struct kunit *test)
{
	portres_ring_refuse(test, 1);
	portres_ring_refuse(test, 2);
	portres_ring_refuse(test, 3);
	KUNIT_EXPECT_TRUE(test, portres_ring_queued(test));
	KUNIT_EXPECT_EQ(test, portres_ring_take(test, 0).pairs, 0);
	KUNIT_EXPECT_TRUE_MSG(test, portres_ring_queued(test), "there is more");
	KUNIT_EXPECT_EQ(test, portres_ring_take(test, 2).pairs, 2);
	KUNIT_EXPECT_TRUE_MSG(test, portres_ring_queued(test), "there is one more");
	KUNIT_EXPECT_EQ(test, portres_ring_take(test, 2).pairs, 1);
	KUNIT_EXPECT_FALSE_MSG(test, portres_ring_queued(test), "there is no more");
}

static void lost_queues_the_work(struct kunit *test)
{
	struct portres_ring *ring = test->priv;

	portres_ring_refuse_locked(test);
	KUNIT_EXPECT_EQ(test, portres_ring_lost(test), 1);
	KUNIT_EXPECT_FALSE(test, portres_refusals_has(&ring->pnet, 1));
	KUNIT_EXPECT_TRUE(test, portres_ring_queued(test));
}

static bool has_none(struct net *net)
{
	return false;
}

static bool has_some(struct net *net)
{
	return true;
}

static struct kunit *losing_test;

/* The lock is held. */
static bool has_none_and_loses(struct net *net)
{
	portres_ring_refuse(losing_test, 1);
	return false;
}

static bool forgets(struct kunit *test, bool (*has_listeners)(struct net *net))
{
	struct portres_ring *ring = test->priv;

	return portres_refusals_forget(ring->refusals, has_listeners);
}

/* What is due, and what is not. */
static void without_listeners_is_forgotten(struct kunit *test)
{
	struct portres_told told;

	portres_ring_refuse(test, 1);
	portres_ring_take_all(test);
	portres_ring_refuse(test, 1);
	portres_ring_refuse(test, 2);
	portres_ring_refuse_locked(test);
	KUNIT_EXPECT_TRUE(test, forgets(test, has_none));
	KUNIT_EXPECT_EQ(test, portres_ring_lost(test), 0);
	portres_ring_pass(test, HZ);
	KUNIT_EXPECT_EQ(test, portres_ring_take_all(test).pairs, 0);
	portres_ring_refuse(test, 2);
	told = portres_ring_take_all(test);
	KUNIT_EXPECT_EQ_MSG(test, told.pairs, 1, "a later one is told, at once");
	KUNIT_EXPECT_EQ(test, told.unsent, 1);
	KUNIT_EXPECT_EQ_MSG(test, told.last.times, 2, "a reply has all of them");
}

static void with_listeners_is_kept(struct kunit *test)
{
	portres_ring_refuse(test, 1);
	portres_ring_refuse_locked(test);
	KUNIT_EXPECT_FALSE(test, forgets(test, has_some));
	KUNIT_EXPECT_EQ(test, portres_ring_lost(test), 1);
	KUNIT_EXPECT_EQ(test, portres_ring_take_all(test).unsent, 1);
}

static void lost_meanwhile_is_kept(struct kunit *test)
{
	losing_test = test;
	portres_ring_refuse_locked(test);
	portres_ring_queued(test);
	KUNIT_EXPECT_TRUE(test, forgets(test, has_none_and_loses));
	KUNIT_EXPECT_EQ(test, portres_ring_lost(test), 1);
	KUNIT_EXPECT_TRUE(test, portres_ring_queued(test));
}

static struct kunit_case refusals_work_cases[] = {
	KUNIT_CASE(due_after_a_second),
	KUNIT_CASE(what_has_no_room_stays),
	KUNIT_CASE(lost_queues_the_work),
	KUNIT_CASE(without_listeners_is_forgotten),
	KUNIT_CASE(with_listeners_is_kept),
	KUNIT_CASE(lost_meanwhile_is_kept),
	{}
};

static struct kunit_suite refusals_work_suite = {
	.name = "portres_refusals_work",
	.init = portres_ring_init,
	.exit = portres_ring_exit,
	.test_cases = refusals_work_cases,
};

kunit_test_suite(refusals_work_suite);
