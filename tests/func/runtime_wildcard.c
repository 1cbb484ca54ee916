// SPDX-License-Identifier: GPL-2.0-only
/*
 * A runtime reservation with start 0: the lowest gap of that size in the ephemeral range that
 * is neither in use, nor reserved, nor kept by ip_local_reserved_ports. Compared with a model
 * that tries every offset.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

#define LOW 40000
#define HIGH 40099
#define PORTS (HIGH - LOW + 1)

/* Far more than it takes. */
#define HANG 60

static struct client client;

/* What keeps a port of the range from being part of a gap. */
enum holder { NOBODY, SOCKET, PERSISTENT, RUNTIME, KEPT, HOLDERS, ALL = HOLDERS };

static enum holder holders[PORTS];
static int fds[PORTS];

static const char *const holder_names[] = {
	"nobody", "sockets", "persistent reservations", "runtime reservations",
	"ip_local_reserved_ports", "all of them"
};

/* Neighbours that one holder has are one block. */
static unsigned int run_length(unsigned int i)
{
	unsigned int n = 1;

	while (i + n < PORTS && holders[i + n] == holders[i])
		n++;
	return n;
}

static void take_port(unsigned int i)
{
	static const char *const addresses[] = { "0.0.0.0", "127.0.0.1", "::", "::1" };
	const char *address = addresses[i % 4];

	fds[i] = udp_open(i % 4 < 2 ? AF_INET : AF_INET6);
	must(sock_bind(fds[i], address, LOW + i), "cannot bind");
}

/* Makes what @holders says. */
static void fragment(void)
{
	char kept[PORTS * 12] = "\n";
	unsigned int i, n;
	size_t len = 0;

	memset(fds, -1, sizeof(fds));
	for (i = 0; i < PORTS; i += n) {
		n = run_length(i);
		if (holders[i] == SOCKET) {
			take_port(i);
			n = 1;
		} else if (holders[i] == PERSISTENT) {
			must(reserve(&client, LOW + i, n, NULL, NO_OWNER, NULL), "cannot reserve");
		} else if (holders[i] == RUNTIME) {
			fds[i] = udp_acquired(i % 2 ? AF_INET : AF_INET6, LOW + i, n, NULL);
		} else if (holders[i] == KEPT) {
			len += snprintf(kept + len, sizeof(kept) - len, len ? ",%u-%u" : "%u-%u",
					LOW + i, LOW + i + n - 1);
		}
	}
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "%s", kept), "cannot keep ports");
}

static void clear(void)
{
	unsigned int i, n;

	for (i = 0; i < PORTS; i += n) {
		n = holders[i] == SOCKET ? 1 : run_length(i);
		if (fds[i] >= 0)
			close(fds[i]);
		if (holders[i] == PERSISTENT)
			must(unreserve(&client, LOW + i, n), "cannot delete");
	}
	memset(holders, 0, sizeof(holders));
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "\n"), "cannot give ports back");
}

/* The lowest gap between two ports of the range, or 0. */
static unsigned int model(unsigned int low, unsigned int high, unsigned int count)
{
	unsigned int i, n;

	for (i = low - LOW; i + count <= high - LOW + 1; i++) {
		for (n = 0; n < count && holders[i + n] == NOBODY; n++)
			;
		if (n == count)
			return LOW + i;
	}
	return 0;
}

/* Checks that an acquisition finds what the model finds. Releases the block. */
static bool agrees_within(unsigned int low, unsigned int high, unsigned int count)
{
	unsigned int wanted = model(low, high, count);
	struct portres_association block = { 0 };
	int fd = udp_open(count % 2 ? AF_INET : AF_INET6), error;

	if (low != LOW || high != HIGH)
		sock_set(fd, SOL_IP, IP_LOCAL_PORT_RANGE, high << 16 | low);
	error = acquire(fd, 0, count, &block);
	close(fd);
	if (error == (wanted ? 0 : EADDRINUSE) && block.first == wanted &&
	    (error || block.count == count))
		return true;
	tap_diag("%u ports in %u-%u: got %s, %u from %u on; wanted %u", count, low, high,
		 errno_name(error), block.count, block.first, wanted);
	return false;
}

static bool agrees(unsigned int count)
{
	return agrees_within(LOW, HIGH, count);
}

/* Every other port is held, but for one gap. */
static void comb(enum holder holder, unsigned int gap, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < PORTS; i++) {
		if (i >= gap && i < gap + size)
			continue;
		if ((i < gap ? gap - 1 - i : i - gap - size) % 2 == 0)
			holders[i] = holder == ALL ? SOCKET + i / 2 % 4 : holder;
	}
}

static void one_gap(enum holder holder, unsigned int gap, unsigned int size)
{
	comb(holder, gap, size);
	fragment();
	tap_ok(agrees(size), "fragmented by %s: the one gap of %u ports from %u on is found",
	       holder_names[holder], size, LOW + gap);
	tap_ok(agrees(size + 1), "fragmented by %s: there is none of %u", holder_names[holder],
	       size + 1);
	clear();
}

static void gaps(void)
{
	static const struct {
		unsigned int gap, size;
	} rows[] = { { 0, 2 }, { 0, 7 }, { 49, 2 }, { 50, 20 }, { 97, 3 }, { 98, 2 }, { 1, 3 } };
	enum holder holder;
	size_t i;

	for (holder = SOCKET; holder <= ALL; holder++)
		for (i = 0; i < ARRAY_SIZE(rows); i++)
			one_gap(holder, rows[i].gap, rows[i].size);
}

static void sizes(void)
{
	static const unsigned int counts[] = { 1, 2, PORTS - 1, PORTS, PORTS + 1, 65535 };
	int fd = udp_open(AF_INET);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++)
		tap_ok(agrees(counts[i]), "nothing held: %u ports", counts[i]);
	for (i = 0; i < PORTS; i++)
		if (acquire(fd, 0, 1, NULL))
			break;
	tap_num(i, PORTS, "one by one: the whole range");
	tap_errno(acquire(fd, 0, 1, NULL), EADDRINUSE, "one by one: and no more");
	tap_errno(acquire(fd, HIGH + 1, 1, NULL), 0, "beside the range: by its number");
	close(fd);
	for (i = 0; i < PORTS; i++)
		holders[i] = i == 55 ? NOBODY : KEPT;
	fragment();
	tap_ok(agrees(1) && agrees(2), "all but one is kept by ip_local_reserved_ports");
	fd = udp_open(AF_INET);
	tap_errno(acquire(fd, LOW, 10, NULL), 0, "what is kept can be acquired by its number");
	close(fd);
	clear();
}

/* Sockets that share a port, by address, by device or by flag, use it all the same. */
static void ways_to_use(void)
{
	int low = udp_open(AF_INET), lite = -1;
	int a = udp_open(AF_INET), b = udp_open(AF_INET), fd = udp_open(AF_INET6);
	struct portres_association block;

	must(sock_bind(low, "127.0.0.1", LOW), "cannot bind");
	if (protocol_exists(IPPROTO_UDPLITE)) {
		lite = sock_open(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
		must(sock_bind_any(lite, LOW + 1), "cannot bind");
	}
	sock_set(a, SOL_SOCKET, SO_REUSEPORT, 1);
	sock_set(b, SOL_SOCKET, SO_REUSEPORT, 1);
	must(sock_bind_any(a, LOW + 4), "cannot bind");
	must(sock_bind_any(b, LOW + 4), "cannot bind");
	must(acquire(fd, 0, 3, &block), "cannot acquire");
	tap_num(block.first, LOW + 1, "an address of UDP is in the way");
	if (lite >= 0)
		tap_num(block.first, LOW + 1, "UDP-Lite is not");
	else
		tap_skip(NO_UDPLITE, "UDP-Lite is not");
	must(acquire(fd, 0, 3, &block), "cannot acquire");
	tap_num(block.first, LOW + 5, "the next one is behind what two sockets share");
	close(low);
	if (lite >= 0)
		close(lite);
	close(a);
	close(b);
	close(fd);
}

/* A socket's range is cut to the namespace's. */
static void own_range(void)
{
	static const struct {
		unsigned int low, high, count;
	} rows[] = {
		{ LOW + 10, LOW + 19, 10 }, { LOW + 10, LOW + 19, 11 }, { LOW + 31, LOW + 60, 5 },
		{ LOW + 31, LOW + 34, 4 }, { LOW + 50, HIGH, 30 }, { HIGH, HIGH, 1 },
		{ LOW, LOW, 1 }, { LOW + 30, LOW + 30, 1 },
	};
	size_t i;

	if (!kernel_at_least(6, 3)) {
		tap_skip("the kernel has no IP_LOCAL_PORT_RANGE", "ranges of sockets");
		return;
	}
	holders[30] = SOCKET;
	holders[35] = PERSISTENT;
	holders[40] = KEPT;
	fragment();
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		tap_ok(agrees_within(rows[i].low, rows[i].high, rows[i].count),
		       "a socket's range %u-%u: %u ports", rows[i].low, rows[i].high,
		       rows[i].count);
	clear();
}

#define ROUNDS 400

static void random_rounds(void)
{
	unsigned int seed = 1, i, n, density, size;
	int round, right = 0, found = 0;

	for (round = 0; round < ROUNDS; round++) {
		density = rand_r(&seed) % 70;
		for (i = 0; i < PORTS; i += n) {
			enum holder holder = (unsigned int)rand_r(&seed) % 100 < density ?
					     1 + rand_r(&seed) % (HOLDERS - 1) : NOBODY;

			for (n = 0; n < 1 + (unsigned int)rand_r(&seed) % 6 && i + n < PORTS; n++)
				holders[i + n] = holder;
		}
		fragment();
		size = 1 + rand_r(&seed) % 24;
		found += model(LOW, HIGH, size) != 0;
		right += agrees(size) && agrees(1) && agrees(size / 2 + 1);
		clear();
	}
	tap_num(right, ROUNDS, "%d random fragmentations: as the model says", ROUNDS);
	tap_ok(found > ROUNDS / 5 && found < ROUNDS, "with and without a gap: %d with", found);
}

#define WIDE_LOW 32768
#define WIDE_HIGH 60999
#define WIDE_GAP 60990

/* Tens of thousands of ports, every other one in use: once through, not once for each offset. */
static void wide(void)
{
	const struct rlimit many = { 40000, 40000 };
	struct portres_association block = { 0 };
	unsigned int port;
	struct timespec before, after;
	int fd = udp_open(AF_INET6);

	if (setrlimit(RLIMIT_NOFILE, &many))
		tap_bail("no descriptors: %s", strerror(errno));
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", WIDE_LOW, WIDE_HIGH),
	     "cannot set the ephemeral range");
	for (port = WIDE_LOW; port <= WIDE_HIGH; port += 2)
		if (port != WIDE_GAP)
			must(sock_bind_any(udp_open(AF_INET), port), "cannot bind");
	clock_gettime(CLOCK_MONOTONIC, &before);
	tap_errno(acquire(fd, 0, 3, &block), 0, "the default range, every other port in use");
	tap_num(block.first, WIDE_GAP - 1, "the one gap is found");
	tap_errno(acquire(fd, 0, 2, NULL), EADDRINUSE, "there is no other");
	tap_errno(acquire(fd, 0, 20000, NULL), EADDRINUSE, "nor one for very many");
	clock_gettime(CLOCK_MONOTONIC, &after);
	tap_diag("in %.3f s",
		 (after.tv_sec - before.tv_sec) + (after.tv_nsec - before.tv_nsec) / 1e9);
	tap_ok(after.tv_sec - before.tv_sec < HANG, "and that is known soon");
	close_range(fd, ~0U, 0);
}

int main(void)
{
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH),
	     "cannot set the ephemeral range");
	module_load();
	must(client_open(&client), "no client");
	sizes();
	gaps();
	ways_to_use();
	own_range();
	random_rounds();
	tap_ok(module_unloads(), "the module can be unloaded");
	module_load();
	wide();
	return tap_finish();
}
