// SPDX-License-Identifier: GPL-2.0-only
/* Finding who sits on a port: this process does, by both ways of looking. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sockets.h"
#include "tap.h"

/* Binds to a free port of an address; returns the socket, -1 if there is no such family. */
static int bind_any(int family, const void *address, struct range *range)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	void *name = family == AF_INET ? (void *)&four : (void *)&six;
	socklen_t len = family == AF_INET ? sizeof(four) : sizeof(six);
	int fd = socket(family, SOCK_DGRAM, 0);

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

static void test_family(int family, const char *address, const char *proc)
{
	unsigned char bytes[16];
	struct socket_list list = { 0 };
	struct range range;
	struct range beside;
	char wanted[64];
	int fd;

	inet_pton(family, address, bytes);
	fd = bind_any(family, bytes, &range);
	if (fd < 0) {
		tap_skip("no such address here", "%s", address);
		return;
	}
	snprintf(wanted, sizeof(wanted), family == AF_INET ? "%s:%u" : "[%s]:%u", address,
		 range.first);
	sockets_find(&range, &list);
	check(&list, family, wanted, "looking");
	sockets_free(&list);

	tap_ok(sockets_read_proc(proc, &range, &list), "%s is there", proc);
	sockets_find_processes(&list);
	check(&list, family, wanted, proc);
	sockets_free(&list);

	close(fd);
	sockets_find(&range, &list);
	tap_ok(!of_family(&list, family), "nobody after %s was closed", address);
	sockets_free(&list);
	beside = (struct range){ 65535, 1 };
	tap_ok(sockets_read_proc("/nowhere", &beside, &list) == false, "a file that is not there");
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
	test_family(AF_INET, "127.0.0.1", "/proc/net/udp");
	test_family(AF_INET, "0.0.0.0", "/proc/net/udp");
	test_family(AF_INET6, "::1", "/proc/net/udp6");
	test_family(AF_INET6, "::", "/proc/net/udp6");
	test_holder();
	return tap_finish();
}
