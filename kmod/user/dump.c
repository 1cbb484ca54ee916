// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dump of all reservations of a namespace, in several messages; the table may change between
 * them.
 */
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/net.h"
#include "core/reservation.h"
#include "genl.h"
#include "message.h"
#include "portres.h"

/**
 * struct dump_state - a dump between two messages
 * @reader: the reader, as of the beginning of the dump, as another task may receive later
 *	messages; with a reference to its process
 * @next: port to continue with, one beyond the last port at the end of a table
 * @protocol: protocol to continue with, PORTRES_PROTOCOLS at the end
 */
struct dump_state {
	struct portres_reader reader;
	u32 next;
	u32 protocol;
};

static struct dump_state *dump_state_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct dump_state) > sizeof(cb->ctx));
	return (struct dump_state *)cb->ctx;
}

static int dump_reject_attributes(struct netlink_callback *cb)
{
	if (!nlmsg_attrlen(cb->nlh, GENL_HDRLEN))
		return 0;
	NL_SET_ERR_MSG_ATTR(cb->extack, nlmsg_attrdata(cb->nlh, GENL_HDRLEN),
			    "a dump takes no attributes");
	return -EINVAL;
}

/* Changes with every change of any table. Not 0, which netlink takes for no number. */
static u32 dump_generation(const struct net *net)
{
	u32 sum = 0;
	int i;

	for (i = 0; i < PORTRES_PROTOCOLS; i++)
		sum += READ_ONCE(portres_table_of(net, i)->generation);
	return sum ?: 1;
}

/* Return: false if there is no other reservation, or the privilege was checked. */
static bool dump_check_next(struct dump_state *state, struct netlink_callback *cb,
			    struct portres_table *table, u32 *port)
{
	struct portres_reservation *resv;
	bool goes_on;

	rcu_read_lock();
	resv = portres_table_next(table, *port);
	goes_on = resv && !portres_reader_check_admin(&state->reader, cb->skb, resv);
	if (goes_on)
		*port = portres_reservation_next_port(resv, *port);
	rcu_read_unlock();
	return goes_on;
}

/*
 * Checks the reader's privilege only if a reservation is not its own. One that is created later
 * is described as for a reader without privilege, and the dump is marked as interrupted.
 *
 * Reschedules between reservations: there can be one for each port, each with 16 grants.
 */
static void dump_check_admin(struct dump_state *state, struct netlink_callback *cb)
{
	struct net *net = sock_net(cb->skb->sk);
	u32 port;
	int i;

	cb->prev_seq = dump_generation(net);
	for (i = 0; i < PORTRES_PROTOCOLS && !state->reader.admin; i++) {
		port = 0;
		while (dump_check_next(state, cb, portres_table_of(net, i), &port))
			cond_resched();
	}
}

/*
 * Older kernels leave cb->extack NULL in ->start(); there the first ->dumpit() rejects
 * attributes.
 */
int portres_nl_get_start(struct netlink_callback *cb)
{
	struct dump_state *state = dump_state_of(cb);

	if (cb->extack && dump_reject_attributes(cb))
		return -EINVAL;
	state->next = 0;
	state->protocol = 0;
	portres_reader_init(&state->reader, cb->skb);
	get_pid(state->reader.process);
	dump_check_admin(state, cb);
	return 0;
}

int portres_nl_get_done(struct netlink_callback *cb)
{
	put_pid(dump_state_of(cb)->reader.process);
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
	if (portres_put_reservation(skb, resv, &dump_state_of(cb)->reader)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/*
 * The cursor moves after success only, so the next message begins with what did not fit.
 *
 * Return: 0 if it goes on, 1 at the end of the table, -EMSGSIZE if the message is full.
 */
static int dump_next(struct sk_buff *skb, struct netlink_callback *cb, struct portres_table *table)
{
	struct dump_state *state = dump_state_of(cb);
	struct portres_reservation *resv;
	int result = 1;

	rcu_read_lock();
	resv = portres_table_next(table, state->next);
	if (resv)
		result = portres_reservation_is_active(resv) ? dump_one(skb, cb, resv) : 0;
	if (!result)
		state->next = portres_reservation_next_port(resv, state->next);
	rcu_read_unlock();
	return result;
}

/*
 * Reschedules between reservations, and leaves RCU. There can be any number that are expired and
 * skipped, and for each of the others the ancestors of the reader may be compared, 1024 of them.
 *
 * Return: true at the end of the table, false if the message is full.
 */
static bool dump_table(struct sk_buff *skb, struct netlink_callback *cb,
		       struct portres_table *table)
{
	int result;

	while (!(result = dump_next(skb, cb, table)))
		cond_resched();
	return result > 0;
}

/* Read the generation before the reservations, so that no change is missed. */
int portres_nl_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump_state *state = dump_state_of(cb);
	struct net *net = sock_net(skb->sk);

	if (dump_reject_attributes(cb))
		return -EINVAL;
	cb->seq = dump_generation(net);
	while (state->protocol < PORTRES_PROTOCOLS) {
		if (!dump_table(skb, cb, portres_table_of(net, state->protocol)))
			break;
		state->protocol++;
		state->next = 0;
	}
	return skb->len;
}
