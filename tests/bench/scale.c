// SPDX-License-Identifier: GPL-2.0-only
/*
 * A machine that grows to a thousand network namespaces, each with thirty reservations, half of
 * them of each protocol, and with twenty sockets: what a bind and a connect cost in one of them,
 * and what it takes to make all reservations, to list them, and to keep them in memory. Beside it
 * a machine without the module that grows the same: its sockets share the kernel's table.
 */
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#include "binds.h"
#include "connects.h"
#include "env.h"
#include "slabs.h"
#include "sock.h"
#include "tap.h"

#define TIMES 101
#define MOST 1000
#define RESERVATIONS 15	/* of each protocol in each namespace */
#define FIRST 10000
#define COUNT 10	/* ports of a reservation */
#define STEP 20
#define SOCKETS 10	/* of each protocol in each namespace */
#define SOCKET_FIRST 20000

static const int protocols[] = { IPPROTO_UDP, IPPROTO_TCP };
static const unsigned int sizes[] = { 1, 10, 100, MOST };

#define N(array) (sizeof(array) / sizeof((array)[0]))

static int namespaces[MOST];
static uint64_t made;	/* instructions for all reservations so far */
static uint64_t kept;	/* bytes for them */

static int *udp_sockets[MOST], *tcp_sockets[MOST];

static void add_namespaces(unsigned int have, unsigned int count)
{
	unsigned int i, j;

	for (i = have; i < count; i++) {
		new_netns();
		namespaces[i] = netns_get();
		udp_sockets[i] = take_ports(AF_INET6, SOCKET_FIRST, SOCKETS);
		tcp_sockets[i] = take_tcp_ports(AF_INET6, SOCKET_FIRST, SOCKETS);
		for (j = 0; j < SOCKETS; j++)
			must(listen(tcp_sockets[i][j], 1) ? errno : 0, "cannot listen");
	}
}

static void end_namespaces(void)
{
	unsigned int i;

	new_netns();
	for (i = 0; i < MOST; i++) {
		leave_ports(udp_sockets[i], SOCKETS);
		leave_ports(tcp_sockets[i], SOCKETS);
		close(namespaces[i]);
	}
	breathe();
}

static uint64_t make_reservations(void)
{
	uint64_t begin, total = 0;
	struct client c;
	unsigned int i, j;

	must(client_open(&c), "no client");
	for (i = 0; i < N(protocols); i++) {
		c.protocol = protocols[i];
		for (j = 0; j < RESERVATIONS; j++) {
			begin = instructions();
			must(reserve(&c, FIRST + STEP * j, COUNT, NULL, NO_OWNER, NULL),
			     "cannot reserve");
			total += between(begin, instructions());
		}
	}
	client_close(&c);
	return total;
}

static void reserve_in(unsigned int have, unsigned int count)
{
	int64_t before = slab_bytes();
	unsigned int i;

	for (i = have; i < count; i++) {
		netns_enter(namespaces[i]);
		breathe();
		made += make_reservations();
	}
	kept += slab_bytes() - before;
}

static uint64_t list_all(unsigned int count)
{
	uint64_t begin, total = 0;
	size_t n;
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct client c;

		netns_enter(namespaces[i]);
		must(client_open(&c), "no client");
		breathe();
		begin = instructions();
		must(dump(&c, NULL, 0, &n), "cannot list");
		total += between(begin, instructions());
		must(n == N(protocols) * RESERVATIONS ? 0 : EINVAL, "a list has not all");
		client_close(&c);
	}
	return total;
}

static void measure_calls(const char *variant)
{
	struct bind_kind udp = { .family = AF_INET, .port = FREE_PORT };
	struct bind_kind tcp = { .family = AF_INET, .tcp = true, .port = FREE_PORT };

	netns_enter(namespaces[0]);
	tell_bind(&udp, TIMES, "scale-udp", variant);
	tell_bind(&tcp, TIMES, "scale-tcp", variant);
	tell_connect(AF_INET, TIMES, "scale-connect", variant);
}

static void grow_without(void)
{
	unsigned int i, have = 0;

	for (i = 0; i < N(sizes); i++) {
		add_namespaces(have, sizes[i]);
		have = sizes[i];
		measure_calls(with_number("none", have));
	}
	end_namespaces();
}

static void grow_with(void)
{
	unsigned int i, have = 0;

	for (i = 0; i < N(sizes); i++) {
		const char *size = with_number("here", sizes[i]);

		add_namespaces(have, sizes[i]);
		reserve_in(have, sizes[i]);
		have = sizes[i];
		measure_calls(size);
		tell(made, "scale-make", AF_UNSPEC, size);
		tell(list_all(have), "scale-list", AF_UNSPEC, size);
		tell(kept, "scale-memory", AF_UNSPEC, size);
	}
}

int main(void)
{
	raise_limit();
	run_alone();
	grow_without();
	module_load();
	stand_elsewhere();
	grow_with();
	tap_ok(true, "the machine has grown");
	return tap_finish();
}
