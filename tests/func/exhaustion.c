// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's choice of a port where most of the ephemeral range is reserved, down
 * to the last free port and back; and that its choice stays random beside a block.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define LOW 40000
#define HIGH 40499
#define PORTS (HIGH - LOW + 1)

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

/* One block goes over each edge of the range; two touch; one is as small as can be. */
static const struct block {
	unsigned int first, count;
} blocks[] = {
	{ 39000, 1010 }, { 40020, 100 }, { 40120, 100 }, { 40225, 1 }, { 40227, 200 },
	{ 40440, 100 },
};

/* What an administrator keeps from the kernel's choice; it overlaps a block. */
#define KEPT "40012,40218-40221,40430-40435"

/* The two together leave these; worked out by hand. */
static const struct block left[] = {
	{ 40010, 2 }, { 40013, 7 }, { 40222, 3 }, { 40226, 1 }, { 40427, 3 }, { 40436, 4 },
};

static struct client client;
static int family;
static const char *loopback;

static bool is_left(unsigned int port)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(left); i++)
		if (port >= left[i].first && port < left[i].first + left[i].count)
			return true;
	return false;
}

static int count_left(void)
{
	size_t i;
	int sum = 0;

	for (i = 0; i < ARRAY_SIZE(left); i++)
		sum += left[i].count;
	return sum;
}

static void reserve_blocks(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		must(reserve(&client, blocks[i].first, blocks[i].count, NULL, NO_OWNER, NULL),
		     "cannot reserve");
}

static void delete_blocks(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		must(unreserve(&client, blocks[i].first, blocks[i].count), "cannot delete");
}

enum way { BIND, CONNECT, SENDTO, WAYS };
static const char *const way_names[] = { "port 0", "connect", "sendto" };

static int take(int fd, enum way way)
{
	if (way == CONNECT)
		return sock_connect(fd, loopback, 9);
	if (way == SENDTO)
		return sock_sendto(fd, loopback, 9);
	return sock_bind_any(fd, 0);
}

/* Takes ports until there are no more; the last error is left in @error. */
static int take_all(int fds[PORTS], enum way way, int *error)
{
	int n = 0, fd;

	for (;;) {
		fd = udp_open(family);
		*error = take(fd, way);
		if (*error || n == PORTS)
			break;
		fds[n++] = fd;
	}
	close(fd);
	return n;
}

static void close_all(int *fds, int n)
{
	while (n)
		close(fds[--n]);
}

static bool all_left(const int *fds, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (is_left(sock_port(fds[i])))
			continue;
		tap_diag("got %u", sock_port(fds[i]));
		return false;
	}
	return true;
}

static void to_the_last(enum way way)
{
	int fds[PORTS], other, n, error;

	n = take_all(fds, way, &error);
	tap_num(n, count_left(), "%s: every port that is left", way_names[way]);
	tap_ok(all_left(fds, n), "%s: and no other", way_names[way]);
	tap_errno(error, way == BIND ? EADDRINUSE : EAGAIN, "%s: none is left", way_names[way]);
	for (other = BIND; other < WAYS; other++) {
		int fd = udp_open(family);

		tap_errno(take(fd, other), other == BIND ? EADDRINUSE : EAGAIN,
			  "%s: none by %s either", way_names[way], way_names[other]);
		tap_num(sock_port(fd), 0, "%s: and the socket has none", way_names[way]);
		close(fd);
	}
	if (n) {
		unsigned int port = sock_port(fds[0]);

		close(fds[0]);
		fds[0] = udp_open(family);
		tap_errno(take(fds[0], way), 0, "%s: one port is free again", way_names[way]);
		tap_num(sock_port(fds[0]), port, "%s: it is found", way_names[way]);
	}
	close_all(fds, n);
}

/* All of the range in one block; after its deletion all of it is back. */
static void whole_range(void)
{
	int fds[PORTS], n, error, way;

	must(reserve(&client, LOW, PORTS, NULL, NO_OWNER, NULL), "cannot reserve");
	for (way = BIND; way < WAYS; way++) {
		n = take_all(fds, way, &error);
		tap_num(n, 0, "the whole range is reserved: nothing by %s", way_names[way]);
		tap_errno(error, way == BIND ? EADDRINUSE : EAGAIN, "and its error");
		close_all(fds, n);
	}
	tap_errno(try_port(family, HIGH + 1), 0, "a port outside the range can be had");
	must(unreserve(&client, LOW, PORTS), "cannot delete");
	n = take_all(fds, BIND, &error);
	tap_num(n, PORTS, "deleted: every port of the range is back");
	close_all(fds, n);
}

/*
 * A socket's own range, which the kernel cuts to the namespace's: upper half is the
 * last port, lower half the first.
 */
static void own_range(unsigned int low, unsigned int high, int wanted)
{
	int fds[PORTS], n = 0, fd, error, outside = 0;

	if (!kernel_at_least(6, 3)) {
		tap_skip("the kernel has no IP_LOCAL_PORT_RANGE", "range of its own %u-%u", low,
			 high);
		return;
	}
	for (;;) {
		fd = udp_open(family);
		sock_set(fd, SOL_IP, IP_LOCAL_PORT_RANGE, high << 16 | low);
		error = sock_bind_any(fd, 0);
		if (error || n == PORTS)
			break;
		outside += sock_port(fd) < low || sock_port(fd) > high;
		fds[n++] = fd;
	}
	close(fd);
	tap_num(n, wanted, "range of its own %u-%u: every port of it that is left", low, high);
	tap_num(outside, 0, "range of its own %u-%u: and no other", low, high);
	tap_errno(error, EADDRINUSE, "range of its own %u-%u: none is left", low, high);
	tap_ok(all_left(fds, n), "range of its own %u-%u: none is reserved", low, high);
	close_all(fds, n);
}

static void narrow(void)
{
	int fds[PORTS], n, error, way;

	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH),
	     "cannot set the ephemeral range");
	n = take_all(fds, BIND, &error);
	tap_num(n, PORTS, "nothing reserved: the kernel gives the whole range");
	close_all(fds, n);

	must(set_sysctl("net/ipv4/ip_local_reserved_ports", KEPT), "cannot keep ports");
	reserve_blocks();
	for (way = BIND; way < WAYS; way++)
		to_the_last(way);
	own_range(40010, 40100, 9);
	own_range(40226, 40226, 1);
	own_range(40030, 40210, 0);
	own_range(40200, 40499, 11);
	delete_blocks();
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "\n"), "cannot give ports back");
	whole_range();
}

#define WIDE_LOW 32768
#define WIDE_HIGH 60999
#define WIDE_PORTS (WIDE_HIGH - WIDE_LOW + 1)
#define MIDDLE_FIRST 42000
#define MIDDLE_COUNT (WIDE_PORTS / 3)
#define DRAWS 2000
#define BUCKETS 16

/*
 * Fair drawing puts about 125 of 2,000 into each of 16 equal parts of what is free,
 * with a deviation of 11. A search that goes on from a reserved port to the next
 * free one would put a third of all beside the block.
 */
static void drawing(void)
{
	const unsigned int available = WIDE_PORTS - MIDDLE_COUNT;
	unsigned int buckets[BUCKETS] = { 0 }, beside = 0, reserved = 0;
	int i, least = DRAWS, most = 0;

	for (i = 0; i < DRAWS; i++) {
		int fd = udp_open(family);
		unsigned int port;

		must(sock_bind_any(fd, 0), "cannot bind to port 0");
		port = sock_port(fd);
		close(fd);
		if (port >= MIDDLE_FIRST && port < MIDDLE_FIRST + MIDDLE_COUNT) {
			reserved++;
			continue;
		}
		beside += port + 16 >= MIDDLE_FIRST && port < MIDDLE_FIRST + MIDDLE_COUNT + 16;
		if (port >= MIDDLE_FIRST + MIDDLE_COUNT)
			port -= MIDDLE_COUNT;
		buckets[(port - WIDE_LOW) * BUCKETS / available]++;
	}
	for (i = 0; i < BUCKETS; i++) {
		least = (int)buckets[i] < least ? (int)buckets[i] : least;
		most = (int)buckets[i] > most ? (int)buckets[i] : most;
	}
	tap_diag("%d draws: %d to %d in each of %d parts, %u beside the block", DRAWS, least, most,
		 BUCKETS, beside);
	tap_num(reserved, 0, "a third reserved, %d draws: none is reserved", DRAWS);
	tap_ok(beside < 30, "and they do not crowd beside the block");
	tap_ok(least > 62 && most < 250, "every part of the rest is drawn from");
}

static void wide(void)
{
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", WIDE_LOW, WIDE_HIGH),
	     "cannot set the ephemeral range");
	must(reserve(&client, MIDDLE_FIRST, MIDDLE_COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	drawing();
	must(unreserve(&client, MIDDLE_FIRST, MIDDLE_COUNT), "cannot delete");
}

int main(void)
{
	static const int families[] = { AF_INET, AF_INET6 };
	size_t i;

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	for (i = 0; i < ARRAY_SIZE(families); i++) {
		family = families[i];
		loopback = family == AF_INET ? "127.0.0.1" : "::1";
		tap_diag("%s", family == AF_INET ? "v4" : "v6");
		narrow();
		wide();
	}
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
