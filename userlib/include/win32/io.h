/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions for files that the C library has by other names. */
#ifndef PORTRES_WIN32_IO_H
#define PORTRES_WIN32_IO_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define _access		access
#define _close		close
#define _dup		dup
#define _dup2		dup2
#define _fileno		fileno
#define _isatty		isatty
#define _lseek		lseek
#define _open		open
#define _read		read
#define _unlink		unlink
#define _write		write

#define _O_RDONLY	O_RDONLY
#define _O_WRONLY	O_WRONLY
#define _O_RDWR		O_RDWR
#define _O_APPEND	O_APPEND
#define _O_CREAT	O_CREAT
#define _O_TRUNC	O_TRUNC
#define _O_EXCL		O_EXCL
/* text and binary files are the same on Linux */
#define _O_BINARY	0
#define _O_TEXT		0

#endif /* PORTRES_WIN32_IO_H */
