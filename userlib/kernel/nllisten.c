// SPDX-License-Identifier: LGPL-2.1-or-later
/* Receives notifications over generic netlink, also after the module was reloaded. */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/portres.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <string.h>

#include "nllisten.h"

int portres_link_fd(const struct portres_link *link)
{
	return nl_socket_get_fd(link->sock);
}

/* Return the current number of a multicast group, or a negative errno. */
static int resolve_group(const char *name)
{
	struct nl_sock *sock = nl_socket_alloc();
	int group;

	if (!sock)
		return -ENOMEM;
	group = genl_connect(sock);
	if (!group)
		group = genl_ctrl_resolve_grp(sock, PORTRES_GENL_NAME, name);
	nl_socket_free(sock);
	return group < 0 ? portres_from_libnl(group) : group;
}

static int join_group(struct portres_link *link, const char *name, int *joined)
{
	int group = resolve_group(name);
	int error;

	if (group < 0 || group == *joined)
		return group < 0 ? group : 0;
	error = nl_socket_add_membership(link->sock, group);
	if (error < 0)
		return portres_from_libnl(error);
	*joined = group;
	return 0;
}

static int join_refusals(struct portres_link *link)
{
	int error = join_group(link, PORTRES_MCGRP_REFUSALS, &link->refusals);

	/* The family is there, as it has another group. */
	return error == -ENOSYS && link->group ? -EOPNOTSUPP : error;
}

int portres_listen_refusals(struct portres_link *link, bool wanted)
{
	int error = 0;

	link->wants_refusals = wanted;
	if (wanted)
		return join_refusals(link);
	if (link->refusals)
		error = nl_socket_drop_membership(link->sock, link->refusals);
	link->refusals = 0;
	return error < 0 ? portres_from_libnl(error) : 0;
}

/*
 * Joins one group of changes, since each of them reports all changes: the one with more details, if
 * the caller may. An older module has one group only.
 */
static int join_groups(struct portres_link *link)
{
	int error = join_group(link, PORTRES_MCGRP_ADMIN, &link->group);

	if (error == -EPERM || error == -EACCES || error == -ENOSYS)
		error = join_group(link, PORTRES_MCGRP_CHANGES, &link->group);
	/* Without them it goes on. */
	if (!error && link->wants_refusals)
		join_refusals(link);
	return error;
}

static void forget_groups(struct portres_link *link)
{
	link->group = 0;
	link->refusals = 0;
}

int portres_listen_open(struct portres_link **link)
{
	struct portres_link *new;
	int group;
	int error;

	error = portres_link_open(&new, NULL);
	if (error)
		return error;
	error = join_groups(new);
	if (!error) {
		/* The controller notifies when the module is unloaded and loaded. */
		group = genl_ctrl_resolve_grp(new->sock, "nlctrl", "notify");
		if (group >= 0)
			error = nl_socket_add_membership(new->sock, group);
		if (group < 0 || error < 0)
			error = portres_from_libnl(group < 0 ? group : error);
	}
	if (!error && nl_socket_set_nonblocking(new->sock) < 0)
		error = -EBADF;
	if (error) {
		portres_link_close(new);
		return error;
	}
	*link = new;
	return 0;
}

struct listen_state {
	struct portres_link *link;
	portres_reply_fn take;
	void *arg;
	int error;
};

static bool is_about_portres(struct nlmsghdr *header)
{
	struct nlattr *name = nlmsg_find_attr(header, GENL_HDRLEN, CTRL_ATTR_FAMILY_NAME);

	return name && nla_len(name) == sizeof(PORTRES_GENL_NAME) &&
	       !memcmp(nla_data(name), PORTRES_GENL_NAME, sizeof(PORTRES_GENL_NAME));
}

static int on_notification(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct listen_state *h = arg;
	struct genlmsghdr *genl = nlmsg_data(header);
	int error = 0;

	if (h->error || nlmsg_get_src(msg)->nl_pid)
		return NL_OK;
	if (header->nlmsg_type != GENL_ID_CTRL) {
		h->error = portres_link_deliver(msg, h->take, h->arg);
		return NL_OK;
	}
	if (!is_about_portres(header))
		return NL_OK;
	/* A reloaded module has new group numbers and no reservations. */
	if (genl->cmd == CTRL_CMD_NEWFAMILY)
		error = join_groups(h->link);
	else if (genl->cmd == CTRL_CMD_DELFAMILY)
		forget_groups(h->link);
	else
		return NL_OK;
	if (!error || error == -ENOSYS)
		error = h->take(PORTRES_CMD_UNSPEC, NULL, 0, h->arg);
	h->error = error;
	return NL_OK;
}

/* A notification is no reply, so it has no sequence number to check. */
static int on_sequence(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

int portres_listen_receive(struct portres_link *link, portres_reply_fn take, void *arg)
{
	struct listen_state h = { .link = link, .take = take, .arg = arg };
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int error = 0;

	if (!cb)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_notification, &h);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_sequence, NULL);
	while (!error && !h.error) {
		int got = nl_recvmsgs(link->sock, cb);

		/* libnl reports ENOBUFS as a lack of memory: the kernel dropped messages. */
		if (got == -NLE_NOMEM)
			error = take(PORTRES_CMD_UNSPEC, NULL, 0, arg);
		else if (got < 0)
			error = portres_from_libnl(got);
	}
	nl_cb_put(cb);
	if (h.error)
		return h.error;
	return error == -EAGAIN ? 0 : error;
}
