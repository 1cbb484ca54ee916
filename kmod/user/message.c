// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reservations in netlink messages, and what each reader may know of them: in replies, and in
 * notifications, which notify.c sends.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/time_namespace.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/caller.h"
#include "core/grant.h"
#include "core/net.h"
#include "core/reservation.h"
#include "core/verdict.h"
#include "genl.h"
#include "message.h"
#include "notify.h"
#include "portres.h"
#include "reserve/remove.h"

/**
 * portres_reader_init - describe the sender of a request, without a check of its privilege
 * @reader: filled in
 * @request: the request, whose sender is the current task
 */
void portres_reader_init(struct portres_reader *reader, struct sk_buff *request)
{
	reader->user_ns = sk_user_ns(NETLINK_CB(request).sk);
	reader->user = current_euid();
	reader->process = task_tgid(current);
	reader->clock = timens_add_boottime_ns(0);
	reader->admin = false;
}

/*
 * As for a creation, netlink checks the opener of the socket as well, so that an unprivileged
 * opener cannot have a privileged program send its request. The sender is checked first, without
 * audit, as a missing capability is no error here.
 */
static bool reader_is_admin(const struct sk_buff *request)
{
	struct user_namespace *user_ns = sock_net(NETLINK_CB(request).sk)->user_ns;

	return ns_capable_noaudit(user_ns, CAP_NET_ADMIN) &&
	       netlink_ns_capable(request, user_ns, CAP_NET_ADMIN);
}

/*
 * Compared as in bind(). Another process than the one that requested a dump may read its later
 * messages: grants give it nothing.
 */
static bool reader_is_grantee(const struct portres_reservation *resv,
			      const struct portres_reader *reader)
{
	struct portres_terms *terms = rcu_dereference(resv->terms);

	return terms && reader->process == task_tgid(current) && portres_grant_current(terms);
}

/**
 * portres_reader_check_admin - check the reader's privilege, if a reservation needs that
 * @reader: the reader
 * @request: its request, whose sender is the current task
 * @resv: the reservation
 *
 * Neither a grantee nor the user that acquired a reservation needs the privilege.
 *
 * Context: under RCU.
 * Return: true if it was checked; the result holds for all reservations.
 */
bool portres_reader_check_admin(struct portres_reader *reader, const struct sk_buff *request,
				const struct portres_reservation *resv)
{
	if (resv->runtime ? uid_eq(resv->owner, reader->user) : reader_is_grantee(resv, reader))
		return false;
	reader->admin = reader_is_admin(request);
	return true;
}

/**
 * portres_reader_is_admin - check the reader's privilege, if that was not done before
 * @reader: the reader
 * @request: its request, whose sender is the current task
 */
bool portres_reader_is_admin(struct portres_reader *reader, const struct sk_buff *request)
{
	return reader->admin || reader_is_admin(request);
}

static bool reader_may_know_token(const struct portres_reservation *resv,
				  const struct portres_reader *reader)
{
	const struct portres_claim claim = {
		.runtime = resv->runtime,
		.acquirer = resv->runtime &&
			    portres_runtime_of(resv)->process == reader->process,
		.granted = reader_is_grantee(resv, reader),
		.admin = reader->admin,
	};

	return reader->process && portres_verdict_use(&claim);
}

/* As /proc with hidepid: the user of the process, and the administrator. */
static bool reader_may_know_process(const struct portres_reservation *resv,
				    const struct portres_reader *reader)
{
	return reader->admin || uid_eq(resv->owner, reader->user);
}

/* PID in the reader's pid namespace; in a notification, in the process's own. */
static int message_put_process(struct sk_buff *msg, const struct portres_runtime *runtime,
			       const struct portres_reader *reader)
{
	struct pid_namespace *pid_ns = ns_of_pid(reader->process ?: runtime->process);

	if (nla_put_u32(msg, PORTRES_A_PROCESS, pid_nr_ns(runtime->process, pid_ns)) ||
	    nla_put_string(msg, PORTRES_A_COMMAND, runtime->command) ||
	    nla_put_u64_64bit(msg, PORTRES_A_PROCESS_START, runtime->started + reader->clock,
			      PORTRES_A_PAD))
		return -EMSGSIZE;
	return 0;
}

static int message_put_runtime(struct sk_buff *msg, const struct portres_reservation *resv,
			       const struct portres_reader *reader)
{
	if (nla_put_flag(msg, PORTRES_A_RUNTIME))
		return -EMSGSIZE;
	return reader_may_know_process(resv, reader) ?
	       message_put_process(msg, portres_runtime_of(resv), reader) : 0;
}

static int message_put_uid(struct sk_buff *msg, int type, kuid_t user,
			   const struct portres_reader *reader)
{
	return nla_put_u32(msg, type, from_kuid_munged(reader->user_ns, user));
}

static int message_put_grant_attrs(struct sk_buff *msg, const struct portres_terms *terms,
				   const struct portres_grant *grant,
				   const struct portres_reader *reader)
{
	const char *text = portres_terms_text(terms, grant->text);
	int err;

	switch (grant->kind) {
	case PORTRES_GRANT_USER:
		return message_put_uid(msg, PORTRES_GRANT_A_USER, grant->user, reader);
	case PORTRES_GRANT_CGROUP:
		/* the text is stored without the first slash */
		return nla_put_string(msg, PORTRES_GRANT_A_CGROUP, text - 1);
	case PORTRES_GRANT_UNIT:
		err = nla_put_string(msg, PORTRES_GRANT_A_UNIT, text);
		if (!err && uid_valid(grant->user))
			err = message_put_uid(msg, PORTRES_GRANT_A_UNIT_USER, grant->user, reader);
		return err;
	case PORTRES_GRANT_KERNEL:
		return nla_put_flag(msg, PORTRES_GRANT_A_KERNEL);
	case PORTRES_GRANT_TREE:
		break;
	}
	return 0;
}

static int message_put_grant(struct sk_buff *msg, const struct portres_terms *terms,
			     const struct portres_grant *grant, const struct portres_reader *reader)
{
	struct nlattr *nest;

	if (grant->kind == PORTRES_GRANT_TREE)
		return nla_put_flag(msg, PORTRES_A_TREE);
	nest = nla_nest_start(msg, PORTRES_A_GRANT);
	if (!nest || message_put_grant_attrs(msg, terms, grant, reader))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int message_put_terms(struct sk_buff *msg, const struct portres_terms *terms,
			     const struct portres_reader *reader)
{
	unsigned int i;

	if (!terms)
		return 0;
	if (terms->name[0] && nla_put_string(msg, PORTRES_A_NAME, terms->name))
		return -EMSGSIZE;
	for (i = 0; i < terms->n; i++)
		if (message_put_grant(msg, terms, &terms->grants[i], reader))
			return -EMSGSIZE;
	return 0;
}

/* An upper bound of the space that message_put_terms() needs. */
static size_t message_terms_size(const struct portres_terms *terms)
{
	if (!terms)
		return 0;
	return terms->n * (2 * nla_total_size(0) + 2 * nla_total_size(sizeof(u32))) + terms->size;
}

static kuid_t message_owner(const struct portres_reservation *resv,
			    const struct portres_terms *terms)
{
	unsigned int i;

	if (resv->runtime || !terms)
		return resv->owner;
	for (i = 0; i < terms->n; i++)
		if (terms->grants[i].kind == PORTRES_GRANT_USER)
			return terms->grants[i].user;
	return INVALID_UID;
}

/**
 * portres_put_with - put the attributes that a reservation is about to have into a message
 * @msg: the message, which has a header
 * @resv: the reservation
 * @block: its ports
 * @terms: its name and grants, or NULL
 * @reader: the reader
 *
 * Context: under RCU.
 * Return: 0 or -EMSGSIZE.
 */
int portres_put_with(struct sk_buff *msg, const struct portres_reservation *resv,
		     struct portres_block block, const struct portres_terms *terms,
		     const struct portres_reader *reader)
{
	kuid_t owner = message_owner(resv, terms);

	if (nla_put_u8(msg, PORTRES_A_PROTOCOL, resv->protocol->number) ||
	    nla_put_u16(msg, PORTRES_A_FIRST, block.first) ||
	    nla_put_u16(msg, PORTRES_A_COUNT, portres_block_count(block)) ||
	    nla_put_u64_64bit(msg, PORTRES_A_REFUSED, atomic64_read(&resv->refused),
			      PORTRES_A_PAD) ||
	    nla_put_u64_64bit(msg, PORTRES_A_AVOIDED, atomic64_read(&resv->avoided),
			      PORTRES_A_PAD) ||
	    nla_put_u32(msg, PORTRES_A_SOCKETS, atomic_read(&resv->sockets)))
		return -EMSGSIZE;
	if (reader_may_know_token(resv, reader) &&
	    nla_put_u64_64bit(msg, PORTRES_A_TOKEN, resv->token, PORTRES_A_PAD))
		return -EMSGSIZE;
	if (uid_valid(owner) && message_put_uid(msg, PORTRES_A_OWNER, owner, reader))
		return -EMSGSIZE;
	if (message_put_terms(msg, terms, reader))
		return -EMSGSIZE;
	return resv->runtime ? message_put_runtime(msg, resv, reader) : 0;
}

/**
 * portres_put_reservation - put the attributes of a reservation into a message
 * @msg: the message, which has a header
 * @resv: the reservation
 * @reader: the reader
 *
 * Return: 0 or -EMSGSIZE.
 */
int portres_put_reservation(struct sk_buff *msg, const struct portres_reservation *resv,
			    const struct portres_reader *reader)
{
	int err;

	rcu_read_lock();
	err = portres_put_with(msg, resv, portres_reservation_block(resv),
			       rcu_dereference(resv->terms), reader);
	rcu_read_unlock();
	return err;
}

static int message_put_was(struct sk_buff *msg, struct portres_block was)
{
	if (nla_put_u16(msg, PORTRES_A_WAS_FIRST, was.first) ||
	    nla_put_u16(msg, PORTRES_A_WAS_COUNT, portres_block_count(was)))
		return -EMSGSIZE;
	return 0;
}

static int message_put_caller(struct sk_buff *msg, const struct portres_caller *by,
			      struct user_namespace *user_ns)
{
	if (nla_put_u32(msg, PORTRES_A_BY_USER, from_kuid_munged(user_ns, by->user)) ||
	    nla_put_u32(msg, PORTRES_A_BY_PROCESS,
			pid_nr_ns(by->process, ns_of_pid(by->process))) ||
	    nla_put_string(msg, PORTRES_A_BY_COMMAND, by->command))
		return -EMSGSIZE;
	return 0;
}

/*
 * With room for all attributes. Charged to the memory cgroup of the task that makes the change, as
 * the root of each user namespace can fill queues. The charge does not fail; the next allocation of
 * the task that may sleep answers for it.
 */
static struct sk_buff *notification_alloc(const struct portres_terms *terms)
{
	return genlmsg_new(nla_total_size(sizeof(u8)) + 4 * nla_total_size(sizeof(u16)) +
			   nla_total_size(0) + 5 * nla_total_size(sizeof(u32)) +
			   4 * nla_total_size_64bit(sizeof(u64)) +
			   nla_total_size(PORTRES_NAME_MAX + 1) +
			   2 * nla_total_size(TASK_COMM_LEN) + message_terms_size(terms),
			   GFP_ATOMIC | __GFP_ACCOUNT);
}

static struct sk_buff *notification_make(const struct portres_reservation *resv,
					 const struct portres_event *event,
					 const struct portres_reader *reader)
{
	const struct portres_caller *by = reader->admin ? event->by : NULL;
	struct sk_buff *msg = notification_alloc(rcu_dereference(resv->terms));
	void *hdr;

	if (!msg)
		return NULL;
	hdr = genlmsg_put(msg, 0, 0, &portres_genl_family, 0, event->cmd);
	if (!hdr || portres_put_reservation(msg, resv, reader) ||
	    (event->was && message_put_was(msg, *event->was)) ||
	    (by && message_put_caller(msg, by, reader->user_ns))) {
		nlmsg_free(msg);
		return NULL;
	}
	genlmsg_end(msg, hdr);
	return msg;
}

static void notification_queue(struct net *net, const struct portres_reservation *resv,
			       const struct portres_event *event, unsigned int group)
{
	const struct portres_reader reader = {
		.user_ns = net->user_ns,
		.user = INVALID_UID,
		.admin = group == PORTRES_GENL_ADMIN,
	};

	if (!genl_has_listeners(&portres_genl_family, net, group))
		return;
	portres_changes_add(portres_net_changes(portres_net_of(net)),
			    notification_make(resv, event, &reader), group);
}

/**
 * portres_notify - queue notifications of a change
 * @net: network namespace of the reservation; the table lock keeps the order of changes
 * @resv: the reservation
 * @event: what happened
 *
 * Does not sleep, and takes the same time for any number of listeners. If there is no memory for
 * a message, listeners get ENOBUFS.
 */
void portres_notify(struct net *net, const struct portres_reservation *resv,
		    const struct portres_event *event)
{
	rcu_read_lock();
	notification_queue(net, resv, event, PORTRES_GENL_CHANGES);
	notification_queue(net, resv, event, PORTRES_GENL_ADMIN);
	rcu_read_unlock();
}
