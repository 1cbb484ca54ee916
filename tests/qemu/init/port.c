// SPDX-License-Identifier: GPL-2.0-only
/*
 * The line to the host: what PID 1 says itself begins with '@', what a test printed with '|'.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "init.h"

#define AWAIT_TRIES 500
#define AWAIT_US 20000

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

/* The driver of the device is a module on some kernels; the device appears after it is loaded. */
static void await(const char *path)
{
	int pid;

	if (access(path, F_OK) == 0)
		return;
	pid = fork();
	if (pid == 0) {
		execl("/usr/sbin/modprobe", "modprobe", "-q", "virtio_console", NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
	for (int tries = 0; access(path, F_OK) && tries < AWAIT_TRIES; tries++)
		usleep(AWAIT_US);
}

void port_open(const char *device)
{
	struct termios mode;
	char path[64];

	snprintf(path, sizeof(path), "/dev/%s", device ? device : "ttyS1");
	await(path);
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
