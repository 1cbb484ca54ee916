/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where files are: below the root of the handle, if it has one. Reads only. */
#ifndef PORTRES_FILES_H
#define PORTRES_FILES_H

#include "netns.h"

/* No file of declarations is larger: 65535 long lines. */
#define PORTRES_FILE_MAX (32U << 20)

/*
 * Opens a file by its absolute path. Below a root, symbolic links cannot lead out of it.
 * Returns a descriptor or a negative errno.
 */
int portres_file_open(const struct portres *handle, const char *path, int flags);

/* The path as people know it, with the root. NULL: no memory. To be freed. */
char *portres_file_path(const struct portres *handle, const char *path);

/*
 * Reads a whole file and closes it: 0 or a negative errno. *text has a zero behind its *len
 * bytes, and is to be freed.
 */
int portres_file_read(int fd, char **text, size_t *len);

/* The number of a user by name: 0, -ENOENT, or a negative errno. */
int portres_find_user(const struct portres *handle, const char *name, uint32_t *number);

#endif /* PORTRES_FILES_H */
