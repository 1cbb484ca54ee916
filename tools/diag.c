// SPDX-License-Identifier: GPL-2.0-only
/* Lists sockets by sock_diag, see sock_diag(7). */
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>

#include "diag.h"
#include "text.h"

/* The value of idiag_timer for a socket in TIME_WAIT, see sock_diag(7). */
#define TIMER_TIME_WAIT 3

struct diag_walk {
	diag_visit_fn *visit;
	void *arg;
	bool stopped;
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
	found->waits = diag->idiag_timer == TIMER_TIME_WAIT;
	found->milliseconds = found->waits ? diag->idiag_expires : 0;
	found->only_v6 = only && *(const uint8_t *)nla_data(only);
}

static int on_socket(struct nl_msg *msg, void *arg)
{
	struct diag_walk *walk = arg;
	struct diag_socket found;

	if (walk->stopped ||
	    nlmsg_datalen(nlmsg_hdr(msg)) < (int)sizeof(struct inet_diag_msg))
		return NL_OK;
	read_socket(nlmsg_hdr(msg), &found);
	if (found.port)
		walk->stopped = walk->visit(&found, walk->arg);
	return NL_OK;
}

static int on_finish(struct nl_msg *msg, void *arg)
{
	struct diag_walk *walk = arg;

	(void)msg;
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

bool diag_for_each(uint8_t protocol, diag_visit_fn *visit, void *arg)
{
	struct diag_walk walk = { .visit = visit, .arg = arg };
	struct nl_sock *sock = check_alloc(nl_socket_alloc());
	bool told = false;

	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_socket, &walk);
	nl_socket_modify_cb(sock, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, &walk);
	nl_socket_modify_err_cb(sock, NL_CB_CUSTOM, on_error, &walk);
	if (nl_connect(sock, NETLINK_SOCK_DIAG) == 0)
		told = walk_family(sock, AF_INET, protocol, &walk) &&
		       walk_family(sock, AF_INET6, protocol, &walk);
	nl_socket_free(sock);
	return told;
}
