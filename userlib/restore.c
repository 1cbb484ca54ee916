// SPDX-License-Identifier: LGPL-2.1-or-later
/* Entries for callers: reading all that there are, and making one of them stand. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entries.h"
#include "store.h"

static int visit_all(const struct portres_entries *entries, portres_entry_fn *visit, void *arg)
{
	int stop = 0;
	size_t i;

	for (i = 0; !stop && i < entries->count; i++)
		stop = visit(&entries->items[i], arg);
	return stop;
}

int portres_for_each_entry(struct portres *handle, portres_entry_fn *visit, void *arg)
{
	struct portres_entries entries = { .handle = handle, .users = true };
	struct portres_home home;
	int error = portres_find_home(handle, &home);

	if (error || home.realm == PORTRES_NAMELESS)
		return error;
	error = portres_entries_read_store(&entries, &home);
	if (!error)
		error = portres_entries_read_declared(&entries, &home);
	portres_explain(handle->text, error, NULL);
	if (!error)
		error = visit_all(&entries, visit, arg);
	portres_entries_free(&entries);
	return error;
}

int portres_check_file(struct portres *handle, const char *path, portres_entry_fn *visit,
		       void *arg)
{
	struct portres_entries entries = { .handle = handle };
	int fd = RETRY(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
	int error = portres_entries_read_file(&entries, fd < 0 ? -errno : fd, path);

	portres_explain(handle->text, error, NULL);
	if (!error)
		error = visit_all(&entries, visit, arg);
	portres_entries_free(&entries);
	return error;
}

static int same_owner(const struct portres_entry *entry, const struct portres_reservation *found)
{
	bool has = PORTRES_HAS(found, PORTRES_A_OWNER);

	return has == entry->spec.has_owner && (!has || found->owner == entry->spec.owner);
}

/* The kernel says that the block is taken: by this very reservation? */
static int judge_taken(struct portres *handle, const struct portres_entry *entry)
{
	struct portres_reservation *found;
	char text[PORTRES_TEXT_MAX];
	int error;

	memcpy(text, handle->text, sizeof(text));
	error = portres_get_persistent(handle, entry->spec.protocol, entry->spec.first,
				       entry->spec.count, &found);
	if (error == -ENOENT) {
		memcpy(handle->text, text, sizeof(text));
		return -EEXIST;
	}
	if (error)
		return error;
	if (!same_owner(entry, found))
		error = portres_explain(handle->text, -EEXIST,
					"the same block stands, but for another user");
	portres_reservation_free(found);
	return error;
}

static int make(struct portres *handle, const struct portres_entry *entry, int *made)
{
	struct portres_spec spec = entry->spec;
	int error;

	spec.name = entry->name[0] ? (char *)(uintptr_t)entry->name : NULL;
	error = portres_kernel_create(handle, &spec, NULL);
	*made = !error;
	return error == -EEXIST ? judge_taken(handle, entry) : error;
}

/* Nobody can end it between the look into the store and the creation. */
static int make_stored(struct portres *handle, const struct portres_entry *entry, int *made)
{
	struct portres_home home;
	struct portres_store store;
	int error = portres_find_home(handle, &home);

	if (error)
		return error;
	error = portres_store_open_old(handle, &home, &store);
	if (error == -ENOENT)
		return portres_explain(handle->text, 0, NULL);
	if (error)
		return error;
	error = portres_store_has(&store, entry->spec.first, entry->spec.count);
	if (error > 0)
		error = make(handle, entry, made);
	portres_store_close(&store);
	return error;
}

int portres_restore(struct portres *handle, const struct portres_entry *entry, int *made)
{
	int ignored;

	if (!made)
		made = &ignored;
	*made = 0;
	if (entry->error)
		return portres_explain(handle->text, entry->error, "%s", entry->why);
	return entry->stored ? make_stored(handle, entry, made) : make(handle, entry, made);
}

const char *portres_entry_file(const struct portres_entry *entry)
{
	return entry->file;
}

unsigned int portres_entry_line(const struct portres_entry *entry)
{
	return entry->line;
}

const char *portres_entry_error(const struct portres_entry *entry)
{
	return entry->why;
}

uint8_t portres_entry_protocol(const struct portres_entry *entry)
{
	return entry->spec.protocol;
}

uint16_t portres_entry_first(const struct portres_entry *entry)
{
	return entry->spec.first;
}

uint16_t portres_entry_count(const struct portres_entry *entry)
{
	return entry->spec.count;
}

const char *portres_entry_name(const struct portres_entry *entry)
{
	return entry->name[0] ? entry->name : NULL;
}

int portres_entry_owner(const struct portres_entry *entry, uid_t *owner)
{
	if (!entry->spec.has_owner)
		return -ENOENT;
	*owner = entry->spec.owner;
	return 0;
}
