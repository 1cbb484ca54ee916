// SPDX-License-Identifier: GPL-2.0-only
/*
 * What memory of the kernel goes where: to a network namespace that never reserved, to one that
 * did, to each reservation; and to a block of ten thousand ports, against as many sockets.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "allocations.h"
#include "binds.h"
#include "env.h"
#include "slabs.h"
#include "sock.h"
#include "tap.h"

#define NAMESPACES 100
#define MANY 30000
#define BLOCK 10000
/* The first namespaces fill what the kernel keeps for the next. */
#define WARM_UP 3
#define TRIALS 3

/* The last that were made. All stay to the end: one that goes would be counted with others. */
static int namespaces[NAMESPACES];

static int64_t per(int64_t bytes, int64_t n)
{
	return bytes < 0 ? 0 : (bytes + n / 2) / n;
}

static void make_namespaces(void)
{
	int i;

	for (i = 0; i < NAMESPACES; i++) {
		new_netns();
		namespaces[i] = netns_get();
	}
}

static struct allocations of_a_namespace(void)
{
	struct allocations least = { .all = INT64_MAX }, next;
	int i;

	for (i = 0; i < WARM_UP; i++)
		new_netns();
	/* now and then a table of the kernel grows meanwhile */
	for (i = 0; i < TRIALS; i++) {
		next = allocations_of(new_netns);
		if (next.all < least.all)
			least = next;
	}
	return least;
}

static int64_t reserve_in_each(unsigned int first, unsigned int count, bool both)
{
	int64_t before = slab_bytes();
	struct client c;
	int i;

	for (i = 0; i < NAMESPACES; i++) {
		netns_enter(namespaces[i]);
		must(client_open(&c), "no client");
		must(reserve(&c, first, count, NULL, NO_OWNER, NULL), "cannot reserve");
		c.protocol = IPPROTO_TCP;
		if (both)
			must(reserve(&c, first, count, NULL, NO_OWNER, NULL), "cannot reserve");
		client_close(&c);
	}
	return per(slab_bytes() - before, NAMESPACES);
}

static int64_t sockets(int family)
{
	int64_t before = slab_bytes(), after;
	int *fds = take_ports(family, 20000, BLOCK);

	after = slab_bytes();
	leave_ports(fds, BLOCK);
	return after - before;
}

static int64_t each_of_many(void)
{
	struct client c;
	int64_t before;

	new_netns();
	must(client_open(&c), "no client");
	reserve_singles(&c, 0, 1);
	before = slab_bytes();
	reserve_singles(&c, 1, MANY);
	before = slab_bytes() - before;
	client_close(&c);
	return per(before, MANY - 1);
}

int main(void)
{
	struct allocations without, with;
	int64_t never, first, both, block;

	raise_limit();
	new_netns();
	sockets(AF_INET6);
	tell(sockets(AF_INET), "memory-block", AF_INET, "sockets");
	tell(sockets(AF_INET6), "memory-block", AF_INET6, "sockets");
	without = of_a_namespace();

	module_load();
	tell(each_of_many(), "memory-each", AF_UNSPEC, "here");
	with = of_a_namespace();
	never = with.all - without.all;
	make_namespaces();
	block = reserve_in_each(BLOCK_FIRST, BLOCK, false);
	make_namespaces();
	first = reserve_in_each(BLOCK_FIRST, 1, false);
	make_namespaces();
	both = reserve_in_each(BLOCK_FIRST, 1, true);
	tell(block, "memory-block", AF_UNSPEC, "here");
	tell(never, "memory-never", AF_UNSPEC, "idle");
	tell(with.settings - without.settings, "memory-never", AF_UNSPEC, "settings");
	tell(first + never, "memory-first", AF_UNSPEC, "here");
	tell(both + never, "memory-both", AF_UNSPEC, "here");
	new_netns();
	tap_ok(true, "memory was measured");
	return tap_finish();
}
