// SPDX-License-Identifier: LGPL-2.1-or-later
/* Notifications over generic netlink, also across a reload of the module. */
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <string.h>

#include "nllink.h"

int portres_link_fd(const struct portres_link *link)
{
	return nl_socket_get_fd(link->sock);
}

/* Joins the group of changes under the number that it has now. */
static int join(struct portres_link *link)
{
	struct nl_sock *sock = nl_socket_alloc();
	int group;
	int error;

	if (!sock)
		return -ENOMEM;
	error = genl_connect(sock);
	if (error) {
		nl_socket_free(sock);
		return portres_from_libnl(error);
	}
	group = genl_ctrl_resolve_grp(sock, PORTRES_GENL_NAME, PORTRES_MCGRP_CHANGES);
	nl_socket_free(sock);
	if (group < 0)
		return portres_from_libnl(group);
	if (group == link->group)
		return 0;
	link->group = group;
	error = nl_socket_add_membership(link->sock, group);
	return error < 0 ? portres_from_libnl(error) : 0;
}

int portres_listen(struct portres *handle, struct portres_link **link)
{
	struct portres_link *new;
	int group;
	int error;

	error = portres_link_open(&new);
	if (error)
		return portres_explain(handle->text, error, NULL);
	error = join(new);
	if (!error) {
		/* The controller tells when the module goes and comes. */
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
		return portres_explain(handle->text, error, NULL);
	}
	*link = new;
	return portres_explain(handle->text, 0, NULL);
}

struct hearing {
	struct portres_link *link;
	portres_answer_fn *take;
	void *arg;
	int error;
};

static bool about_portres(struct nlmsghdr *header)
{
	struct nlattr *name = nlmsg_find_attr(header, GENL_HDRLEN, CTRL_ATTR_FAMILY_NAME);

	return name && nla_len(name) == sizeof(PORTRES_GENL_NAME) &&
	       !memcmp(nla_data(name), PORTRES_GENL_NAME, sizeof(PORTRES_GENL_NAME));
}

static int on_notice(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct hearing *h = arg;
	struct genlmsghdr *genl = nlmsg_data(header);
	int error = 0;

	if (h->error || nlmsg_get_src(msg)->nl_pid)
		return NL_OK;
	if (header->nlmsg_type != GENL_ID_CTRL) {
		h->error = portres_give(msg, h->take, h->arg);
		return NL_OK;
	}
	if (!about_portres(header))
		return NL_OK;
	/* A module that was loaded again has new numbers, and nothing is reserved. */
	if (genl->cmd == CTRL_CMD_NEWFAMILY)
		error = join(h->link);
	else if (genl->cmd == CTRL_CMD_DELFAMILY)
		h->link->group = 0;
	else
		return NL_OK;
	if (!error || error == -ENOSYS)
		error = h->take(PORTRES_CMD_UNSPEC, NULL, 0, h->arg);
	h->error = error;
	return NL_OK;
}

/* Notifications answer nothing, so they carry no number to be checked. */
static int on_sequence(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

int portres_hear(struct portres_link *link, portres_answer_fn *take, void *arg)
{
	struct hearing h = { .link = link, .take = take, .arg = arg };
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int error = 0;

	if (!cb)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_notice, &h);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_sequence, NULL);
	while (!error && !h.error) {
		int got = nl_recvmsgs(link->sock, cb);

		/* ENOBUFS comes as a lack of memory: something was dropped either way. */
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
