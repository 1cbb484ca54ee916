// SPDX-License-Identifier: GPL-2.0-only
/*
 * Association: what it leaves on the socket and on the reservation, and that nothing
 * is left of it when the socket ends, whatever other destructor is there.
 */
#include <kunit/test.h>
#include <linux/rcupdate.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/assoc.h"
#include "fixture.h"

static struct portres_reservation *reserve(struct kunit *test, struct net *net, u16 first)
{
	struct portres_reservation *resv = portres_test_reserve(net, first, first + 9);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	return resv;
}

static void expect_counts(struct kunit *test, struct portres_reservation *resv, int sockets)
{
	KUNIT_EXPECT_EQ(test, atomic_read(&resv->sockets), sockets);
	KUNIT_EXPECT_EQ(test, refcount_read(&resv->refs), 1 + sockets);
}

static void ends_with_socket(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, 5000);
	struct sock *sk = portres_test_sock(test, net, portres_test_family(test));

	KUNIT_EXPECT_NULL(test, portres_assoc_find(sk));
	portres_test_associate(test, sk, resv);
	KUNIT_EXPECT_PTR_EQ(test, portres_assoc_find(sk), resv);
	expect_counts(test, resv, 1);

	portres_test_release(test, sk);
	expect_counts(test, resv, 0);
}

/* A bound UDP socket is destructed by an RCU callback. */
static void ends_with_bound_socket(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, 5000);
	struct sock *sk = portres_test_sock(test, net, portres_test_family(test));

	portres_test_associate(test, sk, resv);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, 0), 0);
	KUNIT_EXPECT_PTR_EQ(test, portres_assoc_find(sk), resv);
	portres_test_release(test, sk);
	expect_counts(test, resv, 0);
}

static void others_are_not_associated(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, 5000);
	struct sock *sk = portres_test_sock(test, net, AF_INET);
	struct sock *other = portres_test_sock(test, net, AF_INET);

	portres_test_associate(test, sk, resv);
	KUNIT_EXPECT_NULL(test, portres_assoc_find(other));
	KUNIT_EXPECT_PTR_NE(test, sk->sk_destruct, other->sk_destruct);
}

static void last_association_counts(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *first = reserve(test, net, 5000);
	struct portres_reservation *second = reserve(test, net, 6000);
	struct sock *sk = portres_test_sock(test, net, AF_INET);
	void (*destruct)(struct sock *sk);

	portres_test_associate(test, sk, first);
	destruct = sk->sk_destruct;
	portres_test_associate(test, sk, second);
	KUNIT_EXPECT_PTR_EQ(test, portres_assoc_find(sk), second);
	KUNIT_EXPECT_PTR_EQ(test, sk->sk_destruct, destruct);
	expect_counts(test, first, 0);
	expect_counts(test, second, 1);

	portres_test_associate(test, sk, second);
	expect_counts(test, second, 1);
	portres_test_release(test, sk);
	expect_counts(test, second, 0);
}

static void many_sockets_on_one_reservation(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, 5000);
	struct sock *sk[150];
	int i;

	for (i = 0; i < ARRAY_SIZE(sk); i++) {
		sk[i] = portres_test_sock(test, net, i % 2 ? AF_INET : AF_INET6);
		portres_test_associate(test, sk[i], resv);
	}
	for (i = 0; i < ARRAY_SIZE(sk); i++)
		KUNIT_ASSERT_PTR_EQ(test, portres_assoc_find(sk[i]), resv);
	expect_counts(test, resv, ARRAY_SIZE(sk));
	for (i = 0; i < ARRAY_SIZE(sk); i++)
		portres_test_release(test, sk[i]);
	expect_counts(test, resv, 0);
}

static void keeps_deleted_reservation(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, 5000);
	struct sock *sk = portres_test_sock(test, net, AF_INET);

	portres_test_associate(test, sk, resv);
	refcount_inc(&resv->refs);
	portres_test_unreserve(net, resv);
	KUNIT_EXPECT_PTR_EQ(test, portres_assoc_find(sk), resv);
	KUNIT_EXPECT_TRUE(test, resv->dead);
	expect_counts(test, resv, 1);
	portres_test_release(test, sk);
	expect_counts(test, resv, 0);
	portres_reservation_put(resv);
}

/* A socket of the kernel may be released after the table's end, in its namespace's. */
static void outlives_table(struct kunit *test)
{
	const struct portres_spec spec = {
		.protocol = &portres_udp, .first = 5000, .last = 5009, .owner = INVALID_UID,
	};
	struct portres_reservation *resv = portres_reservation_alloc(&spec);
	struct sock *sk = portres_test_sock(test, portres_test_net(test), AF_INET);
	struct portres_table *table = kunit_kzalloc(test, sizeof(*table), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, resv);
	KUNIT_ASSERT_NOT_NULL(test, table);
	portres_table_init(table, &portres_test_lock);
	KUNIT_ASSERT_EQ(test, portres_table_prepare(table), 0);
	spin_lock_bh(table->lock);
	KUNIT_EXPECT_EQ(test, portres_table_add(table, resv), 0);
	spin_unlock_bh(table->lock);
	portres_test_associate(test, sk, resv);

	refcount_inc(&resv->refs);
	portres_table_close(table);
	synchronize_rcu();
	portres_table_fini(table);
	KUNIT_EXPECT_PTR_EQ(test, portres_assoc_find(sk), resv);
	KUNIT_EXPECT_TRUE(test, resv->dead);
	expect_counts(test, resv, 1);
	portres_test_release(test, sk);
	expect_counts(test, resv, 0);
	portres_reservation_put(resv);
}

/* A foreign destructor: one that gives back what it found, or one like net/handshake's. */
static struct {
	void (*found)(struct sock *sk);
	bool gives_back;
	unsigned int ran;
	bool in_place;
} foreign;

static void foreign_destruct(struct sock *sk)
{
	foreign.ran++;
	foreign.in_place = sk->sk_destruct == foreign_destruct;
	if (foreign.gives_back)
		sk->sk_destruct = foreign.found;
	foreign.found(sk);
}

static void stack(struct sock *sk, bool gives_back)
{
	foreign.found = sk->sk_destruct;
	foreign.gives_back = gives_back;
	foreign.ran = 0;
	foreign.in_place = false;
	sk->sk_destruct = foreign_destruct;
}

static const struct stacking_row {
	const char *name;
	bool over;
	bool gives_back;
} stackings[] = {
	{ "under ours, gives back", false, true },
	{ "under ours, does not", false, false },
	{ "over ours, gives back", true, true },
	{ "over ours, does not", true, false },
};

KUNIT_ARRAY_PARAM_DESC(stacking, stackings, name);

static void stacked(struct kunit *test)
{
	const struct stacking_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, 5000);
	struct portres_reservation *second = reserve(test, net, 6000);
	struct sock *sk = portres_test_sock(test, net, AF_INET6);
	struct sock *next;

	if (!row->over)
		stack(sk, row->gives_back);
	portres_test_associate(test, sk, resv);
	if (row->over)
		stack(sk, row->gives_back);

	KUNIT_EXPECT_PTR_EQ(test, portres_assoc_find(sk), resv);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, 6000), -EADDRNOTAVAIL);
	portres_test_associate(test, sk, second);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, 6000), 0);
	expect_counts(test, resv, 0);
	expect_counts(test, second, 1);

	portres_test_release(test, sk);
	KUNIT_EXPECT_EQ(test, foreign.ran, 1);
	KUNIT_EXPECT_TRUE_MSG(test, foreign.in_place, "did not find what it had put there");
	expect_counts(test, second, 0);

	/* Nothing is left that a socket at the same address would stumble over. */
	next = portres_test_sock(test, net, AF_INET6);
	KUNIT_EXPECT_NULL(test, portres_assoc_find(next));
	portres_test_associate(test, next, resv);
	expect_counts(test, resv, 1);
}

static struct kunit_case assoc_cases[] = {
	KUNIT_CASE_PARAM(ends_with_socket, portres_test_families),
	KUNIT_CASE_PARAM(ends_with_bound_socket, portres_test_families),
	KUNIT_CASE(others_are_not_associated),
	KUNIT_CASE(last_association_counts),
	KUNIT_CASE(many_sockets_on_one_reservation),
	KUNIT_CASE(keeps_deleted_reservation),
	KUNIT_CASE(outlives_table),
	KUNIT_CASE_PARAM(stacked, stacking_gen_params),
	{}
};

static struct kunit_suite assoc_suite = {
	.name = "portres_assoc",
	.test_cases = assoc_cases,
};

kunit_test_suite(assoc_suite);
