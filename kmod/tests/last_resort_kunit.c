// SPDX-License-Identifier: GPL-2.0-only
/*
 * Automatic selection where the only free ports of the ephemeral range are those of a creation or
 * change that is not decided: it may still fail, so nobody may be refused for it.
 */
#include <kunit/test.h>
#include <net/inet_connection_sock.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

#include "core/decision.h"
#include "fixture.h"
#include "tcp/entry.h"

#define FIRST	5000
#define LAST	5009
#define PORT	5004
#define SERVER	9	/* of portres_test_connect() */

static int way_any(struct sock *sk)
{
	return portres_test_bind(sk, ANY, 0);
}

static int way_listen(struct sock *sk)
{
	return kernel_listen(sk->sk_socket, 1);
}

static const struct way {
	const char *name;
	const struct portres_protocol *protocol;
	int family;
	int (*go)(struct sock *sk);
	int full;
} ways[] = {
	{ "UDP bind v4", &portres_udp, AF_INET, way_any, -EADDRINUSE },
	{ "UDP bind v6", &portres_udp, AF_INET6, way_any, -EADDRINUSE },
	{ "UDP connect v4", &portres_udp, AF_INET, portres_test_connect, -EAGAIN },
	{ "UDP connect v6", &portres_udp, AF_INET6, portres_test_connect, -EAGAIN },
	{ "TCP bind v4", &portres_tcp, AF_INET, way_any, -EADDRINUSE },
	{ "TCP bind v6", &portres_tcp, AF_INET6, way_any, -EADDRINUSE },
	{ "TCP listen v4", &portres_tcp, AF_INET, way_listen, -EADDRINUSE },
	{ "TCP listen v6", &portres_tcp, AF_INET6, way_listen, -EADDRINUSE },
	{ "TCP connect v4", &portres_tcp, AF_INET, portres_test_connect, -EADDRNOTAVAIL },
	{ "TCP connect v6", &portres_tcp, AF_INET6, portres_test_connect, -EADDRNOTAVAIL },
};

KUNIT_ARRAY_PARAM_DESC(way, ways, name);

/* The namespace of a test, and the creation in it. */
static struct {
	const struct way *way;
	struct net *net;
	struct portres_table *table;
	struct portres_reservation *resv;
	bool committed;
	struct portres_tcp_original *at;
	struct portres_tcp_original real;
} scene;

static struct sock *open_sock(struct kunit *test)
{
	return scene.way->protocol == &portres_tcp ?
	       portres_test_tcp_sock(test, scene.net, scene.way->family) :
	       portres_test_sock(test, scene.net, scene.way->family);
}

static void insert(struct kunit *test, u16 first, u16 last)
{
	const struct portres_spec spec = {
		.protocol = scene.way->protocol, .first = first, .last = last,
		.owner = INVALID_UID,
	};

	scene.resv = portres_reservation_alloc(&spec);
	KUNIT_ASSERT_NOT_NULL(test, scene.resv);
	KUNIT_ASSERT_EQ(test, portres_table_prepare(scene.table), 0);
	spin_lock_bh(scene.table->lock);
	KUNIT_EXPECT_EQ(test, portres_table_add(scene.table, scene.resv), 0);
	spin_unlock_bh(scene.table->lock);
}

static bool commit(u16 *vetoed)
{
	bool committed;

	spin_lock_bh(scene.table->lock);
	committed = portres_decision_commit(scene.resv, vetoed);
	spin_unlock_bh(scene.table->lock);
	return committed;
}

/* A namespace whose ephemeral range is a tentative block, up to @high if that is more. */
static void prepare(struct kunit *test, u16 last, u16 high)
{
	struct portres_spec elsewhere = { .first = 7000, .last = 7000, .owner = INVALID_UID };
	struct sock *server;

	memset(&scene, 0, sizeof(scene));
	scene.way = test->param_value;
	scene.net = portres_test_net(test);
	scene.table = portres_table_of(scene.net, scene.way->protocol->index);
	elsewhere.protocol = scene.way->protocol;
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test,
				     portres_test_reserve_spec(scene.net, elsewhere, NULL));
	portres_test_set_port_range(scene.net, FIRST, high);
	if (scene.way->protocol == &portres_tcp) {
		server = open_sock(test);
		KUNIT_ASSERT_EQ(test, portres_test_bind(server, ANY, SERVER), 0);
		KUNIT_ASSERT_EQ(test, kernel_listen(server->sk_socket, 64), 0);
	}
	insert(test, FIRST, last);
}

static u16 port_of(const struct sock *sk)
{
	return inet_sk(sk)->inet_num;
}

/* Return: the port that the socket got. */
static u16 go(struct kunit *test)
{
	struct sock *sk = open_sock(test);

	KUNIT_EXPECT_EQ(test, scene.way->go(sk), 0);
	return port_of(sk);
}

static void expect_full(struct kunit *test)
{
	struct sock *sk = open_sock(test);

	KUNIT_EXPECT_EQ(test, scene.way->go(sk), scene.way->full);
	KUNIT_EXPECT_EQ(test, port_of(sk), 0);
}

static void expect_in_block(struct kunit *test, u16 port)
{
	KUNIT_EXPECT_GE(test, port, FIRST);
	KUNIT_EXPECT_LE(test, port, LAST);
}

/* The probe is still to come. */
static void tentative(struct kunit *test)
{
	u16 vetoed;

	prepare(test, LAST, LAST);
	expect_in_block(test, go(test));
	portres_decision_open(scene.resv);
	KUNIT_EXPECT_TRUE_MSG(test, commit(&vetoed), "it has vetoed");
	expect_full(test);
}

static void deciding(struct kunit *test)
{
	u16 port, vetoed = 0;

	prepare(test, LAST, LAST);
	portres_decision_open(scene.resv);
	port = go(test);
	expect_in_block(test, port);
	expect_in_block(test, go(test));
	KUNIT_EXPECT_FALSE(test, commit(&vetoed));
	KUNIT_EXPECT_EQ(test, vetoed, port);
	expect_in_block(test, go(test));
}

static void every_port_is_found(struct kunit *test)
{
	DECLARE_BITMAP(got, LAST - FIRST + 1) = {};
	u16 port;

	prepare(test, LAST, LAST);
	for (port = FIRST; port <= LAST; port++) {
		u16 found = go(test);

		expect_in_block(test, found);
		if (found >= FIRST && found <= LAST)
			__set_bit(found - FIRST, got);
	}
	KUNIT_EXPECT_EQ(test, bitmap_weight(got, LAST - FIRST + 1), LAST - FIRST + 1);
	expect_full(test);
}

/* Only what is left when all others are in use. */
static void others_come_first(struct kunit *test)
{
	prepare(test, LAST, LAST + 3);
	KUNIT_EXPECT_GT(test, go(test), LAST);
	KUNIT_EXPECT_GT(test, go(test), LAST);
	KUNIT_EXPECT_GT(test, go(test), LAST);
	expect_in_block(test, go(test));
}

static void settle(void)
{
	spin_lock_bh(scene.table->lock);
	portres_table_commit(scene.table, scene.resv);
	portres_decision_settle(scene.resv);
	spin_unlock_bh(scene.table->lock);
}

/* A change adds ports above PORT: those of its block are its own all the time. */
static void added_by_change(struct kunit *test)
{
	u16 vetoed, port;

	prepare(test, PORT, LAST);
	portres_decision_open(scene.resv);
	KUNIT_ASSERT_TRUE(test, commit(&vetoed));
	settle();
	spin_lock_bh(scene.table->lock);
	portres_table_extend(scene.table, scene.resv, FIRST, LAST);
	spin_unlock_bh(scene.table->lock);
	for (port = PORT + 1; port <= LAST; port++)
		KUNIT_EXPECT_GT(test, go(test), PORT);
	expect_full(test);
}

static void commit_once(void)
{
	u16 vetoed;

	if (scene.committed)
		return;
	scene.committed = true;
	portres_decision_open(scene.resv);
	commit(&vetoed);
}

static int commit_then_get(struct sock *sk, unsigned short port)
{
	commit_once();
	return scene.real.get_port(sk, port);
}

static int get_then_commit(struct sock *sk, unsigned short port)
{
	int err = scene.real.get_port(sk, port);

	commit_once();
	return err;
}

static int commit_then_connect(struct sock *sk, struct portres_sockaddr *addr, int len)
{
	commit_once();
	return scene.real.connect(sk, addr, len);
}

static int connect_then_commit(struct sock *sk, struct portres_sockaddr *addr, int len)
{
	int err = scene.real.connect(sk, addr, len);

	commit_once();
	return err;
}

static void restore(void *unused)
{
	*scene.at = scene.real;
}

static void replace(struct kunit *test, struct sock *sk, portres_get_port_t get_port,
		    portres_connect_t connect)
{
	if (scene.way->protocol == &portres_udp) {
		scene.real.get_port = portres_test_put_under_hook(test, sk->sk_prot, get_port);
		return;
	}
	scene.at = &portres_tcp_original[scene.way->family == AF_INET6 ? PORTRES_TCP_V6 :
									 PORTRES_TCP_V4];
	scene.real = *scene.at;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore, NULL), 0);
	WRITE_ONCE(scene.at->get_port, get_port);
	WRITE_ONCE(scene.at->connect, connect);
}

/* The creation was faster: the socket is as if it had never had the port. */
static void yields(struct kunit *test, portres_get_port_t get_port, portres_connect_t connect)
{
	struct sock *sk, *member;

	prepare(test, FIRST, FIRST);
	sk = open_sock(test);
	replace(test, sk, get_port, connect);
	KUNIT_EXPECT_EQ(test, scene.way->go(sk), scene.way->full);
	KUNIT_EXPECT_TRUE_MSG(test, scene.committed, "it has not tried");
	KUNIT_EXPECT_EQ(test, port_of(sk), 0);
	settle();
	member = open_sock(test);
	portres_test_associate(test, member, scene.resv);
	KUNIT_EXPECT_EQ(test, portres_test_bind(member, ANY, FIRST), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&scene.resv->refused), 0);
}

static void yields_if_committed_before(struct kunit *test)
{
	yields(test, commit_then_get, commit_then_connect);
}

static void yields_if_committed_after(struct kunit *test)
{
	yields(test, get_then_commit, connect_then_commit);
}

static struct kunit_case last_resort_cases[] = {
	KUNIT_CASE_PARAM(tentative, way_gen_params),
	KUNIT_CASE_PARAM(deciding, way_gen_params),
	KUNIT_CASE_PARAM(every_port_is_found, way_gen_params),
	KUNIT_CASE_PARAM(others_come_first, way_gen_params),
	KUNIT_CASE_PARAM(added_by_change, way_gen_params),
	KUNIT_CASE_PARAM(yields_if_committed_before, way_gen_params),
	KUNIT_CASE_PARAM(yields_if_committed_after, way_gen_params),
	{}
};

static struct kunit_suite last_resort_suite = {
	.name = "portres_last_resort",
	.test_cases = last_resort_cases,
};

kunit_test_suite(last_resort_suite);
