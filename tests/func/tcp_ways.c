// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every way of a TCP socket to a port, beside a block in the middle of the ephemeral range: those
 * of strangers, of associated sockets and of grantees.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define LOW 40000
#define FIRST 40005
#define COUNT 10
#define HIGH 40019
#define SERVER 4000
#define OUTSIDE 4001
#define TIMES 200

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

static struct client client;
static uint64_t token;
static int family;
static const char *loopback;
static int server;

static bool reserved(unsigned int port)
{
	return port >= FIRST && port < FIRST + COUNT;
}

static int tcp_associated(void)
{
	int fd = tcp_socket(family);

	must(associate(fd, token), "cannot associate");
	return fd;
}

static int way_bind(int fd)
{
	return sock_bind_any(fd, 0);
}

static int way_bind_loopback(int fd)
{
	return sock_bind(fd, loopback, 0);
}

static int way_bind_reuse(int fd)
{
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	return sock_bind_any(fd, 0);
}

static int way_listen(int fd)
{
	return listen(fd, 1) ? errno : 0;
}

static int way_connect(int fd)
{
	return sock_connect(fd, loopback, SERVER);
}

static int way_connect_nonblocking(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
	int error;

	must(fcntl(fd, F_SETFL, O_NONBLOCK) ? errno : 0, "cannot be non-blocking");
	error = sock_connect(fd, loopback, SERVER);
	if (error != EINPROGRESS)
		return error ?: EISCONN;
	if (poll(&poll_fd, 1, 5000) != 1)
		return ETIMEDOUT;
	return tcp_state(fd) == TCP_ESTABLISHED ? 0 : ENOTCONN;
}

static int way_no_port(int fd)
{
	sock_set(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	return sock_bind(fd, loopback, 0) ?: sock_connect(fd, loopback, SERVER);
}

static int way_fast_open(int fd)
{
	union sock_addr addr = sock_addr(family, loopback, SERVER);
	socklen_t len = family == AF_INET ? sizeof(addr.v4) : sizeof(addr.v6);

	return sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, &addr.any, len) < 0 ? errno : 0;
}

/* Connect selects the port and defers the rest; the first packet leaves with what is sent. */
static int way_fast_open_connect(int fd)
{
	unsigned int port;
	int error;

	sock_set(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
	error = sock_connect(fd, loopback, SERVER);
	if (error)
		return error;
	if (tcp_state(fd) != TCP_SYN_SENT)
		return EISCONN;
	port = sock_port(fd);
	if (send(fd, "x", 1, MSG_NOSIGNAL) < 0)
		return errno;
	if (tcp_state(fd) != TCP_ESTABLISHED)
		return ENOTCONN;
	return port && sock_port(fd) == port ? 0 : EADDRNOTAVAIL;
}

static int way_mapped(int fd)
{
	if (family == AF_INET)
		return sock_connect(fd, loopback, SERVER);
	return sock_connect(fd, "::ffff:127.0.0.1", SERVER);
}

static const struct way {
	const char *name;
	int (*go)(int fd);
	int full;	/* the error if no port is left */
} ways[] = {
	{ "bind to port 0", way_bind, EADDRINUSE },
	{ "bind to port 0 of loopback", way_bind_loopback, EADDRINUSE },
	{ "bind to port 0 with SO_REUSEADDR", way_bind_reuse, EADDRINUSE },
	{ "listen unbound", way_listen, EADDRINUSE },
	{ "connect", way_connect, EADDRNOTAVAIL },
	{ "connect without blocking", way_connect_nonblocking, EADDRNOTAVAIL },
	{ "connect with IP_BIND_ADDRESS_NO_PORT", way_no_port, EADDRNOTAVAIL },
	{ "MSG_FASTOPEN", way_fast_open, EADDRNOTAVAIL },
	{ "TCP_FASTOPEN_CONNECT", way_fast_open_connect, EADDRNOTAVAIL },
	{ "connect to a v4-mapped address", way_mapped, EADDRNOTAVAIL },
};

static void drain(void)
{
	struct pollfd incoming = { .fd = server, .events = POLLIN };

	while (poll(&incoming, 1, 0) == 1)
		sock_drop(accept(server, NULL, NULL));
}

static void stranger_goes(const struct way *way)
{
	int i, error = 0, wrong = 0;

	for (i = 0; i < TIMES && !error; i++) {
		int fd = tcp_socket(family);

		error = way->go(fd);
		wrong += reserved(sock_port(fd)) || (!error && !sock_port(fd));
		sock_drop(fd);
		drain();
	}
	tap_errno(error, 0, "stranger: %s, %d times", way->name, TIMES);
	tap_num(wrong, 0, "stranger: %s: never a reserved port", way->name);
}

static void associated_goes(const struct way *way)
{
	int fd = tcp_associated();

	tap_errno(way->go(fd), 0, "associated: %s", way->name);
	tap_ok(reserved(sock_port(fd)), "associated: %s: a port of the block", way->name);
	sock_drop(fd);
	drain();
}

static void full_range_fails(const struct way *way)
{
	int fd = tcp_socket(family);

	tap_errno(way->go(fd), way->full, "stranger: %s, the whole range is reserved", way->name);
	tap_num(sock_port(fd), 0, "stranger: %s: no port then", way->name);
	sock_drop(fd);
}

static void each_way(void)
{
	uint64_t low, high;
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		stranger_goes(&ways[i]);
		associated_goes(&ways[i]);
	}
	must(reserve(&client, LOW, FIRST - LOW, NULL, NO_OWNER, &low), "cannot reserve");
	must(reserve(&client, FIRST + COUNT, HIGH + 1 - FIRST - COUNT, NULL, NO_OWNER, &high),
	     "cannot reserve");
	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		full_range_fails(&ways[i]);
	must(unreserve(&client, LOW, FIRST - LOW), "cannot delete");
	must(unreserve(&client, FIRST + COUNT, HIGH + 1 - FIRST - COUNT), "cannot delete");
}

static void explicit_ports(void)
{
	struct resv resv;
	int fd = tcp_socket(family);

	tap_errno(sock_bind_any(fd, FIRST), EADDRINUSE, "stranger: a reserved port");
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	tap_errno(sock_bind(fd, loopback, FIRST), EADDRINUSE, "stranger: with SO_REUSEADDR");
	tap_errno(sock_bind_any(fd, OUTSIDE), 0, "stranger: then another port");
	close(fd);
	must(get_block(&client, FIRST, COUNT, &resv), "cannot ask");
	tap_num(resv.refused, 2, "two refusals are counted");
	tap_num(resv.protocol, IPPROTO_TCP, "the reservation is of TCP");
	fd = tcp_associated();
	tap_errno(sock_bind_any(fd, OUTSIDE), EADDRNOTAVAIL, "associated: a port outside");
	tap_errno(sock_bind_any(fd, FIRST + 3), 0, "associated: a port of the block");
	close(fd);
	fd = udp_open(family);
	tap_errno(associate(fd, token), EINVAL, "the token on a UDP socket");
	tap_errno(sock_bind_any(fd, FIRST), 0, "the same port of UDP is free");
	close(fd);
}

static void grantee_binds(void)
{
	int fd = tcp_socket(family);

	must(set_grants(&client, token, "user 0"), "cannot grant");
	tap_errno(sock_bind_any(fd, FIRST + 1), 0, "grantee: a port of the block");
	tap_errno(listen(fd, 1) ? errno : 0, 0, "grantee: listens");
	close(fd);
	fd = tcp_socket(family);
	tap_errno(sock_bind_any(fd, 0), 0, "grantee: port 0");
	tap_ok(!reserved(sock_port(fd)), "grantee: port 0: no port of the block");
	close(fd);
	must(set_grants(&client, token, ""), "cannot end the grant");
}

static bool one_is_associated(void *arg)
{
	struct resv resv;

	(void)arg;
	must(get_block(&client, FIRST, COUNT, &resv), "cannot ask");
	return resv.sockets == 1;
}

static void accepted(unsigned int port)
{
	int fd = tcp_socket(family), peer;

	must(sock_connect(fd, loopback, port), "cannot connect");
	peer = accept(server, NULL, NULL);
	/* the association of a socket that was closed ends some time later */
	tap_ok(wait_until(one_is_associated, NULL, 10000), "an accepted socket is not associated");
	sock_drop(peer);
	sock_drop(fd);
}

static bool is_unloaded(void *arg)
{
	(void)arg;
	return module_try_unload(arg);
}

static void listener_ends(void)
{
	int fd = tcp_associated(), peer, child, plain = server;

	must(listen(fd, 16) ? errno : 0, "cannot listen");
	server = fd;
	accepted(sock_port(fd));
	tap_errno(shutdown(fd, SHUT_RDWR) ? errno : 0, 0, "associated listener: shutdown");
	tap_errno(listen(fd, 16) ? errno : 0, 0, "associated listener: listens again");
	tap_ok(reserved(sock_port(fd)), "associated listener: still a port of the block");
	peer = tcp_socket(family);
	must(sock_connect(peer, loopback, sock_port(fd)), "cannot connect");
	child = accept(fd, NULL, NULL);
	tap_ok(child >= 0, "associated listener: accepts");
	tap_ok(module_unload() == EAGAIN, "the module cannot be unloaded beside it");
	close(fd);
	server = plain;
	client_close(&client);
	tap_ok(wait_until(is_unloaded, NULL, kernel_is_slow() ? 20000 : 5000),
	       "it can be unloaded beside the accepted socket");
	tap_num(send(child, "x", 1, MSG_NOSIGNAL), 1, "which lives on");
	/* without TIME_WAIT on a port of the block */
	sock_drop(child);
	sock_drop(peer);
}

static void for_family(int number, const char *address)
{
	family = number;
	loopback = address;
	tap_diag("family %s", number == AF_INET ? "v4" : "v6");
	module_load();
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
	server = tcp_socket(family);
	sock_set(server, SOL_SOCKET, SO_REUSEADDR, 1);
	must(sock_bind_any(server, SERVER), "cannot bind the server");
	must(listen(server, 64) ? errno : 0, "no server");
	must(reserve(&client, FIRST, COUNT, "tcp", NO_OWNER, &token), "cannot reserve");
	explicit_ports();
	each_way();
	grantee_binds();
	listener_ends();
	close(server);
}

int main(void)
{
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH), "no range");
	/* by clients without a cookie too, from which no server wants one */
	must(set_sysctl("net/ipv4/tcp_fastopen", "%d", 0x207), "no fast open");
	for_family(AF_INET, "127.0.0.1");
	for_family(AF_INET6, "::1");
	return tap_finish();
}
