// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where entries come from: the store, and the directories of declarations. Reads only. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entries.h"
#include "store.h"

/* A file: its name, and the directory that it is taken from. */
struct found {
	char *name;
	const char *directory;
};

struct listing {
	struct found *items;
	size_t count;
};

static void free_listing(struct listing *listing)
{
	size_t i;

	for (i = 0; i < listing->count; i++)
		free(listing->items[i].name);
	free(listing->items);
}

static bool listed(const struct listing *listing, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(listing->items[i].name, name) == 0)
			return true;
	return false;
}

static int list_one(struct listing *listing, const char *name, const char *directory)
{
	struct found *items = reallocarray(listing->items, listing->count + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	listing->items = items;
	items[listing->count].name = strdup(name);
	items[listing->count].directory = directory;
	if (!items[listing->count].name)
		return -ENOMEM;
	listing->count++;
	return 0;
}

typedef bool choose_fn(const struct dirent *entry);

/* Lists the files of a directory that are chosen, but for names that were listed before. */
static int list_directory(const struct portres *handle, const char *directory,
			  choose_fn *choose, struct listing *listing)
{
	int fd = portres_file_open(handle, directory, O_RDONLY | O_DIRECTORY);
	DIR *files = fd < 0 ? NULL : fdopendir(fd);
	size_t before = listing->count;
	struct dirent *entry;
	int error = 0;

	if (!files) {
		if (fd >= 0)
			close(fd);
		return fd < 0 ? fd : -ENOMEM;
	}
	for (errno = 0; !error && ((entry = readdir(files)) || errno); errno = 0) {
		if (entry && choose(entry) && !listed(listing, before, entry->d_name))
			error = list_one(listing, entry->d_name, directory);
		else if (!entry && errno != EINTR)
			error = -errno;
	}
	closedir(files);
	return error;
}

static int by_name(const void *a, const void *b)
{
	const struct found *one = a;
	const struct found *two = b;

	return strcmp(one->name, two->name);
}

static int by_block(const void *a, const void *b)
{
	const struct found *one = a;
	const struct found *two = b;
	uint16_t first = 0;
	uint16_t other = 0;
	uint16_t count;

	portres_stored_block(one->name, &first, &count);
	portres_stored_block(two->name, &other, &count);
	return first != other ? first - other : strcmp(one->name, two->name);
}

/* Opens and reads each file of the listing with the given way to read. */
static int read_listing(struct portres_entries *entries, const struct listing *listing,
			int flags, int (*look)(struct portres_entries *entries, int fd,
					       const char *file, const char *name))
{
	struct portres *handle = entries->handle;
	int error = 0;
	size_t i;

	for (i = 0; !error && i < listing->count; i++) {
		const struct found *found = &listing->items[i];
		char *path = NULL;
		char *file = NULL;

		if (asprintf(&path, "%s/%s", found->directory, found->name) < 0)
			return -ENOMEM;
		file = portres_file_path(handle, path);
		error = file ? look(entries, portres_file_open(handle, path, flags), file,
				    found->name) : -ENOMEM;
		free(file);
		free(path);
	}
	return error;
}

static bool is_declaration(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 &&
	       strcmp(entry->d_name + len - 5, ".conf") == 0 &&
	       (entry->d_type == DT_REG || entry->d_type == DT_LNK ||
		entry->d_type == DT_UNKNOWN);
}

/* Below another root /dev may be empty, and a file that is masked no file. */
static bool masked(const struct portres *handle, const char *file)
{
	char target[sizeof("/dev/null")];

	return handle->root && readlink(file, target, sizeof(target)) == 9 &&
	       memcmp(target, "/dev/null", 9) == 0;
}

static int read_declarations(struct portres_entries *entries, int fd, const char *file,
			     const char *name)
{
	(void)name;
	if (fd == -ENOENT && masked(entries->handle, file))
		return 0;
	return portres_entries_read_file(entries, fd, file);
}

/* A directory that cannot be read is one entry that failed, not the end. */
static int list_readable(struct portres_entries *entries, const char *directory,
			 choose_fn *choose, struct listing *listing)
{
	int error = list_directory(entries->handle, directory, choose, listing);
	char *path;

	if (!error || error == -ENOENT || error == -ENOMEM)
		return error == -ENOENT ? 0 : error;
	path = portres_file_path(entries->handle, directory);
	if (!path)
		return -ENOMEM;
	entries->file = path;
	error = portres_entries_fault(entries, 0, error, portres_errno_text(error));
	free(path);
	return error;
}

int portres_entries_read_declared(struct portres_entries *entries,
				  const struct portres_home *home)
{
	/* A file hides those of the same name in the directories behind. */
	static const char *const machine[] = { "/etc/portres.d", "/run/portres.d",
		"/usr/local/lib/portres.d", "/usr/lib/portres.d", NULL };
	char own[sizeof("/etc/netns//portres.d") + NAME_MAX] = "";
	const char *const named[] = { own, NULL };
	const char *const *directory = home->realm == PORTRES_MACHINE ? machine : named;
	struct listing listing = { 0 };
	int error = 0;

	if (home->realm == PORTRES_NAMED)
		snprintf(own, sizeof(own), "/etc/netns/%s/portres.d", home->name);
	entries->stored = false;
	for (; !error && *directory; directory++)
		error = list_readable(entries, *directory, is_declaration, &listing);
	if (!error && listing.count)
		qsort(listing.items, listing.count, sizeof(*listing.items), by_name);
	if (!error)
		error = read_listing(entries, &listing, O_RDONLY | O_NONBLOCK | O_NOCTTY,
				     read_declarations);
	free_listing(&listing);
	return error;
}

static bool any(const struct dirent *entry)
{
	(void)entry;
	return true;
}

/* Replaces what was read of a file of the store by what is wrong with it. */
static int reject(struct portres_entries *entries, size_t before, const char *why)
{
	while (entries->count > before) {
		struct portres_entry *entry = &entries->items[--entries->count];

		free(entry->file);
		free(entry->why);
	}
	return portres_entries_fault(entries, 1, -EINVAL, why);
}

/* A file of the store has the one reservation that its name tells, and is whole. */
static int check_stored(struct portres_entries *entries, size_t before, const char *name)
{
	const struct portres_entry *entry = &entries->items[before];
	uint16_t first = 0;
	uint16_t count = 0;

	if (entries->count == before)
		return reject(entries, before, "there is no reservation in it");
	if (entry->error)
		return 0;
	if (entries->count > before + 1)
		return reject(entries, before, "there is more than one reservation in it");
	portres_stored_block(name, &first, &count);
	if (entry->spec.first != first || entry->spec.count != count)
		return reject(entries, before, "it has other ports than its name");
	return 0;
}

static int read_stored(struct portres_entries *entries, int fd, const char *file,
		       const char *name)
{
	size_t before = entries->count;
	char *text = NULL;
	size_t len = 0;
	int error = fd < 0 ? fd : portres_file_read(fd, &text, &len);

	entries->file = file;
	/* Somebody has ended it since it was listed. */
	if (error == -ENOENT || error == -ENOMEM)
		return error == -ENOENT ? 0 : error;
	if (error)
		return portres_entries_fault(entries, 0, error, portres_errno_text(error));
	if (len && text[len - 1] != '\n')
		error = portres_entries_fault(entries, 1, -EINVAL, "its end is missing");
	else
		error = portres_entries_read_text(entries, text, len);
	free(text);
	return error ? error : check_stored(entries, before, name);
}

static int look_stored(struct portres_entries *entries, int fd, const char *file,
		       const char *name)
{
	uint16_t first;
	uint16_t count;

	if (portres_stored_block(name, &first, &count))
		return read_stored(entries, fd, file, name);
	if (fd >= 0)
		close(fd);
	entries->file = file;
	return portres_entries_fault(entries, 0, -EINVAL, "this is not a file of the store; it "
				     "was left alone");
}

/* What belongs to the store without being a reservation leaves the listing. */
static void sort_out(struct listing *listing, const struct portres_home *home)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < listing->count; i++) {
		if (portres_stored_aside(listing->items[i].name, home))
			free(listing->items[i].name);
		else
			listing->items[kept++] = listing->items[i];
	}
	listing->count = kept;
	if (kept)
		qsort(listing->items, kept, sizeof(*listing->items), by_block);
}

int portres_entries_read_store(struct portres_entries *entries,
			       const struct portres_home *home)
{
	char *directory = portres_store_directory(home);
	struct listing listing = { 0 };
	int error;

	if (!directory)
		return -ENOMEM;
	entries->stored = true;
	error = list_readable(entries, directory, any, &listing);
	sort_out(&listing, home);
	if (!error)
		error = read_listing(entries, &listing, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
				     O_NOCTTY, look_stored);
	free_listing(&listing);
	free(directory);
	return error;
}
