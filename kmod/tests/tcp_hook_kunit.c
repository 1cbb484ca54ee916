// SPDX-License-Identifier: GPL-2.0-only
/*
 * A copy of TCP's proto that another module has changed before the hook finds it: those of TLS are
 * looked for at each installation. It is not forgotten, so this is the last suite that needs TCP.
 */
#include <kunit/test.h>
#include <linux/netlink.h>
#include <net/sock.h>

#include "fixture.h"
#include "tcp/entry.h"
#include "tcp/family.h"
#include "tcp/hook.h"
#include "tcp/tls.h"

static int strange_get_port(struct sock *sk, unsigned short port)
{
	return -EOWNERDEAD;
}

static void close_tls(void *tls)
{
	portres_tcp_tls_close(tls);
}

static struct proto *find_copy(struct kunit *test)
{
	struct portres_tcp_tls *tls = kunit_kzalloc(test, sizeof(*tls), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tls);
	KUNIT_ASSERT_EQ(test, portres_tcp_tls_open(tls, portres_test_family(test)), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_tls, tls), 0);
	KUNIT_ASSERT_GT(test, tls->count, 0);
	return &tls->copies[0];
}

static void copy_is_hooked(struct kunit *test)
{
	portres_get_port_t entry = portres_test_family(test) == AF_INET6 ?
				   portres_tcp_get_port_v6 : portres_tcp_get_port_v4;
	struct proto *copy = find_copy(test);

	KUNIT_EXPECT_EQ(test, portres_tcp_hook_install(), 0);
	KUNIT_EXPECT_FALSE(test, portres_tcp_family_met_stranger());
	KUNIT_EXPECT_PTR_EQ(test, copy->get_port, entry);
}

static void stranger_is_left_alone(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct proto *copy = find_copy(test);
	portres_get_port_t before = copy->get_port;
	struct netlink_ext_ack extack = { 0 };

	WRITE_ONCE(copy->get_port, strange_get_port);
	KUNIT_EXPECT_EQ(test, portres_tcp_hook_install(), 0);
	KUNIT_EXPECT_PTR_EQ(test, copy->get_port, &strange_get_port);
	KUNIT_EXPECT_EQ_MSG(test, portres_tcp_hook_check(net, &extack), -EOPNOTSUPP,
			    "a creation would succeed");
	KUNIT_EXPECT_NOT_NULL(test, extack._msg);
	WRITE_ONCE(copy->get_port, before);
}

static struct kunit_case tcp_hook_cases[] = {
	KUNIT_CASE_PARAM(copy_is_hooked, portres_test_families),
	KUNIT_CASE_PARAM(stranger_is_left_alone, portres_test_families),
	{}
};

static struct kunit_suite tcp_hook_suite = {
	.name = "portres_tcp_hook",
	.test_cases = tcp_hook_cases,
};

kunit_test_suite(tcp_hook_suite);
