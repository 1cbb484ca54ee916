/* SPDX-License-Identifier: GPL-2.0-only */
/* Blocks that are taken, and which line asked for each. */
#ifndef PORTRES_PLAN_H
#define PORTRES_PLAN_H

#include "describe.h"

struct taken {
	struct range range;
	char *name;		/* NULL: none */
	char *process;		/* that acquired it at runtime; NULL: it is persistent */
	bool has_owner;
	uid_t owner;
	char *file;		/* NULL: nobody knows */
	unsigned int line;
	struct taken *next;
};

struct plan {
	void *tree;		/* those that share no port, by their ports */
	struct taken *others;	/* those that share one with one of these */
};

void plan_add_standing(struct plan *plan, const struct portres_reservation *reservation);
void plan_add_entry(struct plan *plan, const struct portres_entry *entry);
void plan_free(struct plan *plan);

/* The persistent one of exactly that block, or NULL. */
struct taken *plan_find(const struct plan *plan, const struct range *range);

/* Notes which line asked for a block, if that is not known. */
void plan_attribute(struct taken *taken, const struct portres_entry *entry);

/* What overlaps the range, in words, safe to print; NULL if nothing does. To be freed. */
char *plan_overlap(const struct plan *plan, const struct range *range);

struct range entry_range(const struct portres_entry *entry);

/* "FILE:LINE", or "FILE", safe to print. To be freed. */
char *entry_place(const struct portres_entry *entry);

#endif /* PORTRES_PLAN_H */
