// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a reservation is told in a netlink message, and the notification of those
 * who listen for changes.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/in.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "genl.h"

/**
 * portres_reader_init - who asks
 * @reader: filled in
 * @request: the request, while its sender is the current task
 */
void portres_reader_init(struct portres_reader *reader, struct sk_buff *request)
{
	const struct sock *sk = NETLINK_CB(request).sk;

	reader->user_ns = sk_user_ns(sk);
	reader->user = current_euid();
	reader->process = task_tgid(current);
	reader->admin = netlink_ns_capable(request, sock_net(sk)->user_ns, CAP_NET_ADMIN);
}

static bool may_know_token(const struct portres_reservation *resv,
			   const struct portres_reader *reader)
{
	const struct portres_claim claim = {
		.runtime = resv->runtime,
		.acquirer = resv->runtime &&
			    portres_runtime_of(resv)->process == reader->process,
		.owner = resv->owner,
		.user = reader->user,
		.admin = reader->admin,
	};

	return portres_verdict_use(&claim);
}

/* In the numbers of who asks; where nobody does, in its own. */
static int put_runtime(struct sk_buff *msg, const struct portres_runtime *runtime,
		       const struct portres_reader *reader)
{
	struct pid_namespace *pid_ns = ns_of_pid(reader->process ?: runtime->process);

	if (nla_put_flag(msg, PORTRES_A_RUNTIME) ||
	    nla_put_u32(msg, PORTRES_A_PROCESS, pid_nr_ns(runtime->process, pid_ns)) ||
	    nla_put_string(msg, PORTRES_A_COMMAND, runtime->command))
		return -EMSGSIZE;
	return 0;
}

/**
 * portres_put_reservation - describe a reservation
 * @msg: the message, behind its header
 * @resv: the reservation
 * @reader: for whom
 *
 * Return: 0 or -EMSGSIZE.
 */
int portres_put_reservation(struct sk_buff *msg, const struct portres_reservation *resv,
			    const struct portres_reader *reader)
{
	if (nla_put_u8(msg, PORTRES_A_PROTOCOL, IPPROTO_UDP) ||
	    nla_put_u16(msg, PORTRES_A_FIRST, resv->first) ||
	    nla_put_u16(msg, PORTRES_A_COUNT, portres_reservation_count(resv)) ||
	    nla_put_u64_64bit(msg, PORTRES_A_REFUSED, atomic64_read(&resv->refused),
			      PORTRES_A_PAD) ||
	    nla_put_u32(msg, PORTRES_A_SOCKETS, atomic_read(&resv->sockets)))
		return -EMSGSIZE;
	if (may_know_token(resv, reader) &&
	    nla_put_u64_64bit(msg, PORTRES_A_TOKEN, resv->token, PORTRES_A_PAD))
		return -EMSGSIZE;
	if (uid_valid(resv->owner) &&
	    nla_put_u32(msg, PORTRES_A_OWNER, from_kuid_munged(reader->user_ns, resv->owner)))
		return -EMSGSIZE;
	if (resv->name[0] && nla_put_string(msg, PORTRES_A_NAME, resv->name))
		return -EMSGSIZE;
	return resv->runtime ? put_runtime(msg, portres_runtime_of(resv), reader) : 0;
}

static struct sk_buff *make_notification(const struct net *net,
					 const struct portres_reservation *resv, u8 cmd)
{
	const struct portres_reader anybody = {
		.user_ns = net->user_ns,
		.user = INVALID_UID,
	};
	struct sk_buff *msg;
	void *hdr;

	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return NULL;
	hdr = genlmsg_put(msg, 0, 0, &portres_genl_family, 0, cmd);
	if (!hdr || portres_put_reservation(msg, resv, &anybody)) {
		nlmsg_free(msg);
		return NULL;
	}
	genlmsg_end(msg, hdr);
	return msg;
}

/**
 * portres_notify - tell those who listen that a reservation was made or ended
 * @net: its network namespace; the table is locked, so that changes are told in
 *	their order
 * @resv: the reservation
 * @cmd: PORTRES_CMD_CREATED or PORTRES_CMD_DELETED
 *
 * Without memory for the message the listeners are told that they missed one.
 */
void portres_notify(struct net *net, const struct portres_reservation *resv, u8 cmd)
{
	struct sk_buff *msg;

	if (!genl_has_listeners(&portres_genl_family, net, PORTRES_GENL_CHANGES))
		return;
	msg = make_notification(net, resv, cmd);
	if (msg)
		genlmsg_multicast_netns(&portres_genl_family, net, msg, 0,
					PORTRES_GENL_CHANGES, GFP_KERNEL);
	else
		genl_set_err(&portres_genl_family, net, 0, PORTRES_GENL_CHANGES, -ENOBUFS);
}
