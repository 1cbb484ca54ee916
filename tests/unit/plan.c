// SPDX-License-Identifier: GPL-2.0-only
/* Blocks that are taken: the search in the tree finds what a look at each of them finds. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "disk/entries.h"
#include "kernel/reservation.h"
#include "plan.h"
#include "sockets.h"
#include "tap.h"

#define BLOCKS 60
#define ROUNDS 300

static struct portres_reservation reservation(uint8_t protocol, uint16_t first, uint16_t count,
					      bool runtime)
{
	struct portres_reservation r = {
		.protocol = protocol, .first = first, .count = count,
	};

	if (runtime) {
		r.has = 1U << PORTRES_A_RUNTIME | 1U << PORTRES_A_COMMAND |
			1U << PORTRES_A_PROCESS;
		r.process = 7;
		strcpy(r.command, "x");
	}
	return r;
}

static bool overlaps(const struct portres_reservation *r, const struct range *range)
{
	return r->first <= range_last(range) && range->first <= r->first + r->count - 1;
}

/* How many pieces there are between commas. */
static size_t pieces(const char *words)
{
	size_t count = words ? 1 : 0;

	for (; words && (words = strstr(words, ", ")); words++)
		count++;
	return count;
}

static bool agree(const struct plan *plan, uint8_t protocol, const struct portres_reservation *all,
		  const struct range *range)
{
	const struct plan_match taken = plan_find(plan, protocol, range);
	char *words = plan_overlap(plan, protocol, range);
	size_t wanted = 0;
	bool exact = false;
	bool same;
	int i;

	for (i = 0; i < BLOCKS; i++) {
		if (all[i].protocol != protocol)
			continue;
		wanted += overlaps(&all[i], range);
		exact |= all[i].first == range->first && all[i].count == range->count &&
			 !portres_reservation_runtime(&all[i]);
	}
	same = pieces(words) == wanted && exact == (taken.count > 0);
	if (!same)
		tap_diag("%u+%u: %zu overlap, exact %d: %s", range->first, range->count, wanted,
			 exact, words ? words : "none");
	free(words);
	return same;
}

/* Blocks that overlap each other and those that do not, in a few ports. */
static void test_model(void)
{
	bool same = true;
	int round;
	int i;

	srand(1);
	for (round = 0; round < ROUNDS; round++) {
		uint16_t longest = round % 2 ? 4 : 60;
		struct portres_reservation all[BLOCKS];
		struct plan plan = { 0 };

		for (i = 0; i < BLOCKS; i++) {
			all[i] = reservation(rand() % 2 ? IPPROTO_UDP : IPPROTO_TCP,
					     (uint16_t)(65000 + rand() % 400),
					     (uint16_t)(1 + rand() % longest), rand() % 2);
			plan_add_active(&plan, &all[i]);
		}
		for (i = 0; i < BLOCKS; i++) {
			struct range range = { (uint16_t)(65000 + rand() % 400),
					       (uint16_t)(1 + rand() % longest) };
			struct range taken = { all[i].first, all[i].count };

			same &= agree(&plan, all[i].protocol, all, &range) &&
				agree(&plan, all[i].protocol, all, &taken);
		}
		plan_free(&plan);
	}
	tap_ok(same, "%d plans of %d blocks", ROUNDS, BLOCKS);
}

static void test_words(void)
{
	struct portres_reservation named = reservation(IPPROTO_UDP, 5000, 10, false);
	struct portres_reservation acquired = reservation(IPPROTO_UDP, 5010, 1, true);
	const struct range none = { 5011, 1 };
	const struct range both = { 1, 65535 };
	const struct range block = { 5010, 1 };
	struct plan plan = { 0 };
	char *words;

	named.has = 1U << PORTRES_A_NAME;
	strcpy(named.name, "a\nb");
	plan_add_active(&plan, &acquired);
	plan_add_active(&plan, &named);
	tap_ok(!plan_overlap(&plan, IPPROTO_UDP, &none), "nothing overlaps");
	words = plan_overlap(&plan, IPPROTO_UDP, &both);
	if (!tap_ok(!strcmp(words, "udp 5000-5009 (a\\x0ab), udp 5010 (acquired by x[7])"),
		    "what overlaps, by ascending ports"))
		tap_diag("got: %s", words);
	free(words);
	tap_ok(!plan_find(&plan, IPPROTO_UDP, &block).count,
	       "what a process acquired is no entry that stands");
	plan_free(&plan);
}

/* An entry of both protocols is in the way of each; each is a part of it. */
static void test_both(void)
{
	struct portres_reservation udp = reservation(IPPROTO_UDP, 5060, 1, false);
	struct portres_reservation tcp = reservation(IPPROTO_TCP, 5060, 1, false);
	const struct range block = { 5060, 1 };
	struct portres_entry entry = {
		.file = (char *)"x.conf", .line = 3,
		.spec = { .protocol = PORTRES_BOTH, .first = 5070, .count = 2 },
	};
	const struct range other = { 5071, 1 };
	struct plan_match match;
	struct plan plan = { 0 };
	char *words;

	plan_add_active(&plan, &udp);
	tap_num(plan_find(&plan, IPPROTO_UDP, &block).count, 1, "UDP is there");
	tap_num(plan_find(&plan, PORTRES_BOTH, &block).count, 0, "which is not both");
	plan_add_active(&plan, &tcp);
	match = plan_find(&plan, PORTRES_BOTH, &block);
	tap_num(match.count, 2, "now both are there");
	words = plan_overlap(&plan, PORTRES_BOTH, &block);
	if (!tap_ok(!strcmp(words, "tcp 5060, udp 5060"), "each overlaps"))
		tap_diag("got: %s", words);
	free(words);
	plan_add_entry(&plan, &entry, true);
	tap_num(plan_find(&plan, IPPROTO_TCP, &other).count, 0, "a part of an entry");
	words = plan_overlap(&plan, PORTRES_BOTH, &other);
	if (!tap_ok(!strcmp(words, "both 5070-5071 from x.conf:3"), "an entry overlaps once"))
		tap_diag("got: %s", words);
	free(words);
	words = plan_overlap(&plan, IPPROTO_UDP, &other);
	tap_ok(!strcmp(words, "both 5070-5071 from x.conf:3"), "also UDP");
	free(words);
	plan_free(&plan);
}

/* As many as there can be with a port between them, each asked for. */
static void test_many(void)
{
	struct plan plan = { 0 };
	clock_t begin = clock();
	bool found = true;
	unsigned int port;

	for (port = 1; port < 65535; port += 2) {
		struct portres_reservation one = reservation(IPPROTO_UDP, (uint16_t)port, 1, false);
		struct range own = { (uint16_t)port, 1 };
		struct range next = { (uint16_t)(port + 1), 1 };

		plan_add_active(&plan, &one);
		found &= plan_find(&plan, IPPROTO_UDP, &own).count &&
			 !plan_overlap(&plan, IPPROTO_UDP, &next);
	}
	plan_free(&plan);
	tap_ok(found, "each of 32767 is found");
	/* A look at all of them for each took a hundred times as long. */
	tap_ok(clock() - begin < 5 * CLOCKS_PER_SEC, "in %.2f s",
	       (double)(clock() - begin) / CLOCKS_PER_SEC);
}

static void test_sockets(void)
{
	struct bound_socket items[] = { { .port = 7 }, { .port = 9 }, { .port = 9 },
					{ .port = 65530, .protocol = IPPROTO_TCP,
					  .state = TCP_TIME_WAIT },
					{ .port = 65535 } };
	const struct socket_list list = { items, 5 };
	const struct socket_list empty = { 0 };
	static const struct {
		struct range range;
		bool inside;
	} rows[] = {
		{ { 1, 6 }, false }, { { 1, 7 }, true }, { { 7, 1 }, true }, { { 8, 1 }, false },
		{ { 8, 2 }, true }, { { 9, 1 }, true }, { { 10, 65525 }, false },
		{ { 10, 65526 }, true }, { { 65530, 1 }, false },
		{ { 65530, 6 }, true }, { { 65535, 1 }, true }, { { 1, 65535 }, true },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		tap_num(sockets_inside(&list, &rows[i].range), rows[i].inside,
			"a socket in %u+%u", rows[i].range.first, rows[i].range.count);
	tap_ok(!sockets_inside(&empty, &rows[9].range), "no socket at all");
}

int main(void)
{
	test_model();
	test_words();
	test_both();
	test_many();
	test_sockets();
	return tap_finish();
}
