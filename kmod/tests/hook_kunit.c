// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hook: which protos it stands in, that it goes without a trace and comes again,
 * and what it waits for. It stands as long as a test runs, but where that removes it.
 */
#include <kunit/test.h>
#include <linux/skmsg.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "fixture.h"
#include "udp/hook.h"

#define FIRST	5000
#define LAST	5009

static const struct proto_row {
	const char *name;
	int family;
	bool sockmap;
} proto_rows[] = {
	{ "v4", AF_INET },
	{ "v4 in a sockmap", AF_INET, true },
	{ "v6", AF_INET6 },
	{ "v6 in a sockmap", AF_INET6, true },
};

KUNIT_ARRAY_PARAM_DESC(proto_row, proto_rows, name);

/* What a sockmap does with the proto of its sockets, without a map. */
static int put_into_sockmap(struct sock *sk, bool out)
{
	static struct sk_psock psock;
	int err;

	lock_sock(sk);
	if (!out) {
		psock.sk_proto = sk->sk_prot;
		psock.saved_write_space = sk->sk_write_space;
	}
	err = psock.sk_proto->psock_update_sk_prot(sk, &psock, out);
	release_sock(sk);
	return err;
}

static void leave_sockmap(void *sk)
{
	WARN_ON(put_into_sockmap(sk, true));
}

static struct sock *make_socket(struct kunit *test, struct net *net)
{
	const struct proto_row *row = test->param_value;
	struct sock *sk = portres_test_sock(test, net, row->family);
	struct proto *base = sk->sk_prot;

	if (!row->sockmap)
		return sk;
	KUNIT_ASSERT_EQ(test, put_into_sockmap(sk, false), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, leave_sockmap, sk), 0);
	KUNIT_ASSERT_PTR_NE(test, sk->sk_prot, base);
	return sk;
}

static struct portres_reservation *reserve(struct kunit *test, struct net *net)
{
	struct portres_reservation *resv = portres_test_reserve(net, FIRST, LAST);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	return resv;
}

static void come_again(void *unused)
{
	WARN_ON(portres_udp_hook_install());
}

static void remove_until_end(struct kunit *test)
{
	portres_test_ready();
	portres_udp_hook_remove();
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, come_again, NULL), 0);
}

static void stands_in_proto(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = make_socket(test, net);

	KUNIT_EXPECT_PTR_NE(test, sk->sk_prot->get_port, portres_udp_hook_original(sk));
	reserve(test, net);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, FIRST), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, LAST + 1), 0);
}

static void goes_without_a_trace(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = make_socket(test, net);
	struct sock *plain = portres_test_sock(test, net, sk->sk_family);
	portres_get_port_t original = portres_udp_hook_original(sk);

	reserve(test, net);
	remove_until_end(test);
	KUNIT_EXPECT_PTR_EQ(test, sk->sk_prot->get_port, original);
	KUNIT_EXPECT_PTR_EQ_MSG(test, sk->sk_prot->get_port, plain->sk_prot->get_port,
				"the copy has something else than its base");
	KUNIT_EXPECT_EQ_MSG(test, portres_test_bind(sk, ANY, FIRST), 0,
			    "a hook is still installed");
}

/* A copy that was made while the hook stood must not keep our pointer. */
static void goes_from_socket_that_entered_before(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = make_socket(test, net);
	portres_get_port_t entry = sk->sk_prot->get_port;
	struct sock *later;

	remove_until_end(test);
	later = portres_test_sock(test, net, sk->sk_family);
	KUNIT_EXPECT_PTR_NE(test, sk->sk_prot->get_port, entry);
	KUNIT_EXPECT_PTR_NE(test, later->sk_prot->get_port, entry);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, 0), 0);
	KUNIT_EXPECT_EQ(test, portres_test_bind(later, ANY, 0), 0);
}

static void comes_again(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = make_socket(test, net);
	portres_get_port_t entry = sk->sk_prot->get_port;
	portres_get_port_t original = portres_udp_hook_original(sk);
	int i;

	reserve(test, net);
	for (i = 0; i < 3; i++) {
		portres_udp_hook_remove();
		KUNIT_EXPECT_PTR_EQ(test, sk->sk_prot->get_port, original);
		KUNIT_ASSERT_EQ(test, portres_udp_hook_install(), 0);
		KUNIT_EXPECT_PTR_EQ(test, sk->sk_prot->get_port, entry);
		KUNIT_EXPECT_PTR_EQ(test, portres_udp_hook_original(sk), original);
	}
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, FIRST), -EADDRINUSE);
}

static void has_an_entry_per_proto(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *v4 = portres_test_sock(test, net, AF_INET);
	struct sock *v6 = portres_test_sock(test, net, AF_INET6);
	struct socket *lite;

	KUNIT_EXPECT_PTR_NE(test, v4->sk_prot->get_port, v6->sk_prot->get_port);
	KUNIT_EXPECT_PTR_NE(test, portres_udp_hook_original(v4), portres_udp_hook_original(v6));

	KUNIT_ASSERT_EQ(test, sock_create_kern(net, AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, &lite),
			0);
	KUNIT_EXPECT_PTR_EQ_MSG(test, lite->sk->sk_prot->get_port, portres_udp_hook_original(v4),
				"UDP-Lite is hooked");
	sock_release(lite);
}

static void waits_for_who_stacked_over_it(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = make_socket(test, net);
	portres_get_port_t original = portres_udp_hook_original(sk);

	portres_test_stack(test, sk);
	reserve(test, net);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, FIRST), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, portres_test_stack_asked(), 1);

	portres_test_unstack(300);
	remove_until_end(test);
	KUNIT_EXPECT_FALSE_MSG(test, portres_test_stacked(), "left a pointer that led to it");
	KUNIT_EXPECT_PTR_EQ(test, sk->sk_prot->get_port, original);
}

static void waits_for_who_is_inside(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_sock(test, net, AF_INET);

	portres_test_lag_inside(test, sk, LAST + 1);
	remove_until_end(test);
	KUNIT_EXPECT_FALSE_MSG(test, portres_test_lags(), "removed while a task was inside");
	KUNIT_EXPECT_EQ(test, portres_test_lagged(), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, LAST + 1);
}

static struct kunit_case hook_cases[] = {
	KUNIT_CASE_PARAM(stands_in_proto, proto_row_gen_params),
	KUNIT_CASE_PARAM(goes_without_a_trace, proto_row_gen_params),
	KUNIT_CASE_PARAM(goes_from_socket_that_entered_before, proto_row_gen_params),
	KUNIT_CASE_PARAM(comes_again, proto_row_gen_params),
	KUNIT_CASE(has_an_entry_per_proto),
	KUNIT_CASE_PARAM(waits_for_who_stacked_over_it, proto_row_gen_params),
	KUNIT_CASE(waits_for_who_is_inside),
	{}
};

static struct kunit_suite hook_suite = {
	.name = "portres_hook",
	.test_cases = hook_cases,
};

kunit_test_suite(hook_suite);
