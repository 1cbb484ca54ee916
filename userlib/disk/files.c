// SPDX-License-Identifier: LGPL-2.1-or-later
/* Paths and content of files, and users, also below another root. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "files.h"
#include "kernel/interrupt.h"

/* Limit of a path in a message, which leaves room for the reason. */
#define SHOWN_MAX 400

DIR *portres_file_opendir(int fd)
{
	DIR *files;

	do {
		files = fdopendir(fd);
	} while (!files && errno == EINTR);
	return files;
}

char *portres_file_path(const struct portres *handle, const char *path)
{
	char *whole;

	if (asprintf(&whole, "%s%s", handle->root ? handle->root : "", path) < 0)
		return NULL;
	return whole;
}

char *portres_file_display_path(const struct portres *handle, const char *path)
{
	char *whole = portres_file_path(handle, path);
	size_t len = whole ? strlen(whole) : 0;

	if (len > SHOWN_MAX) {
		memmove(whole, whole + len - SHOWN_MAX, SHOWN_MAX + 1);
		memcpy(whole, "...", 3);
	}
	return whole;
}

const char *portres_file_reason(const char *reason, int error)
{
	return *reason ? reason : portres_errno_text(error);
}

static int file_check_type(int fd, size_t *size)
{
	struct stat st;

	if (RETRY(fstat(fd, &st)) < 0)
		return -errno;
	/* A link to /dev/null masks a file: read it as an empty one. */
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

static int file_read_all(int fd, char *text, size_t size, size_t *len)
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
	int error = file_check_type(fd, &size);

	if (!error) {
		room = malloc(size + 1);
		error = room ? file_read_all(fd, room, size, len) : -ENOMEM;
	}
	close(fd);
	if (error)
		free(room);
	else
		*text = room;
	return error;
}

/* Name services are those of the running system: read the passwd file of another root. */
static int find_user_in_root(const struct portres *handle, const char *name, uint32_t *number)
{
	portres_reason reason;
	int fd = portres_file_open(handle, "/etc/passwd", O_RDONLY, reason);
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
		return find_user_in_root(handle, name, number);
	error = getpwnam_r(name, &entry, room, sizeof(room), &found);
	if (!found)
		return error ? -error : -ENOENT;
	*number = found->pw_uid;
	return 0;
}
