// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ephemeral ranges of TCP sockets' own: they stay what they were, whatever is tried, though portres
 * narrows them for the time of a call; and a thread that changes one meanwhile gets nobody a
 * reserved port.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "tcp_gaps.h"

#define HOSTILE_TIMES 3000

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

static uint32_t own_range(int fd)
{
	uint32_t range = 0;
	socklen_t len = sizeof(range);

	must(getsockopt(fd, SOL_IP, IP_LOCAL_PORT_RANGE, &range, &len) ? errno : 0, "no range");
	return range;
}

/* Takes all, each with a range of its own, or with none if @range is 0: it is kept in any case. */
static void keeps_range(const struct way *way, uint32_t range, int left)
{
	int fds[PORTS], n = 0, changed = 0, error, fd;

	for (;;) {
		fd = tcp_socket(family);
		sock_set(fd, SOL_IP, IP_LOCAL_PORT_RANGE, range);
		error = way->take(fd);
		changed += own_range(fd) != range;
		if (error || n == PORTS)
			break;
		fds[n++] = fd;
	}
	sock_drop(fd);
	tap_num(n, left, "%s, own range %#x: every port of it", way->name, range);
	tap_num(gaps_wrong(fds, n), 0, "%s, own range %#x: and no other", way->name, range);
	tap_errno(error, way->full, "%s, own range %#x: none is left", way->name, range);
	tap_num(changed, 0, "%s, own range %#x: it stays", way->name, range);
	gaps_drop(fds, n);
	gaps_serve_anew();
}

/* Some have it of 6.1. */
static bool has_own_ranges(void)
{
	int fd = tcp_socket(AF_INET), none = 0;
	bool has = !setsockopt(fd, SOL_IP, IP_LOCAL_PORT_RANGE, &none, sizeof(none));

	close(fd);
	return has;
}

static void own_ranges(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i += 2) {
		keeps_range(&ways[i], 0, gaps_left(LOW, HIGH));
		keeps_range(&ways[i], 40090u << 16 | 40015, gaps_left(40015, 40090));
		keeps_range(&ways[i], 40085u << 16 | 40085, 1);
		keeps_range(&ways[i], 40190u << 16 | 40140, 0);
	}
}

static atomic_int target = -1;
static atomic_bool over;

/* Ranges of reserved ports, of one such port, and none. */
static void *hostile(void *arg)
{
	static const uint32_t ranges[] = {
		40051u << 16 | 40022, 40198u << 16 | 40135, 40083u << 16 | 40083, 0,
	};
	unsigned int i;

	(void)arg;
	for (i = 0; !over; i++) {
		uint32_t range = ranges[i % ARRAY_SIZE(ranges)];
		int fd = target;

		if (fd >= 0)
			(void)!setsockopt(fd, SOL_IP, IP_LOCAL_PORT_RANGE, &range, sizeof(range));
	}
	return NULL;
}

static void beside_hostile(const struct way *way)
{
	int i, stolen = 0, got = 0, strange = 0;

	for (i = 0; i < HOSTILE_TIMES; i++) {
		int fd = tcp_socket(family), error;

		target = fd;
		error = way->take(fd);
		target = -1;
		stolen += gaps_reserved(sock_port(fd));
		got += !error;
		strange += error && error != way->full;
		sock_drop(fd);
		if (way->shares && i % 1000 == 999)
			gaps_serve_anew();
	}
	tap_diag("covered: %s beside a hostile thread: %d of %d got a port", way->name, got,
		 HOSTILE_TIMES);
	tap_num(stolen, 0,
		"%s beside a thread that changes the range: no reserved port", way->name);
	tap_num(strange, 0, "%s beside it: no other error", way->name);
	tap_ok(got, "%s beside it: some got a port", way->name);
}

/* A range without a reservation, which a thread gives each socket once. */
#define CHANGED (40126u << 16 | 40100)
#define LONGEST 20000	/* turns of a loop: about as long as a call takes */

static void *change_once_each(void *arg)
{
	unsigned int seed = 1;

	(void)arg;
	while (!over) {
		atomic_int spins = rand_r(&seed) % LONGEST;
		int fd = target;

		if (fd < 0)
			continue;
		while (spins)
			spins--;
		sock_set(fd, SOL_IP, IP_LOCAL_PORT_RANGE, CHANGED);
		target = -1;
	}
	return NULL;
}

/* The change came before the range was narrowed, meanwhile or after. */
static void change_stays(const struct way *way)
{
	int i, lost = 0;

	for (i = 0; i < HOSTILE_TIMES; i++) {
		int fd = tcp_socket(family);

		target = fd;
		(void)way->take(fd);
		while (target >= 0)
			;
		lost += own_range(fd) != CHANGED;
		sock_drop(fd);
		if (way->shares && i % 1000 == 999)
			gaps_serve_anew();
	}
	tap_num(lost, 0, "%s beside a thread that changes the range once: the change stays",
		way->name);
}

static void changing_thread(void)
{
	pthread_t thread;

	over = false;
	must(pthread_create(&thread, NULL, change_once_each, NULL), "no thread");
	change_stays(&ways[0]);
	change_stays(&ways[4]);
	over = true;
	pthread_join(thread, NULL);
	gaps_serve_anew();
}

static void hostile_thread(void)
{
	pthread_t thread;
	size_t i;

	over = false;
	must(pthread_create(&thread, NULL, hostile, NULL), "no thread");
	for (i = 0; i < ARRAY_SIZE(ways); i += 2)
		beside_hostile(&ways[i]);
	over = true;
	pthread_join(thread, NULL);
	gaps_serve_anew();
}

static void for_family(int number, const char *address)
{
	family = number;
	loopback = address;
	tap_diag("family %s", number == AF_INET ? "v4" : "v6");
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH), "no range");
	gaps_serve();
	gaps_reserve();
	own_ranges();
	hostile_thread();
	changing_thread();
	gaps_delete();
	gaps_drop(servers, DESTINATIONS);
}

int main(void)
{
	if (!has_own_ranges()) {
		tap_skip("the kernel has no IP_LOCAL_PORT_RANGE", "ranges of their own");
		return tap_finish();
	}
	gaps_begin();
	for_family(AF_INET, "127.0.0.1");
	for_family(AF_INET6, "::1");
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
