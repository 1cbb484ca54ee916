/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files below the root of the handle, if it has one. Reads only. */
#ifndef PORTRES_FILES_H
#define PORTRES_FILES_H

#include <dirent.h>

#include "kernel/handle.h"
#include "words.h"

/* Limit of the size of a file of declarations: 65535 long lines. */
#define PORTRES_FILE_MAX (32U << 20)

/*
 * Opens a file by its absolute path. Below a root, symbolic links cannot lead out of it. Every
 * directory and link on the path must be owned by root or the caller and be writable for its owner
 * only; otherwise the function returns -EACCES and writes reason, which is empty for any other
 * error. Returns a descriptor or a negative errno.
 */
int portres_file_open(const struct portres *handle, const char *path, int flags,
		      portres_reason reason);

/* The same for a file in a directory that was opened so; path: for display. -ELOOP: a link. */
int portres_file_open_in(int dir, const char *path, const char *name, int flags,
			 portres_reason reason);

/* The same for a directory on the path to another one, which may be sticky, as /tmp is. */
int portres_dir_open(const struct portres *handle, const char *path, portres_reason reason);

/* The reason, or the default text of the error if the reason is empty. */
const char *portres_file_reason(const char *reason, int error);

/* fdopendir() that is repeated after EINTR. */
DIR *portres_file_opendir(int fd);

/* The path with the root in front, to be freed. NULL: no memory. */
char *portres_file_path(const struct portres *handle, const char *path);

/*
 * Reads a file to its end and closes it: 0 or a negative errno. *text has a zero after its *len
 * bytes and is to be freed.
 */
int portres_file_read(int fd, char **text, size_t *len);

/* The same for display in a message: a long path is cut at its beginning. */
char *portres_file_display_path(const struct portres *handle, const char *path);

/*
 * Open and read a file that the caller names: also a pipe, a terminal or, by the name "-",
 * standard input. -ETIMEDOUT: no process opened a FIFO for writing within some seconds.
 */
int portres_stream_open(const char *path);
int portres_stream_read(int fd, char **text, size_t *len);

/* Looks up the number of a user: 0, -ENOENT, or another negative errno. */
int portres_find_user(const struct portres *handle, const char *name, uint32_t *number);

#endif /* PORTRES_FILES_H */
