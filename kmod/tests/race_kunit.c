// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creation, deletion and bind in the middle of each other, in a certain order: the
 * kernel's get_port is replaced by one that does the other's step at that moment.
 *
 * The tests call portres_udp_bind() without the socket lock, which is inside of the
 * table's lock that the other's step takes; no other task knows the sockets.
 */
#include <kunit/test.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

#include "fixture.h"
#include "udp/bind.h"
#include "udp/hook.h"

#define FIRST	5000
#define LAST	5009
#define PORT	5004

/* The other's step, and what came of it. */
static struct {
	struct net *net;
	portres_get_port_t real;
	struct portres_reservation *old;
	struct portres_reservation *made;
} step;

static void prepare(struct net *net, const struct sock *sk, struct portres_reservation *old)
{
	step.net = net;
	step.real = portres_udp_hook_original(sk);
	step.old = old;
	step.made = NULL;
}

static int create_then_get(struct sock *sk, unsigned short port)
{
	if (!step.made)
		step.made = portres_test_reserve(step.net, FIRST, LAST);
	return step.real(sk, port);
}

static int get_then_create(struct sock *sk, unsigned short port)
{
	int err = step.real(sk, port);

	step.made = portres_test_reserve(step.net, FIRST, LAST);
	return err;
}

static int delete_then_get(struct sock *sk, unsigned short port)
{
	if (step.old)
		portres_test_unreserve(step.net, step.old);
	step.old = NULL;
	return step.real(sk, port);
}

static int replace_then_get(struct sock *sk, unsigned short port)
{
	if (step.old) {
		portres_test_unreserve(step.net, step.old);
		step.made = portres_test_reserve(step.net, FIRST, LAST);
	}
	step.old = NULL;
	return step.real(sk, port);
}

static void expect_nobody_on_port(struct kunit *test, struct net *net, const struct sock *sk)
{
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, 0);
	KUNIT_EXPECT_EQ(test, portres_test_users(net, PORT), 0);
}

/* The port must be free for a socket that may have it. */
static void expect_free_for_member(struct kunit *test, struct net *net,
				   struct portres_reservation *resv)
{
	struct sock *member = portres_test_sock(test, net, AF_INET6);

	portres_test_associate(test, member, resv);
	KUNIT_EXPECT_EQ(test, portres_test_bind(member, ANY, PORT), 0);
}

static void created_between_look_and_get(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_sock(test, net, portres_test_family(test));

	prepare(net, sk, NULL);
	KUNIT_EXPECT_EQ(test, portres_udp_bind(sk, PORT, create_then_get), -EADDRINUSE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, step.made);
	KUNIT_EXPECT_EQ(test, atomic64_read(&step.made->refused), 1);
	expect_nobody_on_port(test, net, sk);
	expect_free_for_member(test, net, step.made);
}

static void created_after_get(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_sock(test, net, portres_test_family(test));

	prepare(net, sk, NULL);
	KUNIT_EXPECT_EQ(test, portres_udp_bind(sk, PORT, get_then_create), 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(step.made), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, PORT);
	KUNIT_EXPECT_FALSE(test, portres_table_overlaps(portres_test_udp(net), 1, 65535));
}

static void created_elsewhere(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_sock(test, net, portres_test_family(test));

	prepare(net, sk, NULL);
	KUNIT_EXPECT_EQ(test, portres_udp_bind(sk, LAST + 1, create_then_get), 0);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, step.made);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, LAST + 1);
}

static struct sock *member_of_new(struct kunit *test, struct net *net)
{
	struct portres_reservation *resv = portres_test_reserve(net, FIRST, LAST);
	struct sock *sk = portres_test_sock(test, net, portres_test_family(test));

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	portres_test_associate(test, sk, resv);
	prepare(net, sk, resv);
	return sk;
}

static void deleted_under_member(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = member_of_new(test, net);

	KUNIT_EXPECT_EQ(test, portres_udp_bind(sk, PORT, delete_then_get), -EADDRNOTAVAIL);
	expect_nobody_on_port(test, net, sk);
}

static void replaced_under_member(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = member_of_new(test, net);

	KUNIT_EXPECT_EQ(test, portres_udp_bind(sk, PORT, replace_then_get), -EADDRNOTAVAIL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, step.made);
	KUNIT_EXPECT_EQ_MSG(test, atomic64_read(&step.made->refused), 0,
			    "the refusal is recorded for its own reservation");
	expect_nobody_on_port(test, net, sk);
	expect_free_for_member(test, net, step.made);
}

static void replaced_while_choosing_in_block(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = member_of_new(test, net);

	KUNIT_EXPECT_EQ(test, portres_udp_bind(sk, 0, replace_then_get), -EADDRNOTAVAIL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, step.made);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, 0);
	KUNIT_EXPECT_EQ(test, portres_test_users(net, FIRST), 0);
}

/*
 * The kernel is about to choose from the block and two ports beside it when the
 * reservation is made. It chooses from the block nearly always: do it often.
 */
static void created_while_kernel_chooses(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	int i;

	portres_test_set_port_range(net, FIRST - 1, LAST + 1);
	for (i = 0; i < 100; i++) {
		struct sock *sk = portres_test_sock(test, net, portres_test_family(test));

		prepare(net, sk, NULL);
		KUNIT_ASSERT_EQ(test, portres_udp_bind(sk, 0, create_then_get), 0);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, step.made);
		KUNIT_ASSERT_FALSE(test, portres_table_reserved(portres_test_udp(net),
								inet_sk(sk)->inet_num));
		portres_test_unreserve(net, step.made);
		portres_test_release(test, sk);
	}
}

/* The same where the range is touched already, so that the choice is ours. */
static void created_while_we_choose(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	int i;

	portres_test_set_port_range(net, FIRST - 1, LAST + 1);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, portres_test_reserve(net, FIRST - 1, FIRST - 1));
	for (i = 0; i < 20; i++) {
		struct sock *sk = portres_test_sock(test, net, portres_test_family(test));

		prepare(net, sk, NULL);
		KUNIT_ASSERT_EQ(test, portres_udp_bind(sk, 0, create_then_get), 0);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, step.made);
		KUNIT_ASSERT_EQ(test, inet_sk(sk)->inet_num, LAST + 1);
		KUNIT_ASSERT_EQ(test, atomic64_read(&step.made->refused), 0);
		portres_test_unreserve(net, step.made);
		portres_test_release(test, sk);
	}
}

static void created_over_all_while_kernel_chooses(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_sock(test, net, portres_test_family(test));

	portres_test_set_port_range(net, PORT, PORT);
	prepare(net, sk, NULL);
	KUNIT_EXPECT_EQ(test, portres_udp_bind(sk, 0, create_then_get), -EADDRINUSE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, step.made);
	expect_nobody_on_port(test, net, sk);
	expect_free_for_member(test, net, step.made);
}

static struct kunit_case race_cases[] = {
	KUNIT_CASE_PARAM(created_between_look_and_get, portres_test_families),
	KUNIT_CASE_PARAM(created_after_get, portres_test_families),
	KUNIT_CASE_PARAM(created_elsewhere, portres_test_families),
	KUNIT_CASE_PARAM(deleted_under_member, portres_test_families),
	KUNIT_CASE_PARAM(replaced_under_member, portres_test_families),
	KUNIT_CASE_PARAM(replaced_while_choosing_in_block, portres_test_families),
	KUNIT_CASE_PARAM(created_while_kernel_chooses, portres_test_families),
	KUNIT_CASE_PARAM(created_while_we_choose, portres_test_families),
	KUNIT_CASE_PARAM(created_over_all_while_kernel_chooses, portres_test_families),
	{}
};

static struct kunit_suite race_suite = {
	.name = "portres_race",
	.test_cases = race_cases,
};

kunit_test_suite(race_suite);
