// SPDX-License-Identifier: GPL-2.0-only
/* Sets of ports: a bit for each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "portset.h"
#include "text.h"

void portset_add(struct portset *set, const struct range *range)
{
	unsigned int port;

	for (port = range->first; port <= range_last(range); port++)
		set->words[port / 64] |= 1ULL << port % 64;
}

bool portset_has(const struct portset *set, unsigned int port)
{
	return set->words[port / 64] >> port % 64 & 1;
}

unsigned int portset_count(const struct portset *set)
{
	unsigned int count = 0;
	size_t i;

	for (i = 0; i < PORTSET_WORDS; i++)
		count += (unsigned int)__builtin_popcountll(set->words[i]);
	return count;
}

bool portset_has_any(const struct portset *set, unsigned int first, unsigned int last)
{
	struct range run;

	return portset_next_run(set, first, &run) && run.first <= last;
}

void portset_add_all(struct portset *set, const struct portset *other)
{
	size_t i;

	for (i = 0; i < PORTSET_WORDS; i++)
		set->words[i] |= other->words[i];
}

void portset_remove_all(struct portset *set, const struct portset *other)
{
	size_t i;

	for (i = 0; i < PORTSET_WORDS; i++)
		set->words[i] &= ~other->words[i];
}

void portset_keep_all(struct portset *set, const struct portset *other)
{
	size_t i;

	for (i = 0; i < PORTSET_WORDS; i++)
		set->words[i] &= other->words[i];
}

/* Returns the first port from port on that is in the set, or is not; PORTS: none. */
static unsigned int portset_seek(const struct portset *set, unsigned int port, bool in)
{
	while (port < PORTS) {
		uint64_t word = (in ? set->words[port / 64] : ~set->words[port / 64]) >> port % 64;

		if (word)
			return port + (unsigned int)__builtin_ctzll(word);
		port = (port / 64 + 1) * 64;
	}
	return PORTS;
}

static bool portset_next(const struct portset *set, unsigned int from, struct range *run, bool in)
{
	unsigned int first = portset_seek(set, from ? from : 1, in);

	if (first == PORTS)
		return false;
	run->first = (uint16_t)first;
	run->count = (uint16_t)(portset_seek(set, first, !in) - first);
	return true;
}

bool portset_next_run(const struct portset *set, unsigned int from, struct range *run)
{
	return portset_next(set, from, run, true);
}

bool portset_next_gap(const struct portset *set, unsigned int from, struct range *gap)
{
	return portset_next(set, from, gap, false);
}

char *portset_text(const struct portset *set)
{
	char *text = NULL;
	struct range run;
	unsigned int from;
	size_t len = 0;
	FILE *stream = check_alloc(open_memstream(&text, &len));

	for (from = 1; portset_next_run(set, from, &run); from = range_last(&run) + 1U) {
		fprintf(stream, "%s%u", from > 1 ? "," : "", run.first);
		if (run.count > 1)
			fprintf(stream, "-%u", range_last(&run));
	}
	fclose(stream);
	return check_alloc(text);
}

/* Parses a number up to the last port. Returns what is behind it, or NULL. */
static const char *parse_port(const char *at, unsigned int *port)
{
	char *end;
	unsigned long value;

	if (*at < '0' || *at > '9')
		return NULL;
	value = strtoul(at, &end, 10);
	*port = (unsigned int)value;
	return value < PORTS ? end : NULL;
}

bool portset_parse(struct portset *set, const char *list)
{
	while (*list && *list != '\n') {
		unsigned int first;
		unsigned int last;

		list = parse_port(list, &first);
		if (!list)
			return false;
		last = first;
		if (*list == '-')
			list = parse_port(list + 1, &last);
		if (!list || last < first || !strchr(",\n", *list))
			return false;
		/* The kernel's list may have port 0, which no socket is bound to. */
		first += !first;
		if (first <= last) {
			const struct range range = {
				(uint16_t)first, (uint16_t)(last - first + 1)
			};

			portset_add(set, &range);
		}
		list += *list == ',';
	}
	return true;
}
