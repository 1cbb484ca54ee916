// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creation as a whole: it succeeds or leaves nothing, and it sees the socket that
 * comes in its middle. To step into the middle the tests put a function of theirs
 * under the hook, as what it takes for the kernel's get_port.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/netlink.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

#include "fixture.h"

#define FIRST	5000
#define LAST	5009

static const struct portres_spec block = {
	.first = FIRST, .last = LAST, .owner = INVALID_UID, .name = "media relay",
};

static struct portres_reservation *reserve(struct net *net, struct netlink_ext_ack *extack)
{
	struct portres_table *table = portres_table_of(net);
	struct portres_reservation *resv;

	mutex_lock(&table->lock);
	resv = portres_reserve(net, &block, extack);
	mutex_unlock(&table->lock);
	return resv;
}

static void stands_as_asked_for(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct netlink_ext_ack extack = {};
	struct portres_reservation *resv = reserve(net, &extack);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	KUNIT_EXPECT_EQ(test, resv->first, FIRST);
	KUNIT_EXPECT_EQ(test, resv->last, LAST);
	KUNIT_EXPECT_STREQ(test, resv->name, "media relay");
	KUNIT_EXPECT_NULL(test, extack._msg);
	KUNIT_EXPECT_PTR_EQ(test, portres_test_find_block(portres_table_of(net), FIRST, LAST),
			    resv);
}

static void expect_refused(struct kunit *test, struct net *net, int err)
{
	struct netlink_ext_ack extack = {};

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(reserve(net, &extack)), err);
	KUNIT_EXPECT_NOT_NULL_MSG(test, extack._msg, "a refusal without a reason");
}

static void fails_on_overlap(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_table *table = portres_table_of(net);
	u32 generation;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, portres_test_reserve(net, LAST, LAST + 10));
	generation = table->generation;
	expect_refused(test, net, -EEXIST);
	KUNIT_EXPECT_FALSE(test, portres_table_touches(table, FIRST, LAST - 1));
	KUNIT_EXPECT_EQ(test, table->generation, generation);
}

/* Which comes first, the reservation in the way or the socket on a port? */
static void overlap_is_told_before_use(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_sock(test, net, AF_INET);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, portres_test_reserve(net, LAST, LAST + 10));
	KUNIT_ASSERT_EQ(test, portres_test_bind(sk, ANY, FIRST), 0);
	expect_refused(test, net, -EEXIST);
}

static const struct user_row {
	const char *name;
	u16 port;
	int err;
} users[] = {
	{ "on the first port", FIRST, -EADDRINUSE },
	{ "in the middle", 5005, -EADDRINUSE },
	{ "on the last port", LAST, -EADDRINUSE },
	{ "just before", FIRST - 1, 0 },
	{ "just behind", LAST + 1, 0 },
};

KUNIT_ARRAY_PARAM_DESC(user, users, name);

static void fails_on_use(struct kunit *test)
{
	const struct user_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct portres_table *table = portres_table_of(net);
	struct sock *sk = portres_test_sock(test, net, AF_INET);
	u32 generation = table->generation;

	KUNIT_ASSERT_EQ(test, portres_test_bind(sk, LOOPBACK, row->port), 0);
	if (!row->err) {
		KUNIT_EXPECT_NOT_ERR_OR_NULL(test, reserve(net, NULL));
		return;
	}
	expect_refused(test, net, row->err);
	KUNIT_EXPECT_FALSE(test, portres_table_touches(table, 1, 65535));
	KUNIT_EXPECT_EQ_MSG(test, table->generation, generation,
			    "a creation without a chance disturbed the readers");

	portres_test_release(test, sk);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, reserve(net, NULL));
}

static void sees_socket_between_publish_and_look(struct kunit *test)
{
	const struct user_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct portres_table *table = portres_table_of(net);
	struct sock *sk = portres_test_sock(test, net, AF_INET6);

	portres_test_intrude(test, sk, row->port);
	if (!row->err) {
		KUNIT_EXPECT_NOT_ERR_OR_NULL(test, reserve(net, NULL));
		KUNIT_EXPECT_EQ(test, portres_test_looks(), 0);
		return;
	}
	expect_refused(test, net, -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, portres_test_looks(), 2);
	KUNIT_EXPECT_FALSE(test, portres_table_touches(table, 1, 65535));
	KUNIT_EXPECT_NULL(test, portres_test_find(table, FIRST));
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, row->port);
}

static void namespace_takes_reservations_along(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(net, NULL);
	int tries;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	refcount_inc(&resv->refs);
	portres_test_end_net(test, net);
	for (tries = 0; tries < 500 && refcount_read(&resv->refs) > 1; tries++)
		msleep(20);
	KUNIT_EXPECT_TRUE(test, resv->dead);
	KUNIT_EXPECT_EQ(test, refcount_read(&resv->refs), 1);
	portres_reservation_put(resv);
}

static struct kunit_case reserve_cases[] = {
	KUNIT_CASE(stands_as_asked_for),
	KUNIT_CASE(fails_on_overlap),
	KUNIT_CASE(overlap_is_told_before_use),
	KUNIT_CASE_PARAM(fails_on_use, user_gen_params),
	KUNIT_CASE_PARAM(sees_socket_between_publish_and_look, user_gen_params),
	KUNIT_CASE(namespace_takes_reservations_along),
	{}
};

static struct kunit_suite reserve_suite = {
	.name = "portres_reserve",
	.test_cases = reserve_cases,
};

kunit_test_suite(reserve_suite);
