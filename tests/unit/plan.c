// SPDX-License-Identifier: GPL-2.0-only
/* Blocks that are taken: the search in the tree finds what a look at each of them finds. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "internal.h"
#include "plan.h"
#include "sockets.h"
#include "tap.h"

#define BLOCKS 60
#define ROUNDS 300

static struct portres_reservation reservation(uint16_t first, uint16_t count, bool runtime)
{
	struct portres_reservation r = {
		.protocol = IPPROTO_UDP, .first = first, .count = count,
	};

	if (runtime) {
		r.has = 1U << PORTRES_A_RUNTIME | 1U << PORTRES_A_COMMAND;
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

static bool agree(const struct plan *plan, const struct portres_reservation *all,
		  const struct range *range)
{
	const struct taken *taken = plan_find(plan, range);
	char *words = plan_overlap(plan, range);
	size_t wanted = 0;
	bool exact = false;
	bool same;
	int i;

	for (i = 0; i < BLOCKS; i++) {
		wanted += overlaps(&all[i], range);
		exact |= all[i].first == range->first && all[i].count == range->count &&
			 !portres_reservation_runtime(&all[i]);
	}
	same = pieces(words) == wanted && exact == !!taken;
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
			all[i] = reservation((uint16_t)(65000 + rand() % 400),
					     (uint16_t)(1 + rand() % longest), rand() % 2);
			plan_add_standing(&plan, &all[i]);
		}
		for (i = 0; i < BLOCKS; i++) {
			struct range range = { (uint16_t)(65000 + rand() % 400),
					       (uint16_t)(1 + rand() % longest) };
			struct range taken = { all[i].first, all[i].count };

			same &= agree(&plan, all, &range) && agree(&plan, all, &taken);
		}
		plan_free(&plan);
	}
	tap_ok(same, "%d plans of %d blocks", ROUNDS, BLOCKS);
}

static void test_words(void)
{
	struct portres_reservation named = reservation(5000, 10, false);
	struct portres_reservation acquired = reservation(5010, 1, true);
	const struct range none = { 5011, 1 };
	const struct range both = { 1, 65535 };
	const struct range block = { 5010, 1 };
	struct plan plan = { 0 };
	char *words;

	named.has = 1U << PORTRES_A_NAME;
	strcpy(named.name, "a\nb");
	plan_add_standing(&plan, &acquired);
	plan_add_standing(&plan, &named);
	tap_ok(!plan_overlap(&plan, &none), "nothing overlaps");
	words = plan_overlap(&plan, &both);
	if (!tap_ok(!strcmp(words, "5000-5009 (a\\x0ab), 5010 (acquired by x[7])"),
		    "what overlaps, by ascending ports"))
		tap_diag("got: %s", words);
	free(words);
	tap_ok(!plan_find(&plan, &block), "what a process acquired is no entry that stands");
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
		struct portres_reservation one = reservation((uint16_t)port, 1, false);
		struct range own = { (uint16_t)port, 1 };
		struct range next = { (uint16_t)(port + 1), 1 };

		plan_add_standing(&plan, &one);
		found &= plan_find(&plan, &own) && !plan_overlap(&plan, &next);
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
					{ .port = 65535 } };
	const struct socket_list list = { items, 4 };
	const struct socket_list empty = { 0 };
	static const struct {
		struct range range;
		bool inside;
	} rows[] = {
		{ { 1, 6 }, false }, { { 1, 7 }, true }, { { 7, 1 }, true }, { { 8, 1 }, false },
		{ { 8, 2 }, true }, { { 9, 1 }, true }, { { 10, 65525 }, false },
		{ { 10, 65526 }, true }, { { 65535, 1 }, true }, { { 1, 65535 }, true },
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
	test_many();
	test_sockets();
	return tap_finish();
}
