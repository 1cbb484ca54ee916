// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a creation waits for: binds from before the hook was there, for an instant, and as often
 * as it is tried again.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "fixture.h"
#include "reserve/ready.h"
#include "reserve/reserve.h"
#include "udp/hook.h"

#define FIRST	5000
#define LAST	5009

/* More than the instant, for a slow machine; less than the bind in flight takes. */
#define INSTANT	(HZ / 4)

/* The hook is put in while a bind is in flight that does not pass it, as when the module comes. */
static void begin_epoch_beside_bind(struct kunit *test, struct sock *sk)
{
	portres_test_ready();
	portres_udp_hook_remove();
	portres_ready_begin();
	portres_test_lag_outside(test, sk, FIRST);
	KUNIT_ASSERT_EQ(test, portres_udp_hook_install(), 0);
	portres_ready_finish();
}

static void fails_at_once_beside_bind_from_before(struct kunit *test)
{
	struct sock *sk = portres_test_sock(test, portres_test_net(test), AF_INET);
	unsigned long start;
	unsigned int epoch;
	int err;

	begin_epoch_beside_bind(test, sk);
	start = jiffies;
	err = portres_ready_wait(&epoch);
	KUNIT_EXPECT_EQ(test, err, -EAGAIN);
	KUNIT_EXPECT_TRUE_MSG(test, time_before(jiffies, start + INSTANT), "waited for a bind");
	KUNIT_EXPECT_EQ(test, portres_test_lagged(), 0);
	portres_test_ready();
}

static void sees_bind_from_before_when_tried_again(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv;

	begin_epoch_beside_bind(test, portres_test_sock(test, net, AF_INET));
	resv = portres_test_reserve(net, FIRST, LAST);
	KUNIT_EXPECT_FALSE_MSG(test, portres_test_lags(), "looked beside a bind in flight");
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(resv), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, portres_test_lagged(), 0);
}

/* A family that came meanwhile may have sockets which the probe did not see. */
static void fails_as_a_whole_in_another_epoch(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_spec spec = {
		.protocol = &portres_udp, .first = FIRST, .last = LAST, .owner = INVALID_UID,
	};
	struct sock *sk = portres_test_sock(test, net, AF_INET);
	struct netlink_ext_ack extack = {};

	spec.epoch = portres_test_ready() - 1;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(portres_reserve(net, &spec, &extack)), -EAGAIN);
	KUNIT_EXPECT_NOT_NULL(test, extack._msg);
	KUNIT_EXPECT_NULL(test, portres_test_find(portres_test_udp(net), FIRST));
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, FIRST), 0);
}

static struct kunit_case ready_cases[] = {
	KUNIT_CASE_SLOW(fails_at_once_beside_bind_from_before),
	KUNIT_CASE_SLOW(sees_bind_from_before_when_tried_again),
	KUNIT_CASE(fails_as_a_whole_in_another_epoch),
	{}
};

static struct kunit_suite ready_suite = {
	.name = "portres_ready",
	.test_cases = ready_cases,
};

kunit_test_suite(ready_suite);
