// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bind that takes its time in the kernel's get_port. It gives way there, as the search for
 * a port does, and never sleeps.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <net/sock.h>

#include "fixture.h"

static struct {
	portres_get_port_t real;
	struct sock *sk;
	u16 port;
	struct completion entered;
	struct completion done;
	bool left;
	int err;
} laggard;

static int get_port_that_gives_way(struct sock *sk, unsigned short port)
{
	unsigned long end = jiffies + msecs_to_jiffies(300);
	int err;

	if (sk != laggard.sk)
		return laggard.real(sk, port);
	complete(&laggard.entered);
	while (time_before(jiffies, end))
		cond_resched();
	err = laggard.real(sk, port);
	WRITE_ONCE(laggard.left, true);
	return err;
}

static int bind_slowly(void *unused)
{
	laggard.err = portres_test_bind(laggard.sk, ANY, laggard.port);
	complete(&laggard.done);
	return 0;
}

static bool begin(struct sock *sk, u16 port)
{
	struct task_struct *task;

	init_completion(&laggard.entered);
	init_completion(&laggard.done);
	laggard.left = false;
	laggard.sk = sk;
	laggard.port = port;
	task = kthread_run(bind_slowly, NULL, "portres-laggard");
	if (!IS_ERR(task))
		wait_for_completion(&laggard.entered);
	return !IS_ERR(task);
}

/**
 * portres_test_lag_inside - begin a bind that passes the hook
 * @test: the test
 * @sk: the socket; its proto is hooked
 * @port: the port
 *
 * On return it is in the kernel's get_port, and stays there for a while.
 */
void portres_test_lag_inside(struct kunit *test, struct sock *sk, u16 port)
{
	laggard.real = portres_test_put_under_hook(test, sk->sk_prot, get_port_that_gives_way);
	KUNIT_ASSERT_TRUE(test, begin(sk, port));
}

/**
 * portres_test_lag_outside - as portres_test_lag_inside(), but the hook is not in
 * @test: the test
 * @sk: the socket
 * @port: the port
 */
void portres_test_lag_outside(struct kunit *test, struct sock *sk, u16 port)
{
	struct proto *prot = sk->sk_prot;
	bool began;

	laggard.real = prot->get_port;
	WRITE_ONCE(prot->get_port, get_port_that_gives_way);
	began = begin(sk, port);
	WRITE_ONCE(prot->get_port, laggard.real);
	KUNIT_ASSERT_TRUE(test, began);
}

/* Is it still in the kernel's get_port? */
bool portres_test_lags(void)
{
	return !READ_ONCE(laggard.left);
}

/* Waits for it. Return: what the bind returned. */
int portres_test_lagged(void)
{
	wait_for_completion(&laggard.done);
	return laggard.err;
}
