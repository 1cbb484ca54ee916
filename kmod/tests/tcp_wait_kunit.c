// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bounded waits of a creation for connects, in a certain order: the kernel's connect is
 * replaced by a function that lets a whole creation pass while its task is in the section, and the
 * creation's probe by one that lets a connect get its port between two looks.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <net/inet_connection_sock.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

#include "fixture.h"
#include "tcp/connect.h"
#include "tcp/entry.h"
#include "tcp/probe.h"

#define FIRST	5000
#define LAST	5009
#define PORT	5004
#define SERVER	9	/* of portres_test_connect() */

/* Of reserve/wait.c: until a block is decided. */
#define CHOICES_TIMEOUT	(HZ / 40)

/* What is bounded has ended by then: it takes 45 ms and what the machine takes. */
#define BOUND		HZ

/* A step of a test that has not come by then does not come any more. */
#define PATIENCE	(5 * HZ)

/* The looks of a creation: in vain or not, with the decision open, and for leavers. */
enum look { VAIN = 1, DECISIVE, LEAVERS };

static struct {
	struct kunit *test;
	struct net *net;
	int family;
	struct portres_tcp_original *at;
	struct portres_tcp_original real;
	u16 (*look)(struct portres_probe *probe, u16 first, u16 last);
	unsigned int looks;
	struct portres_reservation *resv;
	int error;
	unsigned long took;
	struct sock *late;
	int late_error;
	u16 leaver;
	struct completion decided, inserted, seen, late_done, ended;
} scene;

static struct portres_table *tcp_table(void)
{
	return portres_table_of(scene.net, PORTRES_TCP);
}

static struct sock *open_sock(void)
{
	return portres_test_tcp_sock(scene.test, scene.net, scene.family);
}

static void restore(void *unused)
{
	*scene.at = scene.real;
}

static void replace(portres_connect_t connect)
{
	WRITE_ONCE(scene.at->connect, connect);
}

static u16 look(struct portres_probe *probe, u16 first, u16 last)
{
	scene.looks++;
	return scene.look(probe, first, last);
}

/* TCP with another probe. */
static struct portres_protocol protocol;

static int create(void *unused)
{
	const struct portres_spec spec = {
		.protocol = &protocol, .first = FIRST, .last = LAST, .owner = INVALID_UID,
	};
	unsigned long begin = jiffies;

	scene.resv = portres_test_reserve_spec(scene.net, spec, NULL);
	scene.error = PTR_ERR_OR_ZERO(scene.resv);
	scene.took = jiffies - begin;
	complete_all(&scene.ended);
	return 0;
}

static bool in_time(struct completion *done)
{
	return wait_for_completion_timeout(done, PATIENCE);
}

static void prepare_completions(void)
{
	init_completion(&scene.decided);
	init_completion(&scene.inserted);
	init_completion(&scene.seen);
	init_completion(&scene.late_done);
	init_completion(&scene.ended);
}

/* A namespace with a server, whose ephemeral range goes up to @high. */
static void prepare(struct kunit *test, u16 high)
{
	struct portres_spec elsewhere = {
		.protocol = &portres_tcp, .first = 7000, .last = 7000, .owner = INVALID_UID,
	};
	struct sock *server;

	memset(&scene, 0, sizeof(scene));
	scene.test = test;
	scene.net = portres_test_net(test);
	scene.family = portres_test_family(test);
	scene.at = &portres_tcp_original[scene.family == AF_INET6 ? PORTRES_TCP_V6 :
								    PORTRES_TCP_V4];
	scene.real = *scene.at;
	scene.look = portres_tcp_probe_look;
	protocol = portres_tcp;
	protocol.probe_look = look;
	prepare_completions();
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test,
				     portres_test_reserve_spec(scene.net, elsewhere, NULL));
	portres_test_set_port_range(scene.net, FIRST, high);
	server = open_sock();
	KUNIT_ASSERT_EQ(test, portres_test_bind(server, ANY, SERVER), 0);
	KUNIT_ASSERT_EQ(test, kernel_listen(server->sk_socket, 64), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore, NULL), 0);
}

static int wait_until_soon(void *unused)
{
	return portres_tcp_connect_wait(jiffies + 2);
}

static int connect_while_waited_for(struct sock *sk, struct portres_sockaddr *addr, int len)
{
	unsigned long begin = jiffies;

	replace(scene.real.connect);
	KUNIT_EXPECT_FALSE(scene.test, portres_test_elsewhere(scene.test, wait_until_soon, NULL));
	KUNIT_EXPECT_GE(scene.test, jiffies - begin, 2);
	return scene.real.connect(sk, addr, len);
}

static void wait_expires(struct kunit *test)
{
	prepare(test, LAST);
	KUNIT_EXPECT_TRUE(test, wait_until_soon(NULL));
	replace(connect_while_waited_for);
	KUNIT_EXPECT_EQ(test, portres_test_connect(open_sock()), 0);
	KUNIT_EXPECT_TRUE(test, wait_until_soon(NULL));
}

/* A whole creation passes, from beginning to end, before the socket gets the port selected. */
static int connect_after_creation(struct sock *sk, struct portres_sockaddr *addr, int len)
{
	if (!completion_done(&scene.ended))
		portres_test_elsewhere(scene.test, create, NULL);
	return scene.real.connect(sk, addr, len);
}

static struct sock *connect_late(struct kunit *test, u16 high, int expected)
{
	struct sock *sk;

	prepare(test, high);
	replace(connect_after_creation);
	sk = open_sock();
	KUNIT_EXPECT_EQ(test, portres_test_connect(sk), expected);
	restore(NULL);
	KUNIT_EXPECT_EQ(test, scene.error, 0);
	KUNIT_EXPECT_GE_MSG(test, scene.took, CHOICES_TIMEOUT, "it has not waited");
	KUNIT_EXPECT_LT(test, scene.took, BOUND);
	return sk;
}

static void expect_block_is_free(struct kunit *test)
{
	u16 port;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, scene.resv);
	for (port = FIRST; port <= LAST; port++) {
		struct sock *member = open_sock();

		portres_test_associate(test, member, scene.resv);
		KUNIT_EXPECT_EQ_MSG(test, portres_test_bind(member, ANY, port), 0, "port %u", port);
	}
}

static void expect_unbound(struct kunit *test, const struct sock *sk)
{
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_sport, 0);
	KUNIT_EXPECT_EQ(test, sk->sk_state, TCP_CLOSE);
	KUNIT_EXPECT_EQ(test, sk->sk_err, 0);
	KUNIT_EXPECT_NULL(test, inet_csk(sk)->icsk_bind_hash);
}

static void late_connect_is_undone(struct kunit *test)
{
	struct sock *sk = connect_late(test, LAST, -EADDRNOTAVAIL);

	expect_unbound(test, sk);
	KUNIT_EXPECT_EQ(test, atomic64_read(&scene.resv->refused), 0);
	expect_block_is_free(test);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, LAST + 1), 0);
}

static void late_connect_finds_another(struct kunit *test)
{
	struct sock *sk = connect_late(test, LAST + 1, 0);

	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, LAST + 1);
	expect_block_is_free(test);
}

/* It is not in the way of the creation, which waits all the same: it cannot know. */
static void late_connect_elsewhere(struct kunit *test)
{
	struct sock *sk;

	prepare(test, LAST + 1);
	replace(connect_after_creation);
	sk = open_sock();
	portres_test_set_socket_range(sk, LAST + 1, LAST + 1);
	KUNIT_EXPECT_EQ(test, portres_test_connect(sk), 0);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, LAST + 1);
	KUNIT_EXPECT_EQ(test, scene.error, 0);
	KUNIT_EXPECT_LT(test, scene.took, BOUND);
	restore(NULL);
	expect_block_is_free(test);
}

/* The port in use comes after the first look, so that the wait is not left out. */
static u16 look_with_use(struct portres_probe *probe, u16 first, u16 last)
{
	if (scene.looks == DECISIVE)
		KUNIT_EXPECT_EQ(scene.test, portres_test_bind(scene.late, ANY, LAST), 0);
	return portres_tcp_probe_look(probe, first, last);
}

/* A creation that fails undoes nobody, however long it has waited. */
static void failure_after_wait_undoes_nobody(struct kunit *test)
{
	struct sock *sk;

	prepare(test, LAST - 1);
	scene.look = look_with_use;
	scene.late = open_sock();
	replace(connect_after_creation);
	sk = open_sock();
	KUNIT_EXPECT_EQ(test, portres_test_connect(sk), 0);
	KUNIT_EXPECT_EQ(test, scene.error, -EADDRINUSE);
	KUNIT_EXPECT_GE(test, scene.took, CHOICES_TIMEOUT);
	KUNIT_EXPECT_GE(test, inet_sk(sk)->inet_num, FIRST);
	KUNIT_EXPECT_LT(test, inet_sk(sk)->inet_num, LAST);
	KUNIT_EXPECT_FALSE(test, portres_table_overlaps(tcp_table(), FIRST, LAST));
}

static int connect_late_socket(void *unused)
{
	scene.late_error = portres_test_connect(scene.late);
	complete_all(&scene.late_done);
	return 0;
}

/* The first look for leavers finds a socket: the late one, or that of the test. */
static u16 look_and_meet(struct portres_probe *probe, u16 first, u16 last)
{
	u16 port;

	if (scene.looks == LEAVERS) {
		complete_all(&scene.decided);
		KUNIT_EXPECT_TRUE(scene.test, in_time(&scene.inserted));
	}
	port = portres_tcp_probe_look(probe, first, last);
	if (scene.looks == LEAVERS) {
		scene.leaver = port;
		complete_all(&scene.seen);
	} else if (scene.looks == DECISIVE && scene.late) {
		kthread_run(connect_late_socket, NULL, "portres-test");
		KUNIT_EXPECT_TRUE(scene.test, in_time(&scene.inserted));
	}
	return port;
}

/* Gets the port, and then does not look at the table before it may. */
static int connect_and_stay(struct sock *sk, struct portres_sockaddr *addr, int len,
			    struct completion *stay)
{
	int err = scene.real.connect(sk, addr, len);

	complete_all(&scene.inserted);
	KUNIT_EXPECT_TRUE(scene.test, in_time(stay));
	return err;
}

static int connect_until_seen(struct sock *sk, struct portres_sockaddr *addr, int len)
{
	return connect_and_stay(sk, addr, len, &scene.seen);
}

static int connect_when_decided(struct sock *sk, struct portres_sockaddr *addr, int len)
{
	kthread_run(create, NULL, "portres-test");
	KUNIT_EXPECT_TRUE(scene.test, in_time(&scene.decided));
	return connect_and_stay(sk, addr, len, &scene.seen);
}

static int connect_beyond_the_end(struct sock *sk, struct portres_sockaddr *addr, int len)
{
	kthread_run(create, NULL, "portres-test");
	KUNIT_EXPECT_TRUE(scene.test, in_time(&scene.decided));
	return connect_and_stay(sk, addr, len, &scene.ended);
}

static void expect_wait_for_leaver(struct kunit *test, const struct sock *leaver)
{
	restore(NULL);
	KUNIT_ASSERT_TRUE(test, in_time(&scene.ended));
	KUNIT_EXPECT_EQ(test, scene.error, 0);
	KUNIT_EXPECT_LT(test, scene.took, BOUND);
	KUNIT_EXPECT_GE_MSG(test, scene.looks, LEAVERS, "it has not looked for leavers");
	KUNIT_EXPECT_NE(test, scene.leaver, 0);
	expect_unbound(test, leaver);
	expect_block_is_free(test);
}

/* The wait has expired, and the socket gets its port when the block is committed. */
static void leave(struct kunit *test, portres_connect_t connect)
{
	struct sock *sk;

	prepare(test, LAST);
	scene.look = look_and_meet;
	replace(connect);
	sk = open_sock();
	KUNIT_EXPECT_EQ(test, portres_test_connect(sk), -EADDRNOTAVAIL);
	expect_wait_for_leaver(test, sk);
}

static void creation_waits_for_leaver(struct kunit *test)
{
	leave(test, connect_when_decided);
}

/* A creation does not wait for ever: it succeeds, and the socket gives the port back later. */
static void leaver_stays_too_long(struct kunit *test)
{
	leave(test, connect_beyond_the_end);
}

/* No wait has expired: the connect began after it, with no other port, when all was probed. */
static void creation_waits_for_last_resort(struct kunit *test)
{
	prepare(test, LAST);
	scene.look = look_and_meet;
	scene.late = open_sock();
	replace(connect_until_seen);
	create(NULL);
	KUNIT_ASSERT_TRUE(test, in_time(&scene.late_done));
	KUNIT_EXPECT_EQ(test, scene.late_error, -EADDRNOTAVAIL);
	expect_wait_for_leaver(test, scene.late);
}

static struct kunit_case tcp_wait_cases[] = {
	KUNIT_CASE_PARAM(wait_expires, portres_test_families),
	KUNIT_CASE_PARAM(late_connect_is_undone, portres_test_families),
	KUNIT_CASE_PARAM(late_connect_finds_another, portres_test_families),
	KUNIT_CASE_PARAM(late_connect_elsewhere, portres_test_families),
	KUNIT_CASE_PARAM(failure_after_wait_undoes_nobody, portres_test_families),
	KUNIT_CASE_PARAM(creation_waits_for_leaver, portres_test_families),
	KUNIT_CASE_PARAM(leaver_stays_too_long, portres_test_families),
	KUNIT_CASE_PARAM(creation_waits_for_last_resort, portres_test_families),
	{}
};

static struct kunit_suite tcp_wait_suite = {
	.name = "portres_tcp_wait",
	.test_cases = tcp_wait_cases,
};

kunit_test_suite(tcp_wait_suite);
