// SPDX-License-Identifier: GPL-2.0-only
/* Asks generic netlink for the family and its groups. */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "client.h"
#include "tap.h"

#define HEADERS (NLMSG_HDRLEN + GENL_HDRLEN)
#define MESSAGE_ALIGNED __attribute__((aligned(NLMSG_ALIGNTO)))

struct group {
	char name[16];
	uint32_t number;
};

/* A group is nested: its name and its number. */
static void parse_group(int type, const void *data, size_t len, void *arg)
{
	struct group *group = arg;

	if (type == CTRL_ATTR_MCAST_GRP_ID)
		take_attr(type, &group->number, sizeof(group->number), data, len);
	else if (type == CTRL_ATTR_MCAST_GRP_NAME)
		take_text(type, group->name, sizeof(group->name), data, len);
}

static void parse_groups(int type, const void *data, size_t len, void *arg)
{
	struct client *c = arg;
	struct group group = { 0 };

	(void)type; /* an index */
	walk_attrs(data, len, parse_group, &group);
	if (!strcmp(group.name, PORTRES_MCGRP_CHANGES))
		c->changes = group.number;
	else if (!strcmp(group.name, PORTRES_MCGRP_ADMIN))
		c->admin = group.number;
	else if (!strcmp(group.name, PORTRES_MCGRP_REFUSALS))
		c->refusals = group.number;
	else if (c->ours)
		tap_bail("the group \"%s\" is not in the contract", group.name);
}

static void parse_family(int type, const void *data, size_t len, void *arg)
{
	struct client *c = arg;

	if (type == CTRL_ATTR_FAMILY_ID)
		take_attr(type, &c->family, sizeof(c->family), data, len);
	else if (type == CTRL_ATTR_MCAST_GROUPS)
		walk_attrs(data, len, parse_groups, arg);
}

int client_find_family(struct client *c, const char *name)
{
	struct {
		struct nlmsghdr nl;
		struct genlmsghdr genl;
		struct nlattr attr;
		char name[GENL_NAMSIZ];
	} rq = {
		.nl = { 0, GENL_ID_CTRL, NLM_F_REQUEST, ++c->seq, 0 },
		.genl = { .cmd = CTRL_CMD_GETFAMILY, .version = 2 },
		.attr = { NLA_HDRLEN + strlen(name) + 1, CTRL_ATTR_FAMILY_NAME },
	};
	char buf[8192] MESSAGE_ALIGNED;
	struct nlmsghdr *nl = (void *)buf;
	ssize_t n;

	memcpy(rq.name, name, strlen(name) + 1);
	c->ours = !strcmp(name, PORTRES_GENL_NAME);
	rq.nl.nlmsg_len = offsetof(typeof(rq), name) + NLA_ALIGN(strlen(name) + 1);
	if (send(c->fd, &rq, rq.nl.nlmsg_len, 0) < 0)
		return errno;
	n = recv(c->fd, buf, sizeof(buf), 0);
	if (n < 0)
		return errno;
	if (!NLMSG_OK(nl, n))
		tap_bail("generic netlink answers with %zd bytes", n);
	if (nl->nlmsg_type == NLMSG_ERROR)
		return -((struct nlmsgerr *)NLMSG_DATA(nl))->error;
	walk_attrs((char *)nl + HEADERS, nl->nlmsg_len - HEADERS, parse_family, c);
	return 0;
}
