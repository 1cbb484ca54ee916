// SPDX-License-Identifier: LGPL-2.1-or-later
/* Entries of the directories of declarations. Reads only. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listing.h"
#include "sources.h"

static int compare_names(const void *a, const void *b)
{
	const struct portres_found *one = a;
	const struct portres_found *two = b;

	return strcmp(one->name, two->name);
}

static bool is_declaration(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 &&
	       strcmp(entry->d_name + len - 5, ".conf") == 0 &&
	       (entry->d_type == DT_REG || entry->d_type == DT_LNK ||
		entry->d_type == DT_UNKNOWN);
}

/* Below another root /dev may be empty: a link to /dev/null, which masks a file, leads nowhere. */
static bool is_masked(const struct portres *handle, const char *file)
{
	char target[sizeof("/dev/null")];

	return handle->root && readlink(file, target, sizeof(target)) == 9 &&
	       memcmp(target, "/dev/null", 9) == 0;
}

static int declared_add(struct portres_entries *entries, struct portres_opened *opened)
{
	if (opened->fd == -ENOENT && is_masked(entries->handle, opened->file))
		return 0;
	entries->file = opened->file;
	if (*opened->reason)
		return portres_entries_add_error(entries, 0, opened->fd, opened->reason);
	return portres_entries_read_file(entries, opened->fd, opened->file);
}

int portres_entries_read_declared(struct portres_entries *entries,
				  const struct portres_home *home)
{
	/* A file hides files of the same name in later directories. */
	char own[sizeof("/etc/netns//portres.d") + NAME_MAX] = "";
	struct portres_source machine[] = { { "/etc/portres.d", -1 }, { "/run/portres.d", -1 },
		{ "/usr/local/lib/portres.d", -1 }, { "/usr/lib/portres.d", -1 }, { NULL, -1 } };
	struct portres_source named[] = { { own, -1 }, { NULL, -1 } };
	struct portres_source *sources = home->realm == PORTRES_REALM_SYSTEM ? machine : named;
	struct portres_listing listing = { 0 };
	struct portres_source *source;
	int error = 0;

	if (home->realm == PORTRES_REALM_NAMED)
		snprintf(own, sizeof(own), "/etc/netns/%s/portres.d", home->name);
	entries->stored = false;
	for (source = sources; !error && source->path; source++)
		error = portres_source_list(entries, source, is_declaration, &listing);
	if (!error && listing.count)
		qsort(listing.items, listing.count, sizeof(*listing.items), compare_names);
	if (!error)
		error = portres_listing_read(entries, &listing, O_RDONLY | O_NONBLOCK | O_NOCTTY,
					     declared_add);
	portres_listing_free(&listing);
	for (source = sources; source->path; source++)
		portres_source_close(source);
	return error;
}

int portres_is_declared(struct portres *handle, const struct portres_home *home,
			const struct portres_block *block)
{
	struct portres_entries entries = { .handle = handle };
	int found = portres_entries_read_declared(&entries, home);
	size_t i;

	for (i = 0; !found && i < entries.count; i++) {
		struct portres_block declared = portres_spec_block(&entries.items[i].spec);

		found = !entries.items[i].reason && portres_block_equal(&declared, block);
	}
	portres_entries_free(&entries);
	return found;
}
