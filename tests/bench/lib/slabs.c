// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adds up the objects of all slab caches. Those that a CPU keeps for itself would count as used, so
 * they are given back first.
 */
#include "slabs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env.h"
#include "tap.h"

#define SLABS "/sys/kernel/slab"
#define LOOKS 50

static int64_t number_in(int dir, const char *cache, const char *file)
{
	char path[512], text[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", cache, file);
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	return atoll(text);
}

static void shrink(int dir, const char *cache)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/shrink", cache);
	fd = openat(dir, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) != 1)
		tap_bail("cannot shrink %s: %s", cache, strerror(errno));
	close(fd);
}

/* Caches that were merged are links to the one that they have become. */
static bool is_cache(int dir, const char *name)
{
	struct stat st;

	return name[0] != '.' && !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) &&
	       S_ISDIR(st.st_mode);
}

static int64_t look(void)
{
	DIR *caches = opendir(SLABS);
	struct dirent *entry;
	int64_t sum = 0;

	must(caches ? 0 : errno, "no " SLABS);
	while ((entry = readdir(caches))) {
		if (!is_cache(dirfd(caches), entry->d_name))
			continue;
		shrink(dirfd(caches), entry->d_name);
		sum += number_in(dirfd(caches), entry->d_name, "slab_size") *
		       number_in(dirfd(caches), entry->d_name, "objects");
	}
	closedir(caches);
	return sum;
}

/* What is freed after a grace period is gone when two looks are the same. */
int64_t slab_bytes(void)
{
	int64_t last = -1, now;
	int i;

	for (i = 0; i < LOOKS; i++) {
		usleep(100000);
		now = look();
		if (now == last)
			break;
		last = now;
	}
	return now;
}
