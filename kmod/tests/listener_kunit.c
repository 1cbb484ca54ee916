// SPDX-License-Identifier: GPL-2.0-only
/*
 * An associated socket that listens: its association ends some time after its close, and not
 * before; the sockets that it accepts have none.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/net.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/assoc.h"
#include "core/sock.h"
#include "fixture.h"

#define SERVER	9	/* of portres_test_connect() */

/* Longer than two sweeps. */
#define SWEEPS	1500	/* milliseconds */

static struct {
	struct net *net;
	struct portres_reservation *resv;
	struct sock *sk;
	struct socket *child;
} scene;

static struct sock *open_sock(struct kunit *test)
{
	return portres_test_tcp_sock(test, scene.net, portres_test_family(test));
}

static void close_child(void *unused)
{
	sock_release(scene.child);
}

static void prepare(struct kunit *test)
{
	const struct portres_spec spec = {
		.protocol = &portres_tcp, .first = SERVER, .last = SERVER, .owner = INVALID_UID,
	};

	scene.net = portres_test_net(test);
	scene.resv = portres_test_reserve_spec(scene.net, spec, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, scene.resv);
	scene.sk = open_sock(test);
	portres_test_associate(test, scene.sk, scene.resv);
}

static void listen(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, portres_test_bind(scene.sk, ANY, 0), 0);
	KUNIT_ASSERT_EQ(test, kernel_listen(scene.sk->sk_socket, 4), 0);
}

static void accept(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, portres_test_connect(open_sock(test)), 0);
	KUNIT_ASSERT_EQ(test, kernel_accept(scene.sk->sk_socket, &scene.child, 0), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_child, NULL), 0);
}

static int members(void)
{
	return atomic_read(&scene.resv->sockets);
}

static void expect_end(struct kunit *test)
{
	int waited;

	for (waited = 0; members() && waited < 4 * SWEEPS; waited += 20)
		msleep(20);
	KUNIT_EXPECT_EQ(test, members(), 0);
}

/* As long as it is open, whatever it does, and whoever has looked at it. */
static void stays_while_open(struct kunit *test)
{
	prepare(test);
	listen(test);
	msleep(SWEEPS);
	KUNIT_EXPECT_EQ(test, members(), 1);
	KUNIT_ASSERT_EQ(test, kernel_sock_shutdown(scene.sk->sk_socket, SHUT_RDWR), 0);
	msleep(SWEEPS);
	KUNIT_EXPECT_EQ(test, members(), 1);
	KUNIT_EXPECT_EQ_MSG(test, kernel_listen(scene.sk->sk_socket, 4), 0, "once more");
	KUNIT_EXPECT_EQ(test, members(), 1);
}

static void ends_after_close(struct kunit *test)
{
	prepare(test);
	listen(test);
	KUNIT_EXPECT_EQ(test, members(), 1);
	portres_test_release(test, scene.sk);
	expect_end(test);
}

/* One that never listened ends with its destructor. */
static void ends_with_close(struct kunit *test)
{
	prepare(test);
	KUNIT_ASSERT_EQ(test, portres_test_bind(scene.sk, ANY, 0), 0);
	KUNIT_EXPECT_EQ(test, members(), 1);
	portres_test_release(test, scene.sk);
	KUNIT_EXPECT_EQ(test, members(), 0);
}

/* Nor has it our destructor, which would run once for each of them. */
static void child_is_nobodys(struct kunit *test)
{
	prepare(test);
	listen(test);
	accept(test);
	KUNIT_EXPECT_EQ(test, members(), 1);
	KUNIT_EXPECT_TRUE(test, portres_sock_has_plain_destruct(scene.child->sk, PORTRES_TCP));
	KUNIT_EXPECT_NULL(test, portres_sock_lookup(scene.child->sk));
	portres_test_release(test, scene.sk);
	expect_end(test);
	KUNIT_EXPECT_EQ(test, scene.child->sk->sk_state, TCP_ESTABLISHED);
}

static struct kunit_case listener_cases[] = {
	KUNIT_CASE_PARAM(stays_while_open, portres_test_families),
	KUNIT_CASE_PARAM(ends_after_close, portres_test_families),
	KUNIT_CASE_PARAM(ends_with_close, portres_test_families),
	KUNIT_CASE_PARAM(child_is_nobodys, portres_test_families),
	{}
};

static struct kunit_suite listener_suite = {
	.name = "portres_listener",
	.test_cases = listener_cases,
};

kunit_test_suite(listener_suite);
