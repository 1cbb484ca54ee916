// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of refused binds: what it merges, what it drops and counts, and when it tells.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "core/net.h"
#include "core/refusals.h"
#include "core/reservation.h"
#include "fixture.h"

/* Many more pairs than there are slots. */
#define PAIRS	200

/* A ring of no namespace, whose work tells nobody. */
struct fixture {
	struct portres_net pnet;
	struct portres_refusals *refusals;
};

static atomic_t runs;

static void count_run(struct work_struct *work)
{
	atomic_inc(&runs);
}

static int init(struct kunit *test)
{
	struct fixture *fixture = kunit_kzalloc(test, sizeof(*fixture), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fixture);
	KUNIT_ASSERT_EQ(test, portres_refusals_prepare(&fixture->pnet), 0);
	fixture->refusals = fixture->pnet.refusals;
	INIT_DELAYED_WORK(&fixture->refusals->send, count_run);
	atomic_set(&runs, 0);
	test->priv = fixture;
	return 0;
}

static void finish(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	portres_refusals_close(&fixture->pnet);
	portres_refusals_fini(&fixture->pnet);
}

/* Does what happened since queue the work? It then runs at once. */
static bool queued(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	flush_delayed_work(&fixture->refusals->send);
	return atomic_xchg(&runs, 0);
}

static int lost(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	return atomic_read(&fixture->refusals->lost);
}

static void refuse_as(struct kunit *test, u64 token, u16 port, int err)
{
	const struct portres_reservation resv = { .token = token, .protocol = &portres_udp };
	struct fixture *fixture = test->priv;

	portres_refusals_add(&fixture->pnet, &resv, port, err);
}

static void refuse(struct kunit *test, u64 token)
{
	refuse_as(test, token, 5000, -EADDRINUSE);
}

/* What was put; as if there was room for @room pairs. */
struct told {
	unsigned int room;
	unsigned int pairs;
	u64 unsent;
	struct portres_refusal last;
};

static bool put(const struct portres_refusal *refusal, void *arg)
{
	struct told *told = arg;

	if (told->pairs == told->room)
		return false;
	told->pairs++;
	told->unsent += refusal->unsent;
	told->last = *refusal;
	return true;
}

static struct told take(struct kunit *test, unsigned int room)
{
	struct fixture *fixture = test->priv;
	struct told told = { .room = room };
	bool any = portres_refusals_take(fixture->refusals, put, &told);

	KUNIT_EXPECT_EQ(test, any, told.pairs > 0);
	return told;
}

static struct told take_all(struct kunit *test)
{
	return take(test, PORTRES_REFUSALS);
}

/* Does so as far as the ring can tell. */
static void pass(struct kunit *test, unsigned int ticks)
{
	struct fixture *fixture = test->priv;
	unsigned int i;

	for (i = 0; i < PORTRES_REFUSALS; i++)
		fixture->refusals->slots[i].sent -= ticks;
}

static void same_pair_merges(struct kunit *test)
{
	struct told told;

	refuse_as(test, 1, 5000, -EADDRINUSE);
	refuse_as(test, 1, 5001, -EACCES);
	told = take_all(test);
	KUNIT_EXPECT_EQ(test, told.pairs, 1);
	KUNIT_EXPECT_EQ(test, told.last.unsent, 2);
	KUNIT_EXPECT_EQ(test, told.last.times, 2);
	KUNIT_EXPECT_EQ(test, told.last.token, 1);
	KUNIT_EXPECT_EQ(test, told.last.port, 5001);
	KUNIT_EXPECT_EQ(test, told.last.error, EACCES);
	KUNIT_EXPECT_PTR_EQ(test, told.last.process, task_tgid(current));
	KUNIT_EXPECT_PTR_EQ(test, told.last.protocol, &portres_udp);
	KUNIT_EXPECT_EQ_MSG(test, take_all(test).pairs, 0, "told once");
	KUNIT_EXPECT_EQ(test, lost(test), 0);
}

static int refuse_elsewhere(void *arg)
{
	refuse(arg, 1);
	return 0;
}

static void another_is_apart(struct kunit *test)
{
	struct told told;

	refuse(test, 1);
	refuse(test, 2);
	portres_test_elsewhere(test, refuse_elsewhere, test);
	told = take_all(test);
	KUNIT_EXPECT_EQ_MSG(test, told.pairs, 3, "another reservation, another process");
	KUNIT_EXPECT_EQ(test, told.unsent, 3);
}

static int refuse_by_two_names(void *arg)
{
	struct kunit *test = arg;

	refuse(test, 1);
	set_task_comm(current, "renamed");
	refuse(test, 1);
	return 0;
}

static void name_is_the_last(struct kunit *test)
{
	struct told told;

	portres_test_elsewhere(test, refuse_by_two_names, test);
	told = take_all(test);
	KUNIT_EXPECT_EQ(test, told.pairs, 1);
	KUNIT_EXPECT_STREQ(test, told.last.command, "renamed");
}

/* Every refusal is told or lost, and the ring has the latest ones. */
static void eviction_counts_as_lost(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct told told;
	u64 token;

	for (token = 1; token <= PAIRS; token++) {
		refuse(test, token);
		KUNIT_EXPECT_TRUE(test, portres_refusals_has(&fixture->pnet, token));
	}
	told = take_all(test);
	KUNIT_EXPECT_GT(test, lost(test), 0);
	KUNIT_EXPECT_LE(test, told.pairs, PORTRES_REFUSALS);
	KUNIT_EXPECT_EQ(test, told.unsent + lost(test), PAIRS);
}

static void evicted_when_told_is_not_lost(struct kunit *test)
{
	u64 token;

	for (token = 1; token <= PAIRS; token++) {
		refuse(test, token);
		KUNIT_EXPECT_EQ(test, take_all(test).pairs, 1);
	}
	KUNIT_EXPECT_EQ(test, lost(test), 0);
}

/* The slot that is taken is that of the pair that was refused longest ago. */
static void frequent_pair_stays(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	u64 token;

	for (token = 2; token <= PAIRS; token++) {
		refuse(test, 1);
		refuse(test, token);
		KUNIT_EXPECT_TRUE(test, portres_refusals_has(&fixture->pnet, 1));
	}
	KUNIT_EXPECT_LT(test, lost(test), PAIRS);
}

static void due_after_a_second(struct kunit *test)
{
	struct told told;

	refuse(test, 1);
	KUNIT_EXPECT_EQ_MSG(test, take_all(test).pairs, 1, "the first at once");
	refuse(test, 1);
	refuse(test, 2);
	KUNIT_EXPECT_TRUE(test, queued(test));
	told = take_all(test);
	KUNIT_EXPECT_EQ_MSG(test, told.pairs, 1, "another one is due, the same is not");
	KUNIT_EXPECT_EQ(test, told.last.token, 2);
	KUNIT_EXPECT_TRUE_MSG(test, queued(test), "there is more");
	pass(test, HZ);
	told = take_all(test);
	KUNIT_EXPECT_EQ_MSG(test, told.pairs, 1, "a second later");
	KUNIT_EXPECT_EQ(test, told.last.token, 1);
	KUNIT_EXPECT_EQ(test, told.last.unsent, 1);
	KUNIT_EXPECT_EQ(test, told.last.times, 2);
	KUNIT_EXPECT_FALSE_MSG(test, queued(test), "there is no more");
}

static void what_has_no_room_stays(struct kunit *test)
{
	refuse(test, 1);
	refuse(test, 2);
	refuse(test, 3);
	KUNIT_EXPECT_TRUE(test, queued(test));
	KUNIT_EXPECT_EQ(test, take(test, 0).pairs, 0);
	KUNIT_EXPECT_TRUE_MSG(test, queued(test), "there is more");
	KUNIT_EXPECT_EQ(test, take(test, 2).pairs, 2);
	KUNIT_EXPECT_TRUE_MSG(test, queued(test), "there is one more");
	KUNIT_EXPECT_EQ(test, take(test, 2).pairs, 1);
	KUNIT_EXPECT_FALSE_MSG(test, queued(test), "there is no more");
}

/* A bind that finds the lock taken. */
static void refuse_beside_the_lock(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	spin_lock(&fixture->refusals->lock);
	refuse(test, 1);
	spin_unlock(&fixture->refusals->lock);
}

static void lost_queues_the_work(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	refuse_beside_the_lock(test);
	KUNIT_EXPECT_EQ(test, lost(test), 1);
	KUNIT_EXPECT_FALSE(test, portres_refusals_has(&fixture->pnet, 1));
	KUNIT_EXPECT_TRUE(test, queued(test));
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
	refuse(losing_test, 1);
	return false;
}

static bool forgets(struct kunit *test, bool (*has_listeners)(struct net *net))
{
	struct fixture *fixture = test->priv;

	return portres_refusals_forget(fixture->refusals, has_listeners);
}

/* What is due, and what is not. */
static void without_listeners_is_forgotten(struct kunit *test)
{
	struct told told;

	refuse(test, 1);
	take_all(test);
	refuse(test, 1);
	refuse(test, 2);
	refuse_beside_the_lock(test);
	KUNIT_EXPECT_TRUE(test, forgets(test, has_none));
	KUNIT_EXPECT_EQ(test, lost(test), 0);
	pass(test, HZ);
	KUNIT_EXPECT_EQ(test, take_all(test).pairs, 0);
	refuse(test, 2);
	told = take_all(test);
	KUNIT_EXPECT_EQ_MSG(test, told.pairs, 1, "a later one is told, at once");
	KUNIT_EXPECT_EQ(test, told.unsent, 1);
	KUNIT_EXPECT_EQ_MSG(test, told.last.times, 2, "who asks is told of all");
}

static void with_listeners_is_kept(struct kunit *test)
{
	refuse(test, 1);
	refuse_beside_the_lock(test);
	KUNIT_EXPECT_FALSE(test, forgets(test, has_some));
	KUNIT_EXPECT_EQ(test, lost(test), 1);
	KUNIT_EXPECT_EQ(test, take_all(test).unsent, 1);
}

static void lost_meanwhile_is_kept(struct kunit *test)
{
	losing_test = test;
	refuse_beside_the_lock(test);
	queued(test);
	KUNIT_EXPECT_TRUE(test, forgets(test, has_none_and_loses));
	KUNIT_EXPECT_EQ(test, lost(test), 1);
	KUNIT_EXPECT_TRUE(test, queued(test));
}

static void of_one_reservation(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct told told = { .room = PORTRES_REFUSALS };

	refuse(test, 1);
	refuse(test, 2);
	refuse(test, 2);
	portres_test_elsewhere(test, refuse_elsewhere, test);
	take_all(test);
	portres_refusals_of(&fixture->pnet, 2, put, &told);
	KUNIT_EXPECT_EQ(test, told.pairs, 1);
	KUNIT_EXPECT_EQ_MSG(test, told.last.times, 2, "all are counted, told or not");
	told = (struct told){ .room = 1 };
	portres_refusals_of(&fixture->pnet, 1, put, &told);
	KUNIT_EXPECT_EQ_MSG(test, told.pairs, 1, "one of two has room");
	KUNIT_EXPECT_FALSE(test, portres_refusals_has(&fixture->pnet, 3));
}

static void closed_drops(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	portres_refusals_close(&fixture->pnet);
	refuse(test, 1);
	refuse_beside_the_lock(test);
	KUNIT_EXPECT_FALSE(test, portres_refusals_has(&fixture->pnet, 1));
	KUNIT_EXPECT_EQ(test, take_all(test).pairs, 0);
	KUNIT_EXPECT_EQ(test, lost(test), 0);
	KUNIT_EXPECT_FALSE(test, queued(test));
}

/* A namespace ends with what it has not told, and its pairs. */
static void ends_with_work_queued(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	u64 token;

	for (token = 1; token <= PAIRS; token++)
		refuse(test, token);
	portres_refusals_close(&fixture->pnet);
	portres_refusals_fini(&fixture->pnet);
	KUNIT_EXPECT_NULL(test, fixture->pnet.refusals);
	KUNIT_EXPECT_FALSE(test, portres_refusals_has(&fixture->pnet, 1));
	refuse(test, 1);
	KUNIT_EXPECT_EQ(test, portres_refusals_prepare(&fixture->pnet), 0);
	fixture->refusals = fixture->pnet.refusals;
}

static void prepared_once(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	KUNIT_EXPECT_EQ(test, portres_refusals_prepare(&fixture->pnet), 0);
	KUNIT_EXPECT_PTR_EQ(test, fixture->pnet.refusals, fixture->refusals);
}

static struct kunit_case refusals_cases[] = {
	KUNIT_CASE(same_pair_merges),
	KUNIT_CASE(another_is_apart),
	KUNIT_CASE(name_is_the_last),
	KUNIT_CASE(eviction_counts_as_lost),
	KUNIT_CASE(evicted_when_told_is_not_lost),
	KUNIT_CASE(frequent_pair_stays),
	KUNIT_CASE(due_after_a_second),
	KUNIT_CASE(what_has_no_room_stays),
	KUNIT_CASE(lost_queues_the_work),
	KUNIT_CASE(without_listeners_is_forgotten),
	KUNIT_CASE(with_listeners_is_kept),
	KUNIT_CASE(lost_meanwhile_is_kept),
	KUNIT_CASE(of_one_reservation),
	KUNIT_CASE(closed_drops),
	KUNIT_CASE(ends_with_work_queued),
	KUNIT_CASE(prepared_once),
	{}
};

static struct kunit_suite refusals_suite = {
	.name = "portres_refusals",
	.init = init,
	.exit = finish,
	.test_cases = refusals_cases,
};

kunit_test_suite(refusals_suite);
