// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runtime reservations over the life of the socket that holds them: over for everybody
 * with the close, whenever the destructor comes, and nothing is left when it has come.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/assoc.h"
#include "fixture.h"
#include "reserve/acquire.h"
#include "reserve/expire.h"

#define FIRST	5000
#define COUNT	10
#define LAST	(FIRST + COUNT - 1)

static struct portres_reservation *acquire(struct kunit *test, struct sock *sk, u16 first)
{
	struct portres_reservation *resv = portres_test_acquire(sk, first, COUNT);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	return resv;
}

static void expect_nothing_left(struct kunit *test, struct net *net)
{
	portres_test_settle(net);
	KUNIT_EXPECT_FALSE(test, portres_table_overlaps(portres_test_udp(net), 1, 65535));
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&portres_net_of(net)->users));
}

static void stands_as_acquired(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET6);
	struct portres_reservation *resv = acquire(test, sk, FIRST);

	KUNIT_EXPECT_TRUE(test, resv->runtime);
	KUNIT_EXPECT_EQ(test, resv->first, FIRST);
	KUNIT_EXPECT_EQ(test, resv->last, LAST);
	KUNIT_EXPECT_TRUE(test, uid_eq(resv->owner, current_euid()));
	KUNIT_EXPECT_EQ(test, refcount_read(&resv->refs), 1);
	KUNIT_EXPECT_PTR_EQ(test, portres_runtime_of(resv)->process, task_tgid(current));
	KUNIT_EXPECT_STREQ(test, portres_runtime_of(resv)->command, current->group_leader->comm);
	KUNIT_EXPECT_FALSE(test, portres_reservation_gone(resv));
	KUNIT_EXPECT_NULL_MSG(test, portres_assoc_find(sk), "the socket is associated by it");
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, FIRST), -EADDRINUSE);
}

/* How the socket is when it is closed, and thereby when its destructor comes. */
static const struct closing_row {
	const char *name;
	bool bound;
	bool lingers;
} closings[] = {
	{ "unbound, destructed at once", false, false },
	{ "bound, destructed after a grace period", true, false },
	{ "a packet of it waits to be sent", true, true },
};

KUNIT_ARRAY_PARAM_DESC(closing, closings, name);

/* A holder that was closed; a reference keeps one that lingers, as a packet does. */
static struct sock *closed_holder(struct kunit *test, struct net *net)
{
	const struct closing_row *row = test->param_value;
	struct sock *sk = portres_test_user_sock(test, net, AF_INET);

	if (row->bound)
		KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, 6000), 0);
	acquire(test, sk, FIRST);
	if (row->lingers)
		sock_hold(sk);
	portres_test_close(test, sk);
	return row->lingers ? sk : NULL;
}

static void bury(struct kunit *test, struct net *net, struct sock *lingering)
{
	if (lingering)
		sock_put(lingering);
	rcu_barrier();
	portres_test_settle(net);
}

static void ends_with_close_for_strangers(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *lingering = closed_holder(test, net);
	struct sock *sk = portres_test_sock(test, net, AF_INET6);

	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, FIRST), 0);
	bury(test, net, lingering);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, FIRST);
	expect_nothing_left(test, net);
}

static void ends_with_close_for_choice(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *lingering = closed_holder(test, net);
	struct sock *sk;
	int i;

	portres_test_set_port_range(net, FIRST, LAST);
	for (i = 0; i < COUNT; i++) {
		sk = portres_test_sock(test, net, AF_INET);
		KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, 0), 0);
	}
	sk = portres_test_sock(test, net, AF_INET);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, 0), -EADDRINUSE);
	bury(test, net, lingering);
	expect_nothing_left(test, net);
}

static void ends_with_close_for_administrator(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *lingering = closed_holder(test, net);
	struct portres_reservation *resv = portres_test_reserve(net, LAST, LAST + 1);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	bury(test, net, lingering);
	KUNIT_EXPECT_FALSE(test, resv->dead);
	KUNIT_EXPECT_FALSE(test, portres_table_overlaps(portres_test_udp(net), FIRST, LAST - 1));
	KUNIT_EXPECT_PTR_EQ(test, portres_test_find(portres_test_udp(net), LAST), resv);
}

static void ends_with_close_for_acquisition(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *lingering = closed_holder(test, net);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET6);
	struct portres_reservation *resv;

	portres_test_set_port_range(net, FIRST, LAST);
	resv = acquire(test, sk, 0);
	KUNIT_EXPECT_EQ(test, resv->first, FIRST);
	bury(test, net, lingering);
	KUNIT_EXPECT_FALSE(test, portres_reservation_gone(resv));
	KUNIT_EXPECT_PTR_EQ(test, portres_test_find(portres_test_udp(net), LAST), resv);
}

static void ends_with_close_for_associated(struct kunit *test)
{
	const struct closing_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct sock *holder = portres_test_user_sock(test, net, AF_INET);
	struct portres_reservation *resv = acquire(test, holder, FIRST);
	struct sock *bound = portres_test_sock(test, net, AF_INET);
	struct sock *unbound = portres_test_sock(test, net, AF_INET6);

	if (row->bound)
		KUNIT_EXPECT_EQ(test, portres_test_bind(holder, ANY, 6000), 0);
	portres_test_associate(test, bound, resv);
	portres_test_associate(test, unbound, resv);
	KUNIT_EXPECT_EQ(test, portres_test_bind(bound, ANY, FIRST), 0);
	if (row->lingers)
		sock_hold(holder);
	portres_test_close(test, holder);

	KUNIT_EXPECT_EQ(test, portres_test_bind(unbound, ANY, FIRST + 1), -EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, portres_test_bind(unbound, ANY, 0), -EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, inet_sk(bound)->inet_num, FIRST);
	bury(test, net, row->lingers ? holder : NULL);
	KUNIT_EXPECT_EQ(test, portres_test_bind(unbound, ANY, FIRST + 1), -EADDRNOTAVAIL);
	KUNIT_EXPECT_TRUE(test, resv->dead);
	KUNIT_EXPECT_EQ(test, refcount_read(&resv->refs), 2);
	expect_nothing_left(test, net);
}

static void ends_with_close_for_bounds(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET);
	const struct cred *before;
	struct sock *lingering;

	portres_net_of(net)->user_max_reservations = 1;
	before = portres_test_become(test, 1000, false);
	lingering = closed_holder(test, net);
	acquire(test, sk, 7000);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(portres_test_acquire(sk, 8000, 1)), -EDQUOT);
	revert_creds(before);
	bury(test, net, lingering);
}

static void several_on_one_socket(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_table *table = portres_test_udp(net);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET);
	struct sock *other = portres_test_user_sock(test, net, AF_INET);
	struct portres_reservation *second;

	acquire(test, sk, FIRST);
	second = acquire(test, sk, 6000);
	acquire(test, sk, 7000);
	acquire(test, other, 8000);
	KUNIT_EXPECT_EQ(test, portres_release(net, second->token), 0);
	KUNIT_EXPECT_FALSE(test, portres_table_reserved(table, 6000));
	KUNIT_EXPECT_TRUE(test, portres_table_reserved(table, FIRST));
	KUNIT_EXPECT_TRUE(test, portres_table_reserved(table, 7000));

	portres_test_release(test, sk);
	portres_test_settle(net);
	KUNIT_EXPECT_FALSE(test, portres_table_overlaps(table, FIRST, 7999));
	KUNIT_EXPECT_TRUE(test, portres_table_reserved(table, 8000));
	portres_test_release(test, other);
	expect_nothing_left(test, net);
}

static void holder_may_be_associated(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET6);
	struct portres_reservation *resv = acquire(test, sk, FIRST);

	portres_test_associate(test, sk, resv);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, LAST), 0);
	refcount_inc(&resv->refs);
	portres_test_release(test, sk);
	expect_nothing_left(test, net);
	KUNIT_EXPECT_EQ(test, refcount_read(&resv->refs), 1);
	portres_reservation_put(resv);
}

/* Such a socket could be destructed when the table is no more. */
static void kernel_socket_holds_nothing(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_sock(test, net, AF_INET);

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(portres_test_acquire(sk, FIRST, 1)), -EOPNOTSUPP);
	expect_nothing_left(test, net);
}

static void namespace_ends_after_holder(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET);
	struct portres_reservation *resv;
	int tries;

	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, 6000), 0);
	resv = acquire(test, sk, FIRST);
	refcount_inc(&resv->refs);
	portres_test_end_net(test, net);
	KUNIT_EXPECT_FALSE_MSG(test, resv->dead, "the socket keeps the namespace");
	portres_test_close(test, sk);
	for (tries = 0; tries < 500 && refcount_read(&resv->refs) > 1; tries++)
		msleep(20);
	KUNIT_EXPECT_TRUE(test, resv->dead);
	KUNIT_EXPECT_EQ(test, refcount_read(&resv->refs), 1);
	portres_reservation_put(resv);
}

/* What a socket held may still be read, though its state is not that of a holder any more. */
static void destroyed_socket_is_gone(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_sock *ps = kzalloc(sizeof(*ps), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ps);
	spin_lock_init(&ps->lock);
	rcu_read_lock();
	portres_expire_sock(ps, net);
	KUNIT_EXPECT_TRUE(test, ps->gone);
	rcu_read_unlock();
}

static struct kunit_case holder_cases[] = {
	KUNIT_CASE(stands_as_acquired),
	KUNIT_CASE_PARAM(ends_with_close_for_strangers, closing_gen_params),
	KUNIT_CASE_PARAM(ends_with_close_for_choice, closing_gen_params),
	KUNIT_CASE_PARAM(ends_with_close_for_administrator, closing_gen_params),
	KUNIT_CASE_PARAM(ends_with_close_for_acquisition, closing_gen_params),
	KUNIT_CASE_PARAM(ends_with_close_for_associated, closing_gen_params),
	KUNIT_CASE_PARAM(ends_with_close_for_bounds, closing_gen_params),
	KUNIT_CASE(several_on_one_socket),
	KUNIT_CASE(holder_may_be_associated),
	KUNIT_CASE(kernel_socket_holds_nothing),
	KUNIT_CASE(namespace_ends_after_holder),
	KUNIT_CASE(destroyed_socket_is_gone),
	{}
};

static struct kunit_suite holder_suite = {
	.name = "portres_holder",
	.test_cases = holder_cases,
};

kunit_test_suite(holder_suite);
