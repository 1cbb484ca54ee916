// SPDX-License-Identifier: LGPL-2.1-or-later
/* The directory of a store: creates, opens and locks it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "kernel/interrupt.h"
#include "store.h"

/* Writes a message that names the file. Returns the error as one of the disk. */
static int storedir_error(struct portres *handle, const char *path, const char *name, int error,
			  const char *reason)
{
	char *whole = portres_file_display_path(handle, path);

	portres_set_error(handle->text, error, "%s%s%s: %s", whole ? whole : path,
			  *name ? "/" : "", name, portres_file_reason(reason, error));
	free(whole);
	return portres_disk_error(error);
}

int portres_store_error(const struct portres_store *store, const char *name, int error)
{
	return storedir_error(store->handle, store->path, name, error, "");
}

/* Creates the directory in parent if it is missing, and flushes parent to the disk. */
static int make_subdir(int parent, const char *name)
{
	int fd;

	if (RETRY(mkdirat(parent, name, 0755)) == 0) {
		fd = RETRY(openat(parent, name, O_RDONLY | O_DIRECTORY |
					       O_NOFOLLOW | O_CLOEXEC));
		/* Set the mode regardless of the umask. */
		if (fd >= 0) {
			RETRY(fchmod(fd, 0755));
			close(fd);
		}
	} else if (errno != EEXIST) {
		return -errno;
	}
	/* EINVAL: the file system does not support fsync(). */
	return RETRY(fsync(parent)) < 0 && errno != EINVAL ? -errno : 0;
}

/*
 * Creates each missing directory of path and flushes all of them to the disk, also those that
 * another process has just created.
 */
static int make_path(struct portres *handle, const char *path)
{
	char *way = strdup(path);
	portres_reason reason = "";
	char *name;
	char *next;
	int error = 0;

	if (!way)
		return portres_set_error(handle->text, -ENOMEM, NULL);
	for (name = way; !error && name; name = next) {
		int parent;

		*name++ = '\0';
		next = strchr(name, '/');
		if (next)
			*next = '\0';
		parent = portres_dir_open(handle, *way ? way : "/", reason);
		error = parent < 0 ? parent : make_subdir(parent, name);
		if (parent >= 0)
			close(parent);
		name[-1] = '/';
		if (error)
			error = storedir_error(handle, way, "", error, reason);
	}
	free(way);
	return error;
}

static int open_lock(const struct portres_store *store, int flags)
{
	int fd = RETRY(openat(store->dir, PORTRES_LOCK,
					   flags | O_NOFOLLOW | O_CLOEXEC, 0660));
	struct stat st;

	if (fd < 0)
		return -errno;
	/* A process that can open the lock file can block an administrator. */
	if (RETRY(fstat(fd, &st)) == 0 && st.st_mode & 0007)
		RETRY(fchmod(fd, st.st_mode & 0770));
	return fd;
}

/* The lock file is created last: if it exists, its path is on the disk. */
static int make_lock(struct portres_store *store)
{
	int error;

	store->lock = open_lock(store, O_RDWR);
	if (store->lock == -ENOENT) {
		error = make_path(store->handle, store->path);
		if (error)
			return error;
		store->lock = open_lock(store, O_RDWR | O_CREAT);
	}
	return store->lock < 0 ? portres_store_error(store, PORTRES_LOCK, store->lock) : 0;
}

/* Without a lock file on a read-only disk no lock is needed. */
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
	return portres_store_error(store, PORTRES_LOCK, -errno);
}

static int open_directory(struct portres_store *store, struct portres *handle,
			  const struct portres_home *home, portres_reason reason)
{
	reason[0] = '\0';
	*store = (struct portres_store){
		.handle = handle,
		.path = portres_store_directory(home),
		.lock = -1,
	};
	if (!store->path) {
		store->dir = -1;
		return portres_set_error(handle->text, -ENOMEM, NULL);
	}
	store->dir = portres_file_open(handle, store->path, O_RDONLY | O_DIRECTORY, reason);
	return store->dir < 0 ? store->dir : 0;
}

int portres_store_open(struct portres *handle, const struct portres_home *home,
		       struct portres_store *store)
{
	portres_reason reason;
	int error = open_directory(store, handle, home, reason);

	if (error == -ENOENT) {
		error = make_path(handle, store->path);
		if (!error) {
			store->dir = portres_file_open(handle, store->path,
						       O_RDONLY | O_DIRECTORY, reason);
			error = store->dir < 0 ? store->dir : 0;
			if (error)
				error = storedir_error(handle, store->path, "", error, reason);
		}
	} else if (error && store->path) {
		error = storedir_error(handle, store->path, "", error, reason);
	}
	if (!error)
		error = make_lock(store);
	if (!error)
		error = take_lock(store);
	if (error)
		portres_store_close(store);
	else
		portres_store_recover(store, home);
	return error;
}

int portres_store_open_existing(struct portres *handle, const struct portres_home *home,
				struct portres_store *store)
{
	portres_reason reason;
	int error = open_directory(store, handle, home, reason);

	if (error && error != -ENOENT && store->path)
		error = storedir_error(handle, store->path, "", error, reason);
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
		/* Unlock explicitly: a forked process may keep the descriptor open. */
		RETRY(flock(store->lock, LOCK_UN));
		close(store->lock);
	}
	if (store->dir >= 0)
		close(store->dir);
	free(store->path);
}
