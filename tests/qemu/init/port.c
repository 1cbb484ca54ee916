// SPDX-License-Identifier: GPL-2.0-only
/*
 * The line to the host: what PID 1 says itself begins with '@', what a test printed with '|'.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "init.h"

static int port = 1;
static bool mid_line;

static void write_all(const char *data, size_t len)
{
	while (len) {
		ssize_t done = write(port, data, len);

		if (done <= 0)
			return;
		data += done;
		len -= done;
	}
}

void port_open(const char *path)
{
	struct termios mode;

	port = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (port < 0) {
		port = 1;
		return;
	}
	if (tcgetattr(port, &mode) == 0) {
		cfmakeraw(&mode);
		tcsetattr(port, TCSANOW, &mode);
	}
}

void port_say(const char *format, ...)
{
	char line[4096];
	va_list args;
	int len;

	if (mid_line)
		write_all("\n", 1);
	mid_line = false;

	line[0] = '@';
	va_start(args, format);
	len = vsnprintf(line + 1, sizeof(line) - 2, format, args) + 1;
	va_end(args);
	if (len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	write_all(line, len);
}

void port_relay(const char *text, size_t len)
{
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t part = end ? (size_t)(end - text) + 1 : len;

		if (!mid_line)
			write_all("|", 1);
		write_all(text, part);
		mid_line = !end;
		text += part;
		len -= part;
	}
}

void port_close(void)
{
	tcdrain(port);
}
