// SPDX-License-Identifier: GPL-2.0-only
/* portres map: the ports of a protocol on one screen. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "failure.h"
#include "kernel/protocol.h"
#include "message.h"
#include "open.h"
#include "output.h"
#include "transport.h"
#include "space.h"
#include "terminal.h"
#include "text.h"

#define ROWS 16
#define ROW_PORTS (PORTS / ROWS)

/* "61440 " in front of a row; the names of blocks beside the rows if there is room, else below. */
#define LABEL_WIDTH 6
#define BESIDE_WIDTH 26
#define BESIDE_GAP 2
#define WIDE 72

enum kind { BOTH, RESERVED, BOUND, KEPT, PRIVILEGED, EPHEMERAL, NOTHING, KINDS };

static const struct {
	char mark;
	const char *colour;
	const char *name;
} kinds[KINDS] = {
	[BOTH] = { '@', "1;31", "reserved and bound" },
	[RESERVED] = { '#', "1;34", "reserved" },
	[BOUND] = { 'o', "1;32", "bound" },
	[KEPT] = { 'x', "35", "ip_local_reserved_ports" },
	[PRIVILEGED] = { '!', "33", "privileged" },
	[EPHEMERAL] = { '~', "36", "ephemeral" },
	[NOTHING] = { '.', "2", "none of these" },
};

struct map {
	const struct space *space;
	struct portset sets[NOTHING];
	bool colours;
};

static void map_fill(struct map *map, const struct space *space)
{
	const struct range privileged = { 1, (uint16_t)(space->settings.unprivileged - 1) };

	map->space = space;
	map->sets[BOTH] = space->reserved;
	portset_keep_all(&map->sets[BOTH], &space->bound);
	map->sets[RESERVED] = space->reserved;
	map->sets[BOUND] = space->bound;
	map->sets[KEPT] = space->settings.kept;
	if (space->settings.unprivileged > 1)
		portset_add(&map->sets[PRIVILEGED], &privileged);
	portset_add(&map->sets[EPHEMERAL], &space->settings.ephemeral);
}

/* A cell has the first kind, in the order of the enum, that any of its ports is of. */
static enum kind map_kind(const struct map *map, unsigned int first, unsigned int last)
{
	int kind;

	for (kind = 0; kind < NOTHING; kind++)
		if (portset_has_any(&map->sets[kind], first, last))
			break;
	return (enum kind)kind;
}

static void print_mark(const struct map *map, enum kind kind)
{
	if (map->colours)
		printf("\033[%sm%c\033[0m", kinds[kind].colour, kinds[kind].mark);
	else
		putchar(kinds[kind].mark);
}

static void print_cells(const struct map *map, unsigned int row, unsigned int cells)
{
	unsigned int begin = row * ROW_PORTS;
	unsigned int i;

	printf("%*u ", LABEL_WIDTH - 1, begin);
	for (i = 0; i < cells; i++) {
		unsigned int first = begin + i * ROW_PORTS / cells;
		unsigned int last = begin + (i + 1) * ROW_PORTS / cells - 1;

		print_mark(map, map_kind(map, first, last));
	}
}

static int compare_sizes(const void *a, const void *b)
{
	const struct space_block *const *one = a;
	const struct space_block *const *two = b;

	if ((*one)->range.count != (*two)->range.count)
		return (*one)->range.count > (*two)->range.count ? -1 : 1;
	return (*one)->range.first < (*two)->range.first ? -1 : 1;
}

/* The blocks by their size, the biggest first. To be freed. */
static const struct space_block **biggest_blocks(const struct space *space)
{
	const struct space_block **blocks;
	size_t i;

	/* one more: for none, calloc() may return NULL */
	blocks = check_alloc(calloc(space->count + 1, sizeof(*blocks)));
	for (i = 0; i < space->count; i++)
		blocks[i] = &space->blocks[i];
	qsort(blocks, space->count, sizeof(*blocks), compare_sizes);
	return blocks;
}

/* Prints a text of printable characters up to a width, cut with ".." if it is longer. */
static void print_cut(const char *text, size_t width)
{
	size_t end = strlen(text);

	if (text_width(text) <= width) {
		fputs(text, stdout);
		return;
	}
	/* No character has less than a byte for each column. */
	end = end < width - 2 ? end : width - 2;
	while (end && ((unsigned char)text[end] & 0xc0) == 0x80)
		end--;
	printf("%.*s..", (int)end, text);
}

/* Prints the name of a block, and in place of the last one how many more there are. */
static void print_name(const struct space *space, const struct space_block **blocks,
		       unsigned int row, unsigned int width)
{
	char *text;

	if (row == ROWS - 1 && space->count > ROWS)
		text = format_text("and %zu more", space->count - (ROWS - 1));
	else
		text = space_block_text(blocks[row]);
	print_cut(text, width);
	free(text);
}

static void print_beside(const struct space *space, const struct space_block **blocks,
			 unsigned int row)
{
	if (row >= space->count)
		return;
	printf("%*s", BESIDE_GAP, "");
	print_name(space, blocks, row, BESIDE_WIDTH);
}

static void print_below(const struct space *space, const struct space_block **blocks,
			unsigned int width)
{
	unsigned int row;

	for (row = 0; row < ROWS && row < space->count; row++) {
		print_name(space, blocks, row, width);
		putchar('\n');
	}
}

static void print_legend(const struct map *map)
{
	unsigned int width = terminal_width();
	unsigned int used = 0;
	int kind;

	for (kind = 0; kind < KINDS; kind++) {
		unsigned int len = (unsigned int)strlen(kinds[kind].name) + 2;

		if (used && used + 2 + len > width) {
			putchar('\n');
			used = 0;
		}
		printf("%s", used ? "  " : "");
		print_mark(map, (enum kind)kind);
		printf(" %s", kinds[kind].name);
		used += len + (used ? 2 : 0);
	}
	putchar('\n');
}

static void print_map(const struct space *space)
{
	unsigned int width = terminal_width();
	bool beside = space->count && width >= WIDE;
	unsigned int cells = width - LABEL_WIDTH - (beside ? BESIDE_GAP + BESIDE_WIDTH : 0);
	const struct space_block **blocks = biggest_blocks(space);
	struct map *map = check_alloc(calloc(1, sizeof(*map)));
	unsigned int row;

	map_fill(map, space);
	map->colours = terminal_has_colours();
	printf("%s: %u ports reserved in %zu blocks, %u bound\n",
	       portres_protocol_word(space->protocol), portset_count(&space->reserved),
	       space->count, portset_count(&space->bound));
	for (row = 0; row < ROWS; row++) {
		print_cells(map, row, cells);
		if (beside)
			print_beside(space, blocks, row);
		putchar('\n');
	}
	print_legend(map);
	if (!beside)
		print_below(space, blocks, width);
	free(blocks);
	free(map);
}

static struct record *add_range(struct records *records, const struct range *range)
{
	struct record *record = records_add(records);

	put_number(record, "first", NULL, 0, range->first);
	put_number(record, "last", NULL, 0, range_last(range));
	return record;
}

static void put_set(struct record *record, const char *key, const struct portset *set)
{
	struct records list = { 0 };
	struct range run;
	unsigned int from;

	for (from = 1; portset_next_run(set, from, &run); from = range_last(&run) + 1U)
		add_range(&list, &run);
	put_list(record, key, NULL, 0, &list);
}

static void put_blocks(struct record *record, const struct space *space)
{
	struct records list = { 0 };
	size_t i;

	for (i = 0; i < space->count; i++) {
		const struct space_block *block = &space->blocks[i];
		struct record *item = add_range(&list, &block->range);

		put_number(item, "count", NULL, 0, block->range.count);
		put_text(item, "name", NULL, 0, block->name);
		put_flag(item, "runtime", block->process);
	}
	put_list(record, "reserved", NULL, 0, &list);
}

static void print_map_json(const struct space *space)
{
	struct map *map = check_alloc(calloc(1, sizeof(*map)));
	struct records records = { 0 };
	struct record *record = records_add(&records);

	map_fill(map, space);
	put_text(record, "protocol", NULL, 0, portres_protocol_word(space->protocol));
	put_blocks(record, space);
	put_set(record, "bound_ports", &map->sets[BOUND]);
	put_set(record, "reserved_and_bound", &map->sets[BOTH]);
	put_set(record, "ephemeral", &map->sets[EPHEMERAL]);
	put_set(record, "local_reserved", &map->sets[KEPT]);
	put_set(record, "privileged", &map->sets[PRIVILEGED]);
	print_line(record, true);
	records_free(&records);
	free(map);
}

int cmd_map(const struct call *call)
{
	struct portres *handle;
	struct space space;
	int status = DONE;
	uint8_t protocol;
	parse_reason reason;
	int used = take_transport(call->argc, call->argv, &protocol);
	int error;

	if (call->argc > used) {
		if (!used && !parse_transport(call->argv[0], &protocol, reason))
			return print_usage_error("%s", reason);
		return print_usage_error("map takes a protocol and nothing else: "
					 "see portres --help");
	}
	if (!open_handle(call, &handle))
		return FAILED;
	error = space_read(handle, protocol, &space);
	if (error)
		status = print_library_error(error, portres_error(handle));
	else if (call->json)
		print_map_json(&space);
	else
		print_map(&space);
	space_free(&space);
	portres_close(handle);
	return status;
}
