// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a spoilt message has done, which the model cannot foretell: it learns from a dump. It may be
 * one creation, change or deletion, by who may do it.
 */
#include <string.h>

#include "doors.h"

static struct block block_told(const struct told_block *told)
{
	struct block block = {
		.protocol = told->resv.protocol, .first = told->resv.first,
		.count = told->resv.count, .token = told->resv.token,
	};

	memcpy(block.name, told->resv.name, sizeof(block.name));
	memcpy(block.grants, told->grants, sizeof(block.grants));
	return block;
}

static void learn(struct world *world, const struct told_block *told)
{
	const struct block block = block_told(told);

	/* ports that are in use may have been adopted */
	if (told->resv.runtime || overlaps(world, block.protocol, block.first, block.count))
		wrong("%u+%u stands", block.first, block.count);
	else
		model_add(world, &block);
}

/* A reservation keeps its token, whatever is changed. */
static const struct block *find_told(const struct world *world, const struct told_block *told)
{
	if (told->resv.has & 1U << PORTRES_A_TOKEN)
		return find_token(world, told->resv.token);
	return find_block(world, told->resv.protocol, told->resv.first, told->resv.count);
}

static bool is_told(const struct world *world, const struct told *told, const struct block *block)
{
	size_t i;

	for (i = 0; i < told->n; i++)
		if (find_told(world, &told->blocks[i]) == block)
			return true;
	return false;
}

static unsigned int learn_changes(struct world *world, const struct told_block *told)
{
	const struct block *block = find_told(world, told);
	struct block now = block_told(told);

	if (block && block->protocol != now.protocol)
		wrong("%u+%u has changed its protocol", now.first, now.count);
	if (block && (block->runtime ||
		      (block->first == now.first && block->count == now.count &&
		       !strcmp(block->name, now.name) && !strcmp(block->grants, now.grants))))
		return 0;
	if (block)
		model_change(world, block, &now);
	else
		learn(world, told);
	return 1;
}

void reconcile(struct world *world, bool may_change)
{
	const struct told *told = whole_dump(world);
	size_t i, block, changes = 0;

	for (block = world->n_blocks; block--;) {
		if (is_told(world, told, &world->blocks[block]))
			continue;
		model_del(world, &world->blocks[block]);
		changes++;
	}
	for (i = 0; i < told->n; i++)
		changes += learn_changes(world, &told->blocks[i]);
	if (changes > may_change)
		wrong("%zu changes by what was spoilt", changes);
}
