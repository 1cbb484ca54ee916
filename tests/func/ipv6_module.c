// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel that has IPv6 as a module: it never comes, it comes while reservations stand, and it
 * was there before. As it cannot be unloaded the order of these is given. Nothing of portres
 * asks for it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answers.h"
#include "client.h"
#include "env.h"
#include "gauge.h"
#include "sock.h"
#include "sockmap.h"
#include "tap.h"
#include "tcp.h"

#define FIRST 5000
#define COUNT 10
#define FREE_PORT 6000
#define SERVER 6001	/* of TCP */
#define ASKED "/tmp/ipv6_module.asked"
#define HELPER "/tmp/ipv6_module.helper"

/* For which protocol a reservation stands, and what is asked for it. */
static struct side {
	int protocol;
	const char *name;
	struct client client;
} sides[] = {
	{ .protocol = IPPROTO_UDP, .name = "UDP" },
	{ .protocol = IPPROTO_TCP, .name = "TCP" },
};

#define SIDES (sizeof(sides) / sizeof(*sides))

static bool ipv6_is_loaded(void)
{
	return !access("/sys/module/ipv6/initstate", F_OK);
}

/* What the kernel asks for is written down, and is not loaded. */
static void write_down_requests(void)
{
	FILE *file = fopen(HELPER, "we");

	if (!file)
		tap_bail("no helper: %s", strerror(errno));
	fputs("#!/bin/sh\necho \"$@\" >>" ASKED "\nexit 1\n", file);
	fclose(file);
	must(run("chmod 755 " HELPER), "no helper");
	must(set_sysctl("kernel/modprobe", HELPER), "the helper cannot be set");
}

static void open_clients(void)
{
	size_t i;

	for (i = 0; i < SIDES; i++) {
		must(client_open(&sides[i].client), "no client");
		sides[i].client.protocol = sides[i].protocol;
	}
}

static void close_clients(void)
{
	size_t i;

	for (i = 0; i < SIDES; i++)
		client_close(&sides[i].client);
}

static void reserve_all(const char *when)
{
	size_t i;

	for (i = 0; i < SIDES; i++)
		tap_errno(reserve(&sides[i].client, FIRST, COUNT, NULL, NO_OWNER, NULL), 0,
			  "%s, %s: a creation", when, sides[i].name);
}

static int associated(const struct side *side, int family, uint64_t token)
{
	int fd = socket_of(side->protocol, family);

	must(associate(fd, token), "cannot associate");
	return fd;
}

static int acquire_some(void *arg)
{
	const struct side *side = arg;
	struct portres_association block;
	int fd = socket_of(side->protocol, AF_INET), error;

	error = acquire(fd, 0, COUNT, &block);
	if (!error)
		error = release(fd, block.token);
	close(fd);
	return error;
}

static void side_without(struct side *side)
{
	struct client *client = &side->client;
	uint64_t token;
	int fd;

	tap_errno(try_port_of(side->protocol, AF_INET, FIRST), EADDRINUSE,
		  "never, %s: a stranger is refused", side->name);
	tap_errno(as_user(STRANGER_UID, acquire_some, side), 0, "never, %s: an acquisition",
		  side->name);
	tap_errno(reserve(client, FREE_PORT, 1, NULL, NO_OWNER, &token), 0,
		  "never, %s: another creation", side->name);
	fd = associated(side, AF_INET, token);
	tap_errno(sock_bind_any(fd, 0), 0, "never, %s: an associated socket", side->name);
	close(fd);
	tap_errno(unreserve(client, FREE_PORT, 1), 0, "never, %s: a deletion", side->name);
}

static void do_without(void)
{
	size_t i;

	write_down_requests();
	module_load();
	unlink(ASKED);
	open_clients();
	reserve_all("never");
	for (i = 0; i < SIDES; i++)
		side_without(&sides[i]);
	tap_ok(access(ASKED, F_OK), "never: no module is asked for");
	if (!access(ASKED, F_OK))
		run("sort " ASKED " | uniq -c");
	tap_ok(!ipv6_is_loaded(), "never: IPv6 is not loaded");
	must(set_sysctl("kernel/modprobe", "/sbin/modprobe"), "the helper cannot be set");
}

/* A socket of a sockmap that has no port, and its binds go through the copy of the proto. */
static int mapped_socket(int map)
{
	int fd = udp_open(AF_INET6);

	must(sock_connect(fd, "::1", 9), "cannot connect");
	sockmap_put(map, 0, fd);
	must(sock_disconnect(fd), "cannot disconnect");
	if (sock_port(fd))
		tap_bail("a disconnected socket has a port");
	return fd;
}

static void by_sockmap(const char *when)
{
	int map = sockmap_make(1), fd = mapped_socket(map);

	tap_errno(sock_bind_any(fd, FIRST), EADDRINUSE, "%s: an IPv6 stranger in a sockmap", when);
	tap_errno(sock_bind_any(fd, FREE_PORT), 0, "%s: a free port in a sockmap", when);
	sockmap_take(map, 0);
	close(fd);
	close(map);
}

/* How a socket without a port gets one that the kernel selects. */
static int bind_any(int fd)
{
	return sock_bind_any(fd, 0);
}

static int listen_any(int fd)
{
	return listen(fd, 1) ? errno : 0;
}

static const struct way {
	const char *name;
	int protocol;		/* 0 for both */
	enum tcp_kind kind;	/* of a stranger */
	int (*go)(int fd);
	int full;		/* the errno if there is no port */
} ways[] = {
	{ "bind to port 0", 0, TCP_PLAIN, bind_any, EADDRINUSE },
	{ "listen", IPPROTO_TCP, TCP_PLAIN, listen_any, EADDRINUSE },
	{ "connect", IPPROTO_TCP, TCP_PLAIN, tcp_connect, EADDRNOTAVAIL },
	{ "bind to port 0 in a sockmap", IPPROTO_TCP, TCP_MAPPED, bind_any, EADDRINUSE },
	{ "connect in a sockmap", IPPROTO_TCP, TCP_MAPPED, tcp_connect, EADDRNOTAVAIL },
};

#define WAYS (sizeof(ways) / sizeof(*ways))

static void set_range(unsigned int low, unsigned int high)
{
	must(set_sysctl("net/ipv4/ip_local_port_range", "%u %u", low, high), "no range");
}

/* One that is in a sockmap had a port, which it got while the range was larger. */
static int open_stranger(const struct side *side, const struct way *way)
{
	return side->protocol == IPPROTO_TCP ? tcp_kind_open(way->kind, AF_INET6) :
					       udp_open(AF_INET6);
}

/* The ephemeral range is the block and one port more, and then the block. */
static void stranger_goes(const struct side *side, const struct way *way, const char *when)
{
	int fd = open_stranger(side, way), none = open_stranger(side, way);

	set_range(FIRST, FIRST + COUNT);
	tap_errno(way->go(fd), 0, "%s: an IPv6 stranger, %s", when, way->name);
	tap_num(sock_port(fd), FIRST + COUNT, "%s: which gets the free one", when);
	set_range(FIRST, FIRST + COUNT - 1);
	tap_errno(way->go(none), way->full, "%s: an IPv6 stranger, %s: none is free", when,
		  way->name);
	set_range(32768, 60999);
	sock_drop(none);
	sock_drop(fd);
}

static void owner_goes(struct side *side, const struct way *way, const char *when)
{
	struct resv resv;
	int fd;

	must(get_block(&side->client, FIRST, COUNT, &resv), "no reservation");
	fd = associated(side, AF_INET6, resv.token);
	tap_errno(way->go(fd), 0, "%s: an associated IPv6 socket, %s", when, way->name);
	tap_ok(sock_port(fd) - FIRST < COUNT, "%s: which gets a port of the block", when);
	sock_drop(fd);
}

static void each_way(struct side *side, const char *when)
{
	size_t i;

	for (i = 0; i < WAYS; i++) {
		if (ways[i].protocol && ways[i].protocol != side->protocol)
			continue;
		stranger_goes(side, &ways[i], when);
		if (ways[i].kind == TCP_PLAIN)
			owner_goes(side, &ways[i], when);
	}
}

static void guarded(const struct side *side, const char *when, int family)
{
	const char *name = family == AF_INET ? "IPv4" : "IPv6";
	unsigned int port, refused = 0;

	for (port = FIRST; port < FIRST + COUNT; port++)
		refused += try_port_of(side->protocol, family, port) == EADDRINUSE;
	tap_num(refused, COUNT, "%s: %s strangers are refused", when, name);
	tap_errno(try_port_of(side->protocol, family, FREE_PORT), 0, "%s: %s, a free port", when,
		  name);
}

/* One that is bound by IPv6 stands in the way of a creation. */
static void in_use(struct side *side, const char *when)
{
	int fd = socket_of(side->protocol, AF_INET6);

	must(sock_bind(fd, "::1", FREE_PORT), "cannot bind");
	tap_errno(reserve(&side->client, FREE_PORT, 1, NULL, NO_OWNER, NULL), EADDRINUSE,
		  "%s: an IPv6 socket is in the way of a creation", when);
	close(fd);
	tap_errno(reserve(&side->client, FREE_PORT, 1, NULL, NO_OWNER, NULL), 0,
		  "%s: and no longer", when);
	must(unreserve(&side->client, FREE_PORT, 1), "cannot delete");
}

static void all(const char *time)
{
	char when[32];
	size_t i;

	for (i = 0; i < SIDES; i++) {
		snprintf(when, sizeof(when), "%s, %s", time, sides[i].name);
		guarded(&sides[i], when, AF_INET6);
		guarded(&sides[i], when, AF_INET);
		each_way(&sides[i], when);
		in_use(&sides[i], when);
	}
	by_sockmap(time);
}

/* A creation that comes meanwhile is told to try again, and the patient one is served. */
static void load_later(void)
{
	double begin = milliseconds();
	size_t i;

	tap_num(run("modprobe ipv6"), 0, "later: IPv6 is loaded");
	tap_diag("that took %.0f ms", milliseconds() - begin);
	for (i = 0; i < SIDES; i++)
		tap_errno(reserve(&sides[i].client, 7000, 1, NULL, NO_OWNER, NULL), 0,
			  "later, %s: a creation at once", sides[i].name);
	must(run("ip link set lo down && ip link set lo up"), "no addresses of IPv6");
	for (i = 0; i < SIDES; i++)
		tap_errno(try_port_of(sides[i].protocol, AF_INET6, 7000), EADDRINUSE,
			  "later, %s: which guards IPv6", sides[i].name);
	tcp_kinds_begin(SERVER);
	all("later");
	for (i = 0; i < SIDES; i++)
		must(unreserve(&sides[i].client, 7000, 1), "cannot delete");
}

static void load_before(void)
{
	size_t i;

	close_clients();
	tap_ok(module_unloads(), "the module can be unloaded");
	for (i = 0; i < SIDES; i++)
		tap_errno(try_port_of(sides[i].protocol, AF_INET6, FIRST), 0,
			  "unloaded, %s: a port of IPv6 is free", sides[i].name);
	module_load();
	open_clients();
	reserve_all("before");
	all("before");
	close_clients();
	tap_ok(module_unloads(), "the module can be unloaded again");
}

int main(void)
{
	if (access("/sys/module/ipv6", F_OK) == 0) {
		tap_skip(ipv6_is_loaded() ? "IPv6 has come already" : "IPv6 is built in",
			 "IPv6 that comes later");
		return tap_finish();
	}
	new_netns();
	do_without();
	load_later();
	load_before();
	return tap_finish();
}
