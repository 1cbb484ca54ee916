// SPDX-License-Identifier: GPL-2.0-only
/* Answers Sun RPC on the socket of rpcbind. */
#include "rpcbind.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tap.h"

/* as the kernel spells it */
#define DIRECTORY "/var/run"
#define SOCKET DIRECTORY "/rpcbind.sock"
#define CLIENTS 16
#define CALL_MAX 4096
#define LAST_FRAGMENT 0x80000000u
#define REPLY 1

static int receive(int fd, void *buffer, size_t size)
{
	return recv(fd, buffer, size, MSG_WAITALL) == (ssize_t)size ? 0 : -1;
}

/* Any call is accepted and done, with the result "true". Returns whether there was one. */
static int answer(int fd)
{
	uint32_t reply[8] = { htonl(LAST_FRAGMENT | 28), 0, htonl(REPLY), 0, 0, 0, 0, htonl(1) };
	uint32_t call[CALL_MAX / 4], size;

	if (receive(fd, &size, sizeof(size)))
		return -1;
	size = ntohl(size) & ~LAST_FRAGMENT;
	if (size < sizeof(call[0]) || size > sizeof(call) || receive(fd, call, size))
		return -1;
	reply[1] = call[0];
	return send(fd, reply, sizeof(reply), MSG_NOSIGNAL) == sizeof(reply) ? 0 : -1;
}

static void __attribute__((noreturn)) serve(int listener)
{
	struct pollfd fds[CLIENTS] = { { .fd = listener, .events = POLLIN } };
	nfds_t n = 1, i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (poll(fds, n, -1) > 0) {
		for (i = n; --i;) {
			if (!fds[i].revents || !answer(fds[i].fd))
				continue;
			close(fds[i].fd);
			fds[i] = fds[--n];
		}
		if (fds[0].revents && n < CLIENTS)
			fds[n++] = (struct pollfd){ .fd = accept(listener, NULL, NULL),
						    .events = POLLIN };
	}
	_exit(1);
}

pid_t rpcbind_start(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SOCKET };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	mkdir(DIRECTORY, 0755);
	unlink(SOCKET);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(listener, CLIENTS))
		tap_bail("cannot listen at " SOCKET ": %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		tap_bail("cannot fork: %s", strerror(errno));
	if (!pid)
		serve(listener);
	close(listener);
	return pid;
}
