// SPDX-License-Identifier: GPL-2.0-only
/* Messages on standard error, and the standard descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "message.h"
#include "output.h"

static const char *blamed;
static char *last;

void set_error_prefix(const char *place)
{
	blamed = place;
}

const char *last_error(void)
{
	return last;
}

static void print_message(const char *format, va_list args)
{
	free(last);
	if (vasprintf(&last, format, args) < 0)
		last = NULL;
	print_flush();
	fprintf(stderr, "portres: %s%s%s\n", blamed ? blamed : "", blamed ? ": " : "",
		last ? last : "out of memory");
}

int print_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_message(format, args);
	va_end(args);
	return FAILED;
}

void print_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_message(format, args);
	va_end(args);
}

int print_usage_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_message(format, args);
	va_end(args);
	return WRONG_USAGE;
}

/*
 * If a standard descriptor is closed, the next socket that is opened gets its number, and output
 * for the user is sent to that socket.
 */
void open_standard_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", O_RDWR) < 0 && open("/", O_RDONLY | O_DIRECTORY) < 0)
			_exit(FAILED);
}

void ignore_broken_pipe(void)
{
	signal(SIGPIPE, SIG_IGN);
}

int finish_output(int status, bool changes)
{
	int error = print_flush();

	if (!error)
		return status;
	if (!changes)
		return print_error("cannot write the output: %s", strerror(error));
	print_note("cannot write the output: %s; the exit status says what was done",
		   strerror(error));
	return status;
}
