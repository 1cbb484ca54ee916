// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Persistent reservations: a call that succeeds has changed both the kernel and the store. The
 * kernel decides what may be reserved, so a creation asks it first. A deletion changes the kernel
 * last, since a change of the store can be rolled back.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "kernel/halves.h"
#include "kernel/reserve.h"
#include "kernel/retry.h"
#include "persist.h"
#include "sources.h"
#include "store.h"

/* A stored reservation that is not active, so that the kernel does not know of the conflict. */
int portres_persist_reject_unrestored(const struct portres_block *block, void *arg)
{
	const struct portres_wanted *wanted = arg;
	struct portres_block own = portres_spec_block(wanted->spec);
	struct portres *handle = wanted->store->handle;
	struct portres_reservation *found[PORTRES_HALVES];
	portres_stored_name name;
	char *path;
	int error;

	if (portres_block_equal(block, &own))
		return 0;
	error = portres_halves_get(handle, block, found);
	if (error > 0) {
		while (error)
			portres_reservation_free(found[--error]);
		return 0;
	}
	if (error != -ENOENT)
		return error;
	path = portres_file_display_path(handle, wanted->store->path);
	portres_stored_name_format(name, "", block);
	error = portres_set_error(handle->text, -EEXIST,
				  "block overlaps %s %u-%u, which is stored in %s/%s but not active: "
				  "delete that first", portres_protocol_word(block->protocol),
				  block->first, block->first + block->count - 1U, path ? path : "",
				  name);
	free(path);
	return error;
}

/* Whether exactly that block is stored or, if it is not, declared: 1, 0, or an error. */
static int has_entry(struct portres *handle, const struct portres_home *home,
		     const struct portres_store *store, const struct portres_block *block)
{
	int has = store ? portres_store_has(store, block) : 0;

	return has ? has : portres_is_declared(handle, home, block);
}

static int reject_separate(struct portres *handle, const struct portres_home *home,
			   const struct portres_store *store, const struct portres_block *block)
{
	struct portres_block half = *block;
	uint8_t protocols[PORTRES_HALVES];
	unsigned int i;
	int has = has_entry(handle, home, store, block);

	if (has)
		return has < 0 ? has : 0;
	portres_protocol_halves(PORTRES_BOTH, protocols);
	for (i = 0; i < PORTRES_HALVES; i++) {
		half.protocol = protocols[i];
		has = has_entry(handle, home, store, &half);
		if (has)
			return has < 0 ? has :
				portres_set_error(handle->text, -ENOENT, "the block is not one "
						  "reservation in both protocols: name udp or tcp");
	}
	return 0;
}

int portres_persist_reject_half(struct portres *handle, const struct portres_home *home,
				const struct portres_store *store,
				const struct portres_block *block)
{
	struct portres_block both = *block;
	int has;

	if (block->protocol == PORTRES_BOTH)
		return reject_separate(handle, home, store, block);
	both.protocol = PORTRES_BOTH;
	/* What is stored comes first, as it takes long to read what is declared. */
	has = store ? portres_store_has(store, block) : 0;
	if (has)
		return has < 0 ? has : 0;
	has = store ? portres_store_has(store, &both) : 0;
	if (!has) {
		has = portres_is_declared(handle, home, block);
		if (has)
			return has < 0 ? has : 0;
		has = portres_is_declared(handle, home, &both);
	}
	return has > 0 ? portres_set_error(handle->text, -EBUSY, NULL) : has;
}

/* Deletes the reservation from the kernel after an error of the disk. */
static int roll_back(struct portres *handle, const struct portres_spec *spec, int error)
{
	const struct portres_block block = portres_spec_block(spec);
	char text[PORTRES_TEXT_MAX];
	int undo;

	memcpy(text, handle->text, sizeof(text));
	undo = portres_halves_delete(handle, &block);
	if (undo && undo != -ENOENT)
		return portres_set_error(handle->text, error,
					 "%.600s; rollback failed: the block stays reserved until "
					 "it is deleted or the system reboots: %.200s", text,
					 portres_strerror(undo));
	return portres_set_error(handle->text, error, "%.900s; nothing was reserved", text);
}

/*
 * Nothing but this creation makes reservations of exactly that block until the lock is released: if
 * one of them is there later, it is left from a crash, see portres_store_recover().
 */
static int check_halves(struct portres *handle, const struct portres_spec *spec)
{
	uint8_t protocols[PORTRES_HALVES];
	struct portres_reservation *found;
	unsigned int i;
	int error;

	portres_protocol_halves(spec->protocol, protocols);
	for (i = 0; i < PORTRES_HALVES; i++) {
		error = portres_get_block(handle, protocols[i], spec->first, spec->count, &found);
		if (error == -ENOENT)
			continue;
		if (error)
			return error;
		portres_reservation_free(found);
		return portres_set_error(handle->text, -EEXIST, NULL);
	}
	return 0;
}

static int create_and_save(const struct portres_store *store, const struct portres_spec *spec,
			   uint64_t *token)
{
	struct portres *handle = store->handle;
	int error = portres_halves_create(handle, spec, token);

	if (error)
		return error;
	error = portres_store_put(store, spec);
	return error ? roll_back(handle, spec, error) : 0;
}

static int create_both(const struct portres_store *store, const struct portres_spec *spec,
		       uint64_t *token)
{
	const struct portres_block block = portres_spec_block(spec);
	int error = check_halves(store->handle, spec);

	if (!error)
		error = portres_store_stage_add(store, &block);
	if (error)
		return error;
	error = create_and_save(store, spec, token);
	portres_store_end_add(store, &block);
	return error;
}

static int create_in_store(struct portres *handle, const struct portres_home *home,
			   const struct portres_spec *spec, uint64_t *token)
{
	const struct portres_block block = portres_spec_block(spec);
	struct portres_wanted wanted = { .spec = spec };
	struct portres_store store;
	uint64_t made = 0;
	int error = portres_store_open(handle, home, &store);

	if (error)
		return error;
	wanted.store = &store;
	error = portres_store_overlaps(&store, &block,
				       portres_persist_reject_unrestored, &wanted);
	if (!error)
		error = spec->protocol == PORTRES_BOTH ? create_both(&store, spec, &made) :
							 create_and_save(&store, spec, &made);
	portres_store_close(&store);
	if (!error && token)
		*token = made;
	return error;
}

int portres_persist_home(struct portres *handle, struct portres_home *home)
{
	int error = portres_home_identify(handle, home);
	char text[PORTRES_TEXT_MAX];
	int denied;

	if (!error && home->realm == PORTRES_REALM_UNNAMED)
		return 0;
	memcpy(text, handle->text, sizeof(text));
	denied = portres_may_create(handle);
	if (denied)
		return denied;
	memcpy(handle->text, text, sizeof(text));
	return error;
}

/* The store is unlocked between two tries, so that other processes can delete meanwhile. */
int portres_create(struct portres *handle, const struct portres_spec *spec, uint64_t *token)
{
	struct portres_retry retry;
	struct portres_home home;
	int error = portres_persist_home(handle, &home);

	if (error)
		return error;
	portres_retry_begin(&retry, handle->timeout);
	do {
		error = home.realm == PORTRES_REALM_UNNAMED ?
			portres_halves_create(handle, spec, token) :
			create_in_store(handle, &home, spec, token);
	} while (portres_retry_again(&retry, error));
	return error;
}

static int delete_stored(struct portres *handle, const struct portres_store *store,
			 const struct portres_block *block)
{
	char text[PORTRES_TEXT_MAX];
	int error = portres_halves_delete(handle, block);

	/* ENOENT: the reservation was stored but not active. */
	if (!error || error == -ENOENT) {
		portres_store_commit_delete(store, block);
		return portres_set_error(handle->text, 0, NULL);
	}
	memcpy(text, handle->text, sizeof(text));
	if (!portres_store_abort_delete(store, block))
		memcpy(handle->text, text, sizeof(text));
	return error;
}

/* Deletes a reservation that has no entry; in both protocols, only if both halves are there. */
static int delete_whole(struct portres *handle, const struct portres_block *block)
{
	struct portres_reservation *found[PORTRES_HALVES];
	int count;

	if (block->protocol == PORTRES_BOTH) {
		count = portres_halves_get(handle, block, found);
		if (count < 0)
			return count;
		while (count)
			portres_reservation_free(found[--count]);
	}
	return portres_halves_delete(handle, block);
}

/* The reservation is not stored. store: NULL if there is no store. */
static int delete_active(struct portres *handle, const struct portres_home *home,
			 const struct portres_store *store, const struct portres_block *block)
{
	int error = portres_persist_reject_half(handle, home, store, block);

	return error ? error : delete_whole(handle, block);
}

static int delete_in_store(struct portres *handle, const struct portres_home *home,
			   const struct portres_block *block)
{
	struct portres_store store;
	int error = portres_store_open(handle, home, &store);
	int has;

	/* On a read-only disk, a reservation that is not stored can still be deleted. */
	if (error == -EROFS) {
		error = portres_store_open_existing(handle, home, &store);
		if (error == -ENOENT)
			return delete_active(handle, home, NULL, block);
	}
	if (error)
		return error;
	has = portres_store_has(&store, block);
	error = has > 0 ? portres_store_stage_delete(&store, block) : has;
	if (!error && has)
		error = delete_stored(handle, &store, block);
	else if (!error)
		error = delete_active(handle, home, &store, block);
	portres_store_close(&store);
	return error;
}

static bool is_storable(const struct portres_block *block)
{
	return block->first && block->count && block->first + block->count - 1 <= UINT16_MAX &&
	       (block->protocol == IPPROTO_UDP || block->protocol == IPPROTO_TCP ||
		block->protocol == PORTRES_BOTH);
}

int portres_delete(struct portres *handle, uint8_t protocol, uint16_t first, uint16_t count)
{
	const struct portres_block block = { protocol, first, count };
	struct portres_home home;
	int error = portres_persist_home(handle, &home);

	if (error)
		return error;
	/* The store has no invalid blocks: let the kernel reject them. */
	if (home.realm == PORTRES_REALM_UNNAMED || !is_storable(&block))
		return delete_whole(handle, &block);
	return delete_in_store(handle, &home, &block);
}

int portres_set_root(struct portres *handle, const char *root)
{
	char *copy = NULL;

	if (root && root[0] && strcmp(root, "/") != 0) {
		copy = strdup(root);
		if (!copy)
			return portres_set_error(handle->text, -ENOMEM, NULL);
	}
	free(handle->root);
	handle->root = copy;
	return portres_set_error(handle->text, 0, NULL);
}

int portres_store_path(struct portres *handle, const char **path)
{
	struct portres_home home;
	char *directory = NULL;
	int error = portres_home_identify(handle, &home);

	if (error)
		return error;
	if (home.realm != PORTRES_REALM_UNNAMED) {
		directory = portres_store_directory(&home);
		free(handle->place);
		handle->place = directory ? portres_file_path(handle, directory) : NULL;
		free(directory);
		if (!handle->place)
			return portres_set_error(handle->text, -ENOMEM, NULL);
	}
	*path = home.realm == PORTRES_REALM_UNNAMED ? NULL : handle->place;
	return portres_set_error(handle->text, 0, NULL);
}
