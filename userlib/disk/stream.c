// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reads files that the caller names: also pipes, terminals, standard input. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "kernel/interrupt.h"

#define ROOM 65536

/* Seconds to wait until a process opens a FIFO for writing. */
#define WRITER_SECONDS 5

int portres_stream_open(const char *path)
{
	int fd;

	if (strcmp(path, "-") == 0)
		fd = RETRY(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
	else
		/* O_NONBLOCK: open() of a FIFO must not wait for a writer. */
		fd = RETRY(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
	return fd < 0 ? -errno : fd;
}

/* Waits for input or its end. milliseconds -1: no limit. */
static int stream_wait(int fd, int milliseconds)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	int ready = RETRY(poll(&input, 1, milliseconds));

	if (ready < 0)
		return -errno;
	return ready ? 0 : -ETIMEDOUT;
}

/* One read: the number of bytes, 0 at the end, or a negative errno. */
static ssize_t stream_read_some(int fd, char *to, size_t size)
{
	ssize_t got;
	int error;

	while ((got = RETRY(read(fd, to, size))) < 0) {
		if (errno != EAGAIN)
			return -errno;
		error = stream_wait(fd, -1);
		if (error)
			return error;
	}
	return got;
}

/* read() of a FIFO returns 0 until the first writer opens it. */
static ssize_t stream_read_first(int fd, char *to, size_t size)
{
	ssize_t got = stream_read_some(fd, to, size);
	struct stat st;
	int error;

	if (got)
		return got;
	if (RETRY(fstat(fd, &st)) < 0)
		return -errno;
	if (!S_ISFIFO(st.st_mode))
		return 0;
	error = stream_wait(fd, 1000 * WRITER_SECONDS);
	return error ? error : stream_read_some(fd, to, size);
}

static int stream_read_all(int fd, char **text, size_t *len)
{
	size_t size = 0;
	ssize_t got;

	*len = 0;
	do {
		char *more;

		if (*len + 1 >= size) {
			size = size ? 2 * size : ROOM;
			more = realloc(*text, size);
			if (!more)
				return -ENOMEM;
			*text = more;
		}
		got = (*len ? stream_read_some : stream_read_first)(fd, *text + *len,
								    size - 1 - *len);
		if (got < 0)
			return (int)got;
		*len += (size_t)got;
		if (*len > PORTRES_FILE_MAX)
			return -EFBIG;
	} while (got);
	(*text)[*len] = '\0';
	return 0;
}

int portres_stream_read(int fd, char **text, size_t *len)
{
	char *room = NULL;
	int error = fd < 0 ? fd : stream_read_all(fd, &room, len);

	if (fd >= 0)
		close(fd);
	if (error)
		free(room);
	else
		*text = room;
	return error;
}
