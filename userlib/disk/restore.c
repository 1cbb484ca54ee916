// SPDX-License-Identifier: LGPL-2.1-or-later
/* Entries for callers: reads all of them, and restores one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entries.h"
#include "kernel/halves.h"
#include "kernel/reserve.h"
#include "kernel/retry.h"
#include "sources.h"
#include "store.h"

static int entries_visit(const struct portres_entries *entries, portres_entry_fn *visit, void *arg)
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
	int error = portres_home_identify(handle, &home);

	if (error || home.realm == PORTRES_REALM_UNNAMED)
		return error;
	error = portres_entries_read_store(&entries, &home);
	if (!error)
		error = portres_entries_read_declared(&entries, &home);
	portres_set_error(handle->text, error, NULL);
	if (!error)
		error = entries_visit(&entries, visit, arg);
	portres_entries_free(&entries);
	return error;
}

int portres_check_file(struct portres *handle, const char *path, portres_entry_fn *visit,
		       void *arg)
{
	struct portres_entries entries = { .handle = handle };
	int error = portres_entries_read_stream(&entries, path);

	portres_set_error(handle->text, error, NULL);
	if (!error)
		error = entries_visit(&entries, visit, arg);
	portres_entries_free(&entries);
	return error;
}

/*
 * Finds the active reservation that the entry describes: one of its block; or, if a change to this
 * block was interrupted, one of the block before the change or of both together. -ENOENT: none.
 */
static int find_existing(struct portres *handle, const struct portres_entry *entry,
			 struct portres_reservation **found)
{
	const struct portres_spec *spec = &entry->spec;
	unsigned int last = entry->was_first + entry->was_count;
	uint16_t first = entry->was_first;
	int error = portres_get_persistent(handle, spec->protocol, spec->first, spec->count, found);

	if (error != -ENOENT || !entry->was_count)
		return error;
	error = portres_get_persistent(handle, spec->protocol, first, entry->was_count, found);
	if (error != -ENOENT)
		return error;
	/* Both blocks together. */
	if (last < (unsigned int)spec->first + spec->count)
		last = (unsigned int)spec->first + spec->count;
	if (first > spec->first)
		first = spec->first;
	return portres_get_persistent(handle, spec->protocol, first, (uint16_t)(last - first),
				      found);
}

/* After EEXIST: if the entry describes the active reservation, changes that to what it says. */
static int change_existing(struct portres *handle, const struct portres_spec *spec,
			   const struct portres_entry *entry, int *done)
{
	struct portres_reservation *found;
	char text[PORTRES_TEXT_MAX];
	unsigned int what;
	int error;

	memcpy(text, handle->text, sizeof(text));
	error = find_existing(handle, entry, &found);
	if (error == -ENOENT) {
		memcpy(handle->text, text, sizeof(text));
		return -EEXIST;
	}
	if (error)
		return error;
	what = portres_reservation_differs(found, spec);
	if (what)
		error = portres_kernel_set(handle, found->token, spec, what);
	if (what && !error)
		*done = PORTRES_CHANGED;
	portres_reservation_free(found);
	return error ? error : portres_set_error(handle->text, 0, NULL);
}

static int entry_create(struct portres *handle, const struct portres_entry *entry, int *done)
{
	struct portres_spec spec = entry->spec;
	int error;

	spec.name = entry->name[0] ? (char *)(uintptr_t)entry->name : NULL;
	error = portres_kernel_create(handle, &spec, NULL);
	*done = error ? PORTRES_STOOD : PORTRES_MADE;
	return error == -EEXIST ? change_existing(handle, &spec, entry, done) : error;
}

/*
 * A change that was interrupted before the store was changed leaves the ports of both blocks in one
 * reservation, for which no entry exists. -ENOENT: another reservation overlaps the entry.
 */
static int find_unasked(const struct portres_store *store, const struct portres_home *home,
			const struct portres_entry *entry, struct portres_reservation **found)
{
	const struct portres_spec *spec = &entry->spec;
	struct portres_block block = { PORTRES_BOTH, 0, 0 };
	int error = portres_get_port(store->handle, spec->protocol, spec->first, found);
	const struct portres_reservation *r = *found;

	if (error)
		return error;
	block.first = r->first;
	block.count = r->count;
	if (portres_reservation_runtime(r) || r->first > spec->first ||
	    r->first + r->count < spec->first + spec->count)
		error = -ENOENT;
	else
		error = portres_store_has(store, &block);
	block.protocol = r->protocol;
	if (!error)
		error = portres_store_has(store, &block);
	if (!error)
		error = portres_is_declared(store->handle, home, &block);
	if (error > 0)
		error = -ENOENT;
	if (error)
		portres_reservation_free(*found);
	return error;
}

static int change_unasked(const struct portres_store *store, const struct portres_home *home,
			  const struct portres_entry *entry, int *done)
{
	struct portres *handle = store->handle;
	struct portres_spec spec = entry->spec;
	struct portres_reservation *found;
	char text[PORTRES_TEXT_MAX];
	int error;

	memcpy(text, handle->text, sizeof(text));
	error = find_unasked(store, home, entry, &found);
	if (error == -ENOENT) {
		memcpy(handle->text, text, sizeof(text));
		return -EEXIST;
	}
	if (error)
		return error;
	spec.name = entry->name[0] ? (char *)(uintptr_t)entry->name : NULL;
	error = portres_kernel_set(handle, found->token, &spec,
				   portres_reservation_differs(found, &spec));
	if (!error)
		*done = PORTRES_CHANGED;
	portres_reservation_free(found);
	return error;
}

/* Restores an entry of one protocol. store: NULL for a declaration. */
static int restore_half(struct portres *handle, const struct portres_store *store,
			const struct portres_home *home, const struct portres_entry *entry,
			int *done)
{
	int error = entry_create(handle, entry, done);

	return error == -EEXIST && store ? change_unasked(store, home, entry, done) : error;
}

/* The second half failed: deletes the first one again, if this call has made it. */
static void unmake_half(struct portres *handle, const struct portres_entry *half)
{
	const struct portres_spec *spec = &half->spec;
	char text[PORTRES_TEXT_MAX];

	memcpy(text, handle->text, sizeof(text));
	portres_kernel_delete(handle, spec->protocol, spec->first, spec->count);
	memcpy(handle->text, text, sizeof(text));
}

static int restore_halves(struct portres *handle, const struct portres_store *store,
			  const struct portres_home *home, const struct portres_entry *entry,
			  int *done)
{
	struct portres_entry halves[PORTRES_HALVES];
	uint8_t protocols[PORTRES_HALVES];
	unsigned int count = portres_protocol_halves(entry->spec.protocol, protocols);
	int each[PORTRES_HALVES] = { PORTRES_STOOD, PORTRES_STOOD };
	unsigned int i;
	int error = 0;

	for (i = 0; !error && i < count; i++) {
		halves[i] = *entry;
		halves[i].spec.protocol = protocols[i];
		error = restore_half(handle, store, home, &halves[i], &each[i]);
	}
	if (error && i > 1 && each[0] == PORTRES_MADE)
		unmake_half(handle, &halves[0]);
	for (i = 0; !error && i < count; i++)
		if (*done != PORTRES_MADE && each[i] != PORTRES_STOOD)
			*done = each[i];
	return error;
}

/* The lock of the store prevents a deletion between the check and the creation. */
static int entry_create_stored(struct portres *handle, const struct portres_entry *entry,
			       int *done)
{
	const struct portres_block block = portres_spec_block(&entry->spec);
	struct portres_home home;
	struct portres_store store;
	int error = portres_home_identify(handle, &home);

	if (error)
		return error;
	error = portres_store_open_existing(handle, &home, &store);
	if (error == -ENOENT)
		return portres_set_error(handle->text, 0, NULL);
	if (error)
		return error;
	error = portres_store_has(&store, &block);
	if (error > 0)
		error = restore_halves(handle, &store, &home, entry, done);
	portres_store_close(&store);
	return error;
}

int portres_restore(struct portres *handle, const struct portres_entry *entry, int *done)
{
	struct portres_retry retry;
	int ignored;
	int error;

	if (!done)
		done = &ignored;
	*done = 0;
	if (entry->reason)
		return portres_set_error(handle->text, entry->error, "%s", entry->reason);
	portres_retry_begin(&retry, handle->timeout);
	do {
		error = entry->stored ? entry_create_stored(handle, entry, done) :
					restore_halves(handle, NULL, NULL, entry, done);
	} while (portres_retry_again(&retry, error));
	return error;
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
	return entry->reason;
}

int portres_entry_ignored(const struct portres_entry *entry)
{
	return entry->reason && !entry->error;
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
	return portres_grants_user(&entry->spec.grants, owner) ? 0 : -ENOENT;
}

const struct portres_grant *portres_entry_grant(const struct portres_entry *entry,
						unsigned int number)
{
	return number < entry->spec.grants.count ? &entry->spec.grants.items[number] : NULL;
}

int portres_entry_adopt(const struct portres_entry *entry)
{
	return entry->spec.adopt;
}
