// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of notifications that are to be sent: its order, its bound, and what is lost.
 */
#include <kunit/test.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>

#include "core/changes.h"
#include "user/genl.h"
#include "user/notify.h"

static void send_nothing(struct work_struct *work)
{
}

/* A queue that no worker empties, and a batch to empty it into. */
struct fixture {
	struct portres_changes changes;
	struct sk_buff_head batch;
};

static int init(struct kunit *test)
{
	struct fixture *fixture = kunit_kzalloc(test, sizeof(*fixture), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fixture);
	skb_queue_head_init(&fixture->changes.waiting);
	INIT_WORK(&fixture->changes.send, send_nothing);
	__skb_queue_head_init(&fixture->batch);
	test->priv = fixture;
	return 0;
}

static void finish(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	flush_work(&fixture->changes.send);
	skb_queue_purge(&fixture->changes.waiting);
	__skb_queue_purge(&fixture->batch);
}

/* Messages are told apart by their number. */
static void add(struct kunit *test, u32 number, unsigned int group)
{
	struct fixture *fixture = test->priv;
	struct sk_buff *msg = alloc_skb(sizeof(number), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, msg);
	skb_put_data(msg, &number, sizeof(number));
	portres_changes_add(&fixture->changes, msg, group);
}

static unsigned int take(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	return portres_changes_take(&fixture->changes, &fixture->batch);
}

static void expect_next(struct kunit *test, u32 number, unsigned int group)
{
	struct fixture *fixture = test->priv;
	struct sk_buff *msg = __skb_dequeue(&fixture->batch);

	KUNIT_ASSERT_NOT_NULL(test, msg);
	KUNIT_EXPECT_EQ(test, *(u32 *)msg->data, number);
	KUNIT_EXPECT_EQ(test, *(unsigned int *)msg->cb, group);
	kfree_skb(msg);
}

static void keeps_order(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	u32 i;

	for (i = 0; i < 10; i++)
		add(test, i, i & 1 ? PORTRES_GENL_ADMIN : PORTRES_GENL_CHANGES);
	KUNIT_EXPECT_EQ(test, take(test), 0);
	add(test, 10, PORTRES_GENL_CHANGES);
	KUNIT_EXPECT_EQ(test, take(test), 0);
	for (i = 0; i <= 10; i++)
		expect_next(test, i, i & 1 ? PORTRES_GENL_ADMIN : PORTRES_GENL_CHANGES);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&fixture->batch));
}

static void is_bounded(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	u32 i;

	for (i = 0; i < PORTRES_CHANGES_MAX + 3; i++)
		add(test, i, PORTRES_GENL_CHANGES);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&fixture->changes.waiting), PORTRES_CHANGES_MAX);
	KUNIT_EXPECT_EQ_MSG(test, take(test), 3, "what was lost is counted");
	KUNIT_EXPECT_EQ(test, skb_queue_len(&fixture->batch), PORTRES_CHANGES_MAX);
	for (i = 0; i < PORTRES_CHANGES_MAX; i++)
		expect_next(test, i, PORTRES_GENL_CHANGES);
	KUNIT_EXPECT_EQ_MSG(test, take(test), 0, "a loss is told once");
	add(test, i, PORTRES_GENL_ADMIN);
	KUNIT_EXPECT_EQ_MSG(test, take(test), 0, "there is room again");
	expect_next(test, i, PORTRES_GENL_ADMIN);
}

static void without_memory(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	portres_changes_add(&fixture->changes, NULL, PORTRES_GENL_CHANGES);
	portres_changes_add(&fixture->changes, NULL, PORTRES_GENL_ADMIN);
	KUNIT_EXPECT_EQ(test, take(test), 2);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&fixture->batch));
}

static void closed(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture->changes.closed = true;
	add(test, 1, PORTRES_GENL_CHANGES);
	portres_changes_add(&fixture->changes, NULL, PORTRES_GENL_CHANGES);
	KUNIT_EXPECT_EQ(test, take(test), 0);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&fixture->batch));
	KUNIT_EXPECT_FALSE(test, work_pending(&fixture->changes.send));
}

/* The table is locked, maybe by a spinlock. */
static void does_not_sleep(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	DEFINE_SPINLOCK(lock);

	spin_lock_bh(&lock);
	portres_changes_add(&fixture->changes, alloc_skb(0, GFP_ATOMIC), PORTRES_GENL_CHANGES);
	spin_unlock_bh(&lock);
	KUNIT_EXPECT_EQ(test, take(test), 0);
}

static struct kunit_case notify_cases[] = {
	KUNIT_CASE(keeps_order),
	KUNIT_CASE(is_bounded),
	KUNIT_CASE(without_memory),
	KUNIT_CASE(closed),
	KUNIT_CASE(does_not_sleep),
	{}
};

static struct kunit_suite notify_suite = {
	.name = "portres_notify",
	.init = init,
	.exit = finish,
	.test_cases = notify_cases,
};

kunit_test_suite(notify_suite);
