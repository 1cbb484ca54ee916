// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selections of a port that are counted for the reservation that they avoided.
 */
#include <kunit/test.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/reservation.h"
#include "fixture.h"

static int bind_to(struct kunit *test, struct net *net, u16 port)
{
	struct sock *sk = portres_test_sock(test, net, portres_test_family(test));

	return portres_test_bind(sk, ANY, port);
}

static int bind_any(struct kunit *test, struct net *net)
{
	return bind_to(test, net, 0);
}

static long long avoided(const struct portres_reservation *resv)
{
	return atomic64_read(&resv->avoided);
}

/* A selection counts the first port that it would have taken, and no other one. */
static void avoided_is_counted_once(struct kunit *test)
{
	int family = portres_test_family(test);
	struct net *net = portres_test_net(test);
	struct portres_reservation *all;

	portres_test_set_port_range(net, 40000, 40015);
	all = portres_test_reserve(net, 39990, 40020);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, all);
	KUNIT_EXPECT_EQ(test, bind_any(test, net), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, avoided(all), 1);
	KUNIT_EXPECT_EQ(test, bind_any(test, net), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, avoided(all), 2);
	KUNIT_EXPECT_EQ(test, portres_test_connect(portres_test_sock(test, net, family)), -EAGAIN);
	KUNIT_EXPECT_EQ_MSG(test, avoided(all), 3, "connect() selects a port as well");
}

static void nothing_is_avoided(struct kunit *test)
{
	int family = portres_test_family(test);
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv;
	struct sock *member;
	int i;

	portres_test_set_port_range(net, 40000, 40015);
	resv = portres_test_reserve(net, 40016, 40031);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	for (i = 0; i < 10; i++) {
		KUNIT_EXPECT_EQ(test, bind_any(test, net), 0);
		member = portres_test_sock(test, net, family);
		portres_test_associate(test, member, resv);
		KUNIT_EXPECT_EQ(test, portres_test_bind(member, ANY, 0), 0);
	}
	KUNIT_EXPECT_EQ(test, bind_to(test, net, 50000), 0);
	KUNIT_EXPECT_EQ(test, bind_to(test, net, 40031), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, atomic64_read(&resv->refused), 1);
	KUNIT_EXPECT_EQ(test, avoided(resv), 0);
}

static struct kunit_case avoided_cases[] = {
	KUNIT_CASE_PARAM(avoided_is_counted_once, portres_test_families),
	KUNIT_CASE_PARAM(nothing_is_avoided, portres_test_families),
	{}
};

static struct kunit_suite avoided_suite = {
	.name = "portres_avoided",
	.test_cases = avoided_cases,
};

kunit_test_suite(avoided_suite);
