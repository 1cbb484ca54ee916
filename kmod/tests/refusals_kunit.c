// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of refused binds: what it merges, what it drops and counts.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "core/refusals.h"
#include "fixture.h"
#include "ring.h"

static void same_pair_merges(struct kunit *test)
{
	struct portres_told told;

	portres_ring_refuse_as(test, 1, 5000, -EADDRINUSE);
	portres_ring_refuse_as(test, 1, 5001, -EACCES);
	told = portres_ring_take_all(test);
	KUNIT_EXPECT_EQ(test, told.pairs, 1);
	KUNIT_EXPECT_EQ(test, told.last.unsent, 2);
	KUNIT_EXPECT_EQ(test, told.last.times, 2);
	KUNIT_EXPECT_EQ(test, told.last.token, 1);
	KUNIT_EXPECT_EQ(test, told.last.port, 5001);
	KUNIT_EXPECT_EQ(test, told.last.error, EACCES);
	KUNIT_EXPECT_PTR_EQ(test, told.last.process, task_tgid(current));
	KUNIT_EXPECT_PTR_EQ(test, told.last.protocol, &portres_udp);
	KUNIT_EXPECT_EQ_MSG(test, portres_ring_take_all(test).pairs, 0, "told once");
	KUNIT_EXPECT_EQ(test, portres_ring_lost(test), 0);
}

static int refuse_elsewhere(void *arg)
{
	portres_ring_refuse(arg, 1);
	return 0;
}

static void another_is_apart(struct kunit *test)
{
	struct portres_told told;

	portres_ring_refuse(test, 1);
	portres_ring_refuse(test, 2);
	portres_test_elsewhere(test, refuse_elsewhere, test);
	told = portres_ring_take_all(test);
	KUNIT_EXPECT_EQ_MSG(test, told.pairs, 3, "another reservation, another process");
	KUNIT_EXPECT_EQ(test, told.unsent, 3);
}

static int refuse_by_two_names(void *arg)
{
	struct kunit *test = arg;

	portres_ring_refuse(test, 1);
	set_task_comm(current, "renamed");
	portres_ring_refuse(test, 1);
	return 0;
}

static void name_is_the_last(struct kunit *test)
{
	struct portres_told told;

	portres_test_elsewhere(test, refuse_by_two_names, test);
	told = portres_ring_take_all(test);
	KUNIT_EXPECT_EQ(test, told.pairs, 1);
	KUNIT_EXPECT_STREQ(test, told.last.command, "renamed");
}

/* Every refusal is told or lost, and the ring has the latest ones. */
static void eviction_counts_as_lost(struct kunit *test)
{
	struct portres_ring *ring = test->priv;
	struct portres_told told;
	u64 token;

	for (token = 1; token <= PAIRS; token++) {
		portres_ring_refuse(test, token);
		KUNIT_EXPECT_TRUE(test, portres_refusals_has(&ring->pnet, token));
	}
	told = portres_ring_take_all(test);
	KUNIT_EXPECT_GT(test, portres_ring_lost(test), 0);
	KUNIT_EXPECT_LE(test, told.pairs, PORTRES_REFUSALS);
	KUNIT_EXPECT_EQ(test, told.unsent + portres_ring_lost(test), PAIRS);
}

static void evicted_when_told_is_not_lost(struct kunit *test)
{
	u64 token;

	for (token = 1; token <= PAIRS; token++) {
		portres_ring_refuse(test, token);
		KUNIT_EXPECT_EQ(test, portres_ring_take_all(test).pairs, 1);
	}
	KUNIT_EXPECT_EQ(test, portres_ring_lost(test), 0);
}

/* The slot that is taken is that of the pair that was refused longest ago. */
static void frequent_pair_stays(struct kunit *test)
{
	struct portres_ring *ring = test->priv;
	u64 token;

	for (token = 2; token <= PAIRS; token++) {
		portres_ring_refuse(test, 1);
		portres_ring_refuse(test, token);
		KUNIT_EXPECT_TRUE(test, portres_refusals_has(&ring->pnet, 1));
	}
	KUNIT_EXPECT_LT(test, portres_ring_lost(test), PAIRS);
}

static void of_one_reservation(struct kunit *test)
{
	struct portres_ring *ring = test->priv;
	struct portres_told told = { .room = PORTRES_REFUSALS };

	portres_ring_refuse(test, 1);
	portres_ring_refuse(test, 2);
	portres_ring_refuse(test, 2);
	portres_test_elsewhere(test, refuse_elsewhere, test);
	portres_ring_take_all(test);
	portres_refusals_of(&ring->pnet, 2, portres_ring_put, &told);
	KUNIT_EXPECT_EQ(test, told.pairs, 1);
	KUNIT_EXPECT_EQ_MSG(test, told.last.times, 2, "all are counted, told or not");
	told = (struct portres_told){ .room = 1 };
	portres_refusals_of(&ring->pnet, 1, portres_ring_put, &told);
	KUNIT_EXPECT_EQ_MSG(test, told.pairs, 1, "one of two has room");
	KUNIT_EXPECT_FALSE(test, portres_refusals_has(&ring->pnet, 3));
}

static void closed_drops(struct kunit *test)
{
	struct portres_ring *ring = test->priv;

	portres_refusals_close(&ring->pnet);
	portres_ring_refuse(test, 1);
	portres_ring_refuse_locked(test);
	KUNIT_EXPECT_FALSE(test, portres_refusals_has(&ring->pnet, 1));
	KUNIT_EXPECT_EQ(test, portres_ring_take_all(test).pairs, 0);
	KUNIT_EXPECT_EQ(test, portres_ring_lost(test), 0);
	KUNIT_EXPECT_FALSE(test, portres_ring_queued(test));
}

/* A namespace ends with what it has not told, and its pairs. */
static void ends_with_work_queued(struct kunit *test)
{
	struct portres_ring *ring = test->priv;
	u64 token;

	for (token = 1; token <= PAIRS; token++)
		portres_ring_refuse(test, token);
	portres_refusals_close(&ring->pnet);
	portres_refusals_fini(&ring->pnet);
	KUNIT_EXPECT_NULL(test, ring->pnet.refusals);
	KUNIT_EXPECT_FALSE(test, portres_refusals_has(&ring->pnet, 1));
	portres_ring_refuse(test, 1);
	KUNIT_EXPECT_EQ(test, portres_refusals_prepare(&ring->pnet), 0);
	ring->refusals = ring->pnet.refusals;
}

static void prepared_once(struct kunit *test)
{
	struct portres_ring *ring = test->priv;

	KUNIT_EXPECT_EQ(test, portres_refusals_prepare(&ring->pnet), 0);
	KUNIT_EXPECT_PTR_EQ(test, ring->pnet.refusals, ring->refusals);
}

static struct kunit_case refusals_cases[] = {
	KUNIT_CASE(same_pair_merges),
	KUNIT_CASE(another_is_apart),
	KUNIT_CASE(name_is_the_last),
	KUNIT_CASE(eviction_counts_as_lost),
	KUNIT_CASE(evicted_when_told_is_not_lost),
	KUNIT_CASE(frequent_pair_stays),
	KUNIT_CASE(of_one_reservation),
	KUNIT_CASE(closed_drops),
	KUNIT_CASE(ends_with_work_queued),
	KUNIT_CASE(prepared_once),
	{}
};

static struct kunit_suite refusals_suite = {
	.name = "portres_refusals",
	.init = portres_ring_init,
	.exit = portres_ring_exit,
	.test_cases = refusals_cases,
};

kunit_test_suite(refusals_suite);
