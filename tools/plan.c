// SPDX-License-Identifier: GPL-2.0-only
/* Collects active and planned blocks, to report conflicts with the location of their entries. */
#include <netinet/in.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "grantee.h"
#include "plan.h"
#include "text.h"

/* Orders blocks by ports. Overlapping blocks compare as equal. */
static int compare_blocks(const void *a, const void *b)
{
	const struct plan_block *one = a;
	const struct plan_block *two = b;

	if (range_last(&one->range) < two->range.first)
		return -1;
	return one->range.first > range_last(&two->range);
}

/* The side of a protocol. The order is that of portres_protocol_halves(). */
static unsigned int side_of(uint8_t protocol)
{
	return protocol == IPPROTO_TCP ? 0 : 1;
}

static struct plan_block *side_add(struct plan_side *side, uint8_t protocol, struct range range,
				   const char *name)
{
	struct plan_block *block = check_alloc(calloc(1, sizeof(*block)));
	struct plan_block *const *kept;

	block->protocol = protocol;
	block->range = range;
	block->name = name ? check_alloc(strdup(name)) : NULL;
	kept = check_alloc(tsearch(block, &side->tree, compare_blocks));
	if (*kept != block) {
		block->next = side->others;
		side->others = block;
	}
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

static void plan_block_free(void *item)
{
	struct plan_block *block = item;

	free(block->name);
	free(block->grants);
	free(block->process);
	free(block->file);
	free(block);
}

static void side_free(struct plan_side *side)
{
	struct plan_block *next;

	tdestroy(side->tree, plan_block_free);
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

/* Return a block of the tree that overlaps the range, or NULL. */
static struct plan_block *tree_find(const struct plan_side *side, const struct range *range)
{
	const struct plan_block key = { .range = *range };
	struct plan_block *const *kept = tfind(&key, &side->tree, compare_blocks);

	return kept ? *kept : NULL;
}

static bool is_same_block(const struct plan_block *block, const struct range *range)
{
	return block->range.first == range->first && block->range.count == range->count &&
	       !block->process;
}

static struct plan_block *side_find(const struct plan_side *side, const struct range *range)
{
	/* If the block is in the tree, no other block of the tree overlaps the range. */
	struct plan_block *block = tree_find(side, range);

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

/*
 * In ascending order of ports. tfind() returns the topmost node that overlaps, so the recursion is
 * no deeper than the tree.
 */
static void add_overlaps(struct overlap_search *search, unsigned int first, unsigned int last)
{
	struct range range = { (uint16_t)first, (uint16_t)(last - first + 1) };
	const struct plan_block *found = first <= last ? tree_find(search->side, &range) : NULL;

	if (!found)
		return;
	add_overlaps(search, first, found->range.first - 1U);
	add_overlap(search, found);
	add_overlaps(search, range_last(&found->range) + 1U, last);
}

char *plan_overlap(const struct plan *plan, uint8_t protocol, const struct range *range)
{
	const struct plan_block key = { .range = *range };
	struct overlap_search search = { 0 };
	uint8_t halves[PORTRES_HALVES];
	unsigned int count = portres_protocol_halves(protocol, halves);
	const struct plan_block *block;
	unsigned int i;

	for (i = 0; i < count; i++) {
		search.side = &plan->sides[side_of(halves[i])];
		search.second = i > 0;
		add_overlaps(&search, range->first, range_last(range));
		for (block = search.side->others; block; block = block->next)
			if (compare_blocks(block, &key) == 0)
				add_overlap(&search, block);
	}
	return search.words;
}
