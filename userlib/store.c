// SPDX-License-Identifier: LGPL-2.1-or-later
/* The only file of the library that writes to the disk. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "store.h"
#include "words.h"

/* Leaves the text that names the file, and returns the error as one of the disk. */
static int fault_at(struct portres *handle, const char *path, const char *name, int error)
{
	char *whole = portres_file_path(handle, path);

	portres_explain(handle->text, error, "%s%s%s: %s", whole ? whole : path,
			*name ? "/" : "", name, portres_errno_text(error));
	free(whole);
	return portres_disk_error(error);
}

static int fault(const struct portres_store *store, const char *name, int error)
{
	return fault_at(store->handle, store->path, name, error);
}

static int sync_directory(const struct portres_store *store)
{
	if (RETRY(fsync(store->dir)) < 0)
		return fault(store, "", -errno);
	return 0;
}

/* Makes the directory name in parent, unless it is there, and sees parent onto the disk. */
static int make_in(int parent, const char *name)
{
	int fd;

	if (RETRY(mkdirat(parent, name, 0755)) == 0) {
		fd = RETRY(openat(parent, name, O_RDONLY | O_DIRECTORY |
					       O_NOFOLLOW | O_CLOEXEC));
		/* The umask is not asked. */
		if (fd >= 0) {
			RETRY(fchmod(fd, 0755));
			close(fd);
		}
	} else if (errno != EEXIST) {
		return -errno;
	}
	/* EINVAL: a kind of file system that is never written. */
	return RETRY(fsync(parent)) < 0 && errno != EINVAL ? -errno : 0;
}

/*
 * Makes each directory on the way to path, and sees to it that they survive a power cut, also
 * those that somebody else has just made.
 */
static int make_way(struct portres *handle, const char *path)
{
	char *way = strdup(path);
	char *name;
	char *next;
	int error = 0;

	if (!way)
		return portres_explain(handle->text, -ENOMEM, NULL);
	for (name = way; !error && name; name = next) {
		int parent;

		*name++ = '\0';
		next = strchr(name, '/');
		if (next)
			*next = '\0';
		parent = portres_file_open(handle, *way ? way : "/", O_RDONLY | O_DIRECTORY);
		error = parent < 0 ? parent : make_in(parent, name);
		if (parent >= 0)
			close(parent);
		name[-1] = '/';
		if (error)
			error = fault_at(handle, way, "", error);
	}
	free(way);
	return error;
}

static int open_lock(const struct portres_store *store, int flags)
{
	int fd = RETRY(openat(store->dir, PORTRES_LOCK,
					   flags | O_NOFOLLOW | O_CLOEXEC, 0660));

	return fd < 0 ? -errno : fd;
}

/* The lock is made last: where it is, the way to it is on the disk. */
static int make_lock(struct portres_store *store)
{
	int error;

	store->lock = open_lock(store, O_RDWR);
	if (store->lock == -ENOENT) {
		error = make_way(store->handle, store->path);
		if (error)
			return error;
		store->lock = open_lock(store, O_RDWR | O_CREAT);
	}
	return store->lock < 0 ? fault(store, PORTRES_LOCK, store->lock) : 0;
}

/* Where there is no lock and the disk cannot be written, nobody writes. */
static int find_lock(struct portres_store *store)
{
	int error;

	store->lock = open_lock(store, O_RDONLY);
	if (store->lock >= 0)
		return 0;
	error = make_lock(store);
	return error == -EROFS ? 0 : error;
}

static int take_lock(struct portres_store *store)
{
	if (store->lock < 0 || RETRY(flock(store->lock, LOCK_EX)) == 0)
		return 0;
	return fault(store, PORTRES_LOCK, -errno);
}

static int open_directory(struct portres_store *store, struct portres *handle,
			  const struct portres_home *home)
{
	*store = (struct portres_store){
		.handle = handle,
		.path = portres_store_directory(home),
		.lock = -1,
	};
	if (!store->path) {
		store->dir = -1;
		return portres_explain(handle->text, -ENOMEM, NULL);
	}
	store->dir = portres_file_open(handle, store->path, O_RDONLY | O_DIRECTORY);
	return store->dir < 0 ? store->dir : 0;
}

int portres_store_open(struct portres *handle, const struct portres_home *home,
		       struct portres_store *store)
{
	int error = open_directory(store, handle, home);

	if (error == -ENOENT) {
		error = make_way(handle, store->path);
		if (!error) {
			store->dir = portres_file_open(handle, store->path,
						       O_RDONLY | O_DIRECTORY);
			error = store->dir < 0 ? fault(store, "", store->dir) : 0;
		}
	} else if (error && store->path) {
		error = fault(store, "", error);
	}
	if (!error)
		error = make_lock(store);
	if (!error)
		error = take_lock(store);
	if (error)
		portres_store_close(store);
	return error;
}

int portres_store_open_old(struct portres *handle, const struct portres_home *home,
			   struct portres_store *store)
{
	int error = open_directory(store, handle, home);

	if (error && error != -ENOENT && store->path)
		error = fault(store, "", error);
	if (!error)
		error = find_lock(store);
	if (!error)
		error = take_lock(store);
	if (error)
		portres_store_close(store);
	return error;
}

void portres_store_close(struct portres_store *store)
{
	if (store->lock >= 0) {
		/* A process that was forked meanwhile has the descriptor, but not the lock. */
		RETRY(flock(store->lock, LOCK_UN));
		close(store->lock);
	}
	if (store->dir >= 0)
		close(store->dir);
	free(store->path);
}

int portres_store_has(const struct portres_store *store, uint16_t first, uint16_t count)
{
	portres_stored_name name;
	struct stat st;

	portres_stored_name_of(name, "", first, count);
	if (RETRY(fstatat(store->dir, name, &st, AT_SYMLINK_NOFOLLOW)) == 0)
		return 1;
	return errno == ENOENT ? 0 : fault(store, name, -errno);
}

int portres_store_overlaps(const struct portres_store *store, uint16_t first, uint16_t count,
			   portres_stored_fn *visit, void *arg)
{
	int copy = RETRY(openat(store->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *files = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	int stop = 0;

	if (!files) {
		stop = fault(store, "", -errno);
		if (copy >= 0)
			close(copy);
		return stop;
	}
	for (errno = 0; (entry = readdir(files)) || errno == EINTR; errno = 0) {
		uint16_t from;
		uint16_t ports;

		if (!entry)
			continue;
		if (portres_stored_leftover(entry->d_name))
			RETRY(unlinkat(store->dir, entry->d_name, 0));
		if (!portres_stored_block(entry->d_name, &from, &ports) ||
		    from >= first + count || first >= from + ports)
			continue;
		stop = visit(from, ports, arg);
		if (stop)
			break;
	}
	if (!entry && errno)
		stop = fault(store, "", -errno);
	closedir(files);
	return stop;
}

static int write_whole(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t wrote = RETRY(write(fd, text, len));

		if (wrote < 0)
			return -errno;
		text += wrote;
		len -= (size_t)wrote;
	}
	if (RETRY(fchmod(fd, 0644)) < 0 || RETRY(fsync(fd)) < 0)
		return -errno;
	return 0;
}

static int write_aside(const struct portres_store *store, const char *aside,
		       const struct portres_spec *spec)
{
	struct portres_words words = { .protocol = spec->protocol, .first = spec->first,
				       .count = spec->count, .name = spec->name };
	char line[PORTRES_LINE_MAX];
	char user[16];
	int error;
	int fd;

	snprintf(user, sizeof(user), "%u", spec->owner);
	if (spec->has_owner)
		words.user = user;
	portres_words_format(line, &words);
	strcat(line, "\n");
	fd = RETRY(openat(store->dir, aside, O_WRONLY | O_CREAT | O_EXCL |
				       O_NOFOLLOW | O_CLOEXEC, 0644));
	if (fd < 0)
		return -errno;
	error = write_whole(fd, line, strlen(line));
	close(fd);
	return error;
}

static int move(const struct portres_store *store, const char *from, const char *to)
{
	return RETRY(renameat(store->dir, from, store->dir, to)) < 0 ? -errno : 0;
}

static void discard(const struct portres_store *store, const char *name)
{
	RETRY(unlinkat(store->dir, name, 0));
}

/* What is replaced keeps another name until what replaces it is safe. */
static int put_in_place(const struct portres_store *store, const char *aside,
			const char *name, const char *old)
{
	bool replaces;
	int error;

	discard(store, old);
	replaces = RETRY(linkat(store->dir, name, store->dir, old, 0)) == 0;
	if (!replaces && errno != ENOENT)
		return fault(store, name, -errno);
	error = move(store, aside, name);
	if (error)
		return fault(store, name, error);
	error = sync_directory(store);
	if (error && replaces)
		move(store, old, name);
	else if (error)
		discard(store, name);
	else if (replaces)
		discard(store, old);
	if (error)
		RETRY(fsync(store->dir));
	return error;
}

int portres_store_put(const struct portres_store *store, const struct portres_spec *spec)
{
	portres_stored_name aside;
	portres_stored_name name;
	portres_stored_name old;
	int error;

	portres_stored_name_of(name, "", spec->first, spec->count);
	portres_stored_name_of(aside, PORTRES_NEW, spec->first, spec->count);
	portres_stored_name_of(old, PORTRES_OLD, spec->first, spec->count);
	error = write_aside(store, aside, spec);
	if (error)
		error = fault(store, name, error);
	else
		error = put_in_place(store, aside, name, old);
	if (error)
		discard(store, aside);
	return error;
}

int portres_store_forget(const struct portres_store *store, uint16_t first, uint16_t count)
{
	portres_stored_name name;
	portres_stored_name old;
	int error;

	portres_stored_name_of(name, "", first, count);
	portres_stored_name_of(old, PORTRES_OLD, first, count);
	/* If a crash left it as a link to the same file, moving would do nothing. */
	discard(store, old);
	error = move(store, name, old);
	if (error)
		return fault(store, name, error);
	error = sync_directory(store);
	if (error)
		portres_store_bring_back(store, first, count);
	return error;
}

int portres_store_bring_back(const struct portres_store *store, uint16_t first,
			     uint16_t count)
{
	portres_stored_name name;
	portres_stored_name old;
	int error;

	portres_stored_name_of(name, "", first, count);
	portres_stored_name_of(old, PORTRES_OLD, first, count);
	error = move(store, old, name);
	return error ? fault(store, name, error) : sync_directory(store);
}

void portres_store_drop(const struct portres_store *store, uint16_t first, uint16_t count)
{
	portres_stored_name old;

	portres_stored_name_of(old, PORTRES_OLD, first, count);
	discard(store, old);
}
