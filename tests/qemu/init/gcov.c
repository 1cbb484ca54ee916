// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells the host how often each line was run, of the module on kernels that count it, and of
 * programs that were built to count: the files of gcov, in hexadecimal digits, a piece in each
 * line. The kernel keeps its own over the end of the module.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

#define OF_KERNEL "/sys/kernel/debug/gcov"
#define PIECE 1024

static void say_piece(const char *name, const unsigned char *piece, size_t len)
{
	char digits[2 * PIECE + 1];

	for (size_t i = 0; i < len; i++)
		sprintf(digits + 2 * i, "%02x", piece[i]);
	port_say("gcov %s %s", name, digits);
}

/* With the last of its directories. */
static int say_file(const char *path, const struct stat *about, int type, struct FTW *place)
{
	const char *name = path + place->base;
	unsigned char piece[PIECE];
	ssize_t len;
	int fd;

	(void)about;
	if (type != FTW_F || !strstr(name, ".gcda"))
		return 0;
	for (name--; name > path && name[-1] != '/'; name--)
		;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (len = read(fd, piece, sizeof(piece))) > 0)
		say_piece(name, piece, len);
	close(fd);
	return 0;
}

void gcov_say(void)
{
	nftw(OF_KERNEL, say_file, 16, FTW_PHYS);
	nftw(GCOV_FILES, say_file, 16, FTW_PHYS);
}
