// SPDX-License-Identifier: GPL-2.0-only
/* Finds the process that holds a port, which is this one, by both ways of looking. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "procnet.h"
#include "sockets.h"
#include "tap.h"

/* Binds to a free port of an address; returns the socket, -1 if there is no such family. */
static int bind_any(int family, int type, const void *address, struct range *range)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	void *name = family == AF_INET ? (void *)&four : (void *)&six;
	socklen_t len = family == AF_INET ? sizeof(four) : sizeof(six);
	int fd = socket(family, type, 0);

	memcpy(family == AF_INET ? (void *)&four.sin_addr : (void *)&six.sin6_addr, address,
	       family == AF_INET ? 4 : 16);
	if (fd < 0 || bind(fd, name, len) < 0 || getsockname(fd, name, &len) < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	range->first = ntohs(family == AF_INET ? four.sin_port : six.sin6_port);
	range->count = 1;
	return fd;
}

static const struct bound_socket *of_family(const struct socket_list *list, int family)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->items[i].family == family)
			return &list->items[i];
	return NULL;
}

static void check(const struct socket_list *list, int family, const char *wanted,
		  const char *how)
{
	const struct bound_socket *found = of_family(list, family);
	char holder[96];
	char *text;

	if (!tap_ok(found, "%s finds %s", how, wanted))
		return;
	text = socket_address(found);
	if (!tap_ok(!strcmp(text, wanted), "%s tells %s", how, wanted))
		tap_diag("got: %s", text);
	free(text);
	tap_num(found->uid, geteuid(), "%s tells the user", how);
	tap_num(found->pid, getpid(), "%s tells the process", how);
	snprintf(holder, sizeof(holder), "sockets[%d]", (int)getpid());
	text = socket_holder(found);
	if (!tap_ok(!strcmp(text, holder), "%s names the holder", how))
		tap_diag("got: %s", text);
	free(text);
}

struct search {
	uint8_t protocol;
	uint16_t port;
	struct socket_list *list;
};

static void add_found(const struct diag_socket *found, void *arg)
{
	struct search *search = arg;
	struct bound_socket socket;

	if (found->port != search->port)
		return;
	socket_of_diag(search->protocol, found, &socket);
	sockets_add(search->list, &socket);
}

static void test_family(uint8_t protocol, int family, const char *address, const char *proc)
{
	bool tcp = protocol == IPPROTO_TCP;
	unsigned char bytes[16];
	struct socket_list list = { 0 };
	struct range range;
	struct search search = { .protocol = protocol, .list = &list };
	char wanted[64];
	int fd;

	inet_pton(family, address, bytes);
	fd = bind_any(family, tcp ? SOCK_STREAM : SOCK_DGRAM, bytes, &range);
	if (fd < 0 || (tcp && listen(fd, 1))) {
		tap_skip("no such address here", "%s", address);
		return;
	}
	snprintf(wanted, sizeof(wanted), family == AF_INET ? "%s:%u" : "[%s]:%u", address,
		 range.first);
	sockets_find(protocol, &range, &list);
	check(&list, family, wanted, "looking");
	sockets_free(&list);

	search.port = range.first;
	tap_ok(procnet_for_each(proc, add_found, &search), "%s is there", proc);
	sockets_find_processes(&list);
	check(&list, family, wanted, proc);
	sockets_free(&list);

	close(fd);
	sockets_find(protocol, &range, &list);
	tap_ok(!of_family(&list, family), "nobody after %s was closed", address);
	sockets_free(&list);
	tap_ok(!procnet_for_each("/nowhere", add_found, &search),
	       "a file that is not there");
}

static void use_is(const struct socket_list *list, size_t number, const char *format, ...)
{
	char wanted[256];
	va_list args;
	char *text;

	va_start(args, format);
	vsnprintf(wanted, sizeof(wanted), format, args);
	va_end(args);
	if (!tap_ok(number < list->count, "a socket for: %s", wanted))
		return;
	text = socket_use(&list->items[number]);
	if (!tap_ok(!strcmp(text, wanted), "%s", wanted))
		tap_diag("got: %s", text);
	free(text);
}

static struct socket_list look(const struct range *range)
{
	struct socket_list list;

	sockets_find(IPPROTO_TCP, range, &list);
	return list;
}

/* Descriptions of a listener, of a connection to it, and of what is left of that. */
static void test_connection(void)
{
	const struct in_addr loopback = { htonl(INADDR_LOOPBACK) };
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_addr = loopback };
	struct range server, client;
	int listener = bind_any(AF_INET, SOCK_STREAM, &loopback, &server);
	int fd = bind_any(AF_INET, SOCK_STREAM, &loopback, &client);
	struct socket_list list;
	int accepted;
	int pid = (int)getpid();

	peer.sin_port = htons(server.first);
	if (listener < 0 || fd < 0 || listen(listener, 1) ||
	    connect(fd, (struct sockaddr *)&peer, sizeof(peer))) {
		tap_skip("no loopback", "a connection");
		return;
	}
	accepted = accept(listener, NULL, NULL);
	list = look(&client);
	tap_num(list.count, 1, "one end of a connection");
	use_is(&list, 0, "sockets[%d] has a TCP connection from 127.0.0.1:%u to 127.0.0.1:%u", pid,
	       client.first, server.first);
	sockets_free(&list);
	list = look(&server);
	tap_num(list.count, 2, "the listener and the other end");
	sockets_drop_accepted(&list);
	tap_num(list.count, 1, "which was accepted");
	use_is(&list, 0, "sockets[%d] has a TCP socket that listens on 127.0.0.1:%u", pid,
	       server.first);
	sockets_free(&list);
	close(fd);
	close(accepted);
	close(listener);
	list = look(&client);
	tap_num(list.count, 1, "the one that was closed first is left");
	use_is(&list, 0, "a connection from 127.0.0.1:%u to 127.0.0.1:%u was closed and is in "
	       "TIME_WAIT", client.first, server.first);
	tap_ok(!sockets_inside(&list, &client), "which does not count for a prediction");
	sockets_free(&list);
	list = look(&server);
	tap_num(list.count, 0, "nothing of the listener");
	sockets_free(&list);
}

static void test_states(void)
{
	struct bound_socket socket = { .protocol = IPPROTO_TCP, .family = AF_INET, .port = 1,
				       .state = 7 };
	char *text = socket_use(&socket);

	/* Without an inode no process can have it open. */
	tap_ok(!strcmp(text, "no process has a TCP socket bound to 0.0.0.0:1"), "%s", text);
	free(text);
	socket.peer_port = 2;
	socket.state = 4;
	text = socket_use(&socket);
	tap_ok(!strcmp(text, "a connection from 0.0.0.0:1 to 0.0.0.0:2 is being closed"), "%s",
	       text);
	free(text);
	socket.protocol = IPPROTO_UDP;
	text = socket_use(&socket);
	tap_ok(!strcmp(text, "the kernel has a UDP socket bound to 0.0.0.0:1"), "%s", text);
	free(text);
	tap_ok(!socket_state(&socket) && !socket_peer(&socket), "UDP has no state");
}

static void test_holder(void)
{
	struct bound_socket socket = { .family = AF_INET, .port = 1, .uid = 77 };
	char *text = socket_holder(&socket);

	tap_ok(!strcmp(text, "the kernel"), "all processes were seen, and none has it");
	free(text);
	socket.hidden = true;
	text = socket_holder(&socket);
	tap_ok(strstr(text, "uid 77"), "a process that was not seen may have it");
	free(text);
}

int main(void)
{
	test_family(IPPROTO_UDP, AF_INET, "127.0.0.1", "/proc/net/udp");
	test_family(IPPROTO_TCP, AF_INET, "127.0.0.1", "/proc/net/tcp");
	test_family(IPPROTO_UDP, AF_INET, "0.0.0.0", "/proc/net/udp");
	test_family(IPPROTO_TCP, AF_INET, "0.0.0.0", "/proc/net/tcp");
	test_family(IPPROTO_UDP, AF_INET6, "::1", "/proc/net/udp6");
	test_family(IPPROTO_TCP, AF_INET6, "::1", "/proc/net/tcp6");
	test_family(IPPROTO_UDP, AF_INET6, "::", "/proc/net/udp6");
	test_family(IPPROTO_TCP, AF_INET6, "::", "/proc/net/tcp6");
	test_connection();
	test_states();
	test_holder();
	return tap_finish();
}
