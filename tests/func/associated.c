// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an associated socket can do: pass on, share and keep its port, take port 0
 * until the block is full, send and receive; and how the reservation counts it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10
#define OTHER_FIRST 6000

static struct client client;
static uint64_t token, other_token;
static int family;
static const char *loopback;

static struct resv resv_of(unsigned int first)
{
	struct resv resv;

	must(get_block(&client, first, COUNT, &resv), "cannot get a reservation");
	return resv;
}

/* A closed socket that was bound goes after a grace period. */
static bool has_sockets(void *arg)
{
	return resv_of(FIRST).sockets == *(uint32_t *)arg;
}

static void wait_sockets(uint32_t wanted, const char *what)
{
	tap_ok(wait_until(has_sockets, &wanted, 10000), "%s: %u associated", what, wanted);
}

static void counts_sockets(void)
{
	int a = udp_open(family), b = udp_open(family);

	wait_sockets(0, "before");
	must(associate(a, token), "cannot associate");
	wait_sockets(1, "one socket");
	must(associate(a, token), "cannot associate");
	wait_sockets(1, "once more with the same token");
	must(associate(b, token), "cannot associate");
	wait_sockets(2, "another socket");
	must(associate(b, other_token), "cannot associate");
	wait_sockets(1, "the other one goes over to another reservation");
	tap_num(resv_of(OTHER_FIRST).sockets, 1, "which counts it");
	must(sock_bind_any(a, 0), "cannot bind");
	wait_sockets(1, "bound");
	close(a);
	wait_sockets(0, "closed");
	close(b);
}

static int refused_bind(void *arg)
{
	return try_port(family, *(unsigned int *)arg);
}

static void counts_refusals(void)
{
	const unsigned int inside = FIRST + 3, outside = FIRST + COUNT;
	unsigned long long before = resv_of(FIRST).refused;
	int fd = udp_associated(family, token);

	tap_errno(try_port(family, inside), EADDRINUSE, "a bind is refused");
	tap_num(resv_of(FIRST).refused, before + 1, "and counted");
	tap_errno(as_user(STRANGER_UID, refused_bind, (void *)&inside), EADDRINUSE,
		  "so is a stranger's");
	tap_num(resv_of(FIRST).refused, before + 2, "and counted");
	must(try_port(family, outside), "cannot bind beside the block");
	must(try_port(family, 0), "cannot bind to port 0");
	must(sock_bind_any(fd, inside), "cannot bind");
	tap_num(resv_of(FIRST).refused, before + 2, "binds that succeed do not count");
	close(fd);
}

static int bind_inherited(void *arg)
{
	return sock_bind_any(*(int *)arg, FIRST + 1);
}

static int bind_received(void *arg)
{
	return sock_bind_any(recv_fd(*(int *)arg), FIRST + 2);
}

static void passes_on(void)
{
	int fd = udp_associated(family, token), pair[2];

	tap_errno(as_user(STRANGER_UID, bind_inherited, &fd), 0,
		  "a stranger binds the socket that it inherited");
	tap_num(sock_port(fd), FIRST + 1, "it is the same socket");
	close(fd);
	wait_sockets(0, "closed");

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair))
		tap_bail("no UNIX sockets");
	fd = udp_associated(family, token);
	send_fd(pair[0], fd);
	close(fd);
	wait_sockets(1, "closed here, on its way to another process");
	tap_errno(as_user(STRANGER_UID, bind_received, &pair[1]), 0,
		  "a stranger binds the socket that was sent to it");
	wait_sockets(0, "that process has ended");
	close(pair[0]);
	close(pair[1]);
}

static void fills_up(void)
{
	int fds[COUNT], late, i, error = 0;
	unsigned int port, seen = 0;

	for (i = 0; i < COUNT; i++) {
		fds[i] = udp_associated(family, token);
		if (i % 2)
			error = sock_connect(fds[i], loopback, 9);
		else
			error = sock_bind_any(fds[i], 0);
		if (error)
			break;
		seen |= 1U << (sock_port(fds[i]) - FIRST);
	}
	tap_errno(error, 0, "port 0 and connect give a port for each of the block");
	tap_num(seen, (1U << COUNT) - 1, "each port once");

	late = udp_associated(family, token);
	tap_errno(sock_bind_any(late, 0), EADDRINUSE, "the block is full: port 0");
	tap_errno(sock_connect(late, loopback, 9), EAGAIN, "the block is full: connect");
	tap_errno(sock_sendto(late, loopback, 9), EAGAIN, "the block is full: sendto");
	tap_errno(sock_bind_any(late, FIRST), EADDRINUSE, "the block is full: its first port");
	tap_num(sock_port(late), 0, "the socket has no port");
	close(late);

	/* downwards: the search, which goes upwards from the last find, has to go all around */
	for (i = COUNT - 1; i >= 0; i--) {
		port = sock_port(fds[i]);
		close(fds[i]);
		fds[i] = udp_associated(family, token);
		error = sock_bind_any(fds[i], 0);
		if (error || sock_port(fds[i]) != port)
			break;
	}
	tap_errno(error, 0, "one port is free again, be it any: port 0");
	tap_num(i, -1, "finds it");
	for (i = 0; i < COUNT; i++)
		close(fds[i]);
}

static const struct {
	const char *name;
	int flag;		/* of SOL_SOCKET, or 0 */
	bool token;		/* is the second socket associated? */
	const char *first, *second;
	int error;
} shares[] = {
	{ "no flags", 0, true, "0.0.0.0", "0.0.0.0", EADDRINUSE },
	{ "SO_REUSEADDR", SO_REUSEADDR, true, "0.0.0.0", "0.0.0.0", 0 },
	{ "SO_REUSEPORT", SO_REUSEPORT, true, "0.0.0.0", "0.0.0.0", 0 },
	{ "two addresses", 0, true, "127.0.0.1", "127.0.0.2", 0 },
	{ "any and one address", 0, true, "0.0.0.0", "127.0.0.2", EADDRINUSE },
	{ "not associated, SO_REUSEADDR", SO_REUSEADDR, false, "0.0.0.0", "0.0.0.0", EADDRINUSE },
	{ "not associated, SO_REUSEPORT", SO_REUSEPORT, false, "0.0.0.0", "0.0.0.0", EADDRINUSE },
	{ "not associated, two addresses", 0, false, "127.0.0.1", "127.0.0.2", EADDRINUSE },
};

/* In the family at hand: v4-mapped addresses for AF_INET6. */
static int share_bind(int fd, const char *text)
{
	char mapped[32] = "::ffff:";

	return sock_bind(fd, family == AF_INET ? text : strcat(mapped, text), FIRST + 5);
}

static void sharing(void)
{
	size_t i;

	for (i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
		int a = udp_associated(family, token);
		int b = shares[i].token ? udp_associated(family, token) : udp_open(family);

		if (shares[i].flag) {
			sock_set(a, SOL_SOCKET, shares[i].flag, 1);
			sock_set(b, SOL_SOCKET, shares[i].flag, 1);
		}
		must(share_bind(a, shares[i].first), "cannot bind the first socket");
		tap_errno(share_bind(b, shares[i].second), shares[i].error,
			  "two sockets, one port: %s", shares[i].name);
		close(a);
		close(b);
	}
}

static bool receives(int fd, const char *text, unsigned int *from)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	union sock_addr addr;
	socklen_t len = sizeof(addr);
	char buf[64];
	ssize_t n;

	if (poll(&poll_fd, 1, 5000) != 1)
		return false;
	n = recvfrom(fd, buf, sizeof(buf), 0, &addr.any, &len);
	*from = ntohs(addr.any.sa_family == AF_INET ? addr.v4.sin_port : addr.v6.sin6_port);
	return n == (ssize_t)strlen(text) && !memcmp(buf, text, n);
}

static void data_flows(void)
{
	int owner = udp_associated(family, token), dialer = udp_associated(family, token);
	int peer = udp_open(family);
	unsigned int from = 0;

	must(sock_bind(owner, loopback, FIRST + 7), "cannot bind");
	must(sock_connect(peer, loopback, FIRST + 7), "cannot connect");
	tap_ok(send(peer, "hello", 5, 0) == 5 && receives(owner, "hello", &from),
	       "data to a socket on a port of the block");
	tap_num(from, sock_port(peer), "from the port of an ordinary socket");
	must(sock_connect(owner, loopback, from), "cannot connect");
	tap_ok(send(owner, "hi", 2, 0) == 2 && receives(peer, "hi", &from), "data from it");
	tap_num(from, FIRST + 7, "from a port of the block");
	close(peer);

	peer = udp_open(family);
	must(sock_bind(peer, loopback, 4000), "cannot bind");
	must(sock_connect(dialer, loopback, 4000), "cannot connect");
	tap_ok(send(dialer, "hey", 3, 0) == 3 && receives(peer, "hey", &from),
	       "data from a socket that has its port by connect");
	tap_ok(from >= FIRST && from < FIRST + COUNT, "from a port of the block");
	close(peer);
	close(owner);
	close(dialer);
}

/* The reservation goes, the bound socket stays; and the other way round. */
static void outlives(void)
{
	int fd = udp_associated(family, token), peer = udp_open(family);
	int waiting = udp_associated(family, token);
	unsigned int from;

	must(sock_bind(fd, loopback, FIRST), "cannot bind");
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	tap_num(sock_port(fd), FIRST, "reservation deleted: a bound socket keeps its port");
	must(sock_connect(peer, loopback, FIRST), "cannot connect");
	tap_ok(send(peer, "hello", 5, 0) == 5 && receives(fd, "hello", &from), "and receives");
	tap_errno(try_port(family, FIRST), EADDRINUSE, "its port is in use");
	tap_errno(try_port(family, FIRST + 1), 0, "the others are free");
	tap_errno(sock_bind_any(waiting, FIRST + 1), EADDRNOTAVAIL, "but not for a dead token");
	tap_errno(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), EADDRINUSE,
		  "the block cannot be reserved over it");
	close(fd);
	tap_errno(reserve(&client, FIRST, COUNT, NULL, OWNER_UID, &token), 0,
		  "it can after the socket was closed");
	tap_errno(sock_bind_any(waiting, FIRST + 1), EADDRNOTAVAIL,
		  "the dead token is dead for the new one");
	tap_num(resv_of(FIRST).sockets, 0, "which does not count its socket");
	close(peer);
	close(waiting);
}

int main(void)
{
	static const int families[] = { AF_INET, AF_INET6 };
	size_t i;

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	must(reserve(&client, FIRST, COUNT, NULL, OWNER_UID, &token), "cannot reserve");
	must(reserve(&client, OTHER_FIRST, COUNT, NULL, NO_OWNER, &other_token), "cannot reserve");

	for (i = 0; i < sizeof(families) / sizeof(*families); i++) {
		family = families[i];
		loopback = family == AF_INET ? "127.0.0.1" : "::1";
		tap_diag("%s", family == AF_INET ? "v4" : "v6");
		counts_sockets();
		counts_refusals();
		passes_on();
		fills_up();
		sharing();
		data_flows();
		outlives();
	}
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
