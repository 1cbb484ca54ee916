// SPDX-License-Identifier: GPL-2.0-only
/* Collects active and planned blocks, to report conflicts with the location of their entries. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "grantee.h"
#include "plan.h"
#include "text.h"

/* The side of a protocol. The order is that of portres_protocol_halves(). */
static unsigned int side_of(uint8_t protocol)
{
	return protocol == IPPROTO_TCP ? 0 : 1;
}

/* Finds the first port of a range that a block has; 0: none. */
static unsigned int side_first(const struct plan_side *side, unsigned int first, unsigned int last)
{
	for (; side->at && first <= last; first++)
		if (side->at[first])
			return first;
	return 0;
}

static void side_put(struct plan_side *side, struct plan_block *block)
{
	unsigned int last = range_last(&block->range);
	unsigned int port;

	if (!side->at)
		side->at = check_alloc(calloc(UINT16_MAX + 1, sizeof(struct plan_block *)));
	if (side_first(side, block->range.first, last)) {
		block->next = side->others;
		side->others = block;
		return;
	}
	for (port = block->range.first; port <= last; port++)
		side->at[port] = block;
}

static struct plan_block *side_add(struct plan_side *side, uint8_t protocol, struct range range,
				   const char *name)
{
	struct plan_block *block = check_alloc(calloc(1, sizeof(*block)));

	block->protocol = protocol;
	block->range = range;
	block->name = name ? check_alloc(strdup(name)) : NULL;
	side_put(side, block);
	return block;
}

void plan_add_active(struct plan *plan, const struct portres_reservation *reservation)
{
	uint8_t protocol = portres_reservation_protocol(reservation);
	struct plan_block *block = side_add(&plan->sides[side_of(protocol)], protocol,
					    reservation_range(reservation),
					    portres_reservation_name(reservation));

	block->grants = grants_key(reservation_grant_at, reservation);
	block->process = reservation_acquirer(reservation);
}

static void block_set_location(struct plan_block *block, const struct portres_entry *entry)
{
	if (block->file)
		return;
	block->protocol = portres_entry_protocol(entry);
	block->file = check_alloc(strdup(portres_entry_file(entry)));
	block->line = portres_entry_line(entry);
}

void plan_add_entry(struct plan *plan, const struct portres_entry *entry, bool planned)
{
	uint8_t protocol = portres_entry_protocol(entry);
	uint8_t halves[PORTRES_HALVES];
	unsigned int count = portres_protocol_halves(protocol, halves);
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct plan_block *block = side_add(&plan->sides[side_of(halves[i])], protocol,
						    entry_range(entry),
						    portres_entry_name(entry));

		block->grants = grants_key(entry_grant_at, entry);
		block->planned = planned;
		block_set_location(block, entry);
	}
}

void plan_change(const struct plan_match *match, const struct portres_entry *entry, bool planned)
{
	const char *name = portres_entry_name(entry);
	unsigned int i;

	for (i = 0; i < match->count; i++) {
		struct plan_block *block = match->blocks[i];

		free(block->name);
		free(block->grants);
		block->name = name ? check_alloc(strdup(name)) : NULL;
		block->grants = grants_key(entry_grant_at, entry);
		block->planned = planned;
		block_set_location(block, entry);
	}
}

static bool block_has_name(const struct plan_block *block, const char *name)
{
	return block->name && name ? strcmp(block->name, name) == 0 : !block->name && !name;
}

bool plan_has_name_of(const struct plan_match *match, const struct portres_entry *entry)
{
	unsigned int i;

	for (i = 0; i < match->count; i++)
		if (!block_has_name(match->blocks[i], portres_entry_name(entry)))
			return false;
	return true;
}

bool plan_has_grants_of(const struct plan_match *match, const struct portres_entry *entry)
{
	char *grants = grants_key(entry_grant_at, entry);
	bool same = true;
	unsigned int i;

	for (i = 0; i < match->count; i++)
		same &= strcmp(match->blocks[i]->grants, grants) == 0;
	free(grants);
	return same;
}

void plan_set_location(const struct plan_match *match, const struct portres_entry *entry)
{
	unsigned int i;

	for (i = 0; i < match->count; i++)
		block_set_location(match->blocks[i], entry);
}

static void plan_block_free(struct plan_block *block)
{
	free(block->name);
	free(block->grants);
	free(block->process);
	free(block->file);
	free(block);
}

static void side_free(struct plan_side *side)
{
	unsigned int port = 0;
	struct plan_block *next;

	while ((port = side_first(side, port + 1, UINT16_MAX))) {
		struct plan_block *block = side->at[port];

		port = range_last(&block->range);
		plan_block_free(block);
	}
	free(side->at);
	for (; side->others; side->others = next) {
		next = side->others->next;
		plan_block_free(side->others);
	}
}

void plan_free(struct plan *plan)
{
	unsigned int i;

	for (i = 0; i < PORTRES_HALVES; i++)
		side_free(&plan->sides[i]);
}

static bool is_same_block(const struct plan_block *block, const struct range *range)
{
	return block->range.first == range->first && block->range.count == range->count &&
	       !block->process;
}

static struct plan_block *side_find(const struct plan_side *side, const struct range *range)
{
	struct plan_block *block = side->at ? side->at[range->first] : NULL;

	if (block && is_same_block(block, range))
		return block;
	for (block = side->others; block; block = block->next)
		if (is_same_block(block, range))
			return block;
	return NULL;
}

struct plan_match plan_find(const struct plan *plan, uint8_t protocol, const struct range *range)
{
	struct plan_match match = { 0 };
	uint8_t halves[PORTRES_HALVES];
	unsigned int count = portres_protocol_halves(protocol, halves);
	unsigned int i;

	for (i = 0; i < count; i++) {
		match.blocks[i] = side_find(&plan->sides[side_of(halves[i])], range);
		if (!match.blocks[i])
			return match;
	}
	match.count = count;
	return match;
}

char *plan_block_location(const struct plan_block *block)
{
	return block->file ? location_text(block->file, block->line) : NULL;
}

static char *plan_block_text(const struct plan_block *block)
{
	char *ports = block_text(block->protocol, &block->range, block->name, block->process);
	char *from = plan_block_location(block);
	char *text = from ? format_text("%s from %s", ports, from) : check_alloc(strdup(ports));

	free(ports);
	free(from);
	return text;
}

static void append_block(char **words, const struct plan_block *block)
{
	char *text = plan_block_text(block);

	append_text(words, text);
	free(text);
}

/* What overlaps a range is looked for in one side; TCP is the first. */
struct overlap_search {
	const struct plan_side *side;
	bool second;	/* what is in both protocols was already found in the first side */
	char *words;
};

static void add_overlap(struct overlap_search *search, const struct plan_block *block)
{
	if (!search->second || block->protocol != PORTRES_BOTH)
		append_block(&search->words, block);
}

/* In ascending order of ports, then what overlaps these. */
static void add_overlaps(struct overlap_search *search, const struct range *range)
{
	unsigned int port = range->first - 1U;
	const struct plan_block *block;

	while ((port = side_first(search->side, port + 1, range_last(range)))) {
		block = search->side->at[port];
		add_overlap(search, block);
		port = range_last(&block->range);
	}
	for (block = search->side->others; block; block = block->next)
		if (range_overlaps(&block->range, range))
			add_overlap(search, block);
}

char *plan_overlap(const struct plan *plan, uint8_t protocol, const struct range *range)
{
	struct overlap_search search = { 0 };
	uint8_t halves[PORTRES_HALVES];
	unsigned int count = portres_protocol_halves(protocol, halves);
	unsigned int i;

	for (i = 0; i < count; i++) {
		search.side = &plan->sides[side_of(halves[i])];
		search.second = i > 0;
		add_overlaps(&search, range);
	}
	return search.words;
}
