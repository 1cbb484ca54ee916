// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which socket gets which port, by binds that go the whole way through the kernel and the
 * hook. What happens when the table changes in the middle is in race_kunit.c, how a
 * port is chosen in choice_kunit.c.
 */
#include <kunit/test.h>
#include <linux/in.h>
#include <linux/net.h>
#include <linux/tracepoint.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/trace.h"
#include "fixture.h"

#define FIRST	5000
#define LAST	5009

/**
 * enum association - association of the socket that binds
 * @NONE: unassociated
 * @LIVE: associated with the block
 * @DEAD: associated, the reservation was deleted
 * @REPLACED: associated, the reservation was deleted and the block reserved again
 */
enum association { NONE, LIVE, DEAD, REPLACED };

static const struct row {
	const char *name;
	enum association association;
	u16 port;
	int err;
	enum portres_test_where where;
} rows[] = {
	{ "unassociated, first port", NONE, FIRST, -EADDRINUSE },
	{ "unassociated, inside", NONE, 5004, -EADDRINUSE },
	{ "unassociated, last port", NONE, LAST, -EADDRINUSE },
	{ "unassociated, specific address", NONE, 5004, -EADDRINUSE, LOOPBACK },
	{ "unassociated, multicast", NONE, 5004, -EADDRINUSE, MULTICAST },
	{ "unassociated, port before", NONE, FIRST - 1, 0 },
	{ "unassociated, port behind", NONE, LAST + 1, 0 },
	{ "unassociated, far port", NONE, 65535, 0 },
	{ "associated, first port", LIVE, FIRST, 0 },
	{ "associated, inside", LIVE, 5004, 0 },
	{ "associated, last port", LIVE, LAST, 0 },
	{ "associated, specific address", LIVE, 5004, 0, LOOPBACK },
	{ "associated, multicast", LIVE, 5004, 0, MULTICAST },
	{ "associated, any port", LIVE, 0, 0 },
	{ "associated, port before", LIVE, FIRST - 1, -EADDRNOTAVAIL },
	{ "associated, port behind", LIVE, LAST + 1, -EADDRNOTAVAIL },
	{ "deleted, inside", DEAD, 5004, -EADDRNOTAVAIL },
	{ "deleted, outside", DEAD, 6000, -EADDRNOTAVAIL },
	{ "deleted, any port", DEAD, 0, -EADDRNOTAVAIL },
	{ "replaced, inside", REPLACED, 5004, -EADDRNOTAVAIL },
	{ "replaced, any port", REPLACED, 0, -EADDRNOTAVAIL },
};

KUNIT_ARRAY_PARAM_DESC(row, rows, name);

static struct portres_reservation *reserve(struct kunit *test, struct net *net)
{
	struct portres_reservation *resv = portres_test_reserve(net, FIRST, LAST);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	return resv;
}

static struct sock *make_socket(struct kunit *test, struct net *net, int family,
				enum association association)
{
	struct portres_reservation *resv = reserve(test, net);
	struct sock *sk = portres_test_sock(test, net, family);

	if (association != NONE)
		portres_test_associate(test, sk, resv);
	if (association == DEAD || association == REPLACED)
		portres_test_unreserve(net, resv);
	if (association == REPLACED)
		reserve(test, net);
	return sk;
}

static void expect_port(struct kunit *test, const struct sock *sk, const struct row *row)
{
	u16 port = inet_sk(sk)->inet_num;

	if (row->err)
		KUNIT_EXPECT_EQ(test, port, 0);
	else if (row->port)
		KUNIT_EXPECT_EQ(test, port, row->port);
	else
		KUNIT_EXPECT_TRUE_MSG(test, port >= FIRST && port <= LAST, "port %u", port);
}

static void bind_as(struct kunit *test, int family)
{
	const struct row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct sock *sk = make_socket(test, net, family, row->association);

	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, row->where, row->port), row->err);
	expect_port(test, sk, row);
	if (row->port)
		KUNIT_EXPECT_EQ(test, portres_test_users(net, row->port), !row->err);
}

static void bind_v4(struct kunit *test)
{
	bind_as(test, AF_INET);
}

static void bind_v6(struct kunit *test)
{
	bind_as(test, AF_INET6);
}

/* The kernel makes EAGAIN of whatever an implicit bind fails with. */
static void implicit_bind(struct kunit *test)
{
	static const int families[] = { AF_INET, AF_INET6 };
	int i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		struct net *net = portres_test_net(test);
		struct sock *member = make_socket(test, net, families[i], LIVE);
		struct sock *orphan;
		u16 port;

		KUNIT_EXPECT_EQ(test, portres_test_connect(member), 0);
		port = inet_sk(member)->inet_num;
		KUNIT_EXPECT_TRUE_MSG(test, port >= FIRST && port <= LAST, "port %u", port);

		orphan = make_socket(test, portres_test_net(test), families[i], DEAD);
		KUNIT_EXPECT_EQ(test, portres_test_connect(orphan), -EAGAIN);
		KUNIT_EXPECT_EQ(test, inet_sk(orphan)->inet_num, 0);
	}
}

static void mapped_is_refused(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = make_socket(test, net, AF_INET6, NONE);

	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, MAPPED, FIRST), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, MAPPED, LAST + 1), 0);
}

static void reuse_is_no_way_in(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *member = make_socket(test, net, AF_INET, LIVE);
	struct sock *stranger = portres_test_sock(test, net, AF_INET);

	sock_set_reuseport(member);
	sock_set_reuseaddr(member);
	sock_set_reuseport(stranger);
	sock_set_reuseaddr(stranger);
	KUNIT_EXPECT_EQ(test, portres_test_bind(member, ANY, FIRST), 0);
	KUNIT_EXPECT_EQ(test, portres_test_bind(stranger, ANY, FIRST), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, portres_test_users(net, FIRST), 1);
}

static void members_share_as_on_free_ports(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net);
	struct sock *sk[3];
	int i;

	for (i = 0; i < ARRAY_SIZE(sk); i++) {
		sk[i] = portres_test_sock(test, net, AF_INET6);
		portres_test_associate(test, sk[i], resv);
	}
	sock_set_reuseport(sk[0]);
	sock_set_reuseport(sk[1]);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk[0], ANY, FIRST), 0);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk[1], ANY, FIRST), 0);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk[2], ANY, FIRST), -EADDRINUSE);
	KUNIT_EXPECT_EQ_MSG(test, atomic64_read(&resv->refused), 0,
			    "the kernel's refusal is not the reservation's");
}

static void bound_socket_keeps_its_port(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net);
	struct sock *member = portres_test_sock(test, net, AF_INET);
	struct sock *stranger = portres_test_sock(test, net, AF_INET);

	portres_test_associate(test, member, resv);
	KUNIT_EXPECT_EQ(test, portres_test_bind(member, ANY, FIRST), 0);
	portres_test_unreserve(net, resv);
	KUNIT_EXPECT_EQ(test, inet_sk(member)->inet_num, FIRST);
	KUNIT_EXPECT_EQ(test, portres_test_users(net, FIRST), 1);
	KUNIT_EXPECT_EQ(test, portres_test_bind(stranger, ANY, FIRST), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, portres_test_bind(stranger, ANY, LAST), 0);
}

static void namespaces_are_apart(struct kunit *test)
{
	struct net *here = portres_test_net(test);
	struct net *there = portres_test_net(test);
	struct sock *sk = portres_test_sock(test, there, AF_INET);

	reserve(test, here);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, FIRST), 0);
	KUNIT_EXPECT_NULL(test, portres_test_find(portres_test_udp(there), FIRST));
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, portres_test_reserve(there, LAST, LAST));
}

static struct portres_net *exchange_net(struct net *net, struct portres_net *pnet)
{
	struct net_generic *gen = rcu_dereference_protected(net->gen, true);
	struct portres_net *before = gen->ptr[portres_net_id];

	gen->ptr[portres_net_id] = pnet;
	return before;
}

/*
 * A subsystem that was registered before portres sets up its part of a new namespace first, and
 * may bind a socket there: then the namespace has nothing of ours yet. And nothing reserved.
 */
static void namespace_in_the_making(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	int family = portres_test_family(test);
	struct sock *named = portres_test_sock(test, net, family);
	struct sock *any = portres_test_sock(test, net, family);
	struct sock *connected = portres_test_sock(test, net, family);
	struct portres_net *pnet = exchange_net(net, NULL);

	KUNIT_EXPECT_EQ(test, portres_test_bind(named, ANY, FIRST), 0);
	KUNIT_EXPECT_EQ(test, portres_test_bind(any, ANY, 0), 0);
	KUNIT_EXPECT_EQ(test, portres_test_connect(connected), 0);
	exchange_net(net, pnet);
	KUNIT_EXPECT_EQ(test, inet_sk(named)->inet_num, FIRST);
	KUNIT_EXPECT_NE(test, inet_sk(any)->inet_num, 0);
	KUNIT_EXPECT_NE(test, inet_sk(connected)->inet_num, 0);
	KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(portres_test_reserve(net, FIRST, LAST)),
			    -EADDRINUSE, "a creation sees the socket from before");
}

/* TCP and UDP-Lite have ports of their own. */
static void other_protocols_pass(struct kunit *test)
{
	static const struct { int type, protocol; } others[] = {
		{ SOCK_STREAM, IPPROTO_TCP },
		{ SOCK_DGRAM, IPPROTO_UDPLITE },
	};
	struct net *net = portres_test_net(test);
	struct socket *sock;
	int i;

	reserve(test, net);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		KUNIT_ASSERT_EQ(test, sock_create_kern(net, AF_INET6, others[i].type,
						       others[i].protocol, &sock), 0);
		KUNIT_EXPECT_EQ(test, portres_test_bind(sock->sk, ANY, FIRST), 0);
		sock_release(sock);
	}
}

/* What the tracepoint told last. */
static struct {
	unsigned int times;
	const struct sock *sk;
	u16 port;
	const struct portres_reservation *resv;
	int error;
} told;

static void listen(void *unused, const struct sock *sk, u16 port,
		   const struct portres_reservation *resv, int error)
{
	told.times++;
	told.sk = sk;
	told.port = port;
	told.resv = resv;
	told.error = error;
}

static void stop_listening(void *unused)
{
	unregister_trace_refused(listen, NULL);
	tracepoint_synchronize_unregister();
}

static void start_listening(struct kunit *test)
{
	memset(&told, 0, sizeof(told));
	KUNIT_ASSERT_EQ(test, register_trace_refused(listen, NULL), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_listening, NULL), 0);
}

static void refusal_is_counted_and_told(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net);
	struct sock *stranger = portres_test_sock(test, net, AF_INET6);
	struct sock *member = portres_test_sock(test, net, AF_INET);

	start_listening(test);
	portres_test_associate(test, member, resv);

	KUNIT_EXPECT_EQ(test, portres_test_bind(stranger, ANY, 5007), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, atomic64_read(&resv->refused), 1);
	KUNIT_EXPECT_EQ(test, told.times, 1);
	KUNIT_EXPECT_PTR_EQ(test, told.sk, stranger);
	KUNIT_EXPECT_EQ(test, told.port, 5007);
	KUNIT_EXPECT_PTR_EQ(test, told.resv, resv);
	KUNIT_EXPECT_EQ(test, told.error, -EADDRINUSE);

	KUNIT_EXPECT_EQ(test, portres_test_bind(member, ANY, 6000), -EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, atomic64_read(&resv->refused), 2);
	KUNIT_EXPECT_EQ(test, told.times, 2);
	KUNIT_EXPECT_PTR_EQ(test, told.resv, resv);
	KUNIT_EXPECT_EQ(test, told.error, -EADDRNOTAVAIL);

	KUNIT_EXPECT_EQ(test, portres_test_bind(stranger, ANY, 6000), 0);
	KUNIT_EXPECT_EQ(test, portres_test_bind(member, ANY, 0), 0);
	KUNIT_EXPECT_EQ_MSG(test, told.times, 2, "a success was told as a refusal");
}

static struct kunit_case bind_cases[] = {
	KUNIT_CASE_PARAM(bind_v4, row_gen_params),
	KUNIT_CASE_PARAM(bind_v6, row_gen_params),
	KUNIT_CASE(implicit_bind),
	KUNIT_CASE(mapped_is_refused),
	KUNIT_CASE(reuse_is_no_way_in),
	KUNIT_CASE(members_share_as_on_free_ports),
	KUNIT_CASE(bound_socket_keeps_its_port),
	KUNIT_CASE(namespaces_are_apart),
	KUNIT_CASE_PARAM(namespace_in_the_making, portres_test_families),
	KUNIT_CASE(other_protocols_pass),
	KUNIT_CASE(refusal_is_counted_and_told),
	{}
};

static struct kunit_suite bind_suite = {
	.name = "portres_bind",
	.test_cases = bind_cases,
};

kunit_test_suite(bind_suite);
