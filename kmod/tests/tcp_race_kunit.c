// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two looks of TCP in the middle of a creation, in a certain order: the kernel's get_port and
 * connect are replaced by functions that do the creation's step at that moment. The creation is
 * another task, as the socket is locked.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <net/inet_connection_sock.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

#include "core/decision.h"
#include "fixture.h"
#include "tcp/entry.h"

#define FIRST	5000
#define LAST	5009
#define PORT	5004
#define OTHER	6000
#define ELSEWHERE	7000
#define SERVER	9	/* of portres_test_connect() */

enum state { TENTATIVE, DECIDING, COMMITTED, STATES };

/* The creation, and the functions that it comes between. */
static struct {
	struct kunit *test;
	struct net *net;
	struct portres_tcp_original *at;
	struct portres_tcp_original real;
	enum state state;
	struct portres_reservation *resv;	/* by hand */
	struct completion done;
	int error;				/* of a whole creation */
} step;

static struct portres_table *tcp_table(void)
{
	return portres_table_of(step.net, PORTRES_TCP);
}

static const struct portres_spec spec = {
	.protocol = &portres_tcp, .first = FIRST, .last = LAST, .owner = INVALID_UID,
};

/* As far as a creation has come when the socket gets its port. */
static int create_up_to_state(void *unused)
{
	struct portres_table *table = tcp_table();
	struct portres_reservation *resv = portres_reservation_alloc(&spec);
	u16 vetoed;

	KUNIT_EXPECT_NOT_NULL(step.test, resv);
	KUNIT_EXPECT_EQ(step.test, portres_table_prepare(table), 0);
	spin_lock_bh(table->lock);
	KUNIT_EXPECT_EQ(step.test, portres_table_add(table, resv), 0);
	if (step.state >= DECIDING)
		portres_decision_open(resv);
	if (step.state >= COMMITTED)
		KUNIT_EXPECT_TRUE(step.test, portres_decision_commit(resv, &vetoed));
	spin_unlock_bh(table->lock);
	step.resv = resv;
	return 0;
}

static void create_once(void)
{
	if (!step.resv)
		portres_test_elsewhere(step.test, create_up_to_state, NULL);
}

static int create_then_get(struct sock *sk, unsigned short port)
{
	create_once();
	return step.real.get_port(sk, port);
}

static int create_then_connect(struct sock *sk, struct portres_sockaddr *addr, int len)
{
	create_once();
	return step.real.connect(sk, addr, len);
}

static int get_then_change_range(struct sock *sk, unsigned short port)
{
	int err = step.real.get_port(sk, port);

	portres_test_set_socket_range(sk, OTHER, OTHER + 1);
	return err;
}

static int create(void *unused)
{
	step.error = PTR_ERR_OR_ZERO(portres_test_reserve_spec(step.net, spec, NULL));
	complete(&step.done);
	return 0;
}

/* The port is selected before the block is in the table, and had when it is. */
static int connect_beside_creation(struct sock *sk, struct portres_sockaddr *addr, int len)
{
	kthread_run(create, NULL, "portres-test");
	while (!portres_table_reserved(tcp_table(), PORT) && !completion_done(&step.done))
		cond_resched();
	return step.real.connect(sk, addr, len);
}

/* What every namespace has that has had a reservation. */
static void reserve_elsewhere(void)
{
	struct portres_spec elsewhere = spec;

	elsewhere.first = ELSEWHERE;
	elsewhere.last = ELSEWHERE;
	KUNIT_ASSERT_NOT_ERR_OR_NULL(step.test,
				     portres_test_reserve_spec(step.net, elsewhere, NULL));
}

static void restore(void *unused)
{
	*step.at = step.real;
}

/* A namespace with a server, whose ephemeral range goes up to @high. */
static void prepare(struct kunit *test, u16 high)
{
	int family = portres_test_family(test);
	struct sock *server;

	memset(&step, 0, sizeof(step));
	step.test = test;
	step.net = portres_test_net(test);
	step.at = &portres_tcp_original[family == AF_INET6 ? PORTRES_TCP_V6 : PORTRES_TCP_V4];
	step.real = *step.at;
	init_completion(&step.done);
	reserve_elsewhere();
	portres_test_set_port_range(step.net, FIRST, high);
	server = portres_test_tcp_sock(test, step.net, family);
	KUNIT_ASSERT_EQ(test, portres_test_bind(server, ANY, SERVER), 0);
	KUNIT_ASSERT_EQ(test, kernel_listen(server->sk_socket, 64), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore, NULL), 0);
}

static void replace(portres_get_port_t get_port, portres_connect_t connect)
{
	WRITE_ONCE(step.at->get_port, get_port);
	WRITE_ONCE(step.at->connect, connect);
}

static struct sock *open_sock(void)
{
	return portres_test_tcp_sock(step.test, step.net, portres_test_family(step.test));
}

static int way_explicit(struct sock *sk)
{
	return portres_test_bind(sk, ANY, PORT);
}

static int way_any(struct sock *sk)
{
	return portres_test_bind(sk, ANY, 0);
}

static int way_listen(struct sock *sk)
{
	return kernel_listen(sk->sk_socket, 1);
}

static const struct way {
	int (*go)(struct sock *sk);
	int full;
} ways[] = {
	{ way_explicit, -EADDRINUSE },
	{ way_any, -EADDRINUSE },
	{ way_listen, -EADDRINUSE },
	{ portres_test_connect, -EADDRNOTAVAIL },
};

static struct sock *go(struct kunit *test, const struct way *way, enum state state, int *err)
{
	struct sock *sk;

	prepare(test, LAST);
	step.state = state;
	replace(create_then_get, create_then_connect);
	sk = open_sock();
	*err = way->go(sk);
	restore(NULL);
	KUNIT_ASSERT_NOT_NULL(test, step.resv);
	return sk;
}

static bool is_in_block(const struct sock *sk)
{
	return inet_sk(sk)->inet_num >= FIRST && inet_sk(sk)->inet_num <= LAST;
}

/* It came before the opening, so it is for the probe to find. */
static void keeps_port_of_tentative(struct kunit *test)
{
	const struct way *way;
	u16 vetoed;
	int err;

	for (way = ways; way < ways + ARRAY_SIZE(ways); way++) {
		struct sock *sk = go(test, way, TENTATIVE, &err);

		KUNIT_EXPECT_EQ_MSG(test, err, 0, "way %td", way - ways);
		KUNIT_EXPECT_TRUE_MSG(test, is_in_block(sk), "way %td", way - ways);
		portres_decision_open(step.resv);
		KUNIT_EXPECT_TRUE_MSG(test, portres_decision_commit(step.resv, &vetoed),
				      "way %td has vetoed", way - ways);
	}
}

static void vetoes_while_deciding(struct kunit *test)
{
	const struct way *way;
	u16 vetoed = 0;
	int err;

	for (way = ways; way < ways + ARRAY_SIZE(ways); way++) {
		struct sock *sk = go(test, way, DECIDING, &err);

		KUNIT_EXPECT_EQ_MSG(test, err, 0, "way %td", way - ways);
		KUNIT_EXPECT_TRUE_MSG(test, is_in_block(sk), "way %td", way - ways);
		KUNIT_EXPECT_FALSE_MSG(test, portres_decision_commit(step.resv, &vetoed),
				       "way %td", way - ways);
		KUNIT_EXPECT_EQ(test, vetoed, inet_sk(sk)->inet_num);
	}
}

/* As if it had never had the port. */
static void expect_unbound(struct kunit *test, struct sock *sk)
{
	struct sock *member = open_sock();

	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_sport, 0);
	KUNIT_EXPECT_EQ(test, sk->sk_err, 0);
	KUNIT_EXPECT_NULL(test, inet_csk(sk)->icsk_bind_hash);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, OTHER), 0);
	portres_test_associate(test, member, step.resv);
	KUNIT_EXPECT_EQ(test, portres_test_bind(member, ANY, PORT), 0);
}

static void settle(void)
{
	struct portres_table *table = tcp_table();

	spin_lock_bh(table->lock);
	portres_table_commit(table, step.resv);
	portres_decision_settle(step.resv);
	spin_unlock_bh(table->lock);
}

static void yields_to_committed(struct kunit *test)
{
	const struct way *way;
	int err;

	for (way = ways; way < ways + ARRAY_SIZE(ways); way++) {
		struct sock *sk = go(test, way, COMMITTED, &err);

		KUNIT_EXPECT_EQ_MSG(test, err, way->full, "way %td", way - ways);
		KUNIT_EXPECT_EQ(test, atomic64_read(&step.resv->refused), way == ways);
		settle();
		expect_unbound(test, sk);
	}
}

/* The kernel selects from the block nearly always: do it often. */
static void yields_and_finds_another(struct kunit *test)
{
	const struct way *way;
	int i;

	for (way = ways + 1; way < ways + ARRAY_SIZE(ways); way++) {
		prepare(test, LAST + 1);
		step.state = COMMITTED;
		for (i = 0; i < 20; i++) {
			struct sock *sk = open_sock();

			replace(create_then_get, create_then_connect);
			KUNIT_EXPECT_EQ_MSG(test, way->go(sk), 0, "way %td", way - ways);
			restore(NULL);
			KUNIT_EXPECT_EQ_MSG(test, inet_sk(sk)->inet_num, LAST + 1, "way %td",
					    way - ways);
			settle();
			portres_test_unreserve(step.net, step.resv);
			step.resv = NULL;
			portres_test_release(test, sk);
		}
	}
}

/* The creation waits, finds the connection and fails; the connection is not undone. */
static void creation_waits_for_connect(struct kunit *test)
{
	struct sock *sk;

	prepare(test, LAST);
	sk = open_sock();
	replace(step.real.get_port, connect_beside_creation);
	KUNIT_EXPECT_EQ(test, portres_test_connect(sk), 0);
	KUNIT_EXPECT_TRUE(test, is_in_block(sk));
	wait_for_completion(&step.done);
	KUNIT_EXPECT_EQ(test, step.error, -EADDRINUSE);
}

static void reserve_in_range(struct kunit *test)
{
	prepare(test, LAST + 10);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, portres_test_reserve_spec(step.net, spec, NULL));
}

static void range_is_as_before(struct kunit *test)
{
	struct sock *sk;

	reserve_in_range(test);
	sk = open_sock();
	KUNIT_EXPECT_EQ(test, way_any(sk), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->local_port_range, 0);
	sk = open_sock();
	portres_test_set_socket_range(sk, PORT, LAST + 3);
	KUNIT_EXPECT_EQ(test, portres_test_connect(sk), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->local_port_range, (LAST + 3) << 16 | PORT);
}

/* Another task may change the range while it is narrowed: it has the last word. */
static void change_of_range_stays(struct kunit *test)
{
	struct sock *sk;

	reserve_in_range(test);
	sk = open_sock();
	replace(get_then_change_range, step.real.connect);
	KUNIT_EXPECT_EQ(test, way_any(sk), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->local_port_range, (OTHER + 1) << 16 | OTHER);
}

static struct kunit_case tcp_race_cases[] = {
	KUNIT_CASE_PARAM(keeps_port_of_tentative, portres_test_families),
	KUNIT_CASE_PARAM(vetoes_while_deciding, portres_test_families),
	KUNIT_CASE_PARAM(yields_to_committed, portres_test_families),
	KUNIT_CASE_PARAM(yields_and_finds_another, portres_test_families),
	KUNIT_CASE_PARAM(creation_waits_for_connect, portres_test_families),
	KUNIT_CASE_PARAM(range_is_as_before, portres_test_families),
	KUNIT_CASE_PARAM(change_of_range_stays, portres_test_families),
	{}
};

static struct kunit_suite tcp_race_suite = {
	.name = "portres_tcp_race",
	.test_cases = tcp_race_cases,
};

kunit_test_suite(tcp_race_suite);
