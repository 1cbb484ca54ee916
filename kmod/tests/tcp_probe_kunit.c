// SPDX-License-Identifier: GPL-2.0-only
/*
 * The probe of TCP: whatever has a port is seen, in each state, and what it is said to be; nothing
 * else is.
 */
#include <kunit/test.h>
#include <linux/tcp.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "core/probe.h"
#include "fixture.h"
#include "port_user.h"

#define PORT	5000
#define SERVER	9	/* of portres_test_connect() */

static const char bound[] = "a socket is bound to a port of the block";
static const char listens[] = "a socket listens on a port of the block";
static const char connected[] = "a port of the block has a connection";
static const char waits[] =
	"a connection of a port of the block is in TIME_WAIT, wait for a minute";

static u16 look_for(struct kunit *test, struct net *net, u16 first, u16 last, const char **found)
{
	struct portres_probe probe;
	u16 port;

	KUNIT_ASSERT_EQ(test, portres_probe_open(&probe, &portres_tcp, net), 0);
	port = portres_probe_look(&probe, first, last);
	*found = probe.found;
	portres_probe_close(&probe);
	return port;
}

static u16 look(struct kunit *test, struct net *net, u16 first, u16 last)
{
	const char *found;

	return look_for(test, net, first, last, &found);
}

static void expect_use(struct kunit *test, struct net *net, u16 port, const char *use)
{
	const char *found;

	KUNIT_EXPECT_EQ(test, look_for(test, net, port, port, &found), port);
	KUNIT_EXPECT_STREQ(test, found, use);
}

static const struct portres_test_user users[] = {
	{ "v4, any address", AF_INET, ANY },
	{ "v4, specific address", AF_INET, LOOPBACK },
	{ "v4, device", AF_INET, ANY, .device = true },
	{ "v4, specific address, both reuse flags, device", AF_INET, LOOPBACK,
	  .reuseaddr = true, .reuseport = true, .device = true },
	{ "v6, any address", AF_INET6, ANY },
	{ "v6, specific address", AF_INET6, LOOPBACK },
	{ "v6, v6-only", AF_INET6, ANY, .v6only = true },
	{ "v6, v4-mapped", AF_INET6, MAPPED },
	{ "v6, v6-only, both reuse flags, device", AF_INET6, ANY, .v6only = true,
	  .reuseaddr = true, .reuseport = true, .device = true },
};

KUNIT_ARRAY_PARAM_DESC(user, users, name);

static struct sock *take_port(struct kunit *test, struct net *net,
			      const struct portres_test_user *user)
{
	return portres_test_use_port(test, portres_test_tcp_sock(test, net, user->family), user,
				     PORT);
}

static void sees_user(struct kunit *test)
{
	const struct portres_test_user *user = test->param_value;
	struct net *net = portres_test_net(test);
	struct sock *sk = take_port(test, net, user);

	expect_use(test, net, PORT, bound);
	KUNIT_EXPECT_EQ(test, look(test, net, PORT - 9, PORT - 1), 0);
	KUNIT_EXPECT_EQ(test, look(test, net, PORT + 1, PORT + 9), 0);
	KUNIT_EXPECT_EQ(test, look(test, portres_test_net(test), PORT, PORT), 0);

	KUNIT_ASSERT_EQ(test, kernel_listen(sk->sk_socket, 1), 0);
	expect_use(test, net, PORT, listens);
	portres_test_release(test, sk);
	KUNIT_EXPECT_EQ(test, look(test, net, PORT, PORT), 0);
}

/* The same port is in use elsewhere too, in a bucket of the same hash chain. */
static void namespaces_are_apart(struct kunit *test)
{
	struct net *net = portres_test_net(test), *other = portres_test_net(test);
	const struct portres_test_user user = { .family = portres_test_family(test), .where = ANY };
	struct sock *sk = take_port(test, net, &user);

	take_port(test, other, &user);
	expect_use(test, net, PORT, bound);
	expect_use(test, other, PORT, bound);
	portres_test_release(test, sk);
	KUNIT_EXPECT_EQ(test, look(test, net, PORT, PORT), 0);
	expect_use(test, other, PORT, bound);
}

static void first_port_in_use(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	static const u16 ports[] = { 5009, 5004, 65535 };
	int i;

	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		struct sock *sk = portres_test_tcp_sock(test, net, portres_test_family(test));

		KUNIT_ASSERT_EQ(test, portres_test_bind(sk, LOOPBACK, ports[i]), 0);
	}
	KUNIT_EXPECT_EQ(test, look(test, net, 5000, 5009), 5004);
	KUNIT_EXPECT_EQ(test, look(test, net, 5005, 5009), 5009);
	KUNIT_EXPECT_EQ(test, look(test, net, 5010, 65534), 0);
	KUNIT_EXPECT_EQ(test, look(test, net, 1, 65535), 5004);
	KUNIT_EXPECT_EQ(test, look(test, net, 65535, 65535), 65535);
}

/* A socket of UDP has a port of its own. */
static void udp_does_not_count(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_sock(test, net, portres_test_family(test));

	KUNIT_ASSERT_EQ(test, portres_test_bind(sk, ANY, PORT), 0);
	KUNIT_EXPECT_EQ(test, look(test, net, PORT, PORT), 0);
}

/* A connection from PORT to SERVER, and the socket that was accepted. */
static struct connection {
	struct net *net;
	struct sock *server;
	struct sock *client;
	struct socket *child;
} connection;

static void close_child(void *unused)
{
	if (connection.child)
		sock_release(connection.child);
	connection.child = NULL;
}

static void connect(struct kunit *test, bool reuse)
{
	int family = portres_test_family(test);

	connection.net = portres_test_net(test);
	connection.server = portres_test_tcp_sock(test, connection.net, family);
	connection.client = portres_test_tcp_sock(test, connection.net, family);
	/* closed in order, not by a reset */
	sock_reset_flag(connection.client, SOCK_LINGER);
	if (reuse) {
		sock_set_reuseaddr(connection.client);
		sock_set_reuseaddr(connection.server);
	}
	KUNIT_ASSERT_EQ(test, portres_test_bind(connection.server, ANY, SERVER), 0);
	KUNIT_ASSERT_EQ(test, kernel_listen(connection.server->sk_socket, 1), 0);
	KUNIT_ASSERT_EQ(test, portres_test_bind(connection.client, ANY, PORT), 0);
	KUNIT_ASSERT_EQ(test, portres_test_connect(connection.client), 0);
	KUNIT_ASSERT_EQ(test, kernel_accept(connection.server->sk_socket, &connection.child, 0), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_child, NULL), 0);
	sock_reset_flag(connection.child->sk, SOCK_LINGER);
}

/* The port of the client, and that of the child when the server does not listen any more. */
static void sees_connection(struct kunit *test)
{
	connect(test, false);
	expect_use(test, connection.net, PORT, connected);
	portres_test_release(test, connection.server);
	expect_use(test, connection.net, SERVER, connected);
}

static void close_client_first(struct kunit *test)
{
	portres_test_close(test, connection.client);
	close_child(NULL);
}

/* What SO_REUSEADDR lets its owner bind to at once is not in use, anything else is. */
static void sees_time_wait(struct kunit *test)
{
	connect(test, false);
	close_client_first(test);
	expect_use(test, connection.net, PORT, waits);
}

static void time_wait_with_reuse(struct kunit *test)
{
	struct sock *sk;

	connect(test, true);
	close_client_first(test);
	KUNIT_EXPECT_EQ(test, look(test, connection.net, PORT, PORT), 0);
	sk = portres_test_tcp_sock(test, connection.net, portres_test_family(test));
	KUNIT_EXPECT_EQ_MSG(test, portres_test_bind(sk, ANY, PORT), -EADDRINUSE,
			    "nothing is in TIME_WAIT");
	sock_set_reuseaddr(sk);
	KUNIT_EXPECT_EQ(test, portres_test_bind(sk, ANY, PORT), 0);
	/* beside it the other one does not matter */
	expect_use(test, connection.net, PORT, bound);
}

/* The server's side is in TIME_WAIT if it closes first. */
static void server_in_time_wait(struct kunit *test)
{
	connect(test, false);
	portres_test_release(test, connection.server);
	close_child(NULL);
	portres_test_close(test, connection.client);
	expect_use(test, connection.net, SERVER, waits);
	KUNIT_EXPECT_EQ(test, look(test, connection.net, PORT, PORT), 0);
}

static struct kunit_case tcp_probe_cases[] = {
	KUNIT_CASE_PARAM(sees_user, user_gen_params),
	KUNIT_CASE_PARAM(namespaces_are_apart, portres_test_families),
	KUNIT_CASE_PARAM(first_port_in_use, portres_test_families),
	KUNIT_CASE_PARAM(udp_does_not_count, portres_test_families),
	KUNIT_CASE_PARAM(sees_connection, portres_test_families),
	KUNIT_CASE_PARAM(sees_time_wait, portres_test_families),
	KUNIT_CASE_PARAM(time_wait_with_reuse, portres_test_families),
	KUNIT_CASE_PARAM(server_in_time_wait, portres_test_families),
	{}
};

static struct kunit_suite tcp_probe_suite = {
	.name = "portres_tcp_probe",
	.test_cases = tcp_probe_cases,
};

kunit_test_suite(tcp_probe_suite);
