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
	return portres_test_reserve_spec(net, block, extack);
}

static void stands_as_asked_for(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct netlink_ext_ack extack = {};
	struct portres_reservation *resv = reserve(net, &extack);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	KUNIT_EXPECT_EQ(test, resv->first, FIRST);
	KUNIT_EXPECT_EQ(test, resv->last, LAST);
	KUNIT_EXPECT_STREQ(test, rcu_access_pointer(resv->terms)->name, "media relay");
	KUNIT_EXPECT_NULL(test, extack._msg);
	KUNIT_EXPECT_PTR_EQ(test, portres_test_find_block(portres_test_udp(net), FIRST, LAST),
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
	struct portres_table *table = portres_test_udp(net);
	u32 generation;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, portres_test_reserve(net, LAST, LAST + 10));
	generation = table->generation;
	expect_refused(test, net, -EEXIST);
	KUNIT_EXPECT_FALSE(test, portres_table_overlaps(table, FIRST, LAST - 1));
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
	struct portres_table *table = portres_test_udp(net);
	struct sock *sk = portres_test_sock(test, net, AF_INET);

	KUNIT_ASSERT_EQ(test, portres_test_bind(sk, LOOPBACK, row->port), 0);
	if (!row->err) {
		KUNIT_EXPECT_NOT_ERR_OR_NULL(test, reserve(net, NULL));
		return;
	}
	expect_refused(test, net, row->err);
	KUNIT_EXPECT_FALSE(test, portres_table_overlaps(table, 1, 65535));

	portres_test_release(test, sk);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, reserve(net, NULL));
}

static void sees_socket_between_publish_and_look(struct kunit *test)
{
	const struct user_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct portres_table *table = portres_test_udp(net);
	struct sock *sk = portres_test_sock(test, net, AF_INET6);

	portres_test_intrude(test, sk, row->port, 1);
	if (!row->err) {
		KUNIT_EXPECT_NOT_ERR_OR_NULL(test, reserve(net, NULL));
		KUNIT_EXPECT_EQ(test, portres_test_looks(), 0);
		return;
	}
	expect_refused(test, net, -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, portres_test_looks(), 1);
	KUNIT_EXPECT_FALSE(test, portres_table_overlaps(table, 1, 65535));
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

/* A step in the middle of a creation: its reservation is tentative, its ports are being probed. */
static struct {
	portres_get_port_t real;
	struct kunit *test;
	unsigned int probe, probes;
	void (*act)(struct kunit *test);
	struct net *net;
	struct sock *sk;
	int result;
} middle;

static int get_port_in_the_middle(struct sock *sk, unsigned short port)
{
	if (port == FIRST && ++middle.probes == middle.probe)
		middle.act(middle.test);
	return middle.real(sk, port);
}

/* probe: the number of the probe that finds the reservation in the table. */
static void act_at_probe(struct kunit *test, struct net *net, void (*act)(struct kunit *test),
			 unsigned int probe)
{
	middle.probe = probe;
	middle.test = test;
	middle.net = net;
	middle.act = act;
	middle.probes = 0;
	middle.sk = portres_test_user_sock(test, net, AF_INET);
	middle.real = portres_test_put_under_hook(test,
						  portres_test_sock(test, net, AF_INET6)->sk_prot,
						  get_port_in_the_middle);
}

static void act_in_the_middle(struct kunit *test, struct net *net,
			      void (*act)(struct kunit *test))
{
	act_at_probe(test, net, act, 1);
}

static void reserve_in_the_middle(struct kunit *test)
{
	middle.result = PTR_ERR_OR_ZERO(portres_test_reserve(middle.net, LAST, LAST + 1));
}

static void acquire_in_the_middle(struct kunit *test)
{
	middle.result = PTR_ERR_OR_ZERO(portres_test_acquire(middle.sk, LAST, 2));
}

static void look_in_the_middle(struct kunit *test)
{
	const struct portres_reservation *resv;

	resv = portres_test_find(portres_test_udp(middle.net), FIRST);
	KUNIT_ASSERT_NOT_NULL(test, resv);
	KUNIT_EXPECT_FALSE(test, portres_reservation_is_active(resv));
}

static void bind_in_the_middle(struct kunit *test)
{
	middle.result = portres_test_bind(middle.sk, ANY, LAST);
}

/* The probe has looked at the first port when the last one is taken. */
static void bind_in_the_middle_wins(struct kunit *test)
{
	struct net *net = portres_test_net(test);

	act_in_the_middle(test, net, bind_in_the_middle);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(reserve(net, NULL)), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, middle.result, 0);
	KUNIT_EXPECT_EQ(test, inet_sk(middle.sk)->inet_num, LAST);
}

static void tentative_is_not_shown(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv;

	act_in_the_middle(test, net, look_in_the_middle);
	resv = reserve(net, NULL);
	KUNIT_EXPECT_EQ(test, middle.probes, 1);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	KUNIT_EXPECT_TRUE(test, portres_reservation_is_active(resv));
}

static void creation_meets_tentative_creation(struct kunit *test)
{
	struct net *net = portres_test_net(test);

	act_in_the_middle(test, net, reserve_in_the_middle);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, reserve(net, NULL));
	KUNIT_EXPECT_EQ(test, middle.result, -EAGAIN);
}

static void acquisition_meets_tentative_creation(struct kunit *test)
{
	struct net *net = portres_test_net(test);

	act_in_the_middle(test, net, acquire_in_the_middle);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, reserve(net, NULL));
	KUNIT_EXPECT_EQ(test, middle.result, -EADDRINUSE);
}

/* An administrator does not wait for how an acquisition ends. */
static void creation_takes_the_place_of_tentative_acquisition(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET);
	struct portres_reservation *mine;

	act_at_probe(test, net, reserve_in_the_middle, 2);
	mine = portres_test_acquire(sk, FIRST, LAST - FIRST + 1);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(mine), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, middle.result, 0);
	KUNIT_EXPECT_NULL(test, portres_test_find(portres_test_udp(net), FIRST));
	KUNIT_EXPECT_NOT_NULL(test, portres_test_find(portres_test_udp(net), LAST));
}

static void adopts(struct kunit *test)
{
	int family = portres_test_family(test);
	struct net *net = portres_test_net(test);
	struct sock *sits = portres_test_user_sock(test, net, family);
	struct sock *comes = portres_test_user_sock(test, net, family);
	struct portres_spec spec = { .first = FIRST, .last = LAST, .owner = INVALID_UID };

	KUNIT_ASSERT_EQ(test, portres_test_bind(sits, LOOPBACK, FIRST), 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR(portres_test_reserve_spec(net, spec, NULL)), -EADDRINUSE);
	spec.adopt = true;
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, portres_test_reserve_spec(net, spec, NULL));
	KUNIT_EXPECT_EQ(test, inet_sk(sits)->inet_num, FIRST);
	KUNIT_EXPECT_EQ(test, portres_test_bind(comes, ANY, LAST), -EADDRINUSE);
	portres_test_release(test, sits);
	KUNIT_EXPECT_EQ(test, portres_test_bind(comes, LOOPBACK, FIRST), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, PTR_ERR(portres_test_reserve_spec(net, spec, NULL)), -EEXIST);
}

static struct kunit_case reserve_cases[] = {
	KUNIT_CASE(stands_as_asked_for),
	KUNIT_CASE(fails_on_overlap),
	KUNIT_CASE(overlap_is_told_before_use),
	KUNIT_CASE_PARAM(fails_on_use, user_gen_params),
	KUNIT_CASE_PARAM(sees_socket_between_publish_and_look, user_gen_params),
	KUNIT_CASE(namespace_takes_reservations_along),
	KUNIT_CASE_PARAM(adopts, portres_test_families),
	KUNIT_CASE(tentative_is_not_shown),
	KUNIT_CASE(bind_in_the_middle_wins),
	KUNIT_CASE(creation_meets_tentative_creation),
	KUNIT_CASE(acquisition_meets_tentative_creation),
	KUNIT_CASE(creation_takes_the_place_of_tentative_acquisition),
	{}
};

static struct kunit_suite reserve_suite = {
	.name = "portres_reserve",
	.test_cases = reserve_cases,
};

kunit_test_suite(reserve_suite);
