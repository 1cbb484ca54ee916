// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's choice of a TCP port where reservations leave gaps of all sizes: bind to port 0,
 * listen and connect get every port that is left, and no other; connections to several destinations
 * share the ports, as without portres.
 */
#include "tcp_gaps.h"

#define MANY 300	/* reservations */
#define MANY_STRIDE 5	/* of two ports each, three are left */
#define MANY_HIGH (LOW + MANY * MANY_STRIDE - 1)

static void one_is_free_again(int *fds, const struct way *way)
{
	unsigned int port = sock_port(fds[0]);

	sock_drop(fds[0]);
	fds[0] = tcp_socket(family);
	tap_errno(way->take(fds[0]), 0, "%s: one port is free again", way->name);
	tap_num(sock_port(fds[0]), port, "%s: it is found", way->name);
}

/* Nobody else gets a port either, but for connections to elsewhere beside connections. */
static void others_find(const struct way *way)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		bool shares = way->shares && ways[i].shares && &ways[i] != way;
		int fd = tcp_socket(family), error = ways[i].take(fd);

		tap_errno(error, shares ? 0 : ways[i].full, "%s, all taken: %s", way->name,
			  ways[i].name);
		sock_drop(fd);
	}
}

static void to_the_last(const struct way *way)
{
	int fds[PORTS], n, error;

	n = gaps_take(fds, PORTS, way, &error);
	tap_num(n, gaps_left(LOW, HIGH), "%s: every port that is left", way->name);
	tap_num(gaps_wrong(fds, n), 0, "%s: and no other", way->name);
	tap_errno(error, way->full, "%s: none is left", way->name);
	others_find(way);
	if (n)
		one_is_free_again(fds, way);
	gaps_drop(fds, n);
	gaps_serve_anew();
}

/* As many connections as there are ports and destinations: shared as without us. */
static void shared(void)
{
	int fds[DESTINATIONS][PORTS], n[DESTINATIONS], i, error;
	const struct way *way = &ways[4];

	for (i = 0; i < DESTINATIONS; i++) {
		n[i] = gaps_take(fds[i], PORTS, &way[i], &error);
		tap_num(n[i], gaps_left(LOW, HIGH), "destination %d: every port that is left", i);
		tap_num(gaps_wrong(fds[i], n[i]), 0, "destination %d: and no other", i);
		tap_errno(error, EADDRNOTAVAIL, "destination %d: none is left", i);
	}
	for (i = 0; i < DESTINATIONS; i++)
		gaps_drop(fds[i], n[i]);
	gaps_serve_anew();
}

static void among_many(const struct way *way)
{
	static int fds[MANY * MANY_STRIDE];
	int n, i, error, wrong = 0;

	n = gaps_take(fds, MANY * MANY_STRIDE, way, &error);
	tap_num(n, MANY * (MANY_STRIDE - 2), "%s among %d reservations: every port that is left",
		way->name, MANY);
	for (i = 0; i < n; i++)
		wrong += (sock_port(fds[i]) - LOW) % MANY_STRIDE < 2;
	tap_num(wrong, 0, "%s among %d reservations: and no other", way->name, MANY);
	tap_errno(error, way->full, "%s among %d reservations: none is left", way->name, MANY);
	gaps_drop(fds, n);
	gaps_serve_anew();
}

static void many(void)
{
	unsigned int i;

	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, MANY_HIGH), "no range");
	for (i = 0; i < MANY; i++)
		must(reserve(&client, LOW + i * MANY_STRIDE, 2, NULL, NO_OWNER, NULL),
		     "cannot reserve");
	among_many(&ways[0]);
	among_many(&ways[4]);
	for (i = 0; i < MANY; i++)
		must(unreserve(&client, LOW + i * MANY_STRIDE, 2), "cannot delete");
}

static void for_family(int number, const char *address)
{
	size_t i;

	family = number;
	loopback = address;
	tap_diag("family %s", number == AF_INET ? "v4" : "v6");
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH), "no range");
	gaps_serve();
	gaps_reserve();
	for (i = 0; i < ARRAY_SIZE(ways); i++)
		to_the_last(&ways[i]);
	shared();
	gaps_delete();
	many();
	gaps_drop(servers, DESTINATIONS);
}

int main(void)
{
	gaps_begin();
	for_family(AF_INET, "127.0.0.1");
	for_family(AF_INET6, "::1");
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
