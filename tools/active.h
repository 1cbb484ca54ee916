/* SPDX-License-Identifier: GPL-2.0-only */
/* The blocks that are active, to be looked up by the blocks of entries. */
#ifndef PORTRES_ACTIVE_H
#define PORTRES_ACTIVE_H

#include <portres/portres.h>
#include <stdbool.h>
#include <stddef.h>

#include "range.h"

struct active_block {
	uint8_t protocol;
	struct range range;
};

struct active {
	struct active_block *items;	/* persistent ones, in ascending order */
	size_t count;
	size_t room;
};

/* Adds a reservation, unless it is a runtime reservation. In the order of portres_for_each(). */
void active_add(struct active *active, const struct portres_reservation *reservation);

/* Whether exactly that block is among them, with PORTRES_BOTH in both protocols. */
bool active_has(const struct active *active, uint8_t protocol, const struct range *range);

void active_free(struct active *active);

#endif /* PORTRES_ACTIVE_H */
