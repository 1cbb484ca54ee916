// SPDX-License-Identifier: GPL-2.0-only
/*
 * The windows from which TCP has the kernel select: random reservations against a simple model of
 * the ephemeral range. The kernel is replaced by an attempt that uses the model: it looks at each
 * window that it gets, and selects from it as the kernel does.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/prandom.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

#include "core/decision.h"
#include "fixture.h"
#include "tcp/window.h"

/* Over several of the windows that are tried first, and not aligned as they are. */
#define LOW	39990
#define PORTS	2500
#define HIGH	(LOW + PORTS - 1)

#define FULL	(-EADDRINUSE)

static struct {
	struct kunit *test;
	struct rnd_state random;
	DECLARE_BITMAP(reserved, PORTS);
	DECLARE_BITMAP(used, PORTS);
	unsigned int attempts;
	unsigned int yields;	/* attempts that are still to give their port back */
	u16 port;		/* that was selected */
	int error;		/* of each attempt */
} model;

static unsigned int below(unsigned int n)
{
	return prandom_u32_state(&model.random) % n;
}

static void judge_window(unsigned int low, unsigned int high)
{
	KUNIT_ASSERT_GE(model.test, low, LOW);
	KUNIT_ASSERT_LE(model.test, high, HIGH);
	KUNIT_ASSERT_LE(model.test, low, high);
	KUNIT_EXPECT_GT_MSG(model.test,
			    find_next_bit(model.reserved, high - LOW + 1, low - LOW), high - LOW,
			    "%u-%u has a reserved port", low, high);
	KUNIT_EXPECT_TRUE_MSG(model.test, low == high || (high - low) % 2,
			      "the kernel leaves out a port of %u-%u", low, high);
}

/* The first free port from a random one on. As the kernel, without the last of an odd window. */
static int select_from(unsigned int low, unsigned int high)
{
	unsigned int n = high - low + 1, start, i;

	if (n > 1)
		n &= ~1U;
	start = below(n);
	for (i = 0; i < n; i++) {
		unsigned int port = low + (start + i) % n;

		if (test_bit(port - LOW, model.used))
			continue;
		model.port = port;
		__set_bit(port - LOW, model.used);
		return 0;
	}
	return FULL;
}

static int attempt(struct portres_tcp_choice *choice)
{
	u32 range = inet_sk(choice->sk)->local_port_range;

	model.attempts++;
	judge_window(range & U16_MAX, range >> 16);
	if (model.error)
		return model.error;
	if (model.yields) {
		model.yields--;
		choice->yielded = true;
		return FULL;
	}
	return select_from(range & U16_MAX, range >> 16);
}

static void reserve(struct kunit *test, struct portres_table *table, unsigned int first,
		    unsigned int last)
{
	const struct portres_spec spec = {
		.protocol = &portres_tcp, .first = first, .last = last, .owner = INVALID_UID,
	};
	struct portres_reservation *resv = portres_reservation_alloc(&spec);
	unsigned int begin = max_t(unsigned int, first, LOW), end = min_t(unsigned int, last, HIGH);
	u16 vetoed;

	KUNIT_ASSERT_NOT_NULL(test, resv);
	spin_lock_bh(table->lock);
	KUNIT_EXPECT_EQ(test, portres_table_add(table, resv), 0);
	KUNIT_EXPECT_TRUE(test, portres_decision_commit(resv, &vetoed));
	portres_table_commit(table, resv);
	portres_decision_settle(resv);
	spin_unlock_bh(table->lock);
	if (begin <= end)
		bitmap_set(model.reserved, begin - LOW, end - begin + 1);
}

/* Blocks of one to @size ports, and gaps of one to @gap between them. */
static void reserve_randomly(struct kunit *test, struct portres_table *table, unsigned int size,
			     unsigned int gap)
{
	unsigned int port = LOW - below(gap + 1);

	while (port <= HIGH + 10) {
		unsigned int last = port + below(size);

		reserve(test, table, port, last);
		port = last + 2 + below(gap);
	}
}

static void prepare(struct kunit *test, struct portres_tcp_choice *choice)
{
	memset(&model, 0, sizeof(model));
	model.test = test;
	prandom_seed_state(&model.random, 4711);
	*choice = (struct portres_tcp_choice){
		.sk = portres_test_tcp_sock(test, portres_test_net(test), AF_INET),
		.table = portres_test_table(test),
		.attempt = attempt,
		.full = FULL,
	};
	KUNIT_ASSERT_EQ(test, portres_table_prepare(choice->table), 0);
	portres_test_set_port_range(sock_net(choice->sk), LOW, HIGH);
}

/* Selects until nothing is free. Return: how many ports that were. */
static unsigned int exhaust(struct kunit *test, struct portres_tcp_choice *choice)
{
	unsigned int n = 0;
	int err;

	while (!(err = portres_tcp_choose(choice))) {
		n++;
		KUNIT_EXPECT_FALSE(test, test_bit(model.port - LOW, model.reserved));
		KUNIT_ASSERT_LE(test, n, PORTS);
	}
	KUNIT_EXPECT_EQ(test, err, FULL);
	KUNIT_EXPECT_EQ(test, inet_sk(choice->sk)->local_port_range, 0);
	return n;
}

static const struct shape {
	const char *name;
	unsigned int size;
	unsigned int gap;
} shapes[] = {
	{ "single ports everywhere", 1, 1 },
	{ "small blocks, small gaps", 3, 3 },
	{ "small blocks, large gaps", 5, 200 },
	{ "large blocks, single ports between", 400, 1 },
	{ "large blocks, small gaps", 200, 4 },
	{ "large blocks, large gaps", 500, 700 },
};

KUNIT_ARRAY_PARAM_DESC(shape, shapes, name);

/* Every free port is selected, at even and odd ones, and no other. */
static void every_free_port(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	struct portres_tcp_choice choice;
	unsigned int free;

	prepare(test, &choice);
	reserve_randomly(test, choice.table, shape->size, shape->gap);
	free = PORTS - bitmap_weight(model.reserved, PORTS);
	KUNIT_EXPECT_EQ(test, exhaust(test, &choice), free);
}

/* One port that is free again is found, wherever it is. */
static void last_free_port(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	struct portres_tcp_choice choice;
	unsigned int i, port;

	prepare(test, &choice);
	reserve_randomly(test, choice.table, shape->size, shape->gap);
	bitmap_fill(model.used, PORTS);
	for (i = 0; i < 200; i++) {
		port = below(PORTS);
		if (test_bit(port, model.reserved))
			continue;
		__clear_bit(port, model.used);
		KUNIT_EXPECT_EQ_MSG(test, portres_tcp_choose(&choice), 0, "port %u", LOW + port);
		KUNIT_EXPECT_EQ(test, model.port, LOW + port);
	}
}

/* Whatever the range of the socket is, at its ends too. */
static void range_of_the_socket(struct kunit *test)
{
	struct portres_tcp_choice choice;
	unsigned int i, low, high, free;

	prepare(test, &choice);
	reserve_randomly(test, choice.table, 6, 6);
	for (i = 0; i < 200; i++) {
		u32 range;

		bitmap_fill(model.used, PORTS);
		low = below(PORTS);
		high = low + below(min(PORTS - low, 40U));
		range = (LOW + high) << 16 | (LOW + low);
		bitmap_clear(model.used, low, high - low + 1);
		free = high - low + 1 - (bitmap_weight(model.reserved, high + 1) -
					 bitmap_weight(model.reserved, low));
		portres_test_set_socket_range(choice.sk, LOW + low, LOW + high);
		while (!portres_tcp_choose(&choice))
			free--;
		KUNIT_EXPECT_EQ_MSG(test, free, 0, "%u-%u", LOW + low, LOW + high);
		KUNIT_EXPECT_EQ(test, inet_sk(choice.sk)->local_port_range, range);
	}
}

static void nothing_is_free(struct kunit *test)
{
	struct portres_tcp_choice choice;

	prepare(test, &choice);
	reserve(test, choice.table, LOW - 1, HIGH + 1);
	KUNIT_EXPECT_EQ(test, portres_tcp_choose(&choice), FULL);
	KUNIT_EXPECT_EQ(test, model.attempts, 0);
}

/* An error that is not about ports is not tried again, in the first window or a later one. */
static void other_errors(struct kunit *test)
{
	struct portres_tcp_choice choice;

	prepare(test, &choice);
	model.error = -ENETUNREACH;
	reserve(test, choice.table, LOW, LOW);
	KUNIT_EXPECT_EQ(test, portres_tcp_choose(&choice), -ENETUNREACH);
	KUNIT_EXPECT_EQ(test, model.attempts, 1);
	/* hardly any guess hits what is left, which is two runs of three ports */
	reserve(test, choice.table, LOW + 4, HIGH - 3);
	model.attempts = 0;
	KUNIT_EXPECT_EQ(test, portres_tcp_choose(&choice), -ENETUNREACH);
	KUNIT_EXPECT_EQ(test, model.attempts, 1);
	KUNIT_EXPECT_EQ(test, inet_sk(choice.sk)->local_port_range, 0);
}

/* A window in which a port was given back looks full, and is tried once more, but not for ever. */
static void windows_that_yield(struct kunit *test)
{
	struct portres_tcp_choice choice;
	unsigned int all;

	prepare(test, &choice);
	reserve(test, choice.table, LOW, HIGH - 1);
	model.yields = 1;
	KUNIT_EXPECT_EQ(test, portres_tcp_choose(&choice), 0);
	KUNIT_EXPECT_EQ(test, model.port, HIGH);
	__clear_bit(HIGH - LOW, model.used);
	model.yields = UINT_MAX;
	all = model.attempts;
	KUNIT_EXPECT_EQ(test, portres_tcp_choose(&choice), FULL);
	KUNIT_EXPECT_LE(test, model.attempts - all, 4);
}

/* The kernel itself, from a range with a port, two, three and so on between reservations. */
#define SMALL	(LOW + 45)
#define SERVER	9	/* of portres_test_connect() */

static struct net *small_range(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *server = portres_test_tcp_sock(test, net, portres_test_family(test));
	struct portres_spec spec = { .protocol = &portres_tcp, .owner = INVALID_UID };
	unsigned int gap;

	bitmap_zero(model.reserved, PORTS);
	spec.first = LOW;
	for (gap = 1; spec.first <= SMALL; gap++) {
		spec.last = spec.first;
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, portres_test_reserve_spec(net, spec, NULL));
		__set_bit(spec.first - LOW, model.reserved);
		spec.first += gap + 1;
	}
	portres_test_set_port_range(net, LOW, SMALL);
	KUNIT_ASSERT_EQ(test, portres_test_bind(server, ANY, SERVER), 0);
	KUNIT_ASSERT_EQ(test, kernel_listen(server->sk_socket, 64), 0);
	return net;
}

static void kernel_selects(struct kunit *test, int (*select)(struct sock *sk), int full)
{
	struct net *net = small_range(test);
	struct sock *sk;
	unsigned int i, port;
	int err;

	for (i = 0; i <= SMALL - LOW; i++) {
		sk = portres_test_tcp_sock(test, net, portres_test_family(test));
		err = select(sk);
		if (err)
			break;
		port = inet_sk(sk)->inet_num;
		KUNIT_ASSERT_GE(test, port, LOW);
		KUNIT_ASSERT_LE(test, port, SMALL);
		KUNIT_EXPECT_FALSE_MSG(test, __test_and_set_bit(port - LOW, model.reserved),
				       "port %u", port);
	}
	KUNIT_EXPECT_EQ(test, err, full);
	KUNIT_EXPECT_EQ(test, bitmap_weight(model.reserved, PORTS), SMALL - LOW + 1);
}

static int bind_any(struct sock *sk)
{
	return portres_test_bind(sk, ANY, 0);
}

static void kernel_selects_for_bind(struct kunit *test)
{
	kernel_selects(test, bind_any, -EADDRINUSE);
}

static void kernel_selects_for_connect(struct kunit *test)
{
	kernel_selects(test, portres_test_connect, -EADDRNOTAVAIL);
}

static struct kunit_case window_cases[] = {
	KUNIT_CASE_PARAM(every_free_port, shape_gen_params),
	KUNIT_CASE_PARAM(last_free_port, shape_gen_params),
	KUNIT_CASE(range_of_the_socket),
	KUNIT_CASE(nothing_is_free),
	KUNIT_CASE(other_errors),
	KUNIT_CASE(windows_that_yield),
	KUNIT_CASE_PARAM(kernel_selects_for_bind, portres_test_families),
	KUNIT_CASE_PARAM(kernel_selects_for_connect, portres_test_families),
	{}
};

static struct kunit_suite window_suite = {
	.name = "portres_window",
	.test_cases = window_cases,
};

kunit_test_suite(window_suite);
