// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists sockets by sock_diag, see sock_diag(7), or, if that fails, from /proc/net: the modules
 * udp_diag and tcp_diag may be missing.
 */
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "diag.h"
#include "procnet.h"
#include "text.h"

/* Linux 6.8 is the first that lists sockets of TCP that are bound and nothing else. */
#define BOUND_MAJOR 6
#define BOUND_MINOR 8

struct diag_walk {
	struct diag_socket *items;	/* visited once all of them are there */
	size_t count;
	bool done;
	bool failed;
};

static void read_socket(const struct nlmsghdr *header, struct diag_socket *found)
{
	const struct inet_diag_msg *diag = nlmsg_data(header);
	const struct nlattr *only = nlmsg_find_attr((struct nlmsghdr *)(uintptr_t)header,
						    sizeof(*diag), INET_DIAG_SKV6ONLY);

	memset(found, 0, sizeof(*found));
	found->family = diag->idiag_family;
	memcpy(found->address, diag->id.idiag_src, sizeof(found->address));
	memcpy(found->peer, diag->id.idiag_dst, sizeof(found->peer));
	found->port = ntohs(diag->id.idiag_sport);
	found->peer_port = ntohs(diag->id.idiag_dport);
	found->device = diag->id.idiag_if;
	found->uid = diag->idiag_uid;
	found->inode = diag->idiag_inode;
	found->state = diag->idiag_state;
	found->waits = diag->idiag_timer == DIAG_TIME_WAIT;
	found->milliseconds = found->waits ? diag->idiag_expires : 0;
	found->only_v6 = only && *(const uint8_t *)nla_data(only);
}

static int on_socket(struct nl_msg *msg, void *arg)
{
	struct diag_walk *walk = arg;
	struct diag_socket found;

	if (nlmsg_datalen(nlmsg_hdr(msg)) < (int)sizeof(struct inet_diag_msg))
		return NL_OK;
	read_socket(nlmsg_hdr(msg), &found);
	if (!found.port)
		return NL_OK;
	walk->items = check_alloc(reallocarray(walk->items, walk->count + 1, sizeof(found)));
	walk->items[walk->count++] = found;
	return NL_OK;
}

/* The end of a list has the error with which it ends, as without udp_diag. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	const struct nlmsghdr *header = nlmsg_hdr(msg);
	struct diag_walk *walk = arg;
	int error = 0;

	if (nlmsg_datalen(header) >= (int)sizeof(error))
		memcpy(&error, nlmsg_data(header), sizeof(error));
	walk->failed |= error < 0;
	walk->done = true;
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *report, void *arg)
{
	struct diag_walk *walk = arg;

	(void)from;
	(void)report;
	walk->done = true;
	walk->failed = true;
	return NL_STOP;
}

static bool walk_family(struct nl_sock *sock, int family, uint8_t protocol, struct diag_walk *walk)
{
	struct inet_diag_req_v2 request = {
		.sdiag_family = (unsigned char)family,
		.sdiag_protocol = protocol,
		.idiag_states = ~0U,
	};

	walk->done = false;
	if (nl_send_simple(sock, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &request, sizeof(request)) < 0)
		return false;
	while (!walk->done)
		if (nl_recvmsgs_default(sock) < 0 && !walk->done)
			return false;
	return !walk->failed;
}

/* Returns whether the kernel has listed all of them. */
static bool walk_protocol(uint8_t protocol, struct diag_walk *walk)
{
	struct nl_sock *sock = check_alloc(nl_socket_alloc());
	bool told = false;

	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_socket, walk);
	nl_socket_modify_cb(sock, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, walk);
	nl_socket_modify_err_cb(sock, NL_CB_CUSTOM, on_error, walk);
	if (nl_connect(sock, NETLINK_SOCK_DIAG) == 0)
		told = walk_family(sock, AF_INET, protocol, walk) &&
		       walk_family(sock, AF_INET6, protocol, walk);
	nl_socket_free(sock);
	return told;
}

static bool lists_bound(void)
{
	struct utsname system;
	unsigned int major;
	unsigned int minor;

	return uname(&system) == 0 && sscanf(system.release, "%u.%u", &major, &minor) == 2 &&
	       (major > BOUND_MAJOR || (major == BOUND_MAJOR && minor >= BOUND_MINOR));
}

/* Without IPv6 there is no second file. */
static enum diag_extent read_proc(uint8_t protocol, diag_visit_fn *visit, void *arg)
{
	const bool tcp = protocol == IPPROTO_TCP;
	bool told = procnet_for_each(tcp ? "/proc/net/tcp" : "/proc/net/udp", visit, arg);

	told |= procnet_for_each(tcp ? "/proc/net/tcp6" : "/proc/net/udp6", visit, arg);
	return !told ? DIAG_NONE : tcp ? DIAG_NOT_BOUND : DIAG_ALL;
}

enum diag_extent diag_for_each(uint8_t protocol, diag_visit_fn *visit, void *arg)
{
	struct diag_walk walk = { 0 };
	bool told = walk_protocol(protocol, &walk);
	size_t i;

	for (i = 0; told && i < walk.count; i++)
		visit(&walk.items[i], arg);
	free(walk.items);
	if (!told)
		return read_proc(protocol, visit, arg);
	return protocol == IPPROTO_TCP && !lists_bound() ? DIAG_NOT_BOUND : DIAG_ALL;
}
