// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands of the netlink family that create and delete, and what all commands share. The
 * policy (genl.c) checks single attributes; the handlers check what a policy cannot.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/caller.h"
#include "core/name.h"
#include "core/net.h"
#include "core/protocol.h"
#include "core/reservation.h"
#include "genl.h"
#include "message.h"
#include "portres.h"
#include "reserve/ready.h"
#include "reserve/remove.h"
#include "reserve/reserve.h"

/* nla_parse() keeps the last duplicate; reject the request instead. Grants may be several. */
int portres_nl_reject_duplicate_attrs(const struct genl_info *info)
{
	bool seen[PORTRES_A_MAX + 1] = {};
	struct nlattr *attr;
	int rest;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rest) {
		if (seen[nla_type(attr)] && nla_type(attr) != PORTRES_A_GRANT) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "duplicate attribute, send it once");
			return -EINVAL;
		}
		seen[nla_type(attr)] = true;
	}
	return 0;
}

int portres_nl_parse_protocol(struct genl_info *info, struct portres_spec *spec)
{
	struct nlattr *attr = info->attrs[PORTRES_A_PROTOCOL];

	if (GENL_REQ_ATTR_CHECK(info, PORTRES_A_PROTOCOL)) {
		NL_SET_ERR_MSG(info->extack, "protocol: required attribute is missing");
		return -EINVAL;
	}
	spec->protocol = portres_protocol_find(nla_get_u8(attr));
	if (!spec->protocol) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "protocol: not supported, use IPPROTO_UDP (17) or IPPROTO_TCP (6)");
		return -EPROTONOSUPPORT;
	}
	return 0;
}

static int nl_require_block(struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, PORTRES_A_FIRST))
		NL_SET_ERR_MSG(info->extack, "first: required attribute is missing");
	else if (GENL_REQ_ATTR_CHECK(info, PORTRES_A_COUNT))
		NL_SET_ERR_MSG(info->extack, "count: required attribute is missing");
	else
		return 0;
	return -EINVAL;
}

/* Parses FIRST and COUNT, both of which are required. */
int portres_nl_parse_range(struct genl_info *info, struct portres_spec *spec)
{
	unsigned int last;
	int err;

	err = nl_require_block(info);
	if (err)
		return err;
	spec->first = nla_get_u16(info->attrs[PORTRES_A_FIRST]);
	last = (unsigned int)spec->first + nla_get_u16(info->attrs[PORTRES_A_COUNT]) - 1;
	if (last > U16_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[PORTRES_A_COUNT],
				    "count: block reaches beyond port 65535");
		return -EINVAL;
	}
	spec->last = last;
	return 0;
}

int portres_nl_parse_block(struct genl_info *info, struct portres_spec *spec)
{
	return portres_nl_parse_protocol(info, spec) ?: portres_nl_parse_range(info, spec);
}

/* Sets @name to NULL if the request has none. */
int portres_nl_parse_name(struct genl_info *info, const char **name)
{
	struct nlattr *attr = info->attrs[PORTRES_A_NAME];

	*name = NULL;
	if (!attr)
		return 0;
	*name = nla_data(attr);
	/* The last byte is the terminating zero; a zero before it is a control character. */
	switch (portres_name_check(*name, nla_len(attr) - 1)) {
	case PORTRES_NAME_GOOD:
		return 0;
	case PORTRES_NAME_EMPTY:
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "name: is empty, leave it out instead");
		break;
	case PORTRES_NAME_NOT_UTF8:
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "name: is not valid UTF-8");
		break;
	case PORTRES_NAME_CONTROL:
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "name: has a control character");
		break;
	}
	return -EINVAL;
}

static int nl_parse_spec(struct sk_buff *request, struct genl_info *info,
			 struct portres_spec *spec, struct portres_terms **grants)
{
	spec->owner = INVALID_UID;
	spec->adopt = nla_get_flag(info->attrs[PORTRES_A_ADOPT]);
	return portres_nl_reject_duplicate_attrs(info) ?:
	       portres_nl_parse_block(info, spec) ?:
	       portres_nl_parse_name(info, &spec->name) ?:
	       portres_nl_parse_grants(request, info, grants);
}

struct sk_buff *portres_nl_new_reply_of(struct genl_info *info, u8 cmd, size_t size, void **hdr)
{
	struct sk_buff *msg = genlmsg_new(size, GFP_KERNEL);

	if (msg)
		*hdr = genlmsg_put_reply(msg, info, &portres_genl_family, 0, cmd);
	return msg;
}

struct sk_buff *portres_nl_new_reply(struct genl_info *info, u8 cmd, void **hdr)
{
	return portres_nl_new_reply_of(info, cmd, NLMSG_DEFAULT_SIZE, hdr);
}

/*
 * The message was allocated with room for these attributes. Another request may be changing the
 * reservation already.
 */
static void nl_put_created(struct sk_buff *msg, const struct portres_reservation *resv)
{
	struct portres_block block = portres_reservation_block(resv);
	int err;

	err = nla_put_u8(msg, PORTRES_A_PROTOCOL, resv->protocol->number) ?:
	      nla_put_u16(msg, PORTRES_A_FIRST, block.first) ?:
	      nla_put_u16(msg, PORTRES_A_COUNT, portres_block_count(block)) ?:
	      nla_put_u64_64bit(msg, PORTRES_A_TOKEN, resv->token, PORTRES_A_PAD);
	WARN_ON_ONCE(err);
}

/* Without the reply the creator does not know the token: remove the reservation. */
static int nl_reply_or_remove(struct genl_info *info, struct portres_reservation *resv,
			      struct sk_buff *msg, void *hdr)
{
	struct net *net = genl_info_net(info);
	struct portres_table *table = portres_table_of_reservation(net, resv);

	nl_put_created(msg, resv);
	genlmsg_end(msg, hdr);
	if (!genlmsg_reply(msg, info))
		return 0;
	spin_lock_bh(table->lock);
	if (!resv->dead)
		portres_unreserve(net, resv);
	spin_unlock_bh(table->lock);
	NL_SET_ERR_MSG(info->extack,
		       "reply not delivered, reservation removed; empty the receive queue and retry");
	return -ENOBUFS;
}

static size_t nl_created_size(void)
{
	return nla_total_size(sizeof(u8)) + 2 * nla_total_size(sizeof(u16)) +
	       nla_total_size_64bit(sizeof(u64));
}

static int nl_create(struct genl_info *info, const struct portres_spec *spec,
		     struct sk_buff *msg, void *hdr)
{
	struct portres_reservation *resv;
	int err;

	resv = portres_reserve(genl_info_net(info), spec, info->extack);
	if (IS_ERR(resv)) {
		nlmsg_free(msg);
		return PTR_ERR(resv);
	}
	err = nl_reply_or_remove(info, resv, msg, hdr);
	portres_reservation_put(resv);
	return err;
}

int portres_nl_wait_until_ready(struct genl_info *info, unsigned int *epoch)
{
	int err = portres_ready_wait(epoch);

	if (err == -EAGAIN)
		NL_SET_ERR_MSG(info->extack,
			       "a task that was in the kernel before portres was loaded has not left it yet, try again");
	return err;
}

/* Allocate the reply first: a lack of memory then needs no rollback. */
static int nl_alloc_and_create(struct genl_info *info, const struct portres_spec *spec)
{
	struct sk_buff *msg;
	void *hdr;

	msg = portres_nl_new_reply_of(info, PORTRES_CMD_CREATE, nl_created_size(), &hdr);
	return msg ? nl_create(info, spec, msg, hdr) : -ENOMEM;
}

int portres_nl_create_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct portres_terms *grants = NULL;
	struct portres_spec spec = {};
	int err;

	err = nl_parse_spec(skb, info, &spec, &grants) ?:
	      portres_nl_wait_until_ready(info, &spec.epoch);
	spec.grants = grants;
	if (!err)
		err = nl_alloc_and_create(info, &spec);
	kfree(grants);
	return err;
}

int portres_nl_reject_unknown(struct genl_info *info)
{
	NL_SET_ERR_MSG(info->extack, "there is no such reservation");
	return -ENOENT;
}

/* The caller states the kind: a process may have acquired the block meanwhile. */
static int nl_reject_other_kind(struct genl_info *info, bool runtime)
{
	if (runtime)
		NL_SET_ERR_MSG(info->extack,
			       "runtime reservation: to delete it as administrator add the attribute RUNTIME, as portres del does");
	else
		NL_SET_ERR_MSG(info->extack,
			       "runtime: the reservation is persistent, delete it without this attribute");
	return -ENOENT;
}

static int nl_delete_locked(struct net *net, struct portres_reservation *resv,
			    struct genl_info *info, const struct portres_caller *by)
{
	if (!resv || !portres_reservation_is_active(resv))
		return portres_nl_reject_unknown(info);
	if (resv->runtime != nla_get_flag(info->attrs[PORTRES_A_RUNTIME]))
		return nl_reject_other_kind(info, resv->runtime);
	portres_unreserve_by(net, resv, by);
	return 0;
}

int portres_nl_delete_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct portres_reservation *resv;
	struct portres_spec spec = {};
	struct portres_table *table;
	struct portres_caller by;
	int err;

	err = portres_nl_reject_duplicate_attrs(info) ?: portres_nl_parse_block(info, &spec);
	if (err)
		return err;

	portres_caller_init(&by);
	table = portres_table_of(net, spec.protocol->index);
	spin_lock_bh(table->lock);
	resv = portres_table_find_block(table, spec.first, spec.last);
	err = nl_delete_locked(net, resv, info, &by);
	spin_unlock_bh(table->lock);
	return err;
}
