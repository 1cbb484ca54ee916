// SPDX-License-Identifier: GPL-2.0-only
/*
 * What stands in the way of a reservation, sockets and other reservations, and what
 * does not; that a creation fails as a whole; how large it can be and how long it takes.
 */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "attempt.h"
#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define FIRST 7000
#define COUNT 10
#define CROWD 20

static struct client client;

static int try_reserve(unsigned int first, unsigned int count)
{
	return reserve(&client, first, count, NULL, NO_OWNER, NULL);
}

static void must_unreserve(unsigned int first, unsigned int count)
{
	must(unreserve(&client, first, count), "cannot delete");
}

static void own_netns(void)
{
	new_netns();
	must(client_open(&client), "no client");
}

static bool nothing_reserved(void)
{
	size_t count;

	must(dump(&client, NULL, 0, &count), "cannot dump");
	return !count && get_port(&client, FIRST, NULL) == ENOENT &&
	       get_block(&client, FIRST, COUNT, NULL) == ENOENT;
}

static bool can_reserve(void *arg)
{
	(void)arg;
	return try_reserve(FIRST, COUNT) == 0;
}

/* Creations fail while @fds are on @port, and what they tried leaves no trace. */
static void stands_in_the_way(int *fds, int n, unsigned int port, const char *what)
{
	const unsigned int other = port == FIRST ? FIRST + 1 : FIRST;
	const char *where = "a middle";
	int error;

	if (port == FIRST)
		where = "the first";
	else if (port == FIRST + COUNT - 1)
		where = "the last";
	error = try_reserve(FIRST, COUNT);
	tap_errno(error, EADDRINUSE, "%s, on %s port", what, where);
	if (!error)
		must_unreserve(FIRST, COUNT);
	tap_ok(nothing_reserved() && !try_port(AF_INET, other) && !try_port(AF_INET6, other),
	       "%s: nothing is reserved then", what);
	while (n)
		close(fds[--n]);
	tap_ok(wait_until(can_reserve, NULL, 10000), "%s: no obstacle when it was closed", what);
	must_unreserve(FIRST, COUNT);
}

static const struct {
	const char *name;
	struct attempt attempt;
} users[] = {
	{ "v4 any", { .family = V4, .address = ANY } },
	{ "v4 loopback", { .family = V4, .address = LOOPBACK } },
	{ "v4 specific", { .family = V4, .address = SPECIFIC } },
	{ "v4 multicast", { .family = V4, .address = MULTICAST } },
	{ "v4 broadcast", { .family = V4, .address = BROADCAST } },
	{ "v6 any", { .family = V6, .address = ANY } },
	{ "v6 loopback", { .family = V6, .address = LOOPBACK } },
	{ "v6 specific", { .family = V6, .address = SPECIFIC } },
	{ "v6 multicast", { .family = V6, .address = MULTICAST } },
	{ "v6only any", { .family = V6ONLY, .address = ANY } },
	{ "v4-mapped any", { .family = MAPPED, .address = ANY } },
	{ "v4-mapped specific", { .family = MAPPED, .address = SPECIFIC } },
	{ "v4 SO_REUSEADDR", { .family = V4, .reuse = REUSEADDR } },
	{ "v6 SO_REUSEADDR", { .family = V6, .reuse = REUSEADDR } },
	{ "v4 SO_REUSEPORT", { .family = V4, .reuse = REUSEPORT } },
	{ "v6only SO_REUSEPORT", { .family = V6ONLY, .reuse = REUSEPORT } },
	{ "v4 both reuse flags, multicast", { .family = V4, .address = MULTICAST, .reuse = BOTH } },
	{ "v4 on a device", { .family = V4, .reuse = DEVICE } },
	{ "v6 on a device", { .family = V6, .reuse = DEVICE } },
};

static const unsigned int positions[] = { FIRST, FIRST + COUNT / 2, FIRST + COUNT - 1 };

static void must_bind(int fd, struct attempt attempt, unsigned int port)
{
	attempt.port = port;
	must(attempt_make(fd, &attempt).error, "cannot bind");
}

static void one_socket(void)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(users); i++)
		for (j = 0; j < ARRAY_SIZE(positions); j++) {
			int fd = attempt_open(&users[i].attempt);

			must_bind(fd, users[i].attempt, positions[j]);
			stands_in_the_way(&fd, 1, positions[j], users[i].name);
		}
}

/* Reuse flags and a device together; a kernel socket has to find it all the same. */
static void flags_on_a_device(void)
{
	struct attempt attempt = { .family = V6, .reuse = DEVICE };
	int fd = attempt_open(&attempt);

	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	must_bind(fd, attempt, FIRST);
	stands_in_the_way(&fd, 1, FIRST, "v6 both reuse flags on a device");
}

/* From the eleventh socket of a hash slot on the kernel looks in another table. */
static void crowds(void)
{
	static const struct {
		const char *name;
		struct attempt attempt;
	} rows[] = {
		{ "twenty v4 sockets", { .family = V4, .reuse = REUSEPORT } },
		{ "twenty v6 sockets", { .family = V6, .reuse = REUSEPORT } },
		{ "twenty v4 multicast sockets",
		  { .family = V4, .reuse = REUSEADDR, .address = MULTICAST } },
		{ "twenty v6only sockets of one address",
		  { .family = V6ONLY, .reuse = REUSEADDR, .address = SPECIFIC } },
	};
	int fds[CROWD], n;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (j = 0; j < ARRAY_SIZE(positions); j++) {
			for (n = 0; n < CROWD; n++) {
				fds[n] = attempt_open(&rows[i].attempt);
				must_bind(fds[n], rows[i].attempt, positions[j]);
			}
			stands_in_the_way(fds, CROWD, positions[j], rows[i].name);
		}
	for (n = 0; n < CROWD; n++) {
		char text[] = "127.0.0.1xx";

		text[sizeof(text) - 3] = '0' + n / 10;
		text[sizeof(text) - 2] = '0' + n % 10;
		fds[n] = udp_open(AF_INET);
		must(sock_bind(fds[n], text, FIRST), "cannot bind");
	}
	stands_in_the_way(fds, CROWD, FIRST, "twenty v4 sockets of twenty addresses");
}

/* The kernel chooses the port: it gets no other choice. */
static void implicit(void)
{
	static const struct attempt attempts[] = {
		{ .family = V4, .address = LOOPBACK, .way = CONNECT },
		{ .family = V6, .address = LOOPBACK, .way = CONNECT },
		{ .family = MAPPED, .address = LOOPBACK, .way = CONNECT },
		{ .family = V4, .address = LOOPBACK, .way = SENDTO },
		{ .family = V6, .address = LOOPBACK, .way = SENDTO },
		{ .family = V6, .address = ANY, .way = ZERO },
	};
	size_t i;

	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", FIRST + 4, FIRST + 4),
	     "cannot set the ephemeral range");
	for (i = 0; i < ARRAY_SIZE(attempts); i++) {
		int fd = attempt_open(&attempts[i]);

		must_bind(fd, attempts[i], 0);
		stands_in_the_way(&fd, 1, sock_port(fd),
				  attempts[i].way == CONNECT ? "bound by connect" :
				  attempts[i].way == SENDTO ? "bound by sendto" : "port 0");
	}
	must(set_sysctl("net/ipv4/ip_local_port_range", "32768 60999"),
	     "cannot set the ephemeral range");
}

/* New AF_INET6 sockets are v6only, the module's own among them: it sees v4 all the same. */
static void v6only_by_default(void)
{
	int fd = udp_open(AF_INET);

	must(set_sysctl("net/ipv6/bindv6only", "1"), "cannot set bindv6only");
	must(sock_bind_any(fd, FIRST), "cannot bind");
	stands_in_the_way(&fd, 1, FIRST, "v4, and v6only is the default");
	must(set_sysctl("net/ipv6/bindv6only", "0"), "cannot set bindv6only");
}

static void no_obstacle(int fd, const char *what)
{
	tap_errno(try_reserve(FIRST, COUNT), 0, "no obstacle: %s", what);
	must_unreserve(FIRST, COUNT);
	close(fd);
}

static int on_port(int type, int protocol, unsigned int port)
{
	int fd = sock_open(AF_INET6, type, protocol);

	must(sock_bind_any(fd, port), "cannot bind");
	return fd;
}

static void no_obstacles(void)
{
	int home = netns_get(), fd;

	no_obstacle(on_port(SOCK_DGRAM, 0, FIRST - 1), "a socket on the port before");
	no_obstacle(on_port(SOCK_DGRAM, 0, FIRST + COUNT), "a socket on the port after");
	no_obstacle(on_port(SOCK_STREAM, 0, FIRST), "a TCP socket");
	if (protocol_exists(IPPROTO_UDPLITE))
		no_obstacle(on_port(SOCK_DGRAM, IPPROTO_UDPLITE, FIRST), "an UDP-Lite socket");
	else
		tap_skip(NO_UDPLITE, "no obstacle: an UDP-Lite socket");
	new_netns();
	fd = on_port(SOCK_DGRAM, 0, FIRST);
	netns_enter(home);
	close(home);
	no_obstacle(fd, "a socket of another network namespace");
}

static void overlaps(void)
{
	static const struct {
		const char *name;
		unsigned int first, count;
		int error;
	} rows[] = {
		{ "equal", FIRST, COUNT, EEXIST },
		{ "its first port", FIRST, 1, EEXIST },
		{ "its last port", FIRST + COUNT - 1, 1, EEXIST },
		{ "nested", FIRST + 2, COUNT - 4, EEXIST },
		{ "nested, at its begin", FIRST, COUNT - 1, EEXIST },
		{ "nested, at its end", FIRST + 1, COUNT - 1, EEXIST },
		{ "containing", FIRST - 1, COUNT + 2, EEXIST },
		{ "over its begin", FIRST - COUNT, COUNT + 1, EEXIST },
		{ "over its end", FIRST + COUNT - 1, COUNT, EEXIST },
		{ "everything", 1, 65535, EEXIST },
		{ "adjacent before", FIRST - COUNT, COUNT, 0 },
		{ "adjacent after", FIRST + COUNT, COUNT, 0 },
	};
	size_t i, count;

	must(try_reserve(FIRST, COUNT), "cannot reserve");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		tap_errno(try_reserve(rows[i].first, rows[i].count), rows[i].error,
			  "beside a reservation: %s", rows[i].name);
	must(dump(&client, NULL, 0, &count), "cannot dump");
	tap_num(count, 3, "three reservations stand");
	must_unreserve(FIRST - COUNT, COUNT);
	must_unreserve(FIRST, COUNT);
	must_unreserve(FIRST + COUNT, COUNT);
}

static void limits(void)
{
	static const struct {
		unsigned int first, count;
		int error;
	} rows[] = {
		{ 0, 1, ERANGE }, { 1, 0, ERANGE }, { 1, 1, 0 }, { 65535, 1, 0 }, { 65534, 2, 0 },
		{ 65535, 2, EINVAL }, { 2, 65535, EINVAL }, { 65535, 65535, EINVAL },
		{ 1, 65535, 0 }, { 1, 1023, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int error = try_reserve(rows[i].first, rows[i].count);

		tap_errno(error, rows[i].error, "%u ports from %u", rows[i].count, rows[i].first);
		if (!error)
			must_unreserve(rows[i].first, rows[i].count);
	}
}

/* All ports of one network namespace are reserved; another one does not know. */
static void everything(void)
{
	int inner, home = netns_get();
	struct client outer = client;

	own_netns();
	inner = netns_get();
	must(try_reserve(1, 65535), "cannot reserve");
	tap_errno(try_port(AF_INET, 0), EADDRINUSE, "all ports are reserved: port 0");
	tap_errno(try_port(AF_INET6, 1), EADDRINUSE, "all ports are reserved: port 1");
	tap_errno(try_port(AF_INET, 65535), EADDRINUSE, "all ports are reserved: port 65535");
	netns_enter(home);
	tap_errno(try_port(AF_INET, 0), 0, "elsewhere: port 0");
	tap_errno(try_port(AF_INET6, 1), 0, "elsewhere: port 1");
	tap_errno(reserve(&outer, 1, 65535, NULL, NO_OWNER, NULL), 0, "elsewhere: the same block");
	must(unreserve(&outer, 1, 65535), "cannot delete");
	netns_enter(inner);
	must_unreserve(1, 65535);
	tap_errno(try_port(AF_INET, 65535), 0, "deleted: port 65535");
	client_close(&client);
	client = outer;
	netns_enter(home);
	close(home);
	close(inner);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void takes_long(void)
{
	int fd = on_port(SOCK_DGRAM, 0, 19999);
	double start, took;

	tap_errno(try_reserve(10000, 10000), EADDRINUSE, "10,000 ports, the last one in use");
	close(fd);
	fd = on_port(SOCK_DGRAM, 0, 9999);
	start = seconds();
	tap_errno(try_reserve(10000, 10000), 0, "10,000 ports");
	took = seconds() - start;
	tap_diag("%.1f ms", took * 1e3);
	tap_ok(took < 5, "in less than five seconds");
	must_unreserve(10000, 10000);
	close(fd);
}

int main(void)
{
	module_load();
	own_netns();
	attempt_network();
	one_socket();
	flags_on_a_device();
	crowds();
	implicit();
	v6only_by_default();
	no_obstacles();
	overlaps();
	limits();
	everything();
	takes_long();
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
