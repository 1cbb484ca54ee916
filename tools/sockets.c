// SPDX-License-Identifier: GPL-2.0-only
/* Lists bound UDP sockets: asks the kernel's socket diagnosis, else reads /proc/net. */
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sockets.h"
#include "text.h"

void sockets_add(struct socket_list *list, const struct bound_socket *found)
{
	list->items = need(reallocarray(list->items, list->count + 1, sizeof(*list->items)));
	list->items[list->count++] = *found;
}

void sockets_free(struct socket_list *list)
{
	free(list->items);
	memset(list, 0, sizeof(*list));
}

static bool inside(const struct range *range, uint16_t port)
{
	return port >= range->first && port <= range_last(range);
}

struct search {
	const struct range *range;
	struct socket_list *list;
	bool done;
	bool failed;
};

static int on_socket(struct nl_msg *msg, void *arg)
{
	const struct inet_diag_msg *diag = nlmsg_data(nlmsg_hdr(msg));
	struct bound_socket found = { 0 };
	struct search *search = arg;

	if (nlmsg_datalen(nlmsg_hdr(msg)) < (int)sizeof(*diag))
		return NL_OK;
	found.port = ntohs(diag->id.idiag_sport);
	if (!inside(search->range, found.port))
		return NL_OK;
	found.family = diag->idiag_family;
	memcpy(found.address, diag->id.idiag_src, sizeof(found.address));
	found.device = diag->id.idiag_if;
	found.uid = diag->idiag_uid;
	found.inode = diag->idiag_inode;
	sockets_add(search->list, &found);
	return NL_OK;
}

static int on_finish(struct nl_msg *msg, void *arg)
{
	struct search *search = arg;

	(void)msg;
	search->done = true;
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *report, void *arg)
{
	struct search *search = arg;

	(void)from;
	(void)report;
	search->done = true;
	search->failed = true;
	return NL_STOP;
}

static bool diagnose(struct nl_sock *sock, int family, struct search *search)
{
	struct inet_diag_req_v2 request = {
		.sdiag_family = (unsigned char)family,
		.sdiag_protocol = IPPROTO_UDP,
		.idiag_states = ~0U,
	};

	search->done = false;
	search->failed = false;
	if (nl_send_simple(sock, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &request,
			   sizeof(request)) < 0)
		return false;
	while (!search->done)
		if (nl_recvmsgs_default(sock) < 0 && !search->done)
			return false;
	return !search->failed;
}

static bool ask_kernel(const struct range *range, struct socket_list *list)
{
	struct search search = { .range = range, .list = list };
	struct nl_sock *sock = need(nl_socket_alloc());
	bool told = false;

	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_socket, &search);
	nl_socket_modify_cb(sock, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, &search);
	nl_socket_modify_err_cb(sock, NL_CB_CUSTOM, on_error, &search);
	if (nl_connect(sock, NETLINK_SOCK_DIAG) == 0)
		told = diagnose(sock, AF_INET, &search) &&
		       diagnose(sock, AF_INET6, &search);
	nl_socket_free(sock);
	return told;
}

/* The address as /proc/net writes it: words of the machine, in hexadecimal. */
static bool read_address(const char *hex, struct bound_socket *found)
{
	size_t words = strlen(hex) / 8;
	size_t i;

	if (strlen(hex) != 8 && strlen(hex) != 32)
		return false;
	found->family = words == 1 ? AF_INET : AF_INET6;
	for (i = 0; i < words; i++) {
		uint32_t word;

		if (sscanf(hex + 8 * i, "%8x", &word) != 1)
			return false;
		memcpy(found->address + 4 * i, &word, sizeof(word));
	}
	return true;
}

bool sockets_read_proc(const char *path, const struct range *range,
		       struct socket_list *list)
{
	FILE *file = fopen(path, "re");
	char line[512];

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		struct bound_socket found = { 0 };
		unsigned int port;
		char hex[33];

		if (sscanf(line, " %*u: %32[0-9A-F]:%x %*s %*s %*s %*s %*s %u %*s %lu",
			   hex, &port, &found.uid, &found.inode) != 4 ||
		    port > UINT16_MAX || !read_address(hex, &found))
			continue;
		found.port = (uint16_t)port;
		if (inside(range, found.port))
			sockets_add(list, &found);
	}
	fclose(file);
	return true;
}

static int by_port(const void *a, const void *b)
{
	const struct bound_socket *one = a;
	const struct bound_socket *two = b;

	if (one->port != two->port)
		return one->port < two->port ? -1 : 1;
	return one->family - two->family;
}

void sockets_list(const struct range *range, struct socket_list *list)
{
	memset(list, 0, sizeof(*list));
	if (!ask_kernel(range, list)) {
		sockets_free(list);
		sockets_read_proc("/proc/net/udp", range, list);
		sockets_read_proc("/proc/net/udp6", range, list);
	}
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), by_port);
}

bool sockets_inside(const struct socket_list *list, const struct range *range)
{
	size_t from = 0;
	size_t to = list->count;

	/* the first one that is not below the range */
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (list->items[middle].port < range->first)
			from = middle + 1;
		else
			to = middle;
	}
	return from < list->count && inside(range, list->items[from].port);
}

void sockets_find(const struct range *range, struct socket_list *list)
{
	sockets_list(range, list);
	if (list->count)
		sockets_find_processes(list);
}

char *socket_address(const struct bound_socket *socket)
{
	bool v6 = socket->family == AF_INET6;
	char device[IF_NAMESIZE] = "";
	char address[INET6_ADDRSTRLEN] = "?";

	inet_ntop(socket->family, socket->address, address, sizeof(address));
	if (socket->device && !if_indextoname(socket->device, device))
		snprintf(device, sizeof(device), "%u", socket->device);
	return format_text("%s%s%s%s%s:%u", v6 ? "[" : "", address, *device ? "%" : "",
			   device, v6 ? "]" : "", socket->port);
}

char *socket_holder(const struct bound_socket *socket)
{
	if (socket->pid)
		return format_text("%s[%d]", socket->command, (int)socket->pid);
	if (!socket->hidden)
		return need(strdup("the kernel"));
	return format_text("uid %u (the process cannot be seen from here%s)", socket->uid,
			   geteuid() ? ", root may" : "");
}
