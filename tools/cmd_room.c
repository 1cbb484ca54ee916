// SPDX-License-Identifier: GPL-2.0-only
/* portres room: how many blocks of a size still fit, and where. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "disk/words.h"
#include "failure.h"
#include "kernel/protocol.h"
#include "message.h"
#include "open.h"
#include "output.h"
#include "transport.h"
#include "space.h"
#include "text.h"

/* Lines for gaps, and for runtime reservations; JSON has all of them. */
#define LINES 20

struct room {
	unsigned int size;
	struct portset taken;
	struct portset others;		/* taken without runtime reservations */
	unsigned int blocks;		/* that fit */
	unsigned int gaps;		/* in which at least one fits */
	struct range largest;		/* count 0: no port is free */
	unsigned int blocks_without;	/* that would fit without runtime reservations */
};

static unsigned int count_blocks(const struct portset *taken, unsigned int size)
{
	unsigned int count = 0;
	unsigned int from;
	struct range gap;

	for (from = 1; portset_next_gap(taken, from, &gap); from = range_last(&gap) + 1U)
		count += gap.count / size;
	return count;
}

static void room_measure(struct room *room, const struct space *space)
{
	unsigned int from;
	struct range gap;

	room->taken = space->reserved;
	portset_add_all(&room->taken, &space->bound);
	for (from = 1; portset_next_gap(&room->taken, from, &gap); from = range_last(&gap) + 1U) {
		room->blocks += gap.count / room->size;
		room->gaps += gap.count >= room->size;
		if (gap.count > room->largest.count)
			room->largest = gap;
	}
	room->others = space->reserved;
	portset_remove_all(&room->others, &space->runtime);
	portset_add_all(&room->others, &space->bound);
	room->blocks_without = count_blocks(&room->others, room->size);
}

/* What else there is to know about the ports of a gap. To be freed; NULL: nothing. */
static char *gap_text(const struct settings *settings, const struct range *gap)
{
	char *text = NULL;

	if (gap->first < settings->unprivileged)
		append_text(&text, "privileged");
	if (range_overlaps(gap, &settings->ephemeral))
		append_text(&text, "ephemeral");
	if (portset_has_any(&settings->kept, gap->first, range_last(gap)))
		append_text(&text, "ip_local_reserved_ports");
	return text;
}

static void describe_gap(struct record *record, const struct space *space, const struct range *gap,
			 unsigned int size)
{
	char *ports = range_text(gap->first, gap->count);
	char *text = gap_text(&space->settings, gap);

	put_text(record, NULL, "ports", IN_TABLE, ports);
	put_number(record, "first", NULL, 0, gap->first);
	put_number(record, "last", NULL, 0, range_last(gap));
	put_number(record, "count", "count", IN_TABLE, gap->count);
	put_number(record, "blocks", "blocks", IN_TABLE, gap->count / size);
	put_text(record, "part", "has ports that are", IN_TABLE, text);
	free(ports);
	free(text);
}

static void list_gaps(const struct room *room, const struct space *space, size_t most,
		      struct records *list)
{
	unsigned int from;
	struct range gap;

	for (from = 1; list->count < most && portset_next_gap(&room->taken, from, &gap);
	     from = range_last(&gap) + 1U)
		if (gap.count >= room->size)
			describe_gap(records_add(list), space, &gap, room->size);
}

/* How many blocks fit into the gaps in a range and into those that begin or end beside it. */
static unsigned int blocks_around(const struct portset *taken, const struct range *range,
				  unsigned int size)
{
	unsigned int from = range->first;
	unsigned int count = 0;
	struct range gap;

	while (from > 1 && !portset_has(taken, from - 1))
		from--;
	while (portset_next_gap(taken, from, &gap) && gap.first <= range_last(range) + 1U) {
		count += gap.count / size;
		from = range_last(&gap) + 1U;
	}
	return count;
}

/*
 * Whether a block is a runtime reservation in the way: without it more blocks would fit, or fewer
 * if it were the only one, as with two side by side.
 */
static bool is_in_the_way(const struct room *room, const struct space *space,
			  const struct space_block *block)
{
	struct portset own = { 0 };
	struct portset set = room->taken;

	if (!block->process)
		return false;
	portset_add(&own, &block->range);
	portset_remove_all(&own, &space->bound);
	portset_remove_all(&set, &own);
	if (blocks_around(&set, &block->range, room->size) >
	    blocks_around(&room->taken, &block->range, room->size))
		return true;
	set = room->others;
	portset_add_all(&set, &own);
	return blocks_around(&set, &block->range, room->size) <
	       blocks_around(&room->others, &block->range, room->size);
}

static void list_runtime(const struct room *room, const struct space *space, struct records *list)
{
	size_t i;

	for (i = 0; i < space->count; i++) {
		const struct space_block *block = &space->blocks[i];
		struct record *record;

		if (!is_in_the_way(room, space, block))
			continue;
		record = records_add(list);
		put_number(record, "first", NULL, 0, block->range.first);
		put_number(record, "last", NULL, 0, range_last(&block->range));
		put_number(record, "count", NULL, 0, block->range.count);
		put_text(record, "holder", NULL, 0, block->process);
	}
}

static void print_room_json(const struct room *room, const struct space *space)
{
	struct records records = { 0 };
	struct record *record = records_add(&records);
	struct records gaps = { 0 };
	struct records runtime = { 0 };

	list_gaps(room, space, PORTS, &gaps);
	list_runtime(room, space, &runtime);
	put_text(record, "protocol", NULL, 0, portres_protocol_word(space->protocol));
	put_number(record, "size", NULL, 0, room->size);
	put_number(record, "blocks", NULL, 0, room->blocks);
	put_number(record, "largest", NULL, 0, room->largest.count);
	put_list(record, "gaps", NULL, 0, &gaps);
	put_number(record, "blocks_without_runtime", NULL, 0, room->blocks_without);
	put_list(record, "in_the_way", NULL, 0, &runtime);
	print_line(record, true);
	records_free(&records);
}

static void print_runtime(const struct room *room, const struct space *space)
{
	unsigned int lines = 0;
	unsigned int left = 0;
	size_t i;

	if (room->blocks_without == room->blocks)
		return;
	printf("%u would fit without the runtime reservations:\n", room->blocks_without);
	for (i = 0; i < space->count; i++) {
		char *text;

		if (!is_in_the_way(room, space, &space->blocks[i]))
			continue;
		if (lines++ >= LINES) {
			left++;
			continue;
		}
		text = space_block_text(&space->blocks[i]);
		printf("  %s\n", text);
		free(text);
	}
	if (left)
		printf("  and %u more\n", left);
}

static void print_room(const struct room *room, const struct space *space)
{
	char *largest = range_text(room->largest.first, room->largest.count);
	struct records gaps = { 0 };

	if (!room->largest.count)
		printf("No %s port is free.\n", portres_protocol_word(space->protocol));
	else
		printf("%u block%s of %u %s port%s fit%s; the largest gap has %u: %s\n",
		       room->blocks, room->blocks == 1 ? "" : "s", room->size,
		       portres_protocol_word(space->protocol), room->size == 1 ? "" : "s",
		       room->blocks == 1 ? "s" : "", room->largest.count, largest);
	list_gaps(room, space, LINES, &gaps);
	print_table(&gaps);
	if (room->gaps > LINES)
		printf("and %u more gaps\n", room->gaps - LINES);
	print_runtime(room, space);
	records_free(&gaps);
	free(largest);
}

/* [PROTO] N */
static bool room_parse(const struct call *call, uint8_t *protocol, unsigned int *size,
		       parse_reason reason)
{
	int used = take_transport(call->argc, call->argv, protocol);
	uint32_t number;
	char *shown;

	if (!used && call->argc > 1)
		return parse_transport(call->argv[0], protocol, reason);
	if (call->argc - used != 1) {
		snprintf(reason, REASON_MAX, "room needs a number of ports, and nothing behind it");
		return false;
	}
	if (portres_words_number(call->argv[used], &number) && number && number < PORTS) {
		*size = number;
		return true;
	}
	shown = quoted_text(call->argv[used]);
	snprintf(reason, REASON_MAX, "\"%s\" is not a number of ports: expected 1 to 65535", shown);
	free(shown);
	return false;
}

int cmd_room(const struct call *call)
{
	struct room room = { 0 };
	struct portres *handle;
	struct space space;
	parse_reason reason;
	int status = DONE;
	uint8_t protocol;
	int error;

	if (!room_parse(call, &protocol, &room.size, reason))
		return print_usage_error("%s", reason);
	if (!open_handle(call, &handle))
		return FAILED;
	error = space_read(handle, protocol, &space);
	if (error) {
		status = print_library_error(error, portres_error(handle));
	} else {
		room_measure(&room, &space);
		status = room.blocks ? DONE : FAILED;
		if (call->json)
			print_room_json(&room, &space);
		else
			print_room(&room, &space);
	}
	space_free(&space);
	portres_close(handle);
	return status;
}
