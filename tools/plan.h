/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plan: active and planned blocks, and the location of the entry for each. A block in both
 * protocols is two blocks of the plan.
 */
#ifndef PORTRES_PLAN_H
#define PORTRES_PLAN_H

#include <portres/portres.h>
#include <stdbool.h>

#include "kernel/protocol.h"
#include "range.h"

struct plan_block {
	uint8_t protocol;	/* that of the entry, if there is one: may be PORTRES_BOTH */
	struct range range;
	char *name;		/* NULL: none */
	char *process;		/* that acquired it at runtime; NULL: it is persistent */
	char *grants;		/* as grants_key() has it */
	char *file;		/* NULL: nobody knows */
	unsigned int line;
	bool planned;		/* not active yet */
	struct plan_block *next;
};

/* The blocks of one protocol. */
struct plan_side {
	struct plan_block **at;		/* by port, of blocks that do not overlap; NULL: none yet */
	struct plan_block *others;	/* blocks that overlap one of these */
};

struct plan {
	struct plan_side sides[PORTRES_HALVES];
};

/* The blocks of a plan that an entry is about; count 0: one is missing. */
struct plan_match {
	struct plan_block *blocks[PORTRES_HALVES];
	unsigned int count;
};

void plan_add_active(struct plan *plan, const struct portres_reservation *reservation);
void plan_add_entry(struct plan *plan, const struct portres_entry *entry, bool planned);

/* What it will be, or is, once it was brought in line with the entry. */
void plan_change(const struct plan_match *match, const struct portres_entry *entry, bool planned);

/* Whether it has the name, or the grants, that the entry says. */
bool plan_has_name_of(const struct plan_match *match, const struct portres_entry *entry);
bool plan_has_grants_of(const struct plan_match *match, const struct portres_entry *entry);

void plan_free(struct plan *plan);

/* Finds the persistent reservation of exactly that block, in both protocols both of them. */
struct plan_match plan_find(const struct plan *plan, uint8_t protocol, const struct range *range);

/* Records the location of the entry for a block, if it is unknown. */
void plan_set_location(const struct plan_match *match, const struct portres_entry *entry);

/* "FILE:LINE" of the entry for a block, to be freed; NULL: unknown. */
char *plan_block_location(const struct plan_block *block);

/* The blocks that overlap a range, as a text that is safe to print; NULL: none. To be freed. */
char *plan_overlap(const struct plan *plan, uint8_t protocol, const struct range *range);

#endif /* PORTRES_PLAN_H */
