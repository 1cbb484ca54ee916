// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Reservations that last: what is acknowledged is true for the kernel and for the store. The
 * kernel is the judge of what may be reserved, so it is asked first when one is made; it is told
 * last when one is ended, as the store can be made to remember.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "store.h"

/* A block that is to be made, and where it is looked for. */
struct block {
	const struct portres_store *store;
	uint16_t first;
	uint16_t count;
};

/* One in the store that does not stand, so that the kernel does not know of the conflict. */
static int refuse_absent(uint16_t first, uint16_t count, void *arg)
{
	const struct block *wanted = arg;
	struct portres *handle = wanted->store->handle;
	struct portres_reservation *found;
	portres_stored_name name;
	char *path;
	int error;

	if (first == wanted->first && count == wanted->count)
		return 0;
	error = portres_get_persistent(handle, IPPROTO_UDP, first, count, &found);
	if (!error)
		portres_reservation_free(found);
	if (error != -ENOENT)
		return error;
	path = portres_file_path(handle, wanted->store->path);
	portres_stored_name_of(name, "", first, count);
	error = portres_explain(handle->text, -EEXIST, "the block overlaps %u-%u, which is "
				"kept in %s/%s but could not be restored: delete that first",
				first, first + count - 1U, path ? path : "", name);
	free(path);
	return error;
}

/* The disk has refused. */
static int take_back(struct portres *handle, const struct portres_spec *spec, int error)
{
	char text[PORTRES_TEXT_MAX];
	int undo;

	memcpy(text, handle->text, sizeof(text));
	undo = portres_kernel_delete(handle, spec->protocol, spec->first, spec->count);
	if (undo && undo != -ENOENT)
		return portres_explain(handle->text, error, "%.600s; and it could not be taken "
				       "back, so it stands until the next boot: %.200s", text,
				       portres_strerror(undo));
	return portres_explain(handle->text, error, "%.900s; nothing is reserved", text);
}

static int create_kept(struct portres *handle, const struct portres_home *home,
		       const struct portres_spec *spec, uint64_t *token)
{
	struct block wanted = { .first = spec->first, .count = spec->count };
	struct portres_store store;
	uint64_t made = 0;
	int error = portres_store_open(handle, home, &store);

	if (error)
		return error;
	wanted.store = &store;
	error = portres_store_overlaps(&store, spec->first, spec->count, refuse_absent, &wanted);
	if (!error)
		error = portres_kernel_create(handle, spec, &made);
	if (!error) {
		error = portres_store_put(&store, spec);
		if (error)
			error = take_back(handle, spec, error);
	}
	portres_store_close(&store);
	if (!error && token)
		*token = made;
	return error;
}

/*
 * Who may not is told that and nothing else. Where nothing is kept the kernel does so when it is
 * asked for what is wanted, and is not asked twice.
 */
static int find_home(struct portres *handle, struct portres_home *home)
{
	int error = portres_find_home(handle, home);
	char text[PORTRES_TEXT_MAX];
	int denied;

	if (!error && home->realm == PORTRES_NAMELESS)
		return 0;
	memcpy(text, handle->text, sizeof(text));
	denied = portres_may_create(handle);
	if (denied)
		return denied;
	memcpy(handle->text, text, sizeof(text));
	return error;
}

int portres_create(struct portres *handle, const struct portres_spec *spec, uint64_t *token)
{
	struct portres_home home;
	int error = find_home(handle, &home);

	if (error)
		return error;
	if (home.realm == PORTRES_NAMELESS)
		return portres_kernel_create(handle, spec, token);
	return create_kept(handle, &home, spec, token);
}

static int delete_stored(struct portres *handle, const struct portres_store *store,
			 uint8_t protocol, uint16_t first, uint16_t count)
{
	char text[PORTRES_TEXT_MAX];
	int error = portres_kernel_delete(handle, protocol, first, count);

	/* It may never have been restored. */
	if (!error || error == -ENOENT) {
		portres_store_drop(store, first, count);
		return portres_explain(handle->text, 0, NULL);
	}
	memcpy(text, handle->text, sizeof(text));
	if (!portres_store_bring_back(store, first, count))
		memcpy(handle->text, text, sizeof(text));
	return error;
}

static int delete_kept(struct portres *handle, const struct portres_home *home,
		       uint8_t protocol, uint16_t first, uint16_t count)
{
	struct portres_store store;
	int error = portres_store_open(handle, home, &store);
	int has;

	/* What is not in the store can be ended where nothing can be written, too. */
	if (error == -EROFS) {
		error = portres_store_open_old(handle, home, &store);
		if (error == -ENOENT)
			return portres_kernel_delete(handle, protocol, first, count);
	}
	if (error)
		return error;
	has = portres_store_has(&store, first, count);
	error = has > 0 ? portres_store_forget(&store, first, count) : has;
	if (!error && has)
		error = delete_stored(handle, &store, protocol, first, count);
	else if (!error)
		error = portres_kernel_delete(handle, protocol, first, count);
	portres_store_close(&store);
	return error;
}

int portres_delete(struct portres *handle, uint8_t protocol, uint16_t first, uint16_t count)
{
	struct portres_home home;
	int error = find_home(handle, &home);

	if (error)
		return error;
	/* Only what the kernel can have reserved is looked for. */
	if (home.realm == PORTRES_NAMELESS || protocol != IPPROTO_UDP || !first || !count)
		return portres_kernel_delete(handle, protocol, first, count);
	return delete_kept(handle, &home, protocol, first, count);
}

int portres_set_root(struct portres *handle, const char *root)
{
	char *copy = NULL;

	if (root && root[0] && strcmp(root, "/") != 0) {
		copy = strdup(root);
		if (!copy)
			return portres_explain(handle->text, -ENOMEM, NULL);
	}
	free(handle->root);
	handle->root = copy;
	return portres_explain(handle->text, 0, NULL);
}

int portres_store_path(struct portres *handle, const char **path)
{
	struct portres_home home;
	char *directory = NULL;
	int error = portres_find_home(handle, &home);

	if (error)
		return error;
	if (home.realm != PORTRES_NAMELESS) {
		directory = portres_store_directory(&home);
		free(handle->place);
		handle->place = directory ? portres_file_path(handle, directory) : NULL;
		free(directory);
		if (!handle->place)
			return portres_explain(handle->text, -ENOMEM, NULL);
	}
	*path = home.realm == PORTRES_NAMELESS ? NULL : handle->place;
	return portres_explain(handle->text, 0, NULL);
}
