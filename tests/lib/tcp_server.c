// SPDX-License-Identifier: GPL-2.0-only
/* A TCP server whose clients close first, and what the kernel counts of it. */
#include "tcp_server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crew.h"
#include "sock.h"
#include "tap.h"

#define NOBODY 9	/* a port that is not listened on */

/* A connection is not closed before its other end, whose port would be free again. */
static void serve(int listener)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };
	int poll_fd = epoll_create1(EPOLL_CLOEXEC), fd;

	epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		if (epoll_wait(poll_fd, &event, 1, -1) != 1)
			continue;
		fd = event.data.fd;
		if (fd != listener) {
			sock_drop(fd);
			continue;
		}
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		event = (struct epoll_event){ .events = EPOLLIN | EPOLLRDHUP, .data.fd = fd };
		if (fd >= 0)
			epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
	}
}

pid_t tcp_server_start(unsigned int port)
{
	int fd = tcp_socket(AF_INET6);
	pid_t pid;

	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	must(sock_bind_any(fd, port), "cannot bind the server");
	must(listen(fd, 4096) ? errno : 0, "no server");
	pid = crew_fork();
	if (!pid)
		serve(fd);
	close(fd);
	return pid;
}

void tcp_server_stop(pid_t server)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
}

void tcp_connect_first(void)
{
	static const char *const loopback[] = { "127.0.0.1", "::1" };
	int i;

	for (i = 0; i < 2; i++) {
		int fd = tcp_socket(i ? AF_INET6 : AF_INET);

		must(sock_connect(fd, loopback[i], NOBODY) == ECONNREFUSED ? 0 : EISCONN,
		     "somebody listens");
		close(fd);
	}
	/* it does so some time later */
	usleep(200000);
}

unsigned long tcp_server_resets(void)
{
	char names[8192], values[8192], *name_at, *value_at, *name, *value;
	FILE *stats = fopen("/proc/net/netstat", "re");
	unsigned long resets = 0;

	if (!stats || !fgets(names, sizeof(names), stats) || !fgets(values, sizeof(values), stats))
		tap_bail("no statistics");
	fclose(stats);
	name = strtok_r(names, "\n ", &name_at);
	value = strtok_r(values, "\n ", &value_at);
	while (name && value) {
		if (!strcmp(name, "EmbryonicRsts"))
			resets = strtoul(value, NULL, 10);
		name = strtok_r(NULL, "\n ", &name_at);
		value = strtok_r(NULL, "\n ", &value_at);
	}
	return resets;
}
