// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command that changes a reservation: parses the request and sends the reply. The change is
 * in reserve/change.c.
 */
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "core/reservation.h"
#include "genl.h"
#include "message.h"
#include "portres.h"
#include "reserve/change.h"

/**
 * struct reply - a reply, allocated before the change
 * @info: the request
 * @reader: sender of the request
 * @msg: the message, NULL after it was sent
 * @hdr: header of @msg
 */
struct reply {
	struct genl_info *info;
	struct portres_reader reader;
	struct sk_buff *msg;
	void *hdr;
};

static int set_parse_token(struct genl_info *info, struct portres_change *change)
{
	if (GENL_REQ_ATTR_CHECK(info, PORTRES_A_TOKEN)) {
		NL_SET_ERR_MSG(info->extack, "token: required attribute is missing");
		return -EINVAL;
	}
	change->token = nla_get_u64(info->attrs[PORTRES_A_TOKEN]);
	return 0;
}

static int set_parse_block(struct genl_info *info, struct portres_change *change)
{
	struct portres_spec spec = {};
	int err;

	if (!info->attrs[PORTRES_A_FIRST] && !info->attrs[PORTRES_A_COUNT])
		return 0;
	err = portres_nl_parse_range(info, &spec);
	if (err)
		return err;
	change->moves = true;
	change->block.first = spec.first;
	change->block.last = spec.last;
	return portres_nl_wait_until_ready(info, &change->epoch);
}

/* Unlike in a creation, the empty name is valid: it removes the name. */
static int set_parse_name(struct genl_info *info, struct portres_change *change)
{
	struct nlattr *attr = info->attrs[PORTRES_A_NAME];

	change->renames = attr;
	if (attr && nla_len(attr) == 1) {
		change->name = "";
		return 0;
	}
	return portres_nl_parse_name(info, &change->name);
}

static int set_parse_grants(struct sk_buff *request, struct genl_info *info,
			    struct portres_change *change, struct portres_terms **grants)
{
	struct nlattr *none = info->attrs[PORTRES_A_NO_GRANTS];

	if (none && info->attrs[PORTRES_A_GRANT]) {
		NL_SET_ERR_MSG_ATTR(info->extack, none,
				    "no-grants: conflicting attribute, there are grants");
		return -EINVAL;
	}
	change->regrants = none || info->attrs[PORTRES_A_GRANT];
	return portres_nl_parse_grants(request, info, grants);
}

static int set_reject_nothing(struct genl_info *info, const struct portres_change *change)
{
	if (change->moves || change->renames || change->regrants)
		return 0;
	NL_SET_ERR_MSG(info->extack,
		       "nothing to change: send a name, grants, no-grants, or first and count");
	return -EINVAL;
}

static int set_parse(struct sk_buff *request, struct genl_info *info, struct portres_change *change,
		     struct portres_terms **grants)
{
	return portres_nl_reject_duplicate_attrs(info) ?:
	       set_parse_token(info, change) ?:
	       set_parse_name(info, change) ?:
	       set_parse_grants(request, info, change, grants) ?:
	       set_parse_block(info, change) ?:
	       set_reject_nothing(info, change);
}

/*
 * Sends the reply before the change, under the table lock: if the receive queue has no room for the
 * reply, there is nothing to roll back. Nothing after the reply can fail. genlmsg_reply() does not
 * wait for the receiver.
 *
 * The message was allocated with room for all attributes.
 */
static int set_send_reply(const struct portres_reservation *resv, struct portres_block block,
			  const struct portres_terms *terms, void *arg)
{
	struct reply *reply = arg;
	struct sk_buff *msg = reply->msg;
	int err;

	rcu_read_lock();
	err = portres_put_with(msg, resv, block, terms, &reply->reader);
	rcu_read_unlock();
	if (WARN_ON_ONCE(err))
		return err;
	genlmsg_end(msg, reply->hdr);
	reply->msg = NULL;
	if (!genlmsg_reply(msg, reply->info))
		return 0;
	NL_SET_ERR_MSG(reply->info->extack,
		       "reply not delivered, nothing changed; empty the receive queue and retry");
	return -ENOBUFS;
}

/* The attribute at fault, if the request is, and not the state of the reservation. */
static void set_point_to_attr(struct genl_info *info, int err)
{
	if (err == -EINVAL)
		NL_SET_BAD_ATTR(info->extack, info->attrs[PORTRES_A_FIRST]);
	else if (err == -ENOENT || err == -EOPNOTSUPP)
		NL_SET_BAD_ATTR(info->extack, info->attrs[PORTRES_A_TOKEN]);
}

static int set_change_and_reply(struct sk_buff *request, struct genl_info *info,
				struct portres_change *change)
{
	struct reply reply = { .info = info };
	int err;

	reply.msg = portres_nl_new_reply(info, PORTRES_CMD_SET, &reply.hdr);
	if (!reply.msg)
		return -ENOMEM;
	portres_reader_init(&reply.reader, request);
	/* GENL_UNS_ADMIN_PERM: genetlink has checked the capability. */
	reply.reader.admin = true;
	change->reply = set_send_reply;
	change->arg = &reply;
	err = portres_change(genl_info_net(info), change, info->extack);
	set_point_to_attr(info, err);
	nlmsg_free(reply.msg);
	return err;
}

int portres_nl_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct portres_terms *grants = NULL;
	struct portres_change change = {};
	int err;

	err = set_parse(skb, info, &change, &grants);
	change.grants = grants;
	if (!err)
		err = set_change_and_reply(skb, info, &change);
	kfree(grants);
	return err;
}
