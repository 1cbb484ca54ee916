// SPDX-License-Identifier: GPL-2.0-only
/* The list of active blocks: what portres_for_each() reports is appended; any order is found. */
#include <netinet/in.h>
#include <stdlib.h>

#include "active.h"
#include "kernel/reservation.h"
#include "tap.h"

#define FIRST 1000
#define LAST 60000

static void add(struct active *active, uint8_t protocol, unsigned int first, unsigned int count)
{
	const struct portres_reservation reservation = {
		.protocol = protocol, .first = (uint16_t)first, .count = (uint16_t)count,
	};

	active_add(active, &reservation);
}

/* Whether the block that was added last is the last one, so that no other one was moved for it. */
static bool is_last(const struct active *active, uint8_t protocol, unsigned int first)
{
	const struct active_block *last = &active->items[active->count - 1];

	return last->protocol == protocol && last->range.first == first;
}

static bool has(const struct active *active, uint8_t protocol, unsigned int first,
		unsigned int count)
{
	const struct range range = { (uint16_t)first, (uint16_t)count };

	return active_has(active, protocol, &range);
}

/* By ascending ports, UDP before TCP at the same one. */
static void test_order(void)
{
	struct active active = { 0 };
	unsigned int moved = 0;
	unsigned int missing = 0;
	unsigned int port;

	for (port = FIRST; port < LAST; port += 2) {
		add(&active, IPPROTO_UDP, port, 1);
		moved += !is_last(&active, IPPROTO_UDP, port);
		if (port % 4)
			continue;
		add(&active, IPPROTO_TCP, port, 1);
		moved += !is_last(&active, IPPROTO_TCP, port);
	}
	tap_num(moved, 0, "blocks of both protocols are appended: no other one moves");
	for (port = FIRST; port < LAST; port += 2) {
		missing += !has(&active, IPPROTO_UDP, port, 1);
		missing += has(&active, PORTRES_BOTH, port, 1) != (port % 4 == 0);
		missing += has(&active, IPPROTO_TCP, port + 1, 1);
	}
	tap_num(missing, 0, "each is found, and no other one");
	active_free(&active);
}

/* The list may have changed while the kernel reported it. */
static void test_any_order(void)
{
	struct active active = { 0 };
	unsigned int found = 0;
	unsigned int i;

	srand(1);
	for (i = 0; i < 1000; i++) {
		unsigned int port = (unsigned int)(FIRST + rand() % 20000);
		uint8_t protocol = rand() % 2 ? IPPROTO_UDP : IPPROTO_TCP;
		unsigned int count = (unsigned int)(1 + rand() % 3);

		add(&active, protocol, port, count);
		found += has(&active, protocol, port, count);
	}
	tap_num(found, 1000, "in any order, each is found");
	active_free(&active);
}

static void test_exact(void)
{
	struct portres_reservation acquired = {
		.protocol = IPPROTO_UDP, .first = 5010, .count = 1, .has = 1U << PORTRES_A_RUNTIME,
	};
	struct active active = { 0 };

	tap_ok(!has(&active, IPPROTO_UDP, 5000, 10), "an empty list has none");
	add(&active, IPPROTO_UDP, 5000, 10);
	add(&active, IPPROTO_TCP, 5000, 9);
	active_add(&active, &acquired);
	tap_ok(has(&active, IPPROTO_UDP, 5000, 10) && has(&active, IPPROTO_TCP, 5000, 9),
	       "each protocol has its own");
	tap_ok(!has(&active, PORTRES_BOTH, 5000, 10), "both have to be the same block");
	tap_ok(!has(&active, IPPROTO_UDP, 5000, 9), "part of a block is none");
	tap_ok(!has(&active, IPPROTO_UDP, 5010, 1), "what a process acquired is none");
	active_free(&active);
}

int main(void)
{
	test_order();
	test_any_order();
	test_exact();
	return tap_finish();
}
