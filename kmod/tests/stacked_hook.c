// SPDX-License-Identifier: GPL-2.0-only
/*
 * Another module, which puts its own get_port over ours.
 */
#include <linux/jiffies.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "fixture.h"

static struct {
	struct proto *prot;
	portres_get_port_t ours;
	unsigned int asked;
	bool gone;
} stacker;

static int get_port_of_stacker(struct sock *sk, unsigned short port)
{
	stacker.asked++;
	return stacker.ours(sk, port);
}

/* The pointer may be read at once. */
static void go(struct work_struct *unused)
{
	WRITE_ONCE(stacker.gone, true);
	cmpxchg(&stacker.prot->get_port, get_port_of_stacker, stacker.ours);
}

static DECLARE_DELAYED_WORK(going, go);

static void go_at_last(void *unused)
{
	cancel_delayed_work_sync(&going);
	go(NULL);
}

/**
 * portres_test_stack - put another function over the hook, until the test ends
 * @test: the test
 * @sk: a socket of the proto, which is hooked
 */
void portres_test_stack(struct kunit *test, struct sock *sk)
{
	stacker.prot = sk->sk_prot;
	stacker.ours = stacker.prot->get_port;
	stacker.asked = 0;
	stacker.gone = false;
	WRITE_ONCE(stacker.prot->get_port, get_port_of_stacker);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, go_at_last, NULL), 0);
}

/* Takes it away after a while; the caller goes on. */
void portres_test_unstack(unsigned int milliseconds)
{
	schedule_delayed_work(&going, msecs_to_jiffies(milliseconds));
}

/* Is it still installed? */
bool portres_test_stacked(void)
{
	return !READ_ONCE(stacker.gone);
}

/* How often it was called. */
unsigned int portres_test_stack_asked(void)
{
	return stacker.asked;
}
