// SPDX-License-Identifier: GPL-2.0-only
/*
 * Refused binds in netlink messages: notifications of them, for the administrator, and those in the
 * description of a reservation.
 */
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "core/net.h"
#include "core/refusals.h"
#include "core/reservation.h"
#include "genl.h"
#include "message.h"
#include "notify.h"
#include "portres.h"
#include "refusals.h"

/* An upper bound of what one refusal needs. */
#define REFUSAL_SIZE								\
	(nla_total_size(0) + nla_total_size(sizeof(u8)) + 4 * nla_total_size(sizeof(u16)) +	\
	 2 * nla_total_size(sizeof(u32)) + 5 * nla_total_size_64bit(sizeof(u64)) +	\
	 nla_total_size(TASK_COMM_LEN) + nla_total_size(PORTRES_NAME_MAX + 1))

/**
 * struct target - a message that refusals are put into
 * @msg: the message
 * @net: the network namespace
 * @user_ns: user namespace that uids are translated to
 * @pid_ns: pid namespace that pids are translated to, NULL for the process's own
 * @clock: offset of the reader's CLOCK_BOOTTIME
 * @block: put the block and the name of the reservation, too
 */
struct target {
	struct sk_buff *msg;
	struct net *net;
	struct user_namespace *user_ns;
	struct pid_namespace *pid_ns;
	u64 clock;
	bool block;
};

/* The reservation may be gone, then there is only its protocol. */
static int refusal_put_block(const struct target *target, const struct portres_refusal *refusal)
{
	const struct portres_reservation *resv;
	struct portres_block block;
	const char *name;

	if (nla_put_u8(target->msg, PORTRES_REFUSAL_A_PROTOCOL, refusal->protocol->number))
		return -EMSGSIZE;
	resv = portres_table_find_token(portres_table_of_token(target->net, refusal->token),
					refusal->token);
	if (!resv)
		return 0;
	block = portres_reservation_block(resv);
	name = portres_terms_name(rcu_dereference(resv->terms));
	if (nla_put_u16(target->msg, PORTRES_REFUSAL_A_FIRST, block.first) ||
	    nla_put_u16(target->msg, PORTRES_REFUSAL_A_COUNT, portres_block_count(block)) ||
	    (name[0] && nla_put_string(target->msg, PORTRES_REFUSAL_A_NAME, name)))
		return -EMSGSIZE;
	return 0;
}

static int refusal_put_process(const struct target *target, const struct portres_refusal *refusal)
{
	struct pid_namespace *pid_ns = target->pid_ns ?: ns_of_pid(refusal->process);
	struct sk_buff *msg = target->msg;

	if (nla_put_u32(msg, PORTRES_REFUSAL_A_PROCESS, pid_nr_ns(refusal->process, pid_ns)) ||
	    nla_put_string(msg, PORTRES_REFUSAL_A_COMMAND, refusal->command) ||
	    nla_put_u64_64bit(msg, PORTRES_REFUSAL_A_PROCESS_START,
			      refusal->started + target->clock, PORTRES_REFUSAL_A_PAD) ||
	    nla_put_u32(msg, PORTRES_REFUSAL_A_USER,
			from_kuid_munged(target->user_ns, refusal->user)) ||
	    (refusal->cgroup && nla_put_u64_64bit(msg, PORTRES_REFUSAL_A_CGROUP, refusal->cgroup,
						  PORTRES_REFUSAL_A_PAD)))
		return -EMSGSIZE;
	return 0;
}

static int refusal_put_attrs(const struct target *target, const struct portres_refusal *refusal)
{
	struct sk_buff *msg = target->msg;

	if (target->block && refusal_put_block(target, refusal))
		return -EMSGSIZE;
	if (nla_put_u16(msg, PORTRES_REFUSAL_A_PORT, refusal->port) ||
	    nla_put_u16(msg, PORTRES_REFUSAL_A_ERRNO, refusal->error) ||
	    nla_put_u64_64bit(msg, PORTRES_REFUSAL_A_TIMES,
			      target->block ? refusal->unsent : refusal->times,
			      PORTRES_REFUSAL_A_PAD) ||
	    nla_put_u64_64bit(msg, PORTRES_REFUSAL_A_TIME, refusal->time, PORTRES_REFUSAL_A_PAD))
		return -EMSGSIZE;
	return refusal_put_process(target, refusal);
}

static bool refusal_put(const struct portres_refusal *refusal, void *arg)
{
	const struct target *target = arg;
	struct nlattr *nest;

	if (skb_tailroom(target->msg) < REFUSAL_SIZE)
		return false;
	nest = nla_nest_start(target->msg, PORTRES_A_REFUSAL);
	if (!nest)
		return false;
	if (refusal_put_attrs(target, refusal)) {
		nla_nest_cancel(target->msg, nest);
		return false;
	}
	nla_nest_end(target->msg, nest);
	return true;
}

static bool refusals_have_listeners(struct net *net)
{
	return genl_has_listeners(&portres_genl_family, net, PORTRES_GENL_REFUSALS);
}

/*
 * One message goes to all listeners, whatever their pid namespaces: it has the PIDs of the host, or
 * of the process.
 *
 * Return: false if there is nothing to tell.
 */
static bool refusals_fill(struct portres_refusals *refusals, struct sk_buff *msg)
{
	struct net *net = refusals->pnet->net;
	struct target target = {
		.msg = msg,
		.net = net,
		.user_ns = net->user_ns,
		.pid_ns = net->user_ns == &init_user_ns ? &init_pid_ns : NULL,
		.block = true,
	};
	bool any;
	u32 lost;
	void *hdr;

	hdr = genlmsg_put(msg, 0, 0, &portres_genl_family, 0, PORTRES_CMD_REFUSED);
	lost = atomic_xchg(&refusals->lost, 0);
	if (lost)
		nla_put_u32(msg, PORTRES_A_LOST, lost);
	rcu_read_lock();
	any = portres_refusals_take(refusals, refusal_put, &target);
	rcu_read_unlock();
	genlmsg_end(msg, hdr);
	return any || lost;
}

/**
 * portres_send_refusals - tell listeners of refused binds
 * @work: portres_refusals.send
 */
void portres_send_refusals(struct work_struct *work)
{
	struct portres_refusals *refusals = container_of(to_delayed_work(work),
							 struct portres_refusals, send);
	struct net *net = refusals->pnet->net;
	struct sk_buff *msg;

	if (READ_ONCE(refusals->closed) ||
	    portres_refusals_forget(refusals, refusals_have_listeners))
		return;
	msg = genlmsg_new(PORTRES_REFUSALS * REFUSAL_SIZE + nla_total_size(sizeof(u32)),
			  GFP_KERNEL);
	if (!msg) {
		/* there may be memory then */
		portres_refusals_queue(refusals);
		return;
	}
	if (refusals_fill(refusals, msg))
		portres_notify_multicast(net, msg, PORTRES_GENL_REFUSALS);
	else
		nlmsg_free(msg);
}

/**
 * portres_put_refusals - put the latest refused binds of a reservation into a message
 * @msg: the message; those for which it has no room are left out
 * @net: the network namespace
 * @resv: the reservation
 * @reader: the reader, an administrator
 */
void portres_put_refusals(struct sk_buff *msg, struct net *net,
			  const struct portres_reservation *resv,
			  const struct portres_reader *reader)
{
	struct target target = {
		.msg = msg,
		.net = net,
		.user_ns = reader->user_ns,
		.pid_ns = ns_of_pid(reader->process),
		.clock = reader->clock,
	};

	portres_refusals_of(portres_net_of(net), resv->token, refusal_put, &target);
}
