// SPDX-License-Identifier: GPL-2.0-only
/*
 * Acquisition and release of a block that is named: what is in its way, which caller may, and
 * how much.
 */
#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

#include "fixture.h"
#include "reserve/acquire.h"

#define FIRST	5000
#define COUNT	10
#define LAST	(FIRST + COUNT - 1)
#define USER	1000

static int acquire(struct sock *sk, u16 first, u16 count)
{
	return PTR_ERR_OR_ZERO(portres_test_acquire(sk, first, count));
}

static int acquire_as(struct kunit *test, uid_t uid, struct sock *sk, u16 first, u16 count)
{
	const struct cred *before = portres_test_become(test, uid, false);
	int err = acquire(sk, first, count);

	revert_creds(before);
	return err;
}

/* What is there before, in the way of FIRST to LAST or beside it. */
static const struct obstacle_row {
	const char *name;
	enum { PERSISTENT, RUNTIME, SOCKET } kind;
	u16 first;
	u16 last;
	int err;
} obstacles[] = {
	{ "persistent, the same", PERSISTENT, FIRST, LAST, -EADDRINUSE },
	{ "persistent, over the end", PERSISTENT, LAST, LAST + 5, -EADDRINUSE },
	{ "persistent, beside", PERSISTENT, LAST + 1, LAST + 5, 0 },
	{ "runtime, the same", RUNTIME, FIRST, LAST, -EADDRINUSE },
	{ "runtime, inside", RUNTIME, FIRST + 1, FIRST + 1, -EADDRINUSE },
	{ "runtime, over the beginning", RUNTIME, FIRST - 5, FIRST, -EADDRINUSE },
	{ "runtime, beside", RUNTIME, FIRST - 5, FIRST - 1, 0 },
	{ "socket on the first port", SOCKET, FIRST, FIRST, -EADDRINUSE },
	{ "socket on the last port", SOCKET, LAST, LAST, -EADDRINUSE },
	{ "socket beside", SOCKET, LAST + 1, LAST + 1, 0 },
};

KUNIT_ARRAY_PARAM_DESC(obstacle, obstacles, name);

static int put_in_the_way(struct kunit *test, struct net *net, const struct obstacle_row *row)
{
	if (row->kind == PERSISTENT)
		return PTR_ERR_OR_ZERO(portres_test_reserve(net, row->first, row->last));
	if (row->kind == RUNTIME)
		return acquire(portres_test_user_sock(test, net, AF_INET6), row->first,
			       row->last - row->first + 1);
	return portres_test_bind(portres_test_sock(test, net, AF_INET), LOOPBACK, row->first);
}

static void obstacle(struct kunit *test)
{
	const struct obstacle_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET);
	u32 generation;

	KUNIT_ASSERT_EQ(test, put_in_the_way(test, net, row), 0);
	generation = portres_test_udp(net)->generation;
	KUNIT_EXPECT_EQ(test, acquire(sk, FIRST, COUNT), row->err);
	if (row->err)
		KUNIT_EXPECT_EQ(test, portres_test_udp(net)->generation, generation);
}

/* The port of the acquiring socket itself is a port in use. */
static void own_port_is_in_use(struct kunit *test)
{
	struct sock *sk = portres_test_user_sock(test, portres_test_net(test), AF_INET);

	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, FIRST), 0);
	KUNIT_EXPECT_EQ(test, acquire(sk, FIRST, 1), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, acquire(sk, FIRST + 1, 1), 0);
}

static const struct low_row {
	const char *name;
	bool privileged;
	u16 first;
	u16 count;
	int err;
} lows[] = {
	{ "below", false, 1000, 10, -EACCES },
	{ "the last one below", false, 1023, 1, -EACCES },
	{ "reaches over the start", false, 1023, 2, -EACCES },
	{ "the first one above", false, 1024, 1, 0 },
	{ "below, with the capability", true, 1, 1023, 0 },
};

KUNIT_ARRAY_PARAM_DESC(low, lows, name);

static void low_ports(struct kunit *test)
{
	const struct low_row *row = test->param_value;
	struct sock *sk = portres_test_user_sock(test, portres_test_net(test), AF_INET);

	if (row->privileged)
		KUNIT_EXPECT_EQ(test, acquire(sk, row->first, row->count), row->err);
	else
		KUNIT_EXPECT_EQ(test, acquire_as(test, USER, sk, row->first, row->count),
				row->err);
}

static void bounded_by_ports(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET);

	KUNIT_EXPECT_EQ(test, portres_net_of(net)->user_max_ports, 4096);
	portres_net_of(net)->user_max_ports = COUNT;
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER, sk, FIRST, COUNT + 1), -EDQUOT);
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER, sk, FIRST, COUNT - 1), 0);
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER, sk, 6000, 2), -EDQUOT);
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER, sk, 6000, 1), 0);
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER, sk, 7000, 1), -EDQUOT);
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER + 1, sk, 7000, COUNT), 0);
}

static void bounded_by_number(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET);
	struct sock *other = portres_test_user_sock(test, net, AF_INET);

	KUNIT_EXPECT_EQ(test, portres_net_of(net)->user_max_reservations, 128);
	portres_net_of(net)->user_max_reservations = 2;
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER, sk, FIRST, 1), 0);
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER, other, 6000, 1), 0);
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER, other, 7000, 1), -EDQUOT);
	KUNIT_EXPECT_EQ_MSG(test, acquire_as(test, USER, other, FIRST, 1), -EDQUOT,
			    "the bound is judged before the ports are looked at");
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER, other, 1, 1), -EACCES);

	portres_net_of(net)->user_max_reservations = 1;
	KUNIT_EXPECT_TRUE(test, portres_table_reserved(portres_test_udp(net), 6000));
	portres_test_release(test, other);
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER, sk, 7000, 1), -EDQUOT);
	portres_net_of(net)->user_max_reservations = 2;
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER, sk, 7000, 1), 0);
}

static void privilege_is_not_bounded(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET);
	const struct cred *before;

	portres_net_of(net)->user_max_reservations = 1;
	before = portres_test_become(test, USER, true);
	KUNIT_EXPECT_EQ(test, acquire(sk, FIRST, COUNT), 0);
	KUNIT_EXPECT_EQ(test, acquire(sk, 6000, COUNT), 0);
	revert_creds(before);
	KUNIT_EXPECT_EQ_MSG(test, acquire_as(test, USER, sk, 7000, 1), 0,
			    "what was acquired with privilege is charged");
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER, sk, 7001, 1), -EDQUOT);
}

static void failure_is_not_charged(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET);

	KUNIT_ASSERT_EQ(test, portres_test_bind(sk, ANY, FIRST), 0);
	portres_net_of(net)->user_max_ports = COUNT;
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER, sk, FIRST, COUNT), -EADDRINUSE);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&portres_net_of(net)->users));
	KUNIT_EXPECT_EQ(test, acquire_as(test, USER, sk, FIRST + 1, COUNT), 0);
}

/* A release, which may be asked for elsewhere. */
struct release {
	struct net *net;
	u64 token;
};

static int release(void *arg)
{
	const struct release *wish = arg;

	return portres_release(wish->net, wish->token);
}

static void release_by_its_process(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET);
	struct portres_reservation *resv = portres_test_acquire(sk, FIRST, COUNT);
	struct release wish = { .net = net };

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	wish.token = resv->token;
	KUNIT_EXPECT_EQ(test, portres_test_elsewhere(test, release, &wish), -EACCES);
	KUNIT_EXPECT_FALSE(test, resv->dead);
	KUNIT_EXPECT_EQ(test, release(&wish), 0);
	KUNIT_EXPECT_EQ(test, release(&wish), -EINVAL);
	KUNIT_EXPECT_EQ(test, acquire(sk, FIRST, COUNT), 0);
	KUNIT_EXPECT_EQ(test, release(&wish), -EINVAL);
}

static void release_of_what_is_not_runtime(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = portres_test_reserve(net, FIRST, LAST);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	KUNIT_EXPECT_EQ(test, portres_release(net, resv->token), -EINVAL);
	KUNIT_EXPECT_EQ(test, portres_release(net, resv->token + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, portres_release(net, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, portres_release(net, ~0ULL), -EINVAL);
	KUNIT_EXPECT_FALSE(test, resv->dead);
}

static void release_of_another_namespace(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET);
	struct portres_reservation *resv = portres_test_acquire(sk, FIRST, COUNT);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	KUNIT_EXPECT_EQ(test, portres_release(portres_test_net(test), resv->token), -EINVAL);
	KUNIT_EXPECT_FALSE(test, resv->dead);
}

static struct kunit_case acquire_cases[] = {
	KUNIT_CASE_PARAM(obstacle, obstacle_gen_params),
	KUNIT_CASE(own_port_is_in_use),
	KUNIT_CASE_PARAM(low_ports, low_gen_params),
	KUNIT_CASE(bounded_by_ports),
	KUNIT_CASE(bounded_by_number),
	KUNIT_CASE(privilege_is_not_bounded),
	KUNIT_CASE(failure_is_not_charged),
	KUNIT_CASE(release_by_its_process),
	KUNIT_CASE(release_of_what_is_not_runtime),
	KUNIT_CASE(release_of_another_namespace),
	{}
};

static struct kunit_suite acquire_suite = {
	.name = "portres_acquire",
	.test_cases = acquire_cases,
};

kunit_test_suite(acquire_suite);
