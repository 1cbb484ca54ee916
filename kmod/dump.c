// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dump of all reservations of a namespace: in as many messages as it takes,
 * over changes between them.
 */
#include <linux/pid.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "genl.h"

/**
 * struct dump_state - a dump between two messages
 * @next: the port to go on with, one beyond the last port at the end
 * @reader: for whom; found out when the dump began, as its later messages may be
 *	read by another task; with a reference on its process
 */
struct dump_state {
	u32 next;
	struct portres_reader reader;
};

static struct dump_state *state_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct dump_state) > sizeof(cb->ctx));
	return (struct dump_state *)cb->ctx;
}

static int refuse_attributes(struct netlink_callback *cb)
{
	if (!nlmsg_attrlen(cb->nlh, GENL_HDRLEN))
		return 0;
	NL_SET_ERR_MSG_ATTR(cb->extack, nlmsg_attrdata(cb->nlh, GENL_HDRLEN),
			    "a dump takes no attributes");
	return -EINVAL;
}

/*
 * Old kernels have no place for a text here yet. There the first message refuses,
 * so that it is told why.
 */
int portres_nl_get_start(struct netlink_callback *cb)
{
	struct dump_state *state = state_of(cb);

	if (cb->extack && refuse_attributes(cb))
		return -EINVAL;
	state->next = 0;
	portres_reader_init(&state->reader, cb->skb);
	get_pid(state->reader.process);
	return 0;
}

int portres_nl_get_done(struct netlink_callback *cb)
{
	put_pid(state_of(cb)->reader.process);
	return 0;
}

static int dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct portres_reservation *resv)
{
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &portres_genl_family, NLM_F_MULTI, PORTRES_CMD_GET);
	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	if (portres_put_reservation(skb, resv, &state_of(cb)->reader)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/*
 * What did not fit comes again: the cursor moves after success only. The
 * generation is read before the reservations, so that a change is never missed.
 */
int portres_nl_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct portres_table *table = portres_table_of(sock_net(skb->sk));
	struct dump_state *state = state_of(cb);
	struct portres_reservation *resv;

	if (refuse_attributes(cb))
		return -EINVAL;
	cb->seq = READ_ONCE(table->generation);
	rcu_read_lock();
	while ((resv = portres_table_next(table, state->next))) {
		if (!portres_reservation_over(resv) && dump_one(skb, cb, resv))
			break;
		state->next = resv->last + 1;
	}
	rcu_read_unlock();
	return skb->len;
}
