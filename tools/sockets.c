// SPDX-License-Identifier: GPL-2.0-only
/* Lists sockets of UDP and TCP, and finds their processes. */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <portres/portres.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

void socket_of_diag(uint8_t protocol, const struct diag_socket *socket, struct bound_socket *found)
{
	*found = (struct bound_socket){
		.protocol = protocol,
		.family = socket->family,
		.state = socket->state,
		.port = socket->port,
		.peer_port = socket->peer_port,
		.device = socket->device,
		.uid = socket->uid,
		.inode = socket->inode,
	};
	memcpy(found->address, socket->address, sizeof(found->address));
	memcpy(found->peer, socket->peer, sizeof(found->peer));
}

struct search {
	uint8_t protocol;
	const struct range *range;
	struct socket_list *list;
};

static void add_found(const struct diag_socket *socket, void *arg)
{
	const struct search *search = arg;
	struct bound_socket found;

	if (!range_has(search->range, socket->port))
		return;
	socket_of_diag(search->protocol, socket, &found);
	sockets_add(search->list, &found);
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

	memset(list, 0, sizeof(*list));
	diag_for_each(protocol, add_found, &search);
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
