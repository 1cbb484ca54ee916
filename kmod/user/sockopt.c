// SPDX-License-Identifier: GPL-2.0-only
/*
 * The socket options that associate a socket with a reservation, and that acquire and release one
 * for a process. Registered with nf_register_sockopt(), which covers level SOL_IP of AF_INET6
 * sockets as well.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sockptr.h>
#include <linux/uaccess.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

#include "core/assoc.h"
#include "core/grant.h"
#include "core/net.h"
#include "core/protocol.h"
#include "core/reservation.h"
#include "core/verdict.h"
#include "portres.h"
#include "reserve/acquire.h"
#include "sockopt.h"

static bool sockopt_is_granted(const struct portres_reservation *resv)
{
	struct portres_terms *terms;
	bool granted;

	rcu_read_lock();
	terms = rcu_dereference(resv->terms);
	granted = terms && portres_grant_current(terms);
	rcu_read_unlock();
	return granted;
}

/*
 * Checks grants, as bind() does, and the capability in the user namespace that
 * owns the socket's network namespace, so that root of a container may use its reservations. The
 * capability comes last, as ns_capable() audits and sets PF_SUPERPRIV.
 */
static bool sockopt_may_use(const struct portres_reservation *resv, const struct net *net)
{
	struct portres_claim claim = {
		.runtime = resv->runtime,
		.acquirer = resv->runtime &&
			    portres_runtime_of(resv)->process == task_tgid(current),
		.granted = sockopt_is_granted(resv),
	};

	if (portres_verdict_use(&claim))
		return true;
	claim.admin = !resv->runtime && ns_capable(net->user_ns, CAP_NET_ADMIN);
	return portres_verdict_use(&claim);
}

/* Return: the reservation with a reference, NULL if no active one has the token. */
static struct portres_reservation *sockopt_get_reservation(struct portres_table *table, u64 token)
{
	struct portres_reservation *resv;

	rcu_read_lock();
	resv = portres_table_find_token(table, token);
	if (resv && (!portres_reservation_is_active(resv) || !refcount_inc_not_zero(&resv->refs)))
		resv = NULL;
	rcu_read_unlock();
	return resv;
}

/*
 * If the reservation is removed meanwhile, the socket is associated with a dead one and cannot be
 * bound, as if the removal had come later.
 */
static int sockopt_associate(struct sock *sk, struct portres_reservation *resv)
{
	int err;

	lock_sock(sk);
	if (inet_sk(sk)->inet_num)
		err = -EINVAL;
	else
		err = portres_assoc_set(sk, resv);
	release_sock(sk);
	return err;
}

static int sockopt_set_associate(struct sock *sk, u64 token)
{
	struct portres_reservation *resv;
	int err;

	resv = sockopt_get_reservation(portres_table_of_token(sock_net(sk), token), token);
	if (!resv)
		return -EINVAL;
	err = sockopt_may_use(resv, sock_net(sk)) ? sockopt_associate(sk, resv) : -EACCES;
	if (err)
		portres_reservation_put(resv);
	return err;
}

static void sockopt_fill(struct portres_association *answer, const struct portres_reservation *resv)
{
	struct portres_block block = portres_reservation_block(resv);

	memset(answer, 0, sizeof(*answer));
	answer->token = resv->token;
	answer->first = block.first;
	answer->count = portres_block_count(block);
	answer->protocol = resv->protocol->number;
}

static int sockopt_describe(struct sock *sk, struct portres_association *answer)
{
	struct portres_reservation *resv;
	int err = -ENOENT;

	lock_sock(sk);
	resv = portres_assoc_find(sk);
	if (resv) {
		sockopt_fill(answer, resv);
		if (portres_reservation_gone(resv))
			answer->flags = PORTRES_ASSOCIATION_GONE;
		err = 0;
	}
	release_sock(sk);
	return err;
}

static int sockopt_get_associate(struct sock *sk, void __user *user)
{
	struct portres_association answer;
	int err;

	err = sockopt_describe(sk, &answer);
	if (err)
		return err;
	return copy_to_user(user, &answer, sizeof(answer)) ? -EFAULT : 0;
}

static bool sockopt_is_valid_request(const struct sock *sk, const struct portres_association *wish)
{
	return !wish->token && !(wish->flags & ~PORTRES_ACQUIRE_TREE) && !wish->reserved &&
	       (!wish->protocol || wish->protocol == portres_protocol_of(sk)->number) &&
	       wish->count && (u32)wish->first + wish->count - 1 <= U16_MAX;
}

/* Without the copy the process does not know the token: release the block. */
static int sockopt_get_acquire(struct sock *sk, void __user *user)
{
	struct portres_association block;
	struct portres_reservation *resv;

	if (copy_from_user(&block, user, sizeof(block)))
		return -EFAULT;
	if (!sockopt_is_valid_request(sk, &block))
		return -EINVAL;
	resv = portres_acquire(sk, block.first, block.count, block.flags & PORTRES_ACQUIRE_TREE);
	if (IS_ERR(resv))
		return PTR_ERR(resv);
	sockopt_fill(&block, resv);
	portres_reservation_put(resv);
	if (copy_to_user(user, &block, sizeof(block))) {
		portres_release(sock_net(sk), block.token);
		return -EFAULT;
	}
	return 0;
}

static int sockopt_set(struct sock *sk, int optname, sockptr_t optval, unsigned int len)
{
	const struct portres_protocol *protocol = portres_protocol_of(sk);
	u64 token;

	if (!protocol)
		return -EOPNOTSUPP;
	if (optname == PORTRES_SO_ACQUIRE)
		return -ENOPROTOOPT;
	if (len != sizeof(token))
		return -EINVAL;
	if (copy_from_sockptr(&token, optval, sizeof(token)))
		return -EFAULT;
	if (portres_token_protocol(token) != protocol->index)
		return -EINVAL;
	return optname == PORTRES_SO_RELEASE ? portres_release(sock_net(sk), token) :
					       sockopt_set_associate(sk, token);
}

static int sockopt_get(struct sock *sk, int optname, void __user *user, int *len)
{
	int err;

	if (!portres_protocol_of(sk))
		return -EOPNOTSUPP;
	if (*len < (int)sizeof(struct portres_association))
		return -EINVAL;
	err = optname == PORTRES_SO_ACQUIRE ? sockopt_get_acquire(sk, user) :
					      sockopt_get_associate(sk, user);
	if (!err)
		*len = sizeof(struct portres_association);
	return err;
}

static struct nf_sockopt_ops sockopts = {
	.pf		= PF_INET,
	.owner		= THIS_MODULE,
	.set_optmin	= PORTRES_SO_ASSOCIATE,
	.set_optmax	= PORTRES_SO_RELEASE + 1,
	.set		= sockopt_set,
	.get_optmin	= PORTRES_SO_ASSOCIATE,
	.get_optmax	= PORTRES_SO_ACQUIRE + 1,
	.get		= sockopt_get,
};

int portres_sockopt_register(void)
{
	return nf_register_sockopt(&sockopts);
}

void portres_sockopt_unregister(void)
{
	nf_unregister_sockopt(&sockopts);
}
