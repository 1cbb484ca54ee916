// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which ports the kernel is asked for, how often, and until when, for port 0 above
 * all. A recorder in the place of the kernel's get_port writes it down and asks the
 * kernel.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "core/assoc.h"
#include "fixture.h"
#include "udp/bind.h"
#include "udp/hook.h"

/* Random tries before the search by order; only bounds depend on it. */
#define GUESSES	32

static struct {
	portres_get_port_t real;
	unsigned int asked;
	unsigned int asked_for_any;
	unsigned int asked_for_forbidden;
} record;

static bool forbidden(const struct sock *sk, u16 port)
{
	return portres_table_reserved(portres_test_udp(sock_net(sk)), port) ||
	       inet_is_local_reserved_port(sock_net(sk), port);
}

static int get_port_and_record(struct sock *sk, unsigned short port)
{
	record.asked++;
	if (!port)
		record.asked_for_any++;
	else if (!portres_assoc_find(sk) && forbidden(sk, port))
		record.asked_for_forbidden++;
	return record.real(sk, port);
}

static int bind_recorded(struct sock *sk, u16 port)
{
	memset(&record, 0, sizeof(record));
	record.real = portres_udp_hook_original(sk);
	return portres_udp_bind(sk, port, get_port_and_record);
}

static int choose(struct sock *sk)
{
	return bind_recorded(sk, 0);
}

static struct portres_reservation *reserve(struct kunit *test, struct net *net,
					   u16 first, u16 last)
{
	struct portres_reservation *resv = portres_test_reserve(net, first, last);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	return resv;
}

static void unreserved_range_is_the_kernels(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_sock(test, net, AF_INET);

	portres_test_set_port_range(net, 40000, 40099);
	reserve(test, net, 39990, 39999);
	reserve(test, net, 40100, 40109);
	KUNIT_EXPECT_EQ(test, choose(sk), 0);
	KUNIT_EXPECT_EQ(test, record.asked, 1);
	KUNIT_EXPECT_EQ(test, record.asked_for_any, 1);
}

static bool is_the_kernels(struct kunit *test, struct sock *sk)
{
	KUNIT_EXPECT_EQ(test, choose(sk), 0);
	KUNIT_EXPECT_FALSE(test, portres_table_reserved(portres_test_udp(sock_net(sk)),
							inet_sk(sk)->inet_num));
	return record.asked_for_any;
}

/* Which gives its port back, as a reservation may come there. */
static bool new_ones_is_the_kernels(struct kunit *test, struct net *net)
{
	struct sock *sk = portres_test_sock(test, net, AF_INET6);
	bool is = is_the_kernels(test, sk);

	portres_test_release(test, sk);
	return is;
}

/* Does the table tell of the namespace's range what a bind has found out? */
static bool is_kept(const atomic64_t *known, const struct net *net)
{
	return (u32)atomic64_read(known) == portres_net_range(net);
}

/* What was found out about a range holds no longer than it is true. */
static void answer_for_range_is_kept_and_forgotten(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_table *table = portres_test_udp(net);
	struct portres_reservation *resv;
	int i;

	portres_test_set_port_range(net, 40000, 40099);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, new_ones_is_the_kernels(test, net));
	KUNIT_EXPECT_TRUE(test, is_kept(&table->unreserved_range, net));
	for (i = 0; i < 3; i++) {
		resv = reserve(test, net, 40099, 40108);
		KUNIT_EXPECT_FALSE(test, new_ones_is_the_kernels(test, net));
		KUNIT_EXPECT_TRUE(test, is_kept(&table->overlapping_range, net));
		KUNIT_EXPECT_FALSE(test, new_ones_is_the_kernels(test, net));
		portres_test_unreserve(net, resv);
		KUNIT_EXPECT_TRUE(test, new_ones_is_the_kernels(test, net));
		KUNIT_EXPECT_TRUE(test, new_ones_is_the_kernels(test, net));
	}
	reserve(test, net, 41000, 41009);
	KUNIT_EXPECT_TRUE(test, new_ones_is_the_kernels(test, net));
	portres_test_set_port_range(net, 40000, 41000);
	KUNIT_EXPECT_FALSE(test, new_ones_is_the_kernels(test, net));
	portres_test_set_port_range(net, 40000, 40999);
	KUNIT_EXPECT_TRUE(test, new_ones_is_the_kernels(test, net));
}

static void answer_is_not_for_range_of_another(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_table *table = portres_test_udp(net);
	struct sock *apart = portres_test_sock(test, net, AF_INET);
	struct sock *within = portres_test_sock(test, net, AF_INET);
	struct sock *beside = portres_test_sock(test, net, AF_INET);
	struct sock *inside = portres_test_sock(test, net, AF_INET);

	portres_test_set_port_range(net, 40000, 40999);
	portres_test_set_socket_range(apart, 40100, 40199);
	portres_test_set_socket_range(within, 40000, 40099);
	portres_test_set_socket_range(beside, 40100, 40199);
	portres_test_set_socket_range(inside, 40100, 40199);
	reserve(test, net, 41000, 41009);
	KUNIT_EXPECT_TRUE(test, new_ones_is_the_kernels(test, net));
	KUNIT_EXPECT_TRUE(test, is_the_kernels(test, apart));
	KUNIT_EXPECT_TRUE_MSG(test, is_kept(&table->unreserved_range, net), "another's is kept");
	reserve(test, net, 40000, 40049);
	KUNIT_EXPECT_TRUE(test, is_the_kernels(test, beside));
	KUNIT_EXPECT_FALSE(test, is_the_kernels(test, within));
	KUNIT_EXPECT_FALSE(test, new_ones_is_the_kernels(test, net));
	KUNIT_EXPECT_TRUE(test, is_the_kernels(test, inside));
	portres_test_set_port_range(net, 40100, 40199);
	KUNIT_EXPECT_TRUE(test, new_ones_is_the_kernels(test, net));
}

/* Ranges of sixteen ports and what is taken out of them; @left is what remains. */
static const struct range_row {
	const char *name;
	u16 low;
	u16 first;
	u16 last;
	u16 locally;
	unsigned int left;
} ranges[] = {
	{ "low end reserved", 40000, 40000, 40009, 0, 6 },
	{ "high end reserved", 40000, 40006, 40015, 0, 6 },
	{ "middle reserved", 40000, 40004, 40011, 0, 8 },
	{ "all but the first", 40000, 40001, 40015, 0, 1 },
	{ "all but the last", 40000, 40000, 40014, 0, 1 },
	{ "over both ends", 40000, 39000, 41000, 0, 0 },
	{ "one local reservation besides", 40000, 40004, 40011, 40002, 7 },
	{ "the last one reserved locally", 40000, 40000, 40014, 40015, 0 },
	{ "at the end of all ports", 65520, 65530, 65535, 0, 10 },
	{ "at the end, last port free", 65520, 65521, 65534, 0, 2 },
	{ "at the beginning of all ports", 1, 1, 10, 0, 6 },
};

KUNIT_ARRAY_PARAM_DESC(range, ranges, name);

static void expect_suitable(struct kunit *test, const struct range_row *range,
			    const struct sock *sk, unsigned long *seen)
{
	u16 port = inet_sk(sk)->inet_num;

	KUNIT_ASSERT_TRUE_MSG(test, port >= range->low && port <= range->low + 15,
			      "port %u", port);
	KUNIT_EXPECT_FALSE_MSG(test, forbidden(sk, port), "port %u", port);
	KUNIT_EXPECT_FALSE_MSG(test, __test_and_set_bit(port - range->low, seen),
			       "port %u twice", port);
}

/* Every suitable port can be had, down to the last one, and then there is an end. */
static void exhaust(struct kunit *test, int family)
{
	const struct range_row *range = test->param_value;
	struct net *net = portres_test_net(test);
	DECLARE_BITMAP(seen, 16) = {};
	struct sock *sk;
	unsigned int i;

	portres_test_set_port_range(net, range->low, range->low + 15);
	reserve(test, net, range->first, range->last);
	if (range->locally)
		portres_test_reserve_locally(net, range->locally);

	for (i = 0; i < range->left; i++) {
		sk = portres_test_sock(test, net, family);
		KUNIT_ASSERT_EQ(test, choose(sk), 0);
		KUNIT_EXPECT_EQ_MSG(test, record.asked_for_any, 0, "asked the kernel for any port");
		KUNIT_EXPECT_EQ_MSG(test, record.asked_for_forbidden, 0,
				    "had a reserved port for an instant");
		expect_suitable(test, range, sk, seen);
	}

	sk = portres_test_sock(test, net, family);
	KUNIT_EXPECT_EQ(test, choose(sk), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, record.asked_for_any, 0);
	KUNIT_EXPECT_EQ(test, record.asked_for_forbidden, 0);
	KUNIT_EXPECT_LE(test, record.asked, GUESSES + range->left);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, 0);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, 0), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, portres_test_connect(sk), -EAGAIN);
}

static void exhaust_v4(struct kunit *test)
{
	exhaust(test, AF_INET);
}

static void exhaust_v6(struct kunit *test)
{
	exhaust(test, AF_INET6);
}

static void nothing_to_ask_for(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_sock(test, net, AF_INET);
	struct portres_reservation *resv;

	portres_test_set_port_range(net, 40000, 40015);
	resv = reserve(test, net, 40000, 40015);
	KUNIT_EXPECT_EQ(test, choose(sk), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, record.asked, 0);
	KUNIT_EXPECT_EQ_MSG(test, atomic64_read(&resv->refused), 0,
			    "passing over a port is no refusal");

	portres_test_unreserve(net, resv);
	KUNIT_EXPECT_EQ(test, choose(sk), 0);
}

static void socket_has_a_range_of_its_own(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_sock(test, net, AF_INET6);

	portres_test_set_port_range(net, 30000, 49999);
	portres_test_set_socket_range(sk, 40000, 40003);
	reserve(test, net, 40000, 40002);
	KUNIT_EXPECT_EQ(test, choose(sk), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, 40003);
	KUNIT_EXPECT_EQ(test, record.asked_for_forbidden, 0);
}

/* Random tries do not find it: the search by order does, in both directions. */
static void one_port_of_thousands(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv;
	struct sock *sk;

	portres_test_set_port_range(net, 30000, 39999);
	resv = reserve(test, net, 30001, 39999);
	sk = portres_test_sock(test, net, AF_INET);
	KUNIT_EXPECT_EQ(test, choose(sk), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, 30000);
	KUNIT_EXPECT_EQ(test, record.asked, 1);

	portres_test_unreserve(net, resv);
	reserve(test, net, 30001, 39998);
	sk = portres_test_sock(test, net, AF_INET6);
	KUNIT_EXPECT_EQ(test, choose(sk), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, 39999);
}

static struct sock *member(struct kunit *test, struct net *net, int family,
			   struct portres_reservation *resv)
{
	struct sock *sk = portres_test_sock(test, net, family);

	portres_test_associate(test, sk, resv);
	return sk;
}

static const struct block_row {
	const char *name;
	int family;
	u16 first;
	u16 last;
} blocks[] = {
	{ "v4, one port", AF_INET, 5000, 5000 },
	{ "v4, hundred ports", AF_INET, 5000, 5099 },
	{ "v4, last ports of all", AF_INET, 65500, 65535 },
	{ "v6, one port", AF_INET6, 5000, 5000 },
	{ "v6, hundred ports", AF_INET6, 5000, 5099 },
	{ "v6, first ports of all", AF_INET6, 1, 20 },
};

KUNIT_ARRAY_PARAM_DESC(block, blocks, name);

/* Filling a block of n ports tries n ports in all: no search begins at its first port again. */
static void fill_block(struct kunit *test)
{
	const struct block_row *block = test->param_value;
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, block->first, block->last);
	unsigned int count = portres_reservation_count(resv);
	unsigned int asked = 0;
	struct sock *sk = NULL;
	unsigned int i;

	for (i = 0; i < count; i++) {
		sk = member(test, net, block->family, resv);
		KUNIT_ASSERT_EQ(test, choose(sk), 0);
		KUNIT_EXPECT_GE(test, inet_sk(sk)->inet_num, block->first);
		KUNIT_EXPECT_LE(test, inet_sk(sk)->inet_num, block->last);
		asked += record.asked;
	}
	KUNIT_EXPECT_EQ(test, asked, count);

	KUNIT_EXPECT_EQ(test, choose(member(test, net, block->family, resv)), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, record.asked, count);

	/* The one port that is free again is found, wherever it is. */
	i = inet_sk(sk)->inet_num;
	portres_test_release(test, sk);
	sk = member(test, net, block->family, resv);
	KUNIT_EXPECT_EQ(test, choose(sk), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, i);
	KUNIT_EXPECT_EQ(test, atomic64_read(&resv->refused), 0);
}

static void block_outside_of_the_range(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, 5000, 5001);
	struct sock *sk = member(test, net, AF_INET, resv);

	portres_test_set_port_range(net, 40000, 40015);
	portres_test_reserve_locally(net, 5000);
	portres_test_reserve_locally(net, 5001);
	KUNIT_EXPECT_EQ(test, choose(sk), 0);
	KUNIT_EXPECT_PTR_EQ(test, resv,
			    portres_test_find(portres_test_udp(net), inet_sk(sk)->inet_num));
}

/* A socket that is refused does not hold the port for an instant either. */
static void refused_asks_for_nothing(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, 5000, 5009);
	struct sock *stranger = portres_test_sock(test, net, AF_INET6);
	struct sock *orphan = member(test, net, AF_INET, resv);

	KUNIT_EXPECT_EQ(test, bind_recorded(stranger, 5000), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, record.asked, 0);
	KUNIT_EXPECT_EQ(test, bind_recorded(orphan, 6000), -EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, record.asked, 0);

	portres_test_unreserve(net, resv);
	KUNIT_EXPECT_EQ(test, bind_recorded(orphan, 5000), -EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, record.asked, 0);
	KUNIT_EXPECT_EQ(test, choose(orphan), -EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, record.asked, 0);
}

static struct kunit_case choice_cases[] = {
	KUNIT_CASE(unreserved_range_is_the_kernels),
	KUNIT_CASE(answer_for_range_is_kept_and_forgotten),
	KUNIT_CASE(answer_is_not_for_range_of_another),
	KUNIT_CASE_PARAM(exhaust_v4, range_gen_params),
	KUNIT_CASE_PARAM(exhaust_v6, range_gen_params),
	KUNIT_CASE(nothing_to_ask_for),
	KUNIT_CASE(socket_has_a_range_of_its_own),
	KUNIT_CASE(one_port_of_thousands),
	KUNIT_CASE_PARAM(fill_block, block_gen_params),
	KUNIT_CASE(block_outside_of_the_range),
	KUNIT_CASE(refused_asks_for_nothing),
	{}
};

static struct kunit_suite choice_suite = {
	.name = "portres_choice",
	.test_cases = choice_cases,
};

kunit_test_suite(choice_suite);
