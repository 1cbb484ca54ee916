// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the hook stands: from the first creation anywhere, which waits for binds that are
 * under way, until some time after the last one who needs it.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "fixture.h"

#define FIRST	5000
#define LAST	5009
#define OTHER_FIRST	6000
#define OTHER_LAST	6009

/* What waits as long as this in vain has found a fault; and longer than it stays without need. */
#define PATIENCE	30000
#define LONGER		4000

static bool hooked(const struct sock *sk)
{
	return READ_ONCE(sk->sk_prot->get_port) != portres_hook_original(sk);
}

static bool comes_out(const struct sock *sk)
{
	int waited;

	for (waited = 0; hooked(sk) && waited < PATIENCE; waited += 20)
		msleep(20);
	return !hooked(sk);
}

/* A socket of a namespace in which nobody needs the hook, and it has gone. */
static struct sock *unguarded_sock(struct kunit *test, struct net *net)
{
	struct sock *sk = portres_test_sock(test, net, AF_INET);

	KUNIT_ASSERT_TRUE_MSG(test, comes_out(sk), "stands without need");
	return sk;
}

static struct portres_reservation *reserve(struct kunit *test, struct net *net)
{
	struct portres_reservation *resv = portres_test_reserve(net, FIRST, LAST);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	return resv;
}

static void comes_with_first_and_goes_after_last(struct kunit *test)
{
	struct net *net = portres_test_bare_net(test);
	struct net *other = portres_test_bare_net(test);
	struct sock *sk = unguarded_sock(test, net);
	struct sock *v6 = portres_test_sock(test, net, AF_INET6);
	struct portres_reservation *resv, *elsewhere;

	KUNIT_EXPECT_FALSE(test, hooked(v6));
	resv = reserve(test, net);
	KUNIT_EXPECT_TRUE(test, hooked(sk));
	KUNIT_EXPECT_TRUE(test, hooked(v6));
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, FIRST), -EADDRINUSE);

	elsewhere = reserve(test, other);
	portres_test_unreserve(net, resv);
	msleep(LONGER);
	KUNIT_EXPECT_TRUE_MSG(test, hooked(sk), "another namespace needs it");
	portres_test_unreserve(other, elsewhere);
	msleep(20);
	KUNIT_EXPECT_TRUE_MSG(test, hooked(sk), "gone in haste");
	KUNIT_EXPECT_TRUE(test, comes_out(sk));
	KUNIT_EXPECT_FALSE(test, hooked(v6));
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, FIRST), 0);
}

/* One of several reservations of a namespace makes no difference. */
static void stays_for_one_of_several(struct kunit *test)
{
	struct net *net = portres_test_bare_net(test);
	struct sock *sk = unguarded_sock(test, net);
	struct portres_reservation *resv = reserve(test, net);
	struct portres_reservation *rest = portres_test_reserve(net, OTHER_FIRST, OTHER_LAST);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rest);
	portres_test_unreserve(net, resv);
	msleep(LONGER);
	KUNIT_EXPECT_TRUE(test, hooked(sk));
	portres_test_unreserve(net, rest);
	KUNIT_EXPECT_TRUE(test, comes_out(sk));
}

static void goes_after_failed_creation(struct kunit *test)
{
	struct net *net = portres_test_bare_net(test);
	struct sock *sk = unguarded_sock(test, net);

	KUNIT_ASSERT_EQ(test, portres_test_bind(sk, ANY, FIRST), 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(portres_test_reserve(net, FIRST, LAST)), -EADDRINUSE);
	KUNIT_EXPECT_TRUE(test, comes_out(sk));
}

static void stays_for_socket_of_dead_reservation(struct kunit *test)
{
	struct net *net = portres_test_bare_net(test);
	struct sock *sk = unguarded_sock(test, net);
	struct sock *member = portres_test_sock(test, net, AF_INET6);
	struct portres_reservation *resv = reserve(test, net);

	portres_test_associate(test, member, resv);
	portres_test_unreserve(net, resv);
	msleep(LONGER);
	KUNIT_EXPECT_TRUE(test, hooked(sk));
	KUNIT_EXPECT_EQ(test, portres_test_bind(member, ANY, 0), -EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, FIRST), 0);
	portres_test_release(test, member);
	KUNIT_EXPECT_TRUE(test, comes_out(sk));
}

static void goes_with_its_namespace(struct kunit *test)
{
	struct net *net = portres_test_bare_net(test);
	struct net *mortal = portres_test_bare_net(test);
	struct sock *sk = unguarded_sock(test, net);

	reserve(test, mortal);
	KUNIT_EXPECT_TRUE(test, hooked(sk));
	portres_test_end_net(test, mortal);
	KUNIT_EXPECT_TRUE(test, comes_out(sk));
}

/* Must not be put in a second time: then each of the two would call the other. */
static void stays_under_who_stacked_over_it(struct kunit *test)
{
	struct net *net = portres_test_bare_net(test);
	struct sock *sk = unguarded_sock(test, net);
	struct sock *v6 = portres_test_sock(test, net, AF_INET6);
	struct portres_reservation *resv = reserve(test, net);

	portres_test_stack(test, sk);
	portres_test_unreserve(net, resv);
	KUNIT_EXPECT_TRUE(test, comes_out(v6));
	KUNIT_EXPECT_TRUE(test, hooked(sk));

	resv = reserve(test, net);
	KUNIT_EXPECT_TRUE(test, hooked(v6));
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, FIRST), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, LAST + 1), 0);
	KUNIT_EXPECT_EQ(test, portres_test_stack_asked(), 2);
	portres_test_unstack(0);
	portres_test_unreserve(net, resv);
	KUNIT_EXPECT_TRUE(test, comes_out(sk));
}

static void first_creation_sees_bind_that_began_before(struct kunit *test)
{
	struct net *net = portres_test_bare_net(test);
	struct portres_reservation *resv;

	portres_test_lag_outside(test, unguarded_sock(test, net), FIRST);
	resv = portres_test_reserve(net, FIRST, LAST);
	KUNIT_EXPECT_FALSE_MSG(test, portres_test_lags(), "looked while somebody was on his way");
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(resv), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, portres_test_lagged(), 0);
}

/* A creation elsewhere, which is the first. */
static struct {
	struct net *net;
	struct completion done;
	struct portres_reservation *resv;
} first;

static int create_elsewhere(void *unused)
{
	first.resv = portres_test_reserve(first.net, FIRST, LAST);
	complete(&first.done);
	return 0;
}

/* The hook is in its place, but the first one waits still: so has the second to. */
static void second_creation_waits_with_first(struct kunit *test)
{
	struct net *net = portres_test_bare_net(test);
	struct sock *sk = unguarded_sock(test, net);
	struct portres_reservation *resv;
	struct task_struct *task;

	first.net = portres_test_bare_net(test);
	init_completion(&first.done);
	portres_test_lag_outside(test, sk, FIRST);
	task = kthread_run(create_elsewhere, NULL, "portres_first");
	while (!IS_ERR(task) && !hooked(sk) && portres_test_lags())
		msleep(20);
	resv = portres_test_reserve(net, FIRST, LAST);
	KUNIT_EXPECT_FALSE_MSG(test, portres_test_lags(), "did not wait");
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(resv), -EADDRINUSE);
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	wait_for_completion(&first.done);
	portres_test_lagged();
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, first.resv);
}

static struct kunit_case guard_cases[] = {
	KUNIT_CASE_SLOW(comes_with_first_and_goes_after_last),
	KUNIT_CASE_SLOW(stays_for_one_of_several),
	KUNIT_CASE_SLOW(goes_after_failed_creation),
	KUNIT_CASE_SLOW(stays_for_socket_of_dead_reservation),
	KUNIT_CASE_SLOW(goes_with_its_namespace),
	KUNIT_CASE_SLOW(stays_under_who_stacked_over_it),
	KUNIT_CASE_SLOW(first_creation_sees_bind_that_began_before),
	KUNIT_CASE_SLOW(second_creation_waits_with_first),
	{}
};

static struct kunit_suite guard_suite = {
	.name = "portres_guard",
	.test_cases = guard_cases,
};

kunit_test_suite(guard_suite);
