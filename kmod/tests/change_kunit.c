// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of a reservation, and adoption of ports that are in use.
 */
#include <kunit/test.h>
#include <linux/cred.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

#include "core/assoc.h"
#include "core/decision.h"
#include "core/terms.h"
#include "fixture.h"
#include "reserve/change.h"
#include "udp/bind.h"
#include "udp/hook.h"

#define FIRST	5000
#define LAST	5009

static struct portres_reservation *reserve(struct kunit *test, struct net *net)
{
	const struct portres_spec spec = {
		.first = FIRST, .last = LAST, .owner = INVALID_UID, .name = "before",
		.grants = portres_test_grant_user(test, 7),
	};
	struct portres_reservation *resv = portres_test_reserve_spec(net, spec, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	return resv;
}

static int move(struct net *net, u64 token, u16 first, u16 last)
{
	const struct portres_change change = {
		.token = token, .epoch = portres_test_ready(), .moves = true,
		.block = { .first = first, .last = last },
	};

	return portres_change(net, &change, NULL);
}

static void expect_ports(struct kunit *test, struct net *net,
			 const struct portres_reservation *resv, u16 first, u16 last)
{
	struct portres_table *table = portres_test_udp(net);
	unsigned int port;

	KUNIT_EXPECT_EQ(test, resv->block, portres_block_pack(first, last));
	KUNIT_EXPECT_EQ(test, resv->first, first);
	KUNIT_EXPECT_EQ(test, resv->last, last);
	for (port = FIRST - 300; port <= LAST + 300; port++)
		KUNIT_ASSERT_EQ_MSG(test, portres_table_reserved(table, port),
				    port >= first && port <= last, "port %u", port);
	KUNIT_EXPECT_PTR_EQ(test, portres_test_find_token(table, resv->token), resv);
	KUNIT_EXPECT_FALSE(test, resv->changing);
}

static const struct move_row {
	const char *name;
	u16 first;
	u16 last;
	int err;
} moves[] = {
	{ "the same", FIRST, LAST, 0 },
	{ "grow at the end", FIRST, LAST + 200, 0 },
	{ "grow at the beginning", FIRST - 200, LAST, 0 },
	{ "grow at both ends", FIRST - 200, LAST + 200, 0 },
	{ "shrink at the end", FIRST, FIRST, 0 },
	{ "shrink at the beginning", LAST, LAST, 0 },
	{ "shrink at both ends", FIRST + 4, LAST - 4, 0 },
	{ "up", LAST, LAST + 200, 0 },
	{ "down", FIRST - 200, FIRST, 0 },
	{ "beyond the end", LAST + 1, LAST + 2, -EINVAL },
	{ "before the beginning", FIRST - 2, FIRST - 1, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(move, moves, name);

static void moves_block(struct kunit *test)
{
	const struct move_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net);

	KUNIT_EXPECT_EQ(test, move(net, resv->token, row->first, row->last), row->err);
	if (row->err)
		expect_ports(test, net, resv, FIRST, LAST);
	else
		expect_ports(test, net, resv, row->first, row->last);
	KUNIT_EXPECT_EQ(test, move(net, resv->token, FIRST, LAST), 0);
	expect_ports(test, net, resv, FIRST, LAST);
	portres_test_unreserve(net, resv);
	KUNIT_EXPECT_FALSE(test, portres_table_overlaps(portres_test_udp(net), 1, U16_MAX));
}

static void in_use(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net);
	struct sock *sk = portres_test_sock(test, net, portres_test_family(test));
	u64 token = resv->token;

	KUNIT_ASSERT_EQ(test, portres_test_bind(sk, LOOPBACK, LAST + 20), 0);
	KUNIT_EXPECT_EQ(test, move(net, token, FIRST, LAST + 40), -EADDRINUSE);
	expect_ports(test, net, resv, FIRST, LAST);
	KUNIT_EXPECT_EQ(test, move(net, token, FIRST - 5, LAST + 20), -EADDRINUSE);
	expect_ports(test, net, resv, FIRST, LAST);
	KUNIT_EXPECT_EQ(test, move(net, token, FIRST - 5, LAST + 19), 0);
	expect_ports(test, net, resv, FIRST - 5, LAST + 19);
}

static void beside_others(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net);
	u64 token = resv->token;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, portres_test_reserve(net, LAST + 5, LAST + 6));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, portres_test_reserve(net, FIRST - 6, FIRST - 5));
	KUNIT_EXPECT_EQ(test, move(net, token, FIRST, LAST + 5), -EEXIST);
	KUNIT_EXPECT_EQ(test, move(net, token, FIRST - 5, LAST), -EEXIST);
	KUNIT_EXPECT_EQ(test, move(net, token, FIRST - 4, LAST + 5), -EEXIST);
	KUNIT_EXPECT_EQ(test, resv->block, portres_block_pack(FIRST, LAST));
	KUNIT_EXPECT_EQ(test, resv->first, FIRST);
	KUNIT_EXPECT_EQ(test, move(net, token, FIRST - 4, LAST + 4), 0);
	KUNIT_EXPECT_EQ(test, resv->block, portres_block_pack(FIRST - 4, LAST + 4));
}

/* A change removes expired and tentative acquisitions that overlap, as a creation does. */
static void expired_gives_way(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net);
	struct sock *holder = portres_test_user_sock(test, net, AF_INET);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, portres_test_acquire(holder, LAST + 5, 2));
	KUNIT_EXPECT_EQ(test, move(net, resv->token, FIRST, LAST + 20), -EEXIST);
	portres_test_close(test, holder);
	KUNIT_EXPECT_EQ(test, move(net, resv->token, FIRST, LAST + 20), 0);
	expect_ports(test, net, resv, FIRST, LAST + 20);
}

static void wrong_ones(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net), *runtime;
	struct sock *holder = portres_test_user_sock(test, net, AF_INET);

	runtime = portres_test_acquire(holder, 6000, 2);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, runtime);
	KUNIT_EXPECT_EQ(test, move(net, runtime->token, 6000, 6003), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, move(net, resv->token ^ BIT_ULL(50), FIRST, LAST), -ENOENT);
	KUNIT_EXPECT_EQ(test, move(net, 0, FIRST, LAST), -ENOENT);
	resv->changing = true;
	KUNIT_EXPECT_EQ(test, move(net, resv->token, FIRST, LAST), -EAGAIN);
	resv->changing = false;
	KUNIT_EXPECT_EQ(test, move(net, resv->token, FIRST, LAST), 0);
}

/* Tentative ports of a change: no other reservation gets them, and they are not shown. */
static int look_meanwhile(const struct portres_reservation *resv, struct portres_block block,
			  const struct portres_terms *terms, void *arg)
{
	struct kunit *test = arg;

	KUNIT_EXPECT_EQ(test, resv->block, portres_block_pack(FIRST, LAST));
	KUNIT_EXPECT_EQ(test, resv->last, LAST + 10);
	KUNIT_EXPECT_EQ(test, block.last, LAST + 10);
	KUNIT_EXPECT_STREQ(test, terms->name, "after");
	return -ENOBUFS;
}

static void reply_fails(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net);
	const struct portres_change change = {
		.token = resv->token, .epoch = portres_test_ready(), .moves = true,
		.block = { .first = FIRST, .last = LAST + 10 }, .renames = true, .name = "after",
		.regrants = true, .reply = look_meanwhile, .arg = test,
	};
	const struct portres_terms *terms = rcu_access_pointer(resv->terms);

	KUNIT_EXPECT_EQ(test, portres_change(net, &change, NULL), -ENOBUFS);
	expect_ports(test, net, resv, FIRST, LAST);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(resv->terms), terms);
}

static int bind_as_grantee(struct kunit *test, struct net *net, int family, u16 port)
{
	struct sock *sk = portres_test_user_sock(test, net, family);
	const struct cred *before = portres_test_become(test, 7, false);
	int err = portres_test_bind(sk, ANY, port);

	revert_creds(before);
	return err;
}

/* The grants of before may not be those of the ports that a change adds. */
/* As a change does just before it writes the new block. */
static void enforce_more(struct kunit *test, struct portres_table *table,
			 struct portres_reservation *resv)
{
	u16 vetoed;

	spin_lock_bh(table->lock);
	portres_table_extend(table, resv, FIRST - 5, LAST + 5);
	spin_unlock_bh(table->lock);
	portres_decision_open(resv);
	KUNIT_ASSERT_TRUE(test, portres_decision_commit(resv, &vetoed));
}

static void grants_wait(struct kunit *test)
{
	int family = portres_test_family(test);
	struct net *net = portres_test_net(test);
	struct portres_table *table = portres_test_udp(net);
	struct portres_reservation *resv = reserve(test, net);

	enforce_more(test, table, resv);
	KUNIT_EXPECT_EQ(test, bind_as_grantee(test, net, family, FIRST - 1), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, bind_as_grantee(test, net, family, LAST + 1), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, bind_as_grantee(test, net, family, FIRST), 0);
	KUNIT_EXPECT_EQ(test, bind_as_grantee(test, net, family, LAST), 0);
	spin_lock_bh(table->lock);
	portres_table_reduce(table, resv, FIRST, LAST);
	portres_decision_settle(resv);
	spin_unlock_bh(table->lock);
	KUNIT_EXPECT_EQ(test, move(net, resv->token, FIRST - 5, LAST + 5), 0);
	KUNIT_EXPECT_EQ(test, bind_as_grantee(test, net, family, FIRST - 1), 0);
	KUNIT_EXPECT_EQ(test, bind_as_grantee(test, net, family, LAST + 1), 0);
}

static void change_terms(struct kunit *test, struct net *net, u64 token, const char *name,
			 const struct portres_terms *grants, bool regrants)
{
	const struct portres_change change = {
		.token = token, .renames = name, .name = name, .regrants = regrants,
		.grants = grants,
	};

	KUNIT_EXPECT_EQ(test, portres_change(net, &change, NULL), 0);
}

static void expect_terms(struct kunit *test, const struct portres_reservation *resv,
			 const char *name, unsigned int n)
{
	const struct portres_terms *terms = rcu_access_pointer(resv->terms);

	KUNIT_EXPECT_STREQ(test, portres_terms_name(terms), name);
	KUNIT_EXPECT_EQ(test, terms ? terms->n : 0, n);
	if (n)
		KUNIT_EXPECT_TRUE(test, uid_eq(terms->grants[0].user, KUIDT_INIT(6 + n)));
}

static void name_and_grants(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net);
	struct sock *sk = portres_test_sock(test, net, AF_INET);
	struct portres_terms *two = portres_terms_alloc(2, 0);
	u64 token = resv->token;

	KUNIT_ASSERT_NOT_NULL(test, two);
	two->grants[0].user = KUIDT_INIT(8);
	two->grants[1].user = KUIDT_INIT(9);
	portres_test_associate(test, sk, resv);
	atomic64_set(&resv->refused, 17);
	expect_terms(test, resv, "before", 1);
	change_terms(test, net, token, "after", NULL, false);
	expect_terms(test, resv, "after", 1);
	change_terms(test, net, token, NULL, two, true);
	expect_terms(test, resv, "after", 2);
	change_terms(test, net, token, "", NULL, false);
	expect_terms(test, resv, "", 2);
	change_terms(test, net, token, NULL, NULL, true);
	expect_terms(test, resv, "", 0);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(resv->terms));
	change_terms(test, net, token, "last", NULL, false);
	expect_terms(test, resv, "last", 0);
	KUNIT_EXPECT_EQ(test, resv->token, token);
	KUNIT_EXPECT_EQ(test, atomic64_read(&resv->refused), 17);
	KUNIT_EXPECT_EQ(test, atomic_read(&resv->sockets), 1);
	KUNIT_EXPECT_PTR_EQ(test, portres_assoc_find(sk), resv);
	kfree(two);
}

/* An associated socket gets ports of the new block only; a bound one keeps its port. */
static void associated(struct kunit *test)
{
	int family = portres_test_family(test);
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net);
	struct sock *stays = portres_test_sock(test, net, family);
	struct sock *early = portres_test_sock(test, net, family);
	struct sock *late = portres_test_sock(test, net, family);

	portres_test_associate(test, stays, resv);
	portres_test_associate(test, early, resv);
	portres_test_associate(test, late, resv);
	KUNIT_ASSERT_EQ(test, portres_test_bind(stays, ANY, LAST), 0);
	KUNIT_ASSERT_EQ(test, move(net, resv->token, FIRST, LAST - 1), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(stays)->inet_num, LAST);
	KUNIT_EXPECT_EQ(test, portres_test_bind(early, ANY, LAST), -EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ_MSG(test, move(net, resv->token, FIRST, LAST), -EADDRINUSE,
			    "its own socket is in the way of a port that comes back");
	KUNIT_ASSERT_EQ(test, move(net, resv->token, FIRST - 1, FIRST), 0);
	KUNIT_EXPECT_EQ(test, portres_test_bind(early, ANY, 0), 0);
	KUNIT_EXPECT_EQ(test, portres_test_bind(late, ANY, 0), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(early)->inet_num + inet_sk(late)->inet_num, 2 * FIRST - 1);
}

static struct {
	struct kunit *test;
	struct portres_reservation *resv;
	portres_get_port_t real;
} search;

/* The block moves up when the search has chosen a port of the one before. */
static int move_then_get(struct sock *sk, unsigned short port)
{
	struct portres_table *table = portres_test_udp(sock_net(sk));

	spin_lock_bh(table->lock);
	if (search.resv->block == portres_block_pack(FIRST, LAST)) {
		KUNIT_EXPECT_LE(search.test, port, LAST);
		portres_table_extend(table, search.resv, FIRST, LAST + 10);
		KUNIT_EXPECT_EQ(search.test, portres_moved_add(table, search.resv, LAST + 1,
							       LAST + 10), 0);
		portres_table_change(table, search.resv, LAST + 1, LAST + 10, NULL);
	}
	spin_unlock_bh(table->lock);
	return search.real(sk, port);
}

static void search_goes_on(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_sock(test, net, portres_test_family(test));
	u16 port;

	search.test = test;
	search.resv = reserve(test, net);
	search.real = portres_udp_hook_original(sk);
	KUNIT_ASSERT_EQ(test, portres_moved_prepare(portres_test_udp(net)), 0);
	KUNIT_EXPECT_EQ(test, portres_bind_associated(sk, 0, search.resv, move_then_get), 0);
	port = inet_sk(sk)->inet_num;
	KUNIT_EXPECT_TRUE(test, port > LAST && port <= LAST + 10);
	KUNIT_EXPECT_EQ(test, portres_test_users(net, port), 1);
	KUNIT_EXPECT_EQ(test, portres_test_users(net, FIRST), 0);
}

/* Another reservation has the port of the token by then. */
static void token_of_moved(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_table *table = portres_test_udp(net);
	struct portres_reservation *resv = reserve(test, net), *other;

	KUNIT_ASSERT_EQ(test, move(net, resv->token, LAST, LAST + 5), 0);
	other = portres_test_reserve(net, FIRST, LAST - 1);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
	KUNIT_EXPECT_PTR_EQ(test, portres_test_find_token(table, resv->token), resv);
	KUNIT_EXPECT_PTR_EQ(test, portres_test_find_token(table, other->token), other);
	KUNIT_EXPECT_NULL(test, portres_test_find_token(table, other->token ^ BIT_ULL(30)));
	portres_test_unreserve(net, resv);
	KUNIT_EXPECT_PTR_EQ(test, portres_test_find_token(table, other->token), other);
	KUNIT_EXPECT_EQ(test, portres_moved_count(table), 0);
}

static struct kunit_case change_cases[] = {
	KUNIT_CASE_PARAM(moves_block, move_gen_params),
	KUNIT_CASE_PARAM(in_use, portres_test_families),
	KUNIT_CASE(beside_others),
	KUNIT_CASE(expired_gives_way),
	KUNIT_CASE(wrong_ones),
	KUNIT_CASE(reply_fails),
	KUNIT_CASE_PARAM(grants_wait, portres_test_families),
	KUNIT_CASE(name_and_grants),
	KUNIT_CASE_PARAM(associated, portres_test_families),
	KUNIT_CASE_PARAM(search_goes_on, portres_test_families),
	KUNIT_CASE(token_of_moved),
	{}
};

static struct kunit_suite change_suite = {
	.name = "portres_change",
	.test_cases = change_cases,
};

kunit_test_suite(change_suite);
