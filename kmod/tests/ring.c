// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ring of refused binds for the KUnit suites: of no namespace, with work that tells nobody.
 */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "core/reservation.h"
#include "fixture.h"
#include "ring.h"

static atomic_t runs;

static void count_run(struct work_struct *work)
{
	atomic_inc(&runs);
}

int portres_ring_init(struct kunit *test)
{
	struct portres_ring *ring = kunit_kzalloc(test, sizeof(*ring), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ring);
	KUNIT_ASSERT_EQ(test, portres_refusals_prepare(&ring->pnet), 0);
	ring->refusals = ring->pnet.refusals;
	INIT_DELAYED_WORK(&ring->refusals->send, count_run);
	atomic_set(&runs, 0);
	test->priv = ring;
	return 0;
}

void portres_ring_exit(struct kunit *test)
{
	struct portres_ring *ring = test->priv;

	portres_refusals_close(&ring->pnet);
	portres_refusals_fini(&ring->pnet);
}

/* Does what happened since queue the work? It then runs at once. */
bool portres_ring_queued(struct kunit *test)
{
	struct portres_ring *ring = test->priv;

	flush_delayed_work(&ring->refusals->send);
	return atomic_xchg(&runs, 0);
}

int portres_ring_lost(struct kunit *test)
{
	struct portres_ring *ring = test->priv;

	return atomic_read(&ring->refusals->lost);
}

void portres_ring_refuse_as(struct kunit *test, u64 token, u16 port, int err)
{
	const struct portres_reservation resv = { .token = token, .protocol = &portres_udp };
	struct portres_ring *ring = test->priv;

	rcu_read_lock();
	portres_refusals_add(&ring->pnet, &resv, port, err);
	rcu_read_unlock();
}

void portres_ring_refuse(struct kunit *test, u64 token)
{
	portres_ring_refuse_as(test, token, 5000, -EADDRINUSE);
}

bool portres_ring_put(const struct portres_refusal *refusal, void *arg)
{
	struct portres_told *told = arg;

	if (told->pairs == told->room)
		return false;
	told->pairs++;
	told->unsent += refusal->unsent;
	told->last = *refusal;
	return true;
}

struct portres_told portres_ring_take(struct kunit *test, unsigned int room)
{
	struct portres_ring *ring = test->priv;
	struct portres_told told = { .room = room };
	bool any = portres_refusals_take(ring->refusals, portres_ring_put, &told);

	KUNIT_EXPECT_EQ(test, any, told.pairs > 0);
	return told;
}

struct portres_told portres_ring_take_all(struct kunit *test)
{
	return portres_ring_take(test, PORTRES_REFUSALS);
}

/* Does so as far as the ring can tell. */
void portres_ring_pass(struct kunit *test, unsigned int ticks)
{
	struct portres_ring *ring = test->priv;
	unsigned int i;

	for (i = 0; i < PORTRES_REFUSALS; i++)
		ring->refusals->slots[i].sent -= ticks;
}

/* A bind that finds the lock taken. */
void portres_ring_refuse_locked(struct kunit *test)
{
	struct portres_ring *ring = test->priv;

	spin_lock(&ring->refusals->lock);
	portres_ring_refuse(test, 1);
	spin_unlock(&ring->refusals->lock);
}
