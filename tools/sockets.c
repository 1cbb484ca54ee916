// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists sockets of UDP and TCP: by sock_diag or, if that fails, from /proc/net. The modules
 * udp_diag and tcp_diag may be missing. /proc/net/tcp lacks sockets that are bound and nothing
 * else.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <portres/portres.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"
#include "kernel/protocol.h"
#include "process.h"
#include "sockets.h"
#include "text.h"

void sockets_add(struct socket_list *list, const struct bound_socket *found)
{
	list->items = check_alloc(reallocarray(list->items, list->count + 1, sizeof(*list->items)));
	list->items[list->count++] = *found;
}

void sockets_free(struct socket_list *list)
{
	free(list->items);
	memset(list, 0, sizeof(*list));
}

/* A socket that is bound, neither listening nor connected, in sock_diag; new in Linux 6.8. */
#define BOUND_INACTIVE 13

struct search {
	uint8_t protocol;
	const struct range *range;
	struct socket_list *list;
};

static int add_found(const struct diag_socket *socket, void *arg)
{
	struct bound_socket found = {
		.family = socket->family,
		.state = socket->state,
		.port = socket->port,
		.peer_port = socket->peer_port,
		.device = socket->device,
		.uid = socket->uid,
		.inode = socket->inode,
	};
	const struct search *search = arg;

	if (!range_has(search->range, socket->port))
		return 0;
	found.protocol = search->protocol;
	memcpy(found.address, socket->address, sizeof(found.address));
	memcpy(found.peer, socket->peer, sizeof(found.peer));
	sockets_add(search->list, &found);
	return 0;
}

/* Parses an address of /proc/net: hexadecimal words in host byte order. */
static bool read_address(const char *hex, int *family, unsigned char address[16])
{
	size_t words = strlen(hex) / 8;
	size_t i;

	if (strlen(hex) != 8 && strlen(hex) != 32)
		return false;
	*family = words == 1 ? AF_INET : AF_INET6;
	for (i = 0; i < words; i++) {
		uint32_t word;

		if (sscanf(hex + 8 * i, "%8x", &word) != 1)
			return false;
		memcpy(address + 4 * i, &word, sizeof(word));
	}
	return true;
}

bool sockets_read_proc(const char *path, uint8_t protocol, const struct range *range,
		       struct socket_list *list)
{
	FILE *file = fopen(path, "re");
	char line[512];

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		struct bound_socket found = { .protocol = protocol };
		unsigned int port;
		unsigned int peer_port;
		char hex[33];
		char peer[33];

		if (sscanf(line, " %*u: %32[0-9A-F]:%x %32[0-9A-F]:%x %x %*s %*s %*s %u %*s %lu",
			   hex, &port, peer, &peer_port, &found.state, &found.uid,
			   &found.inode) != 7 ||
		    port > UINT16_MAX || peer_port > UINT16_MAX ||
		    !read_address(peer, &found.family, found.peer) ||
		    !read_address(hex, &found.family, found.address))
			continue;
		found.port = (uint16_t)port;
		found.peer_port = (uint16_t)peer_port;
		if (range_has(range, found.port))
			sockets_add(list, &found);
	}
	fclose(file);
	return true;
}

static int compare_ports(const void *a, const void *b)
{
	const struct bound_socket *one = a;
	const struct bound_socket *two = b;

	if (one->port != two->port)
		return one->port < two->port ? -1 : 1;
	return one->family - two->family;
}

static void list_protocol(uint8_t protocol, const struct range *range, struct socket_list *list)
{
	struct search search = { .protocol = protocol, .range = range, .list = list };
	const bool tcp = protocol == IPPROTO_TCP;

	memset(list, 0, sizeof(*list));
	if (!diag_for_each(protocol, add_found, &search)) {
		sockets_free(list);
		sockets_read_proc(tcp ? "/proc/net/tcp" : "/proc/net/udp", protocol, range, list);
		sockets_read_proc(tcp ? "/proc/net/tcp6" : "/proc/net/udp6", protocol, range,
				  list);
	}
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_ports);
}

void sockets_list(uint8_t protocol, const struct range *range, struct socket_list *list)
{
	uint8_t halves[PORTRES_HALVES];
	unsigned int count = portres_protocol_halves(protocol, halves);
	struct socket_list more;
	size_t i;

	list_protocol(halves[0], range, list);
	if (count < 2)
		return;
	list_protocol(halves[1], range, &more);
	for (i = 0; i < more.count; i++)
		sockets_add(list, &more.items[i]);
	sockets_free(&more);
}

static bool is_waiting(const struct bound_socket *socket)
{
	return socket->protocol == IPPROTO_TCP && socket->state == TCP_TIME_WAIT;
}

bool sockets_inside(const struct socket_list *list, const struct range *range)
{
	size_t from = 0;
	size_t to = list->count;

	/* binary search for the first port that is not below the range */
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (list->items[middle].port < range->first)
			from = middle + 1;
		else
			to = middle;
	}
	while (from < list->count && is_waiting(&list->items[from]))
		from++;
	return from < list->count && range_has(range, list->items[from].port);
}

/* Records the first visible process that has a socket open. */
static void record_process(pid_t pid, unsigned long inode, void *arg)
{
	struct socket_list *list = arg;
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct bound_socket *socket = &list->items[i];

		if (!inode || socket->inode != inode || socket->pid)
			continue;
		socket->pid = pid;
		process_command(pid, socket->command, sizeof(socket->command));
	}
}

void sockets_find_processes(struct socket_list *list)
{
	bool all = process_for_each_socket(record_process, list);
	size_t i;

	for (i = 0; i < list->count; i++)
		list->items[i].hidden = !all;
}

void sockets_find(uint8_t protocol, const struct range *range, struct socket_list *list)
{
	sockets_list(protocol, range, list);
	if (list->count)
		sockets_find_processes(list);
}

static bool is_listener(const struct bound_socket *socket)
{
	return socket->protocol == IPPROTO_TCP && socket->state == TCP_LISTEN;
}

/* The list is in the order of ports. */
void sockets_drop_accepted(struct socket_list *list)
{
	size_t kept = 0;
	size_t end;
	size_t i;
	size_t j;

	for (i = 0; i < list->count; i = end) {
		bool listens = false;

		for (end = i; end < list->count && list->items[end].port == list->items[i].port &&
		     list->items[end].protocol == list->items[i].protocol; end++)
			listens |= is_listener(&list->items[end]);
		for (j = i; j < end; j++)
			if (!listens || !list->items[j].peer_port)
				list->items[kept++] = list->items[j];
	}
	list->count = kept;
}

/* device: 0 for none. */
static char *address_text(int family, const unsigned char *bytes, unsigned int device,
			  uint16_t port)
{
	bool v6 = family == AF_INET6;
	char name[IF_NAMESIZE] = "";
	char address[INET6_ADDRSTRLEN] = "?";

	inet_ntop(family, bytes, address, sizeof(address));
	if (device && !if_indextoname(device, name))
		snprintf(name, sizeof(name), "%u", device);
	return format_text("%s%s%s%s%s:%u", v6 ? "[" : "", address, *name ? "%" : "", name,
			   v6 ? "]" : "", port);
}

char *socket_address(const struct bound_socket *socket)
{
	return address_text(socket->family, socket->address, socket->device, socket->port);
}

char *socket_peer(const struct bound_socket *socket)
{
	if (socket->protocol != IPPROTO_TCP || !socket->peer_port)
		return NULL;
	return address_text(socket->family, socket->peer, 0, socket->peer_port);
}

const char *socket_state(const struct bound_socket *socket)
{
	if (socket->protocol != IPPROTO_TCP)
		return NULL;
	switch (socket->state) {
	case TCP_LISTEN:
		return "listens";
	case TCP_CLOSE:
	case BOUND_INACTIVE:
		return "bound";
	case TCP_TIME_WAIT:
		return "TIME_WAIT";
	default:
		return socket->inode ? "connected" : "closing";
	}
}

char *socket_use(const struct bound_socket *socket)
{
	const char *state = socket_state(socket);
	char *address = socket_address(socket);
	char *peer = socket_peer(socket);
	char *holder = socket_holder(socket);
	char *safe = safe_text(holder);
	char *text;

	if (!peer)
		text = format_text("%s has a %s socket %s %s", safe, state ? "TCP" : "UDP",
				   is_listener(socket) ? "that listens on" : "bound to", address);
	else if (is_waiting(socket))
		text = format_text("a connection from %s to %s was closed and is in TIME_WAIT",
				   address, peer);
	else if (!socket->inode)
		text = format_text("a connection from %s to %s is being closed", address, peer);
	else
		text = format_text("%s has a TCP connection from %s to %s", safe, address, peer);
	free(safe);
	free(holder);
	free(peer);
	free(address);
	return text;
}

char *socket_holder(const struct bound_socket *socket)
{
	if (socket->pid)
		return format_text("%s[%d]", socket->command, (int)socket->pid);
	/* Connections in TIME_WAIT, and those whose process has closed them, have no inode. */
	if (socket->protocol == IPPROTO_TCP && !socket->inode)
		return check_alloc(strdup("no process"));
	if (!socket->hidden)
		return check_alloc(strdup("the kernel"));
	return format_text("uid %u (the process is not visible here%s)", socket->uid,
			   geteuid() ? ", try as root" : "");
}
