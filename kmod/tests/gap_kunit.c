// SPDX-License-Identifier: GPL-2.0-only
/*
 * The search for the lowest gap, of both protocols: against a search by hand in random ranges, and
 * how often it asks for a port. To count that the tests put a function of theirs under the hook of
 * UDP, whose probe asks get_port.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/prandom.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

#include "fixture.h"

/* The ephemeral port range of the tests; no port outside is used. */
#define LOW	40000
#define PORTS	120
#define HIGH	(LOW + PORTS - 1)

static const struct portres_protocol *protocol;

static void end_socket(void *sock)
{
	sock_release(sock);
}

static struct sock *tcp_user_sock(struct kunit *test, struct net *net, int family)
{
	struct socket *sock;

	KUNIT_ASSERT_EQ(test, __sock_create(net, family, SOCK_STREAM, 0, &sock, 0), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end_socket, sock), 0);
	return sock->sk;
}

static struct sock *user_sock(struct kunit *test, struct net *net, int family)
{
	return protocol == &portres_tcp ? tcp_user_sock(test, net, family) :
					  portres_test_user_sock(test, net, family);
}

static int acquire(struct sock *sk, u16 count, u16 *first)
{
	struct portres_reservation *resv = portres_test_acquire(sk, 0, count);

	*first = 0;
	if (IS_ERR(resv))
		return PTR_ERR(resv);
	*first = resv->first;
	return 0;
}

static struct net *net_with_range(struct kunit *test)
{
	struct net *net = portres_test_net(test);

	portres_test_set_port_range(net, LOW, HIGH);
	return net;
}

static void use(struct kunit *test, struct net *net, u16 port)
{
	struct sock *sk = user_sock(test, net, port % 2 ? AF_INET : AF_INET6);

	KUNIT_ASSERT_EQ(test, portres_test_bind(sk, LOOPBACK, port), 0);
	if (protocol == &portres_tcp && port % 3 == 0)
		KUNIT_ASSERT_EQ(test, kernel_listen(sk->sk_socket, 1), 0);
}

static void reserve(struct kunit *test, struct net *net, u16 first, u16 last)
{
	const struct portres_spec spec = {
		.protocol = protocol, .first = first, .last = last, .owner = INVALID_UID,
	};

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, portres_test_reserve_spec(net, spec, NULL));
}

/* A character for each port from LOW on: reserved, used, local to the administrator. */
static const struct pattern_row {
	const char *name;
	const char *ports;
	u16 count;
	int offset;
} patterns[] = {
	{ "empty", "....................", 20, 0 },
	{ "one too many", "....................", 21, -EADDRINUSE },
	{ "a single port", "rrrrrrrrrrrrrrrrrrr.", 1, 19 },
	{ "no port", "rrrrrrrrrrrruuuuullr", 1, -EADDRINUSE },
	{ "behind reservations", "rr..rr..r...........", 4, 9 },
	{ "between reservations", "r....rr.....r.......", 5, 7 },
	{ "exactly one gap fits", "r...u...l...r....u..", 4, 13 },
	{ "none fits", "r...u...l...r...u...", 4, -EADDRINUSE },
	{ "at the beginning", ".....rrrruuu........", 5, 0 },
	{ "at the end", ".rrrruuu..l....u....", 4, 11 },
	{ "up to the end", ".rrrruuu..l....uu...", 3, 11 },
	{ "a use behind the last reservation", "rrrrrrrr..u...u.....", 5, 15 },
	{ "uses that hide each other", "..u.u.u.u.u.u.u.....", 3, 15 },
	{ "a local one alone", ".........l..........", 10, 10 },
};

KUNIT_ARRAY_PARAM_DESC(pattern, patterns, name);

static void draw(struct kunit *test, struct net *net, const char *ports)
{
	u16 port = LOW;

	for (; *ports; ports++, port++) {
		if (*ports == 'r')
			reserve(test, net, port, port);
		else if (*ports == 'u')
			use(test, net, port);
		else if (*ports == 'l')
			portres_test_reserve_locally(net, port);
	}
}

static void pattern(struct kunit *test)
{
	const struct pattern_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct sock *sk = user_sock(test, net, AF_INET);
	u16 first;

	portres_test_set_port_range(net, LOW, LOW + strlen(row->ports) - 1);
	draw(test, net, row->ports);
	KUNIT_EXPECT_EQ(test, acquire(sk, row->count, &first), min(row->offset, 0));
	if (row->offset >= 0)
		KUNIT_EXPECT_EQ(test, first, LOW + row->offset);
}

static struct {
	portres_get_port_t real;
	u8 asked[PORTS];
} looks;

static int get_port_counted(struct sock *sk, unsigned short port)
{
	if (port >= LOW && port <= HIGH)
		looks.asked[port - LOW]++;
	return looks.real(sk, port);
}

/* Fills the range at random; sets the bits of what is taken. */
static void fill(struct kunit *test, struct net *net, struct rnd_state *random,
		 unsigned long *taken)
{
	u32 density = 2 + prandom_u32_state(random) % 14;
	u32 i, end;

	for (i = 0; i < PORTS; i = end) {
		end = min_t(u32, i + 1 + prandom_u32_state(random) % 3, PORTS);
		if (prandom_u32_state(random) % density)
			continue;
		switch (prandom_u32_state(random) % 3) {
		case 0:
			reserve(test, net, LOW + i, LOW + end - 1);
			break;
		case 1:
			use(test, net, LOW + i);
			end = i + 1;
			break;
		default:
			portres_test_reserve_locally(net, LOW + i);
			end = i + 1;
		}
		bitmap_set(taken, i, end - i);
	}
}

/* No port is asked twice, but those of the block that was found: the second time is binding. */
static void expect_asked_once(struct kunit *test, u16 first, u16 count)
{
	u16 port;

	for (port = LOW; port <= HIGH; port++) {
		bool found = first && port >= first && port < first + count;

		KUNIT_EXPECT_LE_MSG(test, looks.asked[port - LOW], 1 + found, "port %u", port);
	}
}

static void as_by_hand(struct kunit *test)
{
	struct rnd_state random;
	u32 round;

	prandom_seed_state(&random, 4711);
	for (round = 0; round < 60; round++) {
		struct net *net = net_with_range(test);
		struct sock *sk = user_sock(test, net, AF_INET6);
		DECLARE_BITMAP(taken, PORTS) = {};
		u16 count = 1 + prandom_u32_state(&random) % 12;
		unsigned long offset;
		u16 first;
		int err;

		fill(test, net, &random, taken);
		if (protocol == &portres_udp && !looks.real)
			looks.real = portres_test_put_under_hook(test, sk->sk_prot,
								 get_port_counted);
		memset(looks.asked, 0, sizeof(looks.asked));
		offset = bitmap_find_next_zero_area(taken, PORTS, 0, count, 0);
		err = acquire(sk, count, &first);
		KUNIT_EXPECT_EQ_MSG(test, err, offset < PORTS ? 0 : -EADDRINUSE, "round %u",
				    round);
		KUNIT_EXPECT_EQ_MSG(test, first, err ? 0 : LOW + offset, "round %u", round);
		expect_asked_once(test, first, count);
	}
	looks.real = NULL;
}

/* A socket comes into the gap that was found, before the reservation is looked at again. */
static void goes_on_behind_intruder(struct kunit *test)
{
	struct net *net = net_with_range(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET6);
	struct sock *intruder = portres_test_sock(test, net, AF_INET6);
	u16 first;

	portres_test_intrude(test, intruder, LOW + 4, 2);
	KUNIT_EXPECT_EQ(test, acquire(sk, 10, &first), 0);
	KUNIT_EXPECT_EQ(test, first, LOW + 5);
	KUNIT_EXPECT_EQ_MSG(test, portres_test_looks(), 2, "not asked as often as expected");
	KUNIT_EXPECT_EQ(test, inet_sk(intruder)->inet_num, LOW + 4);
	KUNIT_EXPECT_FALSE(test, portres_table_overlaps(portres_test_udp(net), LOW, LOW + 4));
	KUNIT_EXPECT_PTR_EQ(test,
			    portres_test_find_block(portres_test_udp(net), LOW + 5, LOW + 14),
			    portres_test_find(portres_test_udp(net), LOW + 5));
}

static void one_after_the_other(struct kunit *test)
{
	struct net *net = net_with_range(test);
	struct sock *sk = user_sock(test, net, AF_INET);
	u16 first;
	int i;

	for (i = 0; i < PORTS / 10; i++) {
		KUNIT_EXPECT_EQ(test, acquire(sk, 10, &first), 0);
		KUNIT_EXPECT_EQ(test, first, LOW + i * 10);
	}
	KUNIT_EXPECT_EQ(test, acquire(sk, 1, &first), -EADDRINUSE);
}

static void range_of_the_socket(struct kunit *test)
{
	struct net *net = net_with_range(test);
	struct sock *sk = user_sock(test, net, AF_INET);
	u16 first;

	portres_test_set_socket_range(sk, LOW + 50, LOW + 59);
	KUNIT_EXPECT_EQ(test, acquire(sk, 11, &first), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, acquire(sk, 10, &first), 0);
	KUNIT_EXPECT_EQ(test, first, LOW + 50);
}

static const struct low_row {
	const char *name;
	bool privileged;
	u16 count;
	u16 first;
} lows[] = {
	{ "without the capability", false, 10, 1024 },
	{ "with the capability", true, 10, 1000 },
	{ "without the capability, to the end", false, 77, 1024 },
	{ "without the capability, one more", false, 78, 0 },
	{ "with the capability, over the start", true, 78, 1000 },
};

KUNIT_ARRAY_PARAM_DESC(low, lows, name);

static void low_ports(struct kunit *test)
{
	const struct low_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct sock *sk = user_sock(test, net, AF_INET);
	const struct cred *before;
	u16 first;

	portres_test_set_port_range(net, 1000, 1100);
	before = portres_test_become(test, 1000, row->privileged);
	KUNIT_EXPECT_EQ(test, acquire(sk, row->count, &first), row->first ? 0 : -EADDRINUSE);
	revert_creds(before);
	KUNIT_EXPECT_EQ(test, first, row->first);
}

/* Also at the very end of all ports nothing wraps. */
static void last_port_of_all(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = user_sock(test, net, AF_INET);
	u16 first;

	portres_test_set_port_range(net, 65530, 65535);
	use(test, net, 65530);
	KUNIT_EXPECT_EQ(test, acquire(sk, 65535, &first), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, acquire(sk, 6, &first), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, acquire(sk, 5, &first), 0);
	KUNIT_EXPECT_EQ(test, first, 65531);
	KUNIT_EXPECT_EQ(test, acquire(sk, 1, &first), -EADDRINUSE);
}

static struct kunit_case gap_cases[] = {
	KUNIT_CASE_PARAM(pattern, pattern_gen_params),
	KUNIT_CASE(as_by_hand),
	KUNIT_CASE(goes_on_behind_intruder),
	KUNIT_CASE(one_after_the_other),
	KUNIT_CASE(range_of_the_socket),
	KUNIT_CASE_PARAM(low_ports, low_gen_params),
	KUNIT_CASE(last_port_of_all),
	{}
};

static struct kunit_case tcp_gap_cases[] = {
	KUNIT_CASE_PARAM(pattern, pattern_gen_params),
	KUNIT_CASE(as_by_hand),
	KUNIT_CASE(one_after_the_other),
	KUNIT_CASE(range_of_the_socket),
	KUNIT_CASE_PARAM(low_ports, low_gen_params),
	KUNIT_CASE(last_port_of_all),
	{}
};

static int for_udp(struct kunit_suite *suite)
{
	protocol = &portres_udp;
	return 0;
}

static int for_tcp(struct kunit_suite *suite)
{
	protocol = &portres_tcp;
	return 0;
}

static struct kunit_suite gap_suite = {
	.name = "portres_gap",
	.suite_init = for_udp,
	.test_cases = gap_cases,
};

static struct kunit_suite tcp_gap_suite = {
	.name = "portres_tcp_gap",
	.suite_init = for_tcp,
	.test_cases = tcp_gap_cases,
};

kunit_test_suites(&gap_suite, &tcp_gap_suite);
