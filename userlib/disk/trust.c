// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Opens only files that no user but root and the caller can have created or changed. Each directory
 * and each symbolic link of the path is checked before it is followed, and each opened file is
 * checked by its descriptor, so that a concurrent change is harmless.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "kernel/interrupt.h"

/* The limit of the kernel, MAXSYMLINKS. */
#define LINKS_MAX 40

/* Limit of a path in a reason, which is cut at its beginning. */
#define SHOWN_MAX 100

#define OTHERS_WRITE 0022

/* The state of following a path. */
struct walk {
	int dir;		/* the directory that was reached */
	struct stat root;	/* not left by ".." */
	const char *base;	/* path of the root, for display */
	char at[PATH_MAX];	/* path of dir, for display; no trailing slash */
	char *rest;		/* path from dir on, to be freed */
	unsigned int links;
	char *reason;
};

/* Writes the reason for EACCES. A long path is cut, also in the command that is shown. */
static int walk_reject(const struct walk *walk, const char *name, const struct stat *st)
{
	char shown[SHOWN_MAX + sizeof("...")];
	char path[PATH_MAX + NAME_MAX + 2];
	size_t len;

	snprintf(path, sizeof(path), "%s%s%s", walk->at, *name ? "/" : "", name);
	len = strlen(path);
	snprintf(shown, sizeof(shown), "%s%.*s", len > SHOWN_MAX ? "..." : "", SHOWN_MAX,
		 len > SHOWN_MAX ? path + len - SHOWN_MAX : len ? path : "/");
	if (st->st_uid && st->st_uid != geteuid())
		snprintf(walk->reason, PORTRES_REASON_MAX,
			 "not trusted: %s belongs to user %u; inspect it, then run \"chown -h root "
			 "%s\"",
			 shown, (unsigned int)st->st_uid, shown);
	else
		snprintf(walk->reason, PORTRES_REASON_MAX,
			 "not trusted: other users may write to %s; inspect it, then run \"chmod "
			 "go-w %s\"",
			 shown, shown);
	return -EACCES;
}

/* In a sticky directory other users can create files, but not replace those of root. */
static bool is_trusted(const struct stat *st, bool passing)
{
	if (st->st_uid && st->st_uid != geteuid())
		return false;
	if (S_ISDIR(st->st_mode))
		return !(st->st_mode & OTHERS_WRITE) || (passing && st->st_mode & S_ISVTX);
	/* The mode of links and /dev/null does not matter: readers accept regular files only. */
	return !S_ISREG(st->st_mode) || !(st->st_mode & OTHERS_WRITE);
}

static int walk_check(const struct walk *walk, int fd, const char *name, bool passing)
{
	struct stat st;

	if (RETRY(fstat(fd, &st)) < 0)
		return -errno;
	/* Only root can create a device: /dev/null masks a file. */
	if (S_ISCHR(st.st_mode) || is_trusted(&st, passing))
		return 0;
	return walk_reject(walk, name, &st);
}

/* Opens and checks a file that is no symbolic link. */
static int walk_open(const struct walk *walk, const char *name, int flags, bool passing)
{
	int fd = RETRY(openat(walk->dir, name, flags | O_NOFOLLOW | O_CLOEXEC));
	int error;

	if (fd < 0)
		return -errno;
	error = walk_check(walk, fd, name, passing);
	if (!error)
		return fd;
	close(fd);
	return error;
}

static bool walk_at_root(const struct walk *walk)
{
	struct stat st;

	return RETRY(fstat(walk->dir, &st)) == 0 && st.st_dev == walk->root.st_dev &&
	       st.st_ino == walk->root.st_ino;
}

static void walk_enter(struct walk *walk, int dir, const char *name)
{
	size_t len = strlen(walk->at);

	close(walk->dir);
	walk->dir = dir;
	snprintf(walk->at + len, sizeof(walk->at) - len, "/%s", name);
}

/* If name is a link, prepends its target to the rest of the path and returns 1. */
static int walk_follow_link(struct walk *walk, const char *name, const char *behind, int root)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t len;
	char *rest;
	int dir;

	if (RETRY(fstatat(walk->dir, name, &st, AT_SYMLINK_NOFOLLOW)) < 0)
		return -errno;
	if (!S_ISLNK(st.st_mode))
		return 0;
	if (!is_trusted(&st, true))
		return walk_reject(walk, name, &st);
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	len = RETRY(readlinkat(walk->dir, name, target, sizeof(target) - 1));
	if (len < 0)
		return -errno;
	target[len] = '\0';
	if (target[0] == '/') {
		dir = RETRY(openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
		if (dir < 0)
			return -errno;
		close(walk->dir);
		walk->dir = dir;
		snprintf(walk->at, sizeof(walk->at), "%s", walk->base);
	}
	if (asprintf(&rest, "%s/%s", target, behind) < 0)
		return -ENOMEM;
	free(walk->rest);
	walk->rest = rest;
	return 1;
}

/* Splits the first name off a path. Returns NULL if the path has none. */
static char *cut_name(char *path, char **behind)
{
	char *name = path + strspn(path, "/");
	char *end = name + strcspn(name, "/");

	*behind = end + strspn(end, "/");
	*end = '\0';
	return *name ? name : NULL;
}

/* Follows walk->rest; root is where absolute links begin. */
static int walk_path(struct walk *walk, int root, int flags, bool passing)
{
	char *at = walk->rest;
	char *behind;
	char *name;
	int got;

	while ((name = cut_name(at, &behind))) {
		if (!strcmp(name, "..") && walk_at_root(walk))
			name = (char *)(uintptr_t)".";
		got = *behind || !(flags & O_NOFOLLOW) ?
			      walk_follow_link(walk, name, behind, root) :
			      0;
		if (got < 0)
			return got;
		if (got) {
			at = walk->rest;
			continue;
		}
		if (!*behind)
			return walk_open(walk, name, flags, passing);
		got = walk_open(walk, name, O_PATH | O_DIRECTORY, true);
		if (got < 0)
			return got;
		walk_enter(walk, got, name);
		at = behind;
	}
	return walk_open(walk, ".", flags, passing);
}

/* Follows path from the directory fd, which is the root and is closed. */
static int walk_from(int fd, const char *at, const char *path, int flags, bool passing,
		     char *reason)
{
	struct walk walk = { .dir = fd, .base = at, .rest = strdup(path), .reason = reason };
	int root = RETRY(openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
	int got = root < 0 ? -errno : 0;

	snprintf(walk.at, sizeof(walk.at), "%s", at);
	if (!walk.rest)
		got = -ENOMEM;
	if (!got && RETRY(fstat(root, &walk.root)) < 0)
		got = -errno;
	if (!got)
		got = walk_check(&walk, root, "", true);
	if (!got)
		got = walk_path(&walk, root, flags, passing);
	free(walk.rest);
	close(walk.dir);
	if (root >= 0)
		close(root);
	return got;
}

static int open_slash(void)
{
	int fd = RETRY(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));

	return fd < 0 ? -errno : fd;
}

/* Opens the root of the handle. */
static int open_root(const struct portres *handle, char *reason)
{
	char *path = NULL;
	char *here;
	int fd;

	if (!handle->root)
		return open_slash();
	here = handle->root[0] == '/' ? NULL : getcwd(NULL, 0);
	if (handle->root[0] != '/' && !here)
		return -errno;
	fd = asprintf(&path, "%s/%s", here ? here : "", handle->root) < 0 ? -ENOMEM : open_slash();
	free(here);
	if (fd >= 0)
		fd = walk_from(fd, "", path, O_PATH | O_DIRECTORY, true, reason);
	free(path);
	return fd;
}

static int open_path(const struct portres *handle, const char *path, int flags, bool passing,
		     portres_reason reason)
{
	int root;

	reason[0] = '\0';
	root = open_root(handle, reason);
	if (root < 0)
		return root;
	return walk_from(root, handle->root ? handle->root : "", path, flags, passing, reason);
}

int portres_file_open(const struct portres *handle, const char *path, int flags,
		      portres_reason reason)
{
	return open_path(handle, path, flags, false, reason);
}

int portres_file_open_in(int dir, const char *path, const char *name, int flags,
			 portres_reason reason)
{
	struct walk walk = { .dir = dir, .reason = reason };

	reason[0] = '\0';
	snprintf(walk.at, sizeof(walk.at), "%s", path);
	return walk_open(&walk, name, flags, false);
}

int portres_dir_open(const struct portres *handle, const char *path, portres_reason reason)
{
	return open_path(handle, path, O_RDONLY | O_DIRECTORY, true, reason);
}
