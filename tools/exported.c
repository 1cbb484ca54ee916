// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps what was exported to ip_local_reserved_ports. The sysctl has one list for everybody: after
 * a deletion nothing else tells our ports from those of others.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exported.h"
#include "text.h"

/* In the directory of the store, which is not listed with it. */
#define NAME ".exported"

void exported_merge(const struct portset *set, const struct portset *blocks,
		    struct portset *exported, struct portset *list)
{
	struct portset pending = *exported;
	struct portset others = *set;

	portset_remove_all(&others, exported);
	*list = others;
	portset_add_all(list, blocks);

	/* Ports that others have set as well are theirs, also when the block is deleted. */
	*exported = *blocks;
	portset_remove_all(exported, &others);
	/* A list that was printed need not have been set yet. */
	portset_keep_all(&pending, set);
	portset_add_all(exported, &pending);
}

/* "DIRECTORY/.exported" with a suffix. To be freed; NULL with *error: there is none. */
static char *exported_path(struct portres *handle, const char *suffix, int *error)
{
	const char *directory = NULL;

	*error = portres_store_path(handle, &directory);
	if (!*error && !directory)
		*error = -ENOENT;
	return *error ? NULL : format_text("%s/" NAME "%s", directory, suffix);
}

int exported_read(struct portres *handle, struct portset *exported)
{
	char *line = NULL;
	size_t room = 0;
	FILE *file;
	int error;
	char *path = exported_path(handle, "", &error);

	memset(exported, 0, sizeof(*exported));
	if (!path)
		return error == -ENOENT ? 0 : error;
	file = fopen(path, "re");
	error = file || errno == ENOENT ? 0 : -errno;
	free(path);
	if (!file)
		return error;
	if (getline(&line, &room, file) >= 0 && !portset_parse(exported, line))
		error = -EINVAL;
	free(line);
	fclose(file);
	return error;
}

/* Creates the directory of a path, and those above it. */
static void make_directories(char *path)
{
	char *slash;

	for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int error;

	if (!file) {
		error = -errno;
		if (fd >= 0)
			close(fd);
		return error;
	}
	fprintf(file, "%s\n", text);
	error = fflush(file) || fsync(fd) ? -errno : 0;
	if (fclose(file) && !error)
		error = -errno;
	return error;
}

int exported_write(struct portres *handle, const struct portset *exported)
{
	int error;
	char *path = exported_path(handle, "", &error);
	char *aside = path ? exported_path(handle, ".new", &error) : NULL;
	char *text = portset_text(exported);

	if (aside) {
		make_directories(aside);
		error = write_text(aside, text);
		if (!error && rename(aside, path))
			error = -errno;
	}
	free(text);
	free(aside);
	free(path);
	return error;
}
