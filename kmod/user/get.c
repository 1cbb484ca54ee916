// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command that gets one reservation: by its token, by a port or by its block.
 */
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/net.h"
#include "core/refusals.h"
#include "core/reservation.h"
#include "genl.h"
#include "message.h"
#include "portres.h"
#include "refusals.h"

static int nl_reject_conflicting_attr(struct genl_info *info, int attr)
{
	if (!info->attrs[attr])
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attr],
			    "conflicting attribute, select by token, by port, or by first and count");
	return -EINVAL;
}

static int nl_reject_beside_token(struct genl_info *info)
{
	return nl_reject_conflicting_attr(info, PORTRES_A_PROTOCOL) ?:
	       nl_reject_conflicting_attr(info, PORTRES_A_PORT) ?:
	       nl_reject_conflicting_attr(info, PORTRES_A_FIRST) ?:
	       nl_reject_conflicting_attr(info, PORTRES_A_COUNT);
}

/**
 * struct get_selector - selects a reservation
 * @by: attribute that selects it: PORTRES_A_TOKEN, _PORT or _FIRST
 * @token: its token
 * @port: any of its ports
 * @block: its protocol, first and last port
 */
struct get_selector {
	enum portres_attr by;
	u64 token;
	u16 port;
	struct portres_spec block;
};

static int nl_reject_beside_port(struct genl_info *info, struct get_selector *selector)
{
	return nl_reject_conflicting_attr(info, PORTRES_A_FIRST) ?:
	       nl_reject_conflicting_attr(info, PORTRES_A_COUNT) ?:
	       portres_nl_parse_protocol(info, &selector->block);
}

static int selector_parse(struct genl_info *info, struct get_selector *selector)
{
	if (info->attrs[PORTRES_A_TOKEN]) {
		selector->by = PORTRES_A_TOKEN;
		selector->token = nla_get_u64(info->attrs[PORTRES_A_TOKEN]);
		return nl_reject_beside_token(info);
	}
	if (info->attrs[PORTRES_A_PORT]) {
		selector->by = PORTRES_A_PORT;
		selector->port = nla_get_u16(info->attrs[PORTRES_A_PORT]);
		return nl_reject_beside_port(info, selector);
	}
	selector->by = PORTRES_A_FIRST;
	return portres_nl_parse_block(info, &selector->block);
}

/* Not by a port that a change may still add to the block. */
static struct portres_reservation *selector_find_port(struct portres_table *table, u16 port)
{
	struct portres_reservation *resv = portres_table_find(table, port);

	return resv && portres_reservation_has_port(resv, port) ? resv : NULL;
}

static struct portres_reservation *selector_find(const struct net *net,
						 const struct get_selector *selector)
{
	struct portres_table *table;

	if (selector->by == PORTRES_A_TOKEN)
		return portres_table_find_token(portres_table_of_token(net, selector->token),
						selector->token);
	table = portres_table_of(net, selector->block.protocol->index);
	if (selector->by == PORTRES_A_PORT)
		return selector_find_port(table, selector->port);
	return portres_table_find_block(table, selector->block.first, selector->block.last);
}

static int nl_describe(struct sk_buff *msg, const struct portres_reservation *resv,
		       struct portres_reader *reader, const struct sk_buff *request)
{
	int err;

	portres_reader_check_admin(reader, request, resv);
	err = portres_put_reservation(msg, resv, reader);
	if (!err && portres_refusals_has(portres_net_of(sock_net(request->sk)), resv->token) &&
	    portres_reader_is_admin(reader, request))
		portres_put_refusals(msg, sock_net(request->sk), resv, reader);
	return err;
}

int portres_nl_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct portres_reservation *resv;
	struct portres_reader reader;
	struct get_selector selector = {};
	struct sk_buff *msg;
	void *hdr;
	int err;

	err = portres_nl_reject_duplicate_attrs(info) ?: selector_parse(info, &selector);
	if (err)
		return err;
	portres_reader_init(&reader, skb);
	msg = portres_nl_new_reply_of(info, PORTRES_CMD_GET,
				      NLMSG_DEFAULT_SIZE + PORTRES_REFUSALS_ROOM, &hdr);
	if (!msg)
		return -ENOMEM;

	rcu_read_lock();
	resv = selector_find(genl_info_net(info), &selector);
	if (resv && !portres_reservation_is_active(resv))
		resv = NULL;
	err = resv ? nl_describe(msg, resv, &reader, skb) : portres_nl_reject_unknown(info);
	rcu_read_unlock();
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}
