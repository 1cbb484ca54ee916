// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lists the files of directories and opens them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "kernel/interrupt.h"
#include "listing.h"

void portres_listing_free(struct portres_listing *listing)
{
	size_t i;

	for (i = 0; i < listing->count; i++)
		free(listing->items[i].name);
	free(listing->items);
}

void portres_source_close(struct portres_source *source)
{
	if (source->fd >= 0)
		close(source->fd);
}

static bool listing_has(const struct portres_listing *listing, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(listing->items[i].name, name) == 0)
			return true;
	return false;
}

static int listing_add(struct portres_listing *listing, const char *name,
		       const struct portres_source *source)
{
	struct portres_found *items =
		reallocarray(listing->items, listing->count + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	listing->items = items;
	items[listing->count].name = strdup(name);
	items[listing->count].source = source;
	if (!items[listing->count].name)
		return -ENOMEM;
	listing->count++;
	return 0;
}

static int listing_add_directory(const struct portres_source *source, portres_choose_fn *choose,
				 struct portres_listing *listing)
{
	int fd = RETRY(openat(source->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *files = fd < 0 ? NULL : portres_file_opendir(fd);
	size_t before = listing->count;
	struct dirent *entry;
	int error = 0;

	if (!files) {
		error = -errno;
		if (fd >= 0)
			close(fd);
		return error;
	}
	for (errno = 0; !error && ((entry = readdir(files)) || errno); errno = 0) {
		if (entry && choose(entry) && !listing_has(listing, before, entry->d_name))
			error = listing_add(listing, entry->d_name, source);
		else if (!entry && errno != EINTR)
			error = -errno;
	}
	closedir(files);
	return error;
}

/* Opens a file of a listing. Only a symbolic link needs its whole path checked. */
static int listing_open(const struct portres *handle, const struct portres_found *found,
			const char *path, int flags, portres_reason reason)
{
	int fd = portres_file_open_in(found->source->fd, found->source->path, found->name, flags,
				      reason);

	if (fd == -ELOOP && !(flags & O_NOFOLLOW))
		fd = portres_file_open(handle, path, flags, reason);
	return fd;
}

int portres_listing_read(struct portres_entries *entries, const struct portres_listing *listing,
			 int flags, portres_opened_fn *read_opened)
{
	struct portres *handle = entries->handle;
	int error = 0;
	size_t i;

	for (i = 0; !error && i < listing->count; i++) {
		const struct portres_found *found = &listing->items[i];
		struct portres_opened opened = { .name = found->name };
		char *path = NULL;
		char *file = NULL;

		if (asprintf(&path, "%s/%s", found->source->path, found->name) < 0)
			return -ENOMEM;
		file = portres_file_path(handle, path);
		error = file ? 0 : -ENOMEM;
		if (!error) {
			opened.file = file;
			opened.fd = listing_open(handle, found, path, flags, opened.reason);
			error = read_opened(entries, &opened);
		}
		free(file);
		free(path);
	}
	return error;
}

int portres_source_list(struct portres_entries *entries, struct portres_source *source,
			portres_choose_fn *choose, struct portres_listing *listing)
{
	portres_reason reason;
	char *path;
	int error;

	source->fd =
		portres_file_open(entries->handle, source->path, O_RDONLY | O_DIRECTORY, reason);
	error = source->fd < 0 ? source->fd : listing_add_directory(source, choose, listing);
	if (!error || error == -ENOENT || error == -ENOMEM)
		return error == -ENOENT ? 0 : error;
	path = portres_file_path(entries->handle, source->path);
	if (!path)
		return -ENOMEM;
	entries->file = path;
	error = portres_entries_add_error(entries, 0, error, portres_file_reason(reason, error));
	free(path);
	return error;
}
