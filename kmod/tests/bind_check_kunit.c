// SPDX-License-Identifier: GPL-2.0-only
/*
 * What bind() would ask for a port that is chosen: the capability for low ports. The BPF programs
 * are asked in tests/func/bind_programs.c, as none can be loaded here.
 */
#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/sched/signal.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/bind_check.h"
#include "fixture.h"
#include "udp/bind.h"

#define EDGE	1024	/* the first port that needs no capability */
#define USER	1000

static struct sock *member(struct kunit *test, struct net *net, struct portres_reservation *resv)
{
	struct sock *sk = portres_test_sock(test, net, portres_test_family(test));

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	portres_test_associate(test, sk, resv);
	return sk;
}

static int bind_any(struct kunit *test, struct sock *sk, bool privileged)
{
	const struct cred *before = portres_test_become(test, USER, privileged);
	int err = portres_test_bind(sk, ANY, 0);

	revert_creds(before);
	return err;
}

static void low_block(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = portres_test_reserve(net, 53, 55);
	struct sock *sk = member(test, net, resv);

	KUNIT_EXPECT_EQ(test, bind_any(test, sk, false), -EACCES);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, 0);
	KUNIT_EXPECT_EQ_MSG(test, atomic64_read(&resv->refused), 1, "once for the whole block");
	KUNIT_EXPECT_EQ(test, bind_any(test, sk, true), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, 53);
	KUNIT_EXPECT_EQ(test, atomic64_read(&resv->refused), 1);
}

/* The low ports are no candidates; when the others are in use, that is the answer. */
static void block_over_the_edge(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = portres_test_reserve(net, EDGE - 2, EDGE + 1);
	struct sock *sk[5];
	int i;

	for (i = 0; i < ARRAY_SIZE(sk); i++)
		sk[i] = member(test, net, resv);
	KUNIT_EXPECT_EQ(test, bind_any(test, sk[0], false), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk[0])->inet_num, EDGE);
	KUNIT_EXPECT_EQ(test, bind_any(test, sk[1], false), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk[1])->inet_num, EDGE + 1);
	KUNIT_EXPECT_EQ(test, bind_any(test, sk[2], false), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, atomic64_read(&resv->refused), 0);
	KUNIT_EXPECT_EQ(test, bind_any(test, sk[2], true), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk[2])->inet_num, EDGE - 2);
}

static void implicit_bind(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = portres_test_reserve(net, 53, 53);
	struct sock *sk = member(test, net, resv);
	const struct cred *before = portres_test_become(test, USER, false);

	KUNIT_EXPECT_EQ(test, portres_test_connect(sk), -EAGAIN);
	revert_creds(before);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&resv->refused), 1);
	KUNIT_EXPECT_EQ(test, portres_test_connect(sk), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, 53);
}

/* The namespace moves the edge. */
static void edge_is_the_namespaces(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = member(test, net, portres_test_reserve(net, 5000, 5000));

	net->ipv4.sysctl_ip_prot_sock = 6000;
	KUNIT_EXPECT_EQ(test, bind_any(test, sk, false), -EACCES);
	net->ipv4.sysctl_ip_prot_sock = 5000;
	KUNIT_EXPECT_EQ(test, bind_any(test, sk, false), 0);
}

/* Whatever the socket may have, its reservation is gone. */
static void gone_comes_first(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = portres_test_reserve(net, 53, 53);
	struct sock *sk = member(test, net, resv);

	portres_test_unreserve(net, resv);
	KUNIT_EXPECT_EQ(test, bind_any(test, sk, false), -EADDRNOTAVAIL);
}

static unsigned int asked;

static int count_get_port(struct sock *sk, unsigned short port)
{
	asked++;
	return -EADDRINUSE;
}

/* A refused port is not held for an instant. */
static void refused_port_is_not_tried(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct portres_reservation *resv = portres_test_reserve(net, EDGE - 3, EDGE + 1);
	struct sock *sk = member(test, net, resv);
	const struct cred *before = portres_test_become(test, USER, false);

	asked = 0;
	lock_sock(sk);
	KUNIT_EXPECT_EQ(test, portres_bind_associated(sk, 0, resv, count_get_port),
			-EADDRINUSE);
	release_sock(sk);
	revert_creds(before);
	KUNIT_EXPECT_EQ(test, asked, 2);
}

static void check_block(struct kunit *test)
{
	struct sock *sk = portres_test_sock(test, portres_test_net(test),
					    portres_test_family(test));
	const struct cred *before = portres_test_become(test, USER, false);

	KUNIT_EXPECT_EQ(test, portres_bind_check_block(sk, EDGE - 1, EDGE - 1), -EACCES);
	KUNIT_EXPECT_EQ(test, portres_bind_check_block(sk, EDGE - 1, EDGE + 1), -EACCES);
	KUNIT_EXPECT_EQ(test, portres_bind_check_block(sk, 1, U16_MAX), -EACCES);
	KUNIT_EXPECT_EQ(test, portres_bind_check_block(sk, EDGE, EDGE), 0);
	KUNIT_EXPECT_EQ(test, portres_bind_check_block(sk, EDGE, U16_MAX), 0);
	revert_creds(before);
	KUNIT_EXPECT_EQ(test, portres_bind_check_block(sk, 1, U16_MAX), 0);
}

static int check_while_killed(void *sk)
{
	int err;

	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 0);
	err = portres_bind_check_block(sk, 1, 10);
	flush_signals(current);
	return err;
}

static void check_block_is_killable(struct kunit *test)
{
	struct sock *sk = portres_test_sock(test, portres_test_net(test),
					    portres_test_family(test));

	KUNIT_EXPECT_EQ(test, portres_test_elsewhere(test, check_while_killed, sk), -EINTR);
}

static struct kunit_case bind_check_cases[] = {
	KUNIT_CASE_PARAM(low_block, portres_test_families),
	KUNIT_CASE_PARAM(block_over_the_edge, portres_test_families),
	KUNIT_CASE_PARAM(implicit_bind, portres_test_families),
	KUNIT_CASE_PARAM(edge_is_the_namespaces, portres_test_families),
	KUNIT_CASE_PARAM(gone_comes_first, portres_test_families),
	KUNIT_CASE_PARAM(refused_port_is_not_tried, portres_test_families),
	KUNIT_CASE_PARAM(check_block, portres_test_families),
	KUNIT_CASE_PARAM(check_block_is_killable, portres_test_families),
	{}
};

static struct kunit_suite bind_check_suite = {
	.name = "portres_bind_check",
	.test_cases = bind_check_cases,
};

kunit_test_suite(bind_check_suite);
