// SPDX-License-Identifier: GPL-2.0-only
/* A sorted list of blocks. */
#include <stdlib.h>
#include <string.h>

#include "active.h"
#include "kernel/protocol.h"
#include "text.h"

static int compare_blocks(const void *a, const void *b)
{
	const struct active_block *one = a;
	const struct active_block *two = b;

	/* The order of portres_for_each(): by port, UDP before TCP. */
	if (one->range.first != two->range.first)
		return one->range.first - two->range.first;
	if (one->protocol != two->protocol)
		return two->protocol - one->protocol;
	return one->range.count - two->range.count;
}

/* Appends it where it belongs, which is the end unless the list changed while it was read. */
static void active_insert(struct active *active, const struct active_block *block)
{
	size_t at = active->count++;

	for (; at && compare_blocks(&active->items[at - 1], block) > 0; at--)
		active->items[at] = active->items[at - 1];
	active->items[at] = *block;
}

void active_add(struct active *active, const struct portres_reservation *reservation)
{
	const struct active_block block = {
		.protocol = portres_reservation_protocol(reservation),
		.range = { portres_reservation_first(reservation),
			   portres_reservation_count(reservation) },
	};

	if (portres_reservation_runtime(reservation))
		return;
	if (active->count == active->room) {
		active->room = active->room ? 2 * active->room : 64;
		active->items = check_alloc(reallocarray(active->items, active->room,
							 sizeof(*active->items)));
	}
	active_insert(active, &block);
}

bool active_has(const struct active *active, uint8_t protocol, const struct range *range)
{
	uint8_t halves[PORTRES_HALVES];
	unsigned int count = portres_protocol_halves(protocol, halves);
	unsigned int i;

	for (i = 0; i < count; i++) {
		const struct active_block block = { halves[i], *range };

		if (!active->count || !bsearch(&block, active->items, active->count,
					       sizeof(*active->items), compare_blocks))
			return false;
	}
	return true;
}

void active_free(struct active *active)
{
	free(active->items);
	memset(active, 0, sizeof(*active));
}
