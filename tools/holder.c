// SPDX-License-Identifier: GPL-2.0-only
/* Finds what has a port. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "holder.h"
#include "process.h"
#include "sockets.h"
#include "text.h"

/* How close a list of TCP sockets comes to the end of its TIME_WAIT. */
#define MILLISECONDS 1000

struct search {
	struct holders *holders;
	uint8_t protocol;
	uint16_t port;
	struct diag_socket connection;	/* one of them */
};

static void add_holder(struct holders *holders, const struct diag_socket *socket)
{
	struct holder *holder;

	holders->items = check_alloc(reallocarray(holders->items, holders->count + 1,
						  sizeof(*holders->items)));
	holder = &holders->items[holders->count++];
	memset(holder, 0, sizeof(*holder));
	holder->socket = *socket;
}

static void on_socket(const struct diag_socket *socket, void *arg)
{
	struct search *search = arg;
	struct holders *holders = search->holders;
	time_t until;

	if (socket->port != search->port)
		return;
	if (socket->waits) {
		until = time(NULL) + (socket->milliseconds + MILLISECONDS - 1) / MILLISECONDS;
		if (until > holders->wait_until)
			holders->wait_until = until;
	} else if (search->protocol == IPPROTO_TCP && socket->peer_port) {
		holders->connections++;
		search->connection = *socket;
	} else {
		add_holder(holders, socket);
	}
}

static void on_process(pid_t pid, unsigned long inode, void *arg)
{
	struct holders *holders = arg;
	size_t i;

	for (i = 0; i < holders->count; i++) {
		struct holder *holder = &holders->items[i];
		char *cgroup;

		if (holder->socket.inode != inode || holder->pid)
			continue;
		holder->pid = pid;
		process_command(pid, holder->command, sizeof(holder->command));
		cgroup = cgroup_of_process(pid);
		holder->has_unit = cgroup && cgroup_unit(cgroup, &holder->unit);
		free(cgroup);
	}
}

/* Of UDP, and of a server, each socket has an inode. */
static bool holder_is_closing(const struct holder *holder)
{
	return !holder->socket.inode && holder->socket.peer_port;
}

static void find_processes(struct search *search)
{
	struct holders *holders = search->holders;
	bool all = process_for_each_socket(on_process, holders);
	size_t i;

	for (i = 0; i < holders->count; i++) {
		struct holder *holder = &holders->items[i];

		if (holder_is_closing(holder))
			continue;
		holder->hidden = !holder->pid && !all;
		if (!holder->pid)
			kernelport_find(search->protocol, search->port, &holder->kernel);
	}
}

/*
 * For a TCP socket that is bound, but neither listens nor is connected, where it is in no list. A
 * bind finds it; a socket that does not listen takes no connection from anybody meanwhile.
 */
static bool is_refused(uint16_t port)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool refused;

	if (fd >= 0) {
		refused = bind(fd, (struct sockaddr *)&six, sizeof(six)) < 0 &&
			  errno == EADDRINUSE;
	} else {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		refused = fd >= 0 && bind(fd, (struct sockaddr *)&four, sizeof(four)) < 0 &&
			  errno == EADDRINUSE;
	}
	if (fd >= 0)
		close(fd);
	return refused;
}

void holders_find(uint8_t protocol, uint16_t port, bool reserved, struct holders *holders)
{
	struct search search = { .holders = holders, .protocol = protocol, .port = port };
	enum diag_extent extent;

	memset(holders, 0, sizeof(*holders));
	extent = diag_for_each(protocol, on_socket, &search);
	holders->unknown = extent == DIAG_NONE;
	/* Without a socket that listens, one of the connections is what has the port. */
	if (!holders->count && holders->connections) {
		add_holder(holders, &search.connection);
		holders->connections--;
	}
	if (holders->count)
		find_processes(&search);
	else if (extent == DIAG_NOT_BOUND && !holders->wait_until && !reserved)
		holders->unseen = is_refused(port);
}

void holders_free(struct holders *holders)
{
	while (holders->count)
		kernelport_free(&holders->items[--holders->count].kernel);
	free(holders->items);
	holders->items = NULL;
}

char *holder_address(const struct holder *holder)
{
	struct bound_socket bound;

	/* It is the same text for each protocol. */
	socket_of_diag(IPPROTO_UDP, &holder->socket, &bound);
	return socket_address(&bound);
}

bool holder_is_wildcard(const struct holder *holder)
{
	static const unsigned char any[16];
	size_t len = holder->socket.family == AF_INET ? 4 : sizeof(any);

	return !memcmp(holder->socket.address, any, len) && !holder->socket.device;
}

char *holder_text(const struct holder *holder)
{
	char *safe = safe_text(holder->command);
	char *unit = holder->has_unit ? unit_text(&holder->unit) : NULL;
	char *safe_unit = safe_text(unit ? unit : "");
	char *text;

	if (holder->pid)
		text = format_text("%s[%d]%s%s", safe, (int)holder->pid, unit ? " of " : "",
				   safe_unit);
	else if (holder_is_closing(holder))
		text = check_alloc(strdup("a connection that is being closed"));
	else if (holder->kernel.what)
		text = format_text("the kernel for %s", holder->kernel.what);
	else if (holder->hidden)
		text = format_text("a process of uid %u that is not visible here",
				   holder->socket.uid);
	else
		text = check_alloc(strdup("the kernel"));
	free(safe_unit);
	free(unit);
	free(safe);
	return text;
}
