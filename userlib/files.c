// SPDX-License-Identifier: LGPL-2.1-or-later
/* Opening and reading of files, also below another root, with the users of that root. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "files.h"

int portres_file_open(const struct portres *handle, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT,
	};
	long fd;
	int root;

	if (!handle->root) {
		fd = RETRY(open(path, flags | O_CLOEXEC));
		return fd < 0 ? -errno : (int)fd;
	}
	root = RETRY(open(handle->root, O_PATH | O_DIRECTORY | O_CLOEXEC));
	if (root < 0)
		return -errno;
	fd = RETRY(syscall(SYS_openat2, root, path, &how, sizeof(how)));
	if (fd < 0)
		fd = -errno;
	close(root);
	return (int)fd;
}

char *portres_file_path(const struct portres *handle, const char *path)
{
	char *whole;

	if (asprintf(&whole, "%s%s", handle->root ? handle->root : "", path) < 0)
		return NULL;
	return whole;
}

static int check_kind(int fd, size_t *size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	/* The way to mask a file is to link its name to /dev/null. */
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
		return 0;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > (off_t)PORTRES_FILE_MAX)
		return -EFBIG;
	*size = (size_t)st.st_size;
	return 0;
}

static int read_all(int fd, char *text, size_t size, size_t *len)
{
	*len = 0;
	while (*len < size) {
		ssize_t got = RETRY(read(fd, text + *len, size - *len));

		if (got < 0)
			return -errno;
		if (!got)
			break;
		*len += (size_t)got;
	}
	text[*len] = '\0';
	return 0;
}

int portres_file_read(int fd, char **text, size_t *len)
{
	char *room = NULL;
	size_t size = 0;
	int error = check_kind(fd, &size);

	if (!error) {
		room = malloc(size + 1);
		error = room ? read_all(fd, room, size, len) : -ENOMEM;
	}
	close(fd);
	if (error)
		free(room);
	else
		*text = room;
	return error;
}

/* Name service is that of the running system, so another root's users come from its file. */
static int find_below_root(const struct portres *handle, const char *name, uint32_t *number)
{
	int fd = portres_file_open(handle, "/etc/passwd", O_RDONLY);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	struct passwd *found = NULL;
	struct passwd entry;
	char room[4096];

	if (!file) {
		if (fd >= 0)
			close(fd);
		return fd < 0 ? fd : -ENOMEM;
	}
	while (fgetpwent_r(file, &entry, room, sizeof(room), &found) == 0)
		if (strcmp(found->pw_name, name) == 0)
			break;
	if (found)
		*number = found->pw_uid;
	fclose(file);
	return found ? 0 : -ENOENT;
}

int portres_find_user(const struct portres *handle, const char *name, uint32_t *number)
{
	struct passwd *found = NULL;
	struct passwd entry;
	char room[4096];
	int error;

	if (handle->root)
		return find_below_root(handle, name, number);
	error = getpwnam_r(name, &entry, room, sizeof(room), &found);
	if (!found)
		return error ? -error : -ENOENT;
	*number = found->pw_uid;
	return 0;
}
