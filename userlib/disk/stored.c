// SPDX-License-Identifier: LGPL-2.1-or-later
/* Entries of the store. Reads only. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "listing.h"
#include "sources.h"
#include "store.h"

static int compare_blocks(const void *a, const void *b)
{
	const struct portres_found *one = a;
	const struct portres_found *two = b;
	struct portres_block first = { 0 };
	struct portres_block other = { 0 };

	portres_stored_name_parse(one->name, &first);
	portres_stored_name_parse(two->name, &other);
	return first.first != other.first ? first.first - other.first :
					    strcmp(one->name, two->name);
}

static bool is_any_file(const struct dirent *entry)
{
	(void)entry;
	return true;
}

/* Replaces what was read of a file of the store by what is wrong with it. */
static int replace_by_error(struct portres_entries *entries, size_t before, const char *reason)
{
	portres_entries_truncate(entries, before);
	return portres_entries_add_error(entries, 1, -EINVAL, reason);
}

/* A valid file has one reservation, of the ports in its name. */
static int stored_check(struct portres_entries *entries, size_t before, const char *name)
{
	const struct portres_entry *entry = &entries->items[before];
	struct portres_block named = { 0 };
	struct portres_block said;

	if (entries->count == before)
		return replace_by_error(entries, before,
					"no reservation in the file: delete the file");
	/* Ignore the lines after a damaged one. */
	if (entry->error) {
		portres_entries_truncate(entries, before + 1);
		return 0;
	}
	if (entries->count > before + 1)
		return replace_by_error(entries, before,
					"more than one reservation in the file: delete the file");
	portres_stored_name_parse(name, &named);
	said = portres_spec_block(&entry->spec);
	if (!portres_block_equal(&said, &named))
		return replace_by_error(entries, before,
					"ports in the file do not match the file name: correct or "
					"delete the file");
	return 0;
}

static int stored_read(struct portres_entries *entries, struct portres_opened *opened)
{
	size_t before = entries->count;
	char *text = NULL;
	size_t len = 0;
	int error = opened->fd < 0 ? opened->fd : portres_file_read(opened->fd, &text, &len);

	/* Another process has deleted it since it was listed. */
	if (error == -ENOENT || error == -ENOMEM)
		return error == -ENOENT ? 0 : error;
	if (error)
		return portres_entries_add_error(entries, 0, error,
						 portres_file_reason(opened->reason, error));
	if (len && text[len - 1] != '\n')
		error = portres_entries_add_error(entries, 1, -EINVAL,
						  "the file is truncated: delete the file");
	else
		error = portres_entries_read_text(entries, text, len);
	free(text);
	return error ? error : stored_check(entries, before, opened->name);
}

static int stored_add(struct portres_entries *entries, struct portres_opened *opened)
{
	struct portres_block block;

	entries->file = opened->file;
	if (portres_stored_name_parse(opened->name, &block))
		return stored_read(entries, opened);
	if (opened->fd >= 0)
		close(opened->fd);
	/* Error 0: another file in the directory is no failure. */
	return portres_entries_add_error(entries, 0, 0,
					 "not a file of the store, ignored");
}

/* Removes files that belong to the store but are no reservations. */
static void stored_filter(struct portres_listing *listing, const struct portres_home *home)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < listing->count; i++) {
		if (portres_stored_is_internal(listing->items[i].name, home))
			free(listing->items[i].name);
		else
			listing->items[kept++] = listing->items[i];
	}
	listing->count = kept;
	if (kept)
		qsort(listing->items, kept, sizeof(*listing->items), compare_blocks);
}

static struct portres_entry *find_block(const struct portres_entries *entries,
					const struct portres_block *block)
{
	size_t i;

	for (i = 0; i < entries->count; i++) {
		struct portres_block found = portres_spec_block(&entries->items[i].spec);

		if (portres_block_equal(&found, block))
			return &entries->items[i];
	}
	return NULL;
}

/*
 * A change of a block that was interrupted leaves the old entry beside the new one, which names
 * it: only the new one counts.
 */
static void drop_replaced(struct portres_entries *entries)
{
	size_t i;

	for (i = 0; i < entries->count; i++) {
		const struct portres_entry *entry = &entries->items[i];
		const struct portres_block was = { entry->spec.protocol, entry->was_first,
						   entry->was_count };
		struct portres_entry *old;

		if (!entry->was_count)
			continue;
		old = find_block(entries, &was);
		if (!old || old == entry)
			continue;
		portres_entry_clear(old);
		entries->count--;
		memmove(old, old + 1, (size_t)(&entries->items[entries->count] - old) *
			sizeof(*old));
		/* The next one may have moved to this place. */
		i--;
	}
}

int portres_entries_read_store(struct portres_entries *entries,
			       const struct portres_home *home)
{
	char *directory = portres_store_directory(home);
	struct portres_source source = { directory, -1 };
	struct portres_listing listing = { 0 };
	int error;

	if (!directory)
		return -ENOMEM;
	entries->stored = true;
	error = portres_source_list(entries, &source, is_any_file, &listing);
	stored_filter(&listing, home);
	if (!error)
		error = portres_listing_read(entries, &listing, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
				     O_NOCTTY, stored_add);
	drop_replaced(entries);
	portres_listing_free(&listing);
	portres_source_close(&source);
	free(directory);
	return error;
}
