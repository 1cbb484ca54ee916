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

#define FIRST 5000
#define COUNT 10
#define FREE_PORT 6000
#define ASKED "/tmp/ipv6_module.asked"
#define HELPER "/tmp/ipv6_module.helper"

static struct client client;

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

static int acquire_some(void *arg)
{
	struct portres_association block;
	int fd = udp_open(AF_INET), error;

	(void)arg;
	error = acquire(fd, 0, COUNT, &block);
	if (!error)
		error = release(fd, block.token);
	close(fd);
	return error;
}

static void do_without(void)
{
	uint64_t token;
	int fd;

	write_down_requests();
	module_load();
	unlink(ASKED);
	must(client_open(&client), "no client");
	tap_errno(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), 0, "never: a creation");
	tap_errno(try_port(AF_INET, FIRST), EADDRINUSE, "never: a stranger is refused");
	tap_errno(as_user(STRANGER_UID, acquire_some, NULL), 0, "never: an acquisition");
	tap_errno(reserve(&client, FREE_PORT, 1, NULL, NO_OWNER, &token), 0,
		  "never: another creation");
	fd = udp_associated(AF_INET, token);
	tap_errno(sock_bind_any(fd, 0), 0, "never: an associated socket");
	close(fd);
	tap_errno(unreserve(&client, FREE_PORT, 1), 0, "never: a deletion");
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

/* The ephemeral range is the block and one port more. */
static void by_choice(const char *when)
{
	int fd = udp_open(AF_INET6);

	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", FIRST, FIRST + COUNT), "no range");
	tap_errno(sock_bind_any(fd, 0), 0, "%s: an IPv6 stranger, port 0", when);
	tap_num(sock_port(fd), FIRST + COUNT, "%s: which is the free one", when);
	close(fd);
	must(set_sysctl("net/ipv4/ip_local_port_range", "32768 60999"), "no range");
}

static void guarded(const char *when, int family)
{
	const char *name = family == AF_INET ? "IPv4" : "IPv6";
	unsigned int port, refused = 0;

	for (port = FIRST; port < FIRST + COUNT; port++)
		refused += try_port(family, port) == EADDRINUSE;
	tap_num(refused, COUNT, "%s: %s strangers are refused", when, name);
	tap_errno(try_port(family, FREE_PORT), 0, "%s: %s, a free port", when, name);
}

/* One that is bound by IPv6 stands in the way of a creation. */
static void in_use(const char *when)
{
	int fd = udp_open(AF_INET6);

	must(sock_bind(fd, "::1", FREE_PORT), "cannot bind");
	tap_errno(reserve(&client, FREE_PORT, 1, NULL, NO_OWNER, NULL), EADDRINUSE,
		  "%s: an IPv6 socket is in the way of a creation", when);
	close(fd);
	tap_errno(reserve(&client, FREE_PORT, 1, NULL, NO_OWNER, NULL), 0,
		  "%s: and no longer", when);
	must(unreserve(&client, FREE_PORT, 1), "cannot delete");
}

static void owners(const char *when)
{
	struct resv resv;
	int fd;

	must(get_block(&client, FIRST, COUNT, &resv), "no reservation");
	fd = udp_associated(AF_INET6, resv.token);
	tap_errno(sock_bind_any(fd, 0), 0, "%s: an associated IPv6 socket", when);
	tap_ok(sock_port(fd) - FIRST < COUNT, "%s: has a port of the block", when);
	close(fd);
}

static void all(const char *when)
{
	guarded(when, AF_INET6);
	guarded(when, AF_INET);
	by_choice(when);
	by_sockmap(when);
	in_use(when);
	owners(when);
}

/* A creation that comes meanwhile is told to try again, and the patient one is served. */
static void load_later(void)
{
	double begin = milliseconds();

	tap_num(run("modprobe ipv6"), 0, "later: IPv6 is loaded");
	tap_diag("that took %.0f ms", milliseconds() - begin);
	tap_errno(reserve(&client, 7000, 1, NULL, NO_OWNER, NULL), 0, "later: a creation at once");
	must(run("ip link set lo down && ip link set lo up"), "no addresses of IPv6");
	tap_errno(try_port(AF_INET6, 7000), EADDRINUSE, "later: which guards IPv6");
	all("later");
	must(unreserve(&client, 7000, 1), "cannot delete");
}

static void load_before(void)
{
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	tap_errno(try_port(AF_INET6, FIRST), 0, "unloaded: a port of IPv6 is free");
	module_load();
	must(client_open(&client), "no client");
	tap_errno(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), 0, "before: a creation");
	all("before");
	client_close(&client);
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
