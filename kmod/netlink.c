// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands of the netlink family: create, delete, tell about one. Limits of
 * single attributes are checked by the policy (genl.c); here only what a policy
 * cannot say.
 */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/in.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "genl.h"

/* The parser takes the last of two; a caller who says two things means neither. */
static int refuse_twice(const struct genl_info *info)
{
	bool seen[PORTRES_A_MAX + 1] = {};
	struct nlattr *attr;
	int rest;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rest) {
		if (seen[nla_type(attr)]) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr, "the attribute is there twice");
			return -EINVAL;
		}
		seen[nla_type(attr)] = true;
	}
	return 0;
}

static int parse_protocol(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[PORTRES_A_PROTOCOL];

	if (GENL_REQ_ATTR_CHECK(info, PORTRES_A_PROTOCOL)) {
		NL_SET_ERR_MSG(info->extack, "protocol: is missing");
		return -EINVAL;
	}
	if (nla_get_u8(attr) != IPPROTO_UDP) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "protocol: only UDP (17) has reservations");
		return -EPROTONOSUPPORT;
	}
	return 0;
}

static int require_range(struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, PORTRES_A_FIRST))
		NL_SET_ERR_MSG(info->extack, "first: is missing");
	else if (GENL_REQ_ATTR_CHECK(info, PORTRES_A_COUNT))
		NL_SET_ERR_MSG(info->extack, "count: is missing");
	else
		return 0;
	return -EINVAL;
}

static int parse_block(struct genl_info *info, struct portres_spec *spec)
{
	unsigned int last;
	int err;

	err = parse_protocol(info) ?: require_range(info);
	if (err)
		return err;
	spec->first = nla_get_u16(info->attrs[PORTRES_A_FIRST]);
	last = (unsigned int)spec->first + nla_get_u16(info->attrs[PORTRES_A_COUNT]) - 1;
	if (last > U16_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[PORTRES_A_COUNT],
				    "count: the block would reach beyond port 65535");
		return -EINVAL;
	}
	spec->last = last;
	return 0;
}

/* Names go to terminals and logs: what could steer those stays out. */
static int parse_name(struct genl_info *info, struct portres_spec *spec)
{
	struct nlattr *attr = info->attrs[PORTRES_A_NAME];
	int i;

	if (!attr)
		return 0;
	spec->name = nla_data(attr);
	if (!spec->name[0]) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "name: is empty, leave it out instead");
		return -EINVAL;
	}
	/* The last byte is the terminating zero, any other one is an error. */
	for (i = 0; i < nla_len(attr) - 1; i++) {
		if (isascii(spec->name[i]) && iscntrl(spec->name[i])) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr, "name: has a control character");
			return -EINVAL;
		}
	}
	return 0;
}

static int parse_owner(struct sk_buff *request, struct genl_info *info,
		       struct portres_spec *spec)
{
	struct nlattr *attr = info->attrs[PORTRES_A_OWNER];

	spec->owner = INVALID_UID;
	if (!attr)
		return 0;
	spec->owner = make_kuid(sk_user_ns(NETLINK_CB(request).sk), nla_get_u32(attr));
	if (!uid_valid(spec->owner)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "owner: there is no such user in the caller's user namespace");
		return -EINVAL;
	}
	return 0;
}

static int parse_spec(struct sk_buff *request, struct genl_info *info, struct portres_spec *spec)
{
	return refuse_twice(info) ?:
	       parse_block(info, spec) ?:
	       parse_name(info, spec) ?:
	       parse_owner(request, info, spec);
}

static struct sk_buff *new_reply(struct genl_info *info, u8 cmd, void **hdr)
{
	struct sk_buff *msg;

	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return NULL;
	*hdr = genlmsg_put_reply(msg, info, &portres_genl_family, 0, cmd);
	return msg;
}

/* The message was made for an answer of this size: there is room. */
static void put_created(struct sk_buff *msg, const struct portres_reservation *resv)
{
	int err;

	err = nla_put_u8(msg, PORTRES_A_PROTOCOL, IPPROTO_UDP) ?:
	      nla_put_u16(msg, PORTRES_A_FIRST, resv->first) ?:
	      nla_put_u16(msg, PORTRES_A_COUNT, portres_reservation_count(resv)) ?:
	      nla_put_u64_64bit(msg, PORTRES_A_TOKEN, resv->token, PORTRES_A_PAD);
	WARN_ON_ONCE(err);
}

/* A block is of no use to who was not told of it, and he would not know to delete it. */
static int tell_or_end(struct genl_info *info, struct portres_reservation *resv,
		       struct sk_buff *msg, void *hdr)
{
	put_created(msg, resv);
	genlmsg_end(msg, hdr);
	if (!genlmsg_reply(msg, info))
		return 0;
	portres_unreserve(genl_info_net(info), resv);
	NL_SET_ERR_MSG(info->extack, "the answer does not fit into the socket's queue");
	return -ENOBUFS;
}

static int create(struct genl_info *info, const struct portres_spec *spec,
		  struct sk_buff *msg, void *hdr)
{
	struct portres_reservation *resv;

	resv = portres_reserve(genl_info_net(info), spec, info->extack);
	if (IS_ERR(resv)) {
		nlmsg_free(msg);
		return PTR_ERR(resv);
	}
	return tell_or_end(info, resv, msg, hdr);
}

/* The answer is made before the reservation: then no memory can be missing behind it. */
int portres_nl_create_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct portres_table *table = portres_table_of(genl_info_net(info));
	struct portres_spec spec = {};
	struct sk_buff *msg;
	void *hdr;
	int err;

	err = parse_spec(skb, info, &spec);
	if (err)
		return err;
	msg = new_reply(info, PORTRES_CMD_CREATE, &hdr);
	if (!msg)
		return -ENOMEM;
	portres_guard_get();
	mutex_lock(&table->lock);
	err = create(info, &spec, msg, hdr);
	mutex_unlock(&table->lock);
	portres_guard_put();
	return err;
}

static int refuse_unknown(struct genl_info *info)
{
	NL_SET_ERR_MSG(info->extack, "there is no such reservation");
	return -ENOENT;
}

static int delete(struct net *net, struct portres_reservation *resv, struct genl_info *info)
{
	if (!resv || portres_reservation_over(resv))
		return refuse_unknown(info);
	if (resv->runtime) {
		NL_SET_ERR_MSG(info->extack,
			       "it is a runtime reservation, which ends when its process releases it or its socket is closed");
		return -ENOENT;
	}
	portres_unreserve(net, resv);
	return 0;
}

int portres_nl_delete_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct portres_table *table = portres_table_of(net);
	struct portres_spec spec = {};
	int err;

	err = refuse_twice(info) ?: parse_block(info, &spec);
	if (err)
		return err;

	mutex_lock(&table->lock);
	err = delete(net, portres_table_find_block(table, spec.first, spec.last), info);
	mutex_unlock(&table->lock);
	return err;
}

static int refuse_beside(struct genl_info *info, int attr)
{
	if (!info->attrs[attr])
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attr],
			    "name the reservation in one way: by token, by port, or by first and count");
	return -EINVAL;
}

static int refuse_beside_token(struct genl_info *info)
{
	return refuse_beside(info, PORTRES_A_PROTOCOL) ?:
	       refuse_beside(info, PORTRES_A_PORT) ?:
	       refuse_beside(info, PORTRES_A_FIRST) ?:
	       refuse_beside(info, PORTRES_A_COUNT);
}

static int refuse_beside_port(struct genl_info *info)
{
	return refuse_beside(info, PORTRES_A_FIRST) ?:
	       refuse_beside(info, PORTRES_A_COUNT) ?:
	       parse_protocol(info);
}

/**
 * struct wanted - which reservation is asked for
 * @by: the attribute that names it: PORTRES_A_TOKEN, _PORT or _FIRST
 * @token: by its token
 * @port: by a port inside it
 * @block: by its exact block
 */
struct wanted {
	enum portres_attr by;
	u64 token;
	u16 port;
	struct portres_spec block;
};

static int parse_wanted(struct genl_info *info, struct wanted *wanted)
{
	if (info->attrs[PORTRES_A_TOKEN]) {
		wanted->by = PORTRES_A_TOKEN;
		wanted->token = nla_get_u64(info->attrs[PORTRES_A_TOKEN]);
		return refuse_beside_token(info);
	}
	if (info->attrs[PORTRES_A_PORT]) {
		wanted->by = PORTRES_A_PORT;
		wanted->port = nla_get_u16(info->attrs[PORTRES_A_PORT]);
		return refuse_beside_port(info);
	}
	wanted->by = PORTRES_A_FIRST;
	return parse_block(info, &wanted->block);
}

static struct portres_reservation *find_wanted(struct portres_table *table,
					       const struct wanted *wanted)
{
	switch (wanted->by) {
	case PORTRES_A_TOKEN:
		return portres_table_find_token(table, wanted->token);
	case PORTRES_A_PORT:
		return portres_table_find(table, wanted->port);
	default:
		return portres_table_find_block(table, wanted->block.first, wanted->block.last);
	}
}

int portres_nl_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct portres_reservation *resv;
	struct portres_reader reader;
	struct wanted wanted = {};
	struct sk_buff *msg;
	void *hdr;
	int err;

	err = refuse_twice(info) ?: parse_wanted(info, &wanted);
	if (err)
		return err;
	portres_reader_init(&reader, skb);
	msg = new_reply(info, PORTRES_CMD_GET, &hdr);
	if (!msg)
		return -ENOMEM;

	rcu_read_lock();
	resv = find_wanted(portres_table_of(genl_info_net(info)), &wanted);
	if (resv && portres_reservation_over(resv))
		resv = NULL;
	err = resv ? portres_put_reservation(msg, resv, &reader) : refuse_unknown(info);
	rcu_read_unlock();
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}
