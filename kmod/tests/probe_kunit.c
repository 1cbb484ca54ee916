// SPDX-License-Identifier: GPL-2.0-only
/*
 * The probe: every kind of user of a port is seen, nobody else, and nobody notices
 * that somebody looked.
 */
#include <kunit/test.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/probe.h"
#include "fixture.h"
#include "port_user.h"

#define PORT	5000

/* A crowd puts a port's slot beyond ten sockets, where the kernel searches otherwise. */
#define CROWD	20

static const struct portres_test_user users[] = {
	{ "v4, any address", AF_INET, ANY },
	{ "v4, specific address", AF_INET, LOOPBACK },
	{ "v4, multicast", AF_INET, MULTICAST },
	{ "v4, device", AF_INET, ANY, .device = true },
	{ "v4, SO_REUSEADDR", AF_INET, ANY, .reuseaddr = true },
	{ "v4, SO_REUSEPORT", AF_INET, ANY, .reuseport = true },
	{ "v4, specific address, both reuse flags, device", AF_INET, LOOPBACK,
	  .reuseaddr = true, .reuseport = true, .device = true },
	{ "v4, many on one port", AF_INET, ANY, .reuseport = true, .sockets = CROWD },
	{ "v4, many on a specific address", AF_INET, LOOPBACK, .reuseaddr = true,
	  .sockets = CROWD },
	{ "v6, any address", AF_INET6, ANY },
	{ "v6, specific address", AF_INET6, LOOPBACK },
	{ "v6, multicast", AF_INET6, MULTICAST },
	{ "v6, v6-only", AF_INET6, ANY, .v6only = true },
	{ "v6, v6-only, specific address", AF_INET6, LOOPBACK, .v6only = true },
	{ "v6, v4-mapped", AF_INET6, MAPPED },
	{ "v6, v6-only, both reuse flags, device", AF_INET6, ANY, .v6only = true,
	  .reuseaddr = true, .reuseport = true, .device = true },
	{ "v6, many on one port", AF_INET6, ANY, .reuseaddr = true, .sockets = CROWD },
	{ "v6, many on a specific address", AF_INET6, LOOPBACK, .reuseport = true,
	  .sockets = CROWD },
};

KUNIT_ARRAY_PARAM_DESC(user, users, name);

static struct sock *take_port(struct kunit *test, struct net *net,
			      const struct portres_test_user *user, u16 port)
{
	return portres_test_use_port(test, portres_test_sock(test, net, user->family), user, port);
}

static void open_probe(struct kunit *test, struct portres_probe *probe, struct net *net)
{
	KUNIT_ASSERT_EQ(test, portres_probe_open(probe, &portres_udp, net), 0);
}

static int look(struct kunit *test, struct net *net, u16 first, u16 last)
{
	struct portres_probe probe;
	int found;

	open_probe(test, &probe, net);
	found = portres_probe_look(&probe, first, last);
	portres_probe_close(&probe);
	return found;
}

static void sees_user(struct kunit *test)
{
	const struct portres_test_user *user = test->param_value;
	struct net *net = portres_test_net(test);
	struct sock *sk[CROWD];
	int n = user->sockets ?: 1;
	int i;

	for (i = 0; i < n; i++)
		sk[i] = take_port(test, net, user, PORT);
	KUNIT_EXPECT_EQ(test, look(test, net, PORT, PORT), PORT);
	KUNIT_EXPECT_EQ(test, look(test, net, PORT + 1, PORT + 9), 0);
	KUNIT_EXPECT_EQ(test, portres_test_users(net, PORT), n);
	KUNIT_EXPECT_EQ(test, inet_sk(sk[0])->inet_num, PORT);

	for (i = 0; i < n; i++)
		portres_test_release(test, sk[i]);
	KUNIT_EXPECT_EQ(test, look(test, net, PORT, PORT), 0);
	KUNIT_EXPECT_EQ(test, portres_test_users(net, PORT), 0);
}

/* One socket on a port of a block: where must it sit to be found? */
static const struct block_row {
	const char *name;
	u16 user;
	u16 first;
	u16 last;
	int found;
} blocks[] = {
	{ "on the first port", 5000, 5000, 5009, 5000 },
	{ "in the middle", 5004, 5000, 5009, 5004 },
	{ "on the last port", 5009, 5000, 5009, 5009 },
	{ "just before", 4999, 5000, 5009, 0 },
	{ "just behind", 5010, 5000, 5009, 0 },
	{ "on the first port of all", 1, 1, 10, 1 },
	{ "on the last port of all", 65535, 65530, 65535, 65535 },
	{ "nowhere near the last port of all", 5000, 65530, 65535, 0 },
	{ "somewhere among all ports", 40000, 1, 65535, 40000 },
};

KUNIT_ARRAY_PARAM_DESC(block, blocks, name);

static void sees_all_of_block(struct kunit *test)
{
	const struct portres_test_user any = { .family = AF_INET, .where = ANY };
	const struct block_row *block = test->param_value;
	struct net *net = portres_test_net(test);

	take_port(test, net, &any, block->user);
	KUNIT_EXPECT_EQ(test, look(test, net, block->first, block->last), block->found);
}

static void not_blind_with_bindv6only(struct kunit *test)
{
	const struct portres_test_user v4 = { .family = AF_INET, .where = LOOPBACK };
	struct net *net = portres_test_net(test);

	net->ipv6.sysctl.bindv6only = 1;
	take_port(test, net, &v4, PORT);
	KUNIT_EXPECT_EQ(test, look(test, net, PORT, PORT), PORT);
}

static void sees_own_namespace_only(struct kunit *test)
{
	const struct portres_test_user any = { .family = AF_INET6, .where = ANY };
	struct net *here = portres_test_net(test);
	struct net *there = portres_test_net(test);

	take_port(test, there, &any, PORT);
	KUNIT_EXPECT_EQ(test, look(test, here, PORT, PORT), 0);
	KUNIT_EXPECT_EQ(test, look(test, there, PORT, PORT), PORT);
}

static void sees_unbound_socket_nowhere(struct kunit *test)
{
	struct net *net = portres_test_net(test);

	portres_test_sock(test, net, AF_INET);
	portres_test_sock(test, net, AF_INET6);
	KUNIT_EXPECT_EQ(test, look(test, net, 1, 65535), 0);
}

/* What the kernel's get_port left behind while the probe looked. */
static struct {
	struct net *net;
	portres_get_port_t real;
	unsigned int traces;
	unsigned int looks;
} watch;

static int get_port_and_watch(struct sock *sk, unsigned short port)
{
	int err = watch.real(sk, port);

	watch.traces += portres_test_users(watch.net, port);
	watch.looks++;
	return err;
}

static void leaves_no_trace(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_sock(test, net, AF_INET);
	struct portres_probe probe;
	struct proto *prot;
	int found, in_use;

	open_probe(test, &probe, net);
	prot = probe.sk->sk_prot;
	in_use = sock_prot_inuse_get(net, prot);
	watch.net = net;
	watch.real = probe.get_port;
	watch.traces = 0;
	watch.looks = 0;
	probe.get_port = get_port_and_watch;
	found = portres_probe_look(&probe, 5000, 5099);
	KUNIT_EXPECT_EQ(test, found, 0);
	KUNIT_EXPECT_EQ(test, watch.looks, 100);
	KUNIT_EXPECT_EQ_MSG(test, watch.traces, 0, "the probe was on a port");
	KUNIT_EXPECT_EQ_MSG(test, portres_test_bind(sk, ANY, 5099), 0,
			    "the probe is in the way where it looked last");
	KUNIT_EXPECT_EQ(test, portres_test_users(net, 5099), 1);
	portres_probe_close(&probe);

	KUNIT_EXPECT_EQ(test, portres_test_users(net, 5099), 1);
	KUNIT_EXPECT_EQ(test, sock_prot_inuse_get(net, prot), in_use);
}

static void looks_again(struct kunit *test)
{
	const struct portres_test_user any = { .family = AF_INET6, .where = ANY };
	struct net *net = portres_test_net(test);
	struct portres_probe probe;
	struct sock *sk;

	open_probe(test, &probe, net);
	KUNIT_EXPECT_EQ(test, portres_probe_look(&probe, PORT, PORT), 0);
	sk = take_port(test, net, &any, PORT);
	KUNIT_EXPECT_EQ(test, portres_probe_look(&probe, PORT, PORT), PORT);
	portres_test_release(test, sk);
	KUNIT_EXPECT_EQ(test, portres_probe_look(&probe, PORT, PORT), 0);
	portres_probe_close(&probe);
}

static struct kunit_case probe_cases[] = {
	KUNIT_CASE_PARAM(sees_user, user_gen_params),
	KUNIT_CASE_PARAM(sees_all_of_block, block_gen_params),
	KUNIT_CASE(not_blind_with_bindv6only),
	KUNIT_CASE(sees_own_namespace_only),
	KUNIT_CASE(sees_unbound_socket_nowhere),
	KUNIT_CASE(leaves_no_trace),
	KUNIT_CASE(looks_again),
	{}
};

static struct kunit_suite probe_suite = {
	.name = "portres_probe",
	.test_cases = probe_cases,
};

kunit_test_suite(probe_suite);
