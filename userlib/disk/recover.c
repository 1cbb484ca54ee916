// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Completes changes of blocks that a crash interrupted. Such a change leaves two entries, of which
 * the new one names the old one ("was RANGE"). Likewise creations and deletions in both protocols:
 * such a one can leave one half in the kernel, and the name of a file says so.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entries.h"
#include "files.h"
#include "kernel/halves.h"
#include "kernel/interrupt.h"
#include "kernel/reserve.h"
#include "sources.h"
#include "store.h"

struct blocks {
	struct portres_block *items;
	size_t count;
	size_t room;
};

static bool blocks_add(struct blocks *blocks, struct portres_block block)
{
	if (blocks->count == blocks->room) {
		size_t room = blocks->room ? 2 * blocks->room : 64;
		void *items = reallocarray(blocks->items, room, sizeof(*blocks->items));

		if (!items)
			return false;
		blocks->items = items;
		blocks->room = room;
	}
	blocks->items[blocks->count++] = block;
	return true;
}

/*
 * Lists what is stored, and what portres_stored_is_unfinished(). On an error some blocks are
 * missing: their changes are completed at the next opening.
 */
static void list_blocks(const struct portres_store *store, struct blocks *blocks,
			struct blocks *unfinished)
{
	int copy = RETRY(openat(store->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *files = copy < 0 ? NULL : portres_file_opendir(copy);
	struct dirent *entry;
	struct portres_block block;

	if (!files) {
		if (copy >= 0)
			close(copy);
		return;
	}
	for (errno = 0; (entry = readdir(files)) || errno == EINTR; errno = 0)
		if (entry && ((portres_stored_name_parse(entry->d_name, &block) &&
			       !blocks_add(blocks, block)) ||
			      (portres_stored_is_unfinished(entry->d_name, &block) &&
			       !blocks_add(unfinished, block))))
			break;
	closedir(files);
}

static int compare_blocks(const void *a, const void *b)
{
	const struct portres_block *one = a;
	const struct portres_block *two = b;

	if (one->protocol != two->protocol)
		return one->protocol - two->protocol;
	return one->first != two->first ? one->first - two->first : one->count - two->count;
}

int portres_store_load(const struct portres_store *store, const struct portres_block *block,
		       struct portres_entries *entries)
{
	struct portres_block said;
	portres_stored_name name;
	portres_reason reason;
	int error;
	int fd;

	*entries = (struct portres_entries){ .handle = store->handle, .stored = true };
	portres_stored_name_format(name, "", block);
	fd = portres_file_open_in(store->dir, store->path, name,
				  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, reason);
	error = portres_entries_read_file(entries, fd, name);
	if (!error && (entries->count != 1 || entries->items[0].reason))
		error = -EINVAL;
	if (!error) {
		said = portres_spec_block(&entries->items[0].spec);
		if (!portres_block_equal(&said, block))
			error = -EINVAL;
	}
	if (error) {
		portres_entries_free(entries);
		memset(entries, 0, sizeof(*entries));
	}
	return error;
}

/* Completes the change if the entry of new names old. */
static void finish_change(const struct portres_store *store, const struct portres_block *new,
			  const struct portres_block *old)
{
	struct portres_spec was = { .protocol = old->protocol, .first = old->first,
				    .count = old->count };
	struct portres_entries entries;
	struct portres_entry *entry;

	if (portres_store_load(store, new, &entries))
		return;
	entry = &entries.items[0];
	if (entry->was_first == old->first && entry->was_count == old->count) {
		entry->spec.name = entry->name[0] ? entry->name : NULL;
		portres_store_commit_change(store, &entry->spec, &was);
		entry->spec.name = NULL;
	}
	portres_entries_free(&entries);
}

static void finish_changes(const struct portres_store *store, const struct blocks *blocks)
{
	size_t i;

	if (blocks->count)
		qsort(blocks->items, blocks->count, sizeof(*blocks->items), compare_blocks);
	for (i = 1; i < blocks->count; i++) {
		const struct portres_block *one = &blocks->items[i - 1];
		const struct portres_block *two = &blocks->items[i];

		if (one->protocol != two->protocol || one->first + one->count <= two->first)
			continue;
		finish_change(store, one, two);
		finish_change(store, two, one);
	}
}

/* Check whether a half has an entry of its own, or none can be read: 1, 0, or an error. */
static int has_own_entry(const struct portres_store *store, const struct portres_home *home,
			 const struct portres_block *half)
{
	int has = portres_store_has(store, half);

	return has ? has : portres_is_declared(store->handle, home, half);
}

/*
 * Deletes the only half of a block that is in the kernel. If both are, the creation or deletion did
 * not reach the store, or not the kernel, as it may happen to a reservation in one protocol.
 */
static int delete_lone_half(const struct portres_store *store, const struct portres_home *home,
			    const struct portres_block *block)
{
	struct portres_block half = *block;
	uint8_t protocols[PORTRES_HALVES];
	unsigned int present = 0;
	unsigned int i;
	int own;

	portres_protocol_halves(block->protocol, protocols);
	for (i = 0; i < PORTRES_HALVES; i++) {
		struct portres_reservation *found;
		int error = portres_get_persistent(store->handle, protocols[i], block->first,
						   block->count, &found);

		if (error && error != -ENOENT)
			return error;
		if (error)
			continue;
		portres_reservation_free(found);
		half.protocol = protocols[i];
		present++;
	}
	if (present != 1)
		return 0;
	own = has_own_entry(store, home, &half);
	if (own)
		return own < 0 ? own : 0;
	return portres_kernel_delete(store->handle, half.protocol, half.first, half.count);
}

static void finish_both(const struct portres_store *store, const struct portres_home *home,
			const struct portres_block *block)
{
	static const char *const prefixes[] = { PORTRES_ADD, PORTRES_OLD };
	portres_stored_name name;
	size_t i;
	int error = portres_store_has(store, block);

	if (!error)
		error = delete_lone_half(store, home, block);
	/* After an error the file stays, and the next opening tries again. */
	if (error < 0 && error != -ENOENT)
		return;
	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		portres_stored_name_format(name, prefixes[i], block);
		RETRY(unlinkat(store->dir, name, 0));
	}
}

void portres_store_recover(const struct portres_store *store, const struct portres_home *home)
{
	struct blocks blocks = { 0 };
	struct blocks unfinished = { 0 };
	size_t i;

	list_blocks(store, &blocks, &unfinished);
	finish_changes(store, &blocks);
	for (i = 0; i < unfinished.count; i++)
		finish_both(store, home, &unfinished.items[i]);
	free(unfinished.items);
	free(blocks.items);
}
