/* SPDX-License-Identifier: GPL-2.0-only */
/* A directory that stands for the root of a file system, for the unit tests of the store. */
#ifndef PORTRES_TESTS_TREE_H
#define PORTRES_TESTS_TREE_H

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/handle.h"
#include "tap.h"

#define STATE "/var/lib/portres"

static char tree[32] = "/tmp/portres-XXXXXX";

/* What the library does with files needs no kernel module and no socket. */
static struct portres handle = { .root = tree };

static inline int tree_remove_one(const char *path, const struct stat *st, int type,
				  struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void tree_remove(void)
{
	nftw(tree, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void tree_make(void)
{
	umask(022);
	if (!mkdtemp(tree))
		tap_bail("no temporary directory");
	atexit(tree_remove);
}

/* The path of a file below the tree; its directories are made. In one of four buffers. */
static inline const char *tree_path(const char *path)
{
	static char rooms[4][512];
	static int next;
	char *whole = rooms[next++ % 4];
	char *slash;

	snprintf(whole, sizeof(rooms[0]), "%s%s", tree, path);
	for (slash = whole + strlen(tree) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(whole, 0755);
		*slash = '/';
	}
	return whole;
}

static inline void tree_write(const char *path, const char *text)
{
	FILE *file = fopen(tree_path(path), "w");

	if (!file || fputs(text, file) < 0 || fclose(file))
		tap_bail("cannot write %s: %s", path, strerror(errno));
}

static inline int tree_by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The files of the machine's store, but for the lock. */
static inline const char *tree_files(void)
{
	static char text[512];
	struct dirent **names;
	int count = scandir(tree_path(STATE), &names, NULL, tree_by_name);
	int i;

	text[0] = '\0';
	for (i = 0; i < count; i++) {
		const char *name = names[i]->d_name;

		if (strcmp(name, ".") && strcmp(name, "..") && strcmp(name, ".lock"))
			sprintf(text + strlen(text), "%s ", name);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return text;
}

static inline const char *tree_content(const char *path)
{
	static char text[512];
	FILE *file = fopen(tree_path(path), "r");
	size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[len] = '\0';
	if (file)
		fclose(file);
	return text;
}

#endif
