// SPDX-License-Identifier: GPL-2.0-only
/*
 * The socket option, called as setsockopt() calls it: which requests and which callers it rejects.
 */
#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/in.h>
#include <linux/net.h>
#include <linux/netfilter.h>
#include <linux/sockptr.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/assoc.h"
#include "fixture.h"
#include "portres.h"

#define OWNER	1000

static struct portres_reservation *reserve(struct kunit *test, struct net *net, u16 first)
{
	const struct portres_spec spec = {
		.first = first, .last = first + 9, .owner = INVALID_UID,
		.grants = portres_test_grant_user(test, OWNER),
	};
	struct portres_reservation *resv = portres_test_reserve_spec(net, spec, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	return resv;
}

static int set_option(struct sock *sk, void *value, unsigned int len)
{
	return nf_setsockopt(sk, PF_INET, PORTRES_SO_ASSOCIATE, KERNEL_SOCKPTR(value), len);
}

static int associate(struct sock *sk, u64 token)
{
	return set_option(sk, &token, sizeof(token));
}

static int release_option(struct sock *sk, void *value, unsigned int len)
{
	return nf_setsockopt(sk, PF_INET, PORTRES_SO_RELEASE, KERNEL_SOCKPTR(value), len);
}

static int release(struct sock *sk, u64 token)
{
	return release_option(sk, &token, sizeof(token));
}

static void expect_unassociated(struct kunit *test, const struct sock *sk,
				struct portres_reservation *resv)
{
	KUNIT_EXPECT_NULL(test, portres_assoc_find(sk));
	KUNIT_EXPECT_EQ(test, atomic_read(&resv->sockets), 0);
	KUNIT_EXPECT_EQ_MSG(test, refcount_read(&resv->refs), 1,
			    "a refused association keeps a reference");
}

static const struct length_row {
	const char *name;
	unsigned int len;
	int err;
} lengths[] = {
	{ "nothing", 0, -EINVAL },
	{ "half", 4, -EINVAL },
	{ "one too short", 7, -EINVAL },
	{ "exact", 8, 0 },
	{ "one too long", 9, -EINVAL },
	{ "double", 16, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(length, lengths, name);

static void length_is_exact(struct kunit *test)
{
	const struct length_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, 5000);
	struct sock *sk = portres_test_sock(test, net, AF_INET);
	u64 value[2] = { resv->token };

	KUNIT_EXPECT_EQ(test, set_option(sk, value, row->len), row->err);
	if (row->err)
		expect_unassociated(test, sk, resv);
	else
		KUNIT_EXPECT_PTR_EQ(test, portres_assoc_find(sk), resv);
}

static void token_has_to_be_known(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, 5000);
	struct sock *sk = portres_test_sock(test, net, AF_INET6);
	u64 token = resv->token;

	KUNIT_EXPECT_EQ(test, associate(sk, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, associate(sk, ~0ULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, associate(sk, token ^ BIT_ULL(40)), -EINVAL);
	KUNIT_EXPECT_EQ(test, associate(sk, token + 1), -EINVAL);
	expect_unassociated(test, sk, resv);
	portres_test_unreserve(net, resv);
	KUNIT_EXPECT_EQ(test, associate(sk, token), -EINVAL);
	KUNIT_EXPECT_NULL(test, portres_assoc_find(sk));
}

static void token_of_another_namespace(struct kunit *test)
{
	struct portres_reservation *resv = reserve(test, portres_test_net(test), 5000);
	struct sock *sk = portres_test_sock(test, portres_test_net(test), AF_INET);

	KUNIT_EXPECT_EQ(test, associate(sk, resv->token), -EINVAL);
	expect_unassociated(test, sk, resv);
}

static void bound_socket_is_refused(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, 5000);
	struct portres_reservation *other = reserve(test, net, 6000);
	struct sock *sk = portres_test_sock(test, net, AF_INET);

	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, 7000), 0);
	KUNIT_EXPECT_EQ(test, associate(sk, resv->token), -EINVAL);
	expect_unassociated(test, sk, resv);

	sk = portres_test_sock(test, net, AF_INET6);
	KUNIT_EXPECT_EQ(test, associate(sk, resv->token), 0);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, 0), 0);
	KUNIT_EXPECT_EQ(test, associate(sk, other->token), -EINVAL);
	KUNIT_EXPECT_PTR_EQ(test, portres_assoc_find(sk), resv);
	KUNIT_EXPECT_EQ(test, refcount_read(&other->refs), 1);
}

static const struct other_row {
	const char *name;
	int family;
	int type;
	int protocol;
} others[] = {
	{ "UDP-Lite v4", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "UDP-Lite v6", AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "raw socket for UDP", AF_INET, SOCK_RAW, IPPROTO_UDP },
	{ "raw v6 socket for UDP", AF_INET6, SOCK_RAW, IPPROTO_UDP },
};

KUNIT_ARRAY_PARAM_DESC(other, others, name);

static void token_of_the_other_protocol(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, 5000);
	struct socket *sock;

	KUNIT_ASSERT_EQ(test, sock_create_kern(net, AF_INET, SOCK_STREAM, IPPROTO_TCP, &sock), 0);
	KUNIT_EXPECT_EQ(test, associate(sock->sk, resv->token), -EINVAL);
	KUNIT_EXPECT_EQ(test, release(sock->sk, resv->token), -EINVAL);
	expect_unassociated(test, sock->sk, resv);
	sock_release(sock);
}

static void no_other_sockets(struct kunit *test)
{
	const struct other_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, 5000);
	struct socket *sock;

	KUNIT_ASSERT_EQ(test, sock_create_kern(net, row->family, row->type, row->protocol, &sock),
			0);
	KUNIT_EXPECT_EQ(test, associate(sock->sk, resv->token), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, associate(sock->sk, 0), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, release(sock->sk, resv->token), -EOPNOTSUPP);
	expect_unassociated(test, sock->sk, resv);
	sock_release(sock);
}

static const struct caller_row {
	const char *name;
	uid_t uid;
	uid_t euid;
	bool admin;
	int err;
} callers[] = {
	{ "administrator", 0, 0, true, 0 },
	{ "grantee", OWNER, OWNER, false, 0 },
	{ "grantee by effective user", 1001, OWNER, false, 0 },
	{ "grantee by real user only", OWNER, 1001, false, -EACCES },
	{ "stranger", 1001, 1001, false, -EACCES },
	{ "stranger with the capability", 1001, 1001, true, 0 },
	{ "root without the capability", 0, 0, false, -EACCES },
};

KUNIT_ARRAY_PARAM_DESC(caller, callers, name);

static int associate_as(const struct caller_row *caller, struct sock *sk, u64 token)
{
	struct cred *cred = prepare_creds();
	const struct cred *saved;
	int err;

	if (!cred)
		return -ENOMEM;
	cred->uid = KUIDT_INIT(caller->uid);
	cred->euid = KUIDT_INIT(caller->euid);
	if (!caller->admin)
		cap_lower(cred->cap_effective, CAP_NET_ADMIN);
	saved = override_creds(cred);
	err = associate(sk, token);
	revert_creds(saved);
	put_cred(cred);
	return err;
}

static void who_may(struct kunit *test)
{
	const struct caller_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = reserve(test, net, 5000);
	struct sock *sk = portres_test_sock(test, net, AF_INET);

	KUNIT_EXPECT_EQ(test, associate_as(row, sk, resv->token), row->err);
	if (row->err)
		expect_unassociated(test, sk, resv);
	else
		KUNIT_EXPECT_PTR_EQ(test, portres_assoc_find(sk), resv);
	KUNIT_EXPECT_EQ_MSG(test, associate_as(row, sk, resv->token ^ BIT_ULL(40)), -EINVAL,
			    "an unknown token is no question of rights");
}

/* A request to associate @sk with the runtime reservation of another process. */
struct wish {
	struct sock *sk;
	u64 token;
};

static int associate_by_wish(void *arg)
{
	const struct wish *wish = arg;

	return associate(wish->sk, wish->token);
}

static struct portres_reservation *acquire(struct kunit *test, struct sock *sk)
{
	struct portres_reservation *resv = portres_test_acquire(sk, 5000, 10);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	return resv;
}

static void runtime_is_for_its_process(struct kunit *test)
{
	static const struct caller_row stranger = { .uid = 1001, .euid = 1001 };
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = acquire(test, portres_test_user_sock(test, net,
										AF_INET));
	struct wish wish = {
		.sk = portres_test_sock(test, net, AF_INET6), .token = resv->token,
	};

	KUNIT_EXPECT_EQ(test, portres_test_elsewhere(test, associate_by_wish, &wish), -EACCES);
	expect_unassociated(test, wish.sk, resv);
	KUNIT_EXPECT_EQ(test, associate_as(&stranger, wish.sk, wish.token), 0);
	KUNIT_EXPECT_PTR_EQ(test, portres_assoc_find(wish.sk), resv);
}

static void closed_holder_has_no_token(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *holder = portres_test_user_sock(test, net, AF_INET);
	struct sock *sk = portres_test_sock(test, net, AF_INET);
	u64 token = acquire(test, holder)->token;

	sock_hold(holder);
	portres_test_close(test, holder);
	KUNIT_EXPECT_EQ(test, associate(sk, token), -EINVAL);
	KUNIT_EXPECT_EQ(test, release(sk, token), -EINVAL);
	sock_put(holder);
}

static void release_length_is_exact(struct kunit *test)
{
	const struct length_row *row = test->param_value;
	struct sock *sk = portres_test_user_sock(test, portres_test_net(test), AF_INET);
	u64 value[2] = { acquire(test, sk)->token };

	KUNIT_EXPECT_EQ(test, release_option(sk, value, row->len), row->err);
}

static struct kunit_case sockopt_cases[] = {
	KUNIT_CASE_PARAM(length_is_exact, length_gen_params),
	KUNIT_CASE(token_has_to_be_known),
	KUNIT_CASE(token_of_another_namespace),
	KUNIT_CASE(bound_socket_is_refused),
	KUNIT_CASE(token_of_the_other_protocol),
	KUNIT_CASE_PARAM(no_other_sockets, other_gen_params),
	KUNIT_CASE_PARAM(who_may, caller_gen_params),
	KUNIT_CASE(runtime_is_for_its_process),
	KUNIT_CASE(closed_holder_has_no_token),
	KUNIT_CASE_PARAM(release_length_is_exact, length_gen_params),
	{}
};

static struct kunit_suite sockopt_suite = {
	.name = "portres_sockopt",
	.test_cases = sockopt_cases,
};

kunit_test_suite(sockopt_suite);
