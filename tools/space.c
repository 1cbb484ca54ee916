// SPDX-License-Identifier: GPL-2.0-only
/* Reads the port space of a protocol from the kernel. */
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "diag.h"
#include "space.h"
#include "text.h"

static char *copy_text(const char *text)
{
	return text ? check_alloc(strdup(text)) : NULL;
}

static int space_add(const struct portres_reservation *reservation, void *arg)
{
	struct space *space = arg;
	struct range range = reservation_range(reservation);
	struct space_block *block;

	if (portres_reservation_protocol(reservation) != space->protocol)
		return 0;
	space->blocks = check_alloc(reallocarray(space->blocks, space->count + 1,
						 sizeof(*space->blocks)));
	block = &space->blocks[space->count++];
	block->range = range;
	block->name = copy_text(portres_reservation_name(reservation));
	block->process = reservation_acquirer(reservation);
	portset_add(&space->reserved, &range);
	if (block->process)
		portset_add(&space->runtime, &range);
	return 0;
}

static void space_add_bound(const struct diag_socket *socket, void *arg)
{
	const struct range port = { socket->port, 1 };
	struct space *space = arg;

	/* What is in TIME_WAIT goes by itself. */
	if (!socket->waits)
		portset_add(&space->bound, &port);
}

int space_read(struct portres *handle, uint8_t protocol, struct space *space)
{
	memset(space, 0, sizeof(*space));
	space->protocol = protocol;
	settings_read(&space->settings);
	diag_for_each(protocol, space_add_bound, space);
	return portres_for_each(handle, space_add, space);
}

void space_free(struct space *space)
{
	size_t i;

	for (i = 0; i < space->count; i++) {
		free(space->blocks[i].name);
		free(space->blocks[i].process);
	}
	free(space->blocks);
	space->blocks = NULL;
	space->count = 0;
}

char *space_block_text(const struct space_block *block)
{
	char *ports = range_text(block->range.first, block->range.count);
	char *safe = safe_text(block->process ? block->process : block->name ? block->name : "");
	char *text = format_text(block->process ? "%s of %s" : *safe ? "%s %s" : "%s%s", ports,
				 safe);

	free(ports);
	free(safe);
	return text;
}
