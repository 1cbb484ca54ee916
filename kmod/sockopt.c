// SPDX-License-Identifier: GPL-2.0-only
/*
 * The socket options by which a socket is associated with a reservation and by which
 * a process acquires and releases one, through the kernel's registry of socket options
 * for modules. It covers AF_INET6 sockets too, for level SOL_IP.
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

#include "portres.h"

static bool is_udp(const struct sock *sk)
{
	return sk->sk_type == SOCK_DGRAM && sk->sk_protocol == IPPROTO_UDP;
}

/*
 * The effective user, as for permission to open a file; and the capability in
 * the namespace that owns the socket's, so that the root of a container is root
 * over its own reservations.
 */
static bool may_use(const struct portres_reservation *resv, const struct net *net)
{
	const struct portres_claim claim = {
		.runtime = resv->runtime,
		.acquirer = resv->runtime &&
			    portres_runtime_of(resv)->process == task_tgid(current),
		.owner = resv->owner,
		.user = current_euid(),
		.admin = !resv->runtime && ns_capable(net->user_ns, CAP_NET_ADMIN),
	};

	return portres_verdict_use(&claim);
}

/* Return: the reservation with a reference, NULL if the token names none. */
static struct portres_reservation *get_by_token(struct portres_table *table, u64 token)
{
	struct portres_reservation *resv;

	rcu_read_lock();
	resv = portres_table_find_token(table, token);
	if (resv && (portres_reservation_over(resv) || !refcount_inc_not_zero(&resv->refs)))
		resv = NULL;
	rcu_read_unlock();
	return resv;
}

/*
 * The reservation may be deleted just now: then the socket is associated with a
 * dead one and cannot be bound, as if it were deleted an instant later.
 */
static int associate(struct sock *sk, struct portres_reservation *resv)
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

static int find_and_associate(struct sock *sk, u64 token)
{
	struct portres_reservation *resv;
	int err;

	resv = get_by_token(portres_table_of(sock_net(sk)), token);
	if (!resv)
		return -EINVAL;
	err = may_use(resv, sock_net(sk)) ? associate(sk, resv) : -EACCES;
	if (err)
		portres_reservation_put(resv);
	return err;
}

/*
 * The hook has to stand from before the look for the reservation: else it could be
 * taken out with that before the socket needs it. Nobody waits for it here: where
 * nobody else needs it, the token names nothing.
 */
static int set_associate(struct sock *sk, u64 token)
{
	int err;

	if (!portres_guard_try())
		return -EINVAL;
	err = find_and_associate(sk, token);
	portres_guard_put();
	return err;
}

static void fill(struct portres_association *answer, const struct portres_reservation *resv)
{
	memset(answer, 0, sizeof(*answer));
	answer->token = resv->token;
	answer->first = resv->first;
	answer->count = portres_reservation_count(resv);
	answer->protocol = IPPROTO_UDP;
}

static int describe(struct sock *sk, struct portres_association *answer)
{
	struct portres_reservation *resv;
	int err = -ENOENT;

	lock_sock(sk);
	resv = portres_assoc_find(sk);
	if (resv) {
		fill(answer, resv);
		if (portres_reservation_over(resv))
			answer->flags = PORTRES_ASSOCIATION_GONE;
		err = 0;
	}
	release_sock(sk);
	return err;
}

static int get_associate(struct sock *sk, void __user *user)
{
	struct portres_association answer;
	int err;

	err = describe(sk, &answer);
	if (err)
		return err;
	return copy_to_user(user, &answer, sizeof(answer)) ? -EFAULT : 0;
}

static bool makes_sense(const struct portres_association *wish)
{
	return !wish->token && !wish->flags && !wish->reserved &&
	       (!wish->protocol || wish->protocol == IPPROTO_UDP) &&
	       wish->count && (u32)wish->first + wish->count - 1 <= U16_MAX;
}

/* A block whose token its process was not told is of no use to it. */
static int get_acquire(struct sock *sk, void __user *user)
{
	struct portres_association block;
	struct portres_reservation *resv;

	if (copy_from_user(&block, user, sizeof(block)))
		return -EFAULT;
	if (!makes_sense(&block))
		return -EINVAL;
	resv = portres_acquire(sk, block.first, block.count);
	if (IS_ERR(resv))
		return PTR_ERR(resv);
	fill(&block, resv);
	portres_reservation_put(resv);
	if (copy_to_user(user, &block, sizeof(block))) {
		portres_release(sock_net(sk), block.token);
		return -EFAULT;
	}
	return 0;
}

static int set(struct sock *sk, int optname, sockptr_t optval, unsigned int len)
{
	u64 token;

	if (!is_udp(sk))
		return -EOPNOTSUPP;
	if (optname == PORTRES_SO_ACQUIRE)
		return -ENOPROTOOPT;
	if (len != sizeof(token))
		return -EINVAL;
	if (copy_from_sockptr(&token, optval, sizeof(token)))
		return -EFAULT;
	return optname == PORTRES_SO_RELEASE ? portres_release(sock_net(sk), token) :
					       set_associate(sk, token);
}

static int get(struct sock *sk, int optname, void __user *user, int *len)
{
	int err;

	if (!is_udp(sk))
		return -EOPNOTSUPP;
	if (*len < (int)sizeof(struct portres_association))
		return -EINVAL;
	err = optname == PORTRES_SO_ACQUIRE ? get_acquire(sk, user) : get_associate(sk, user);
	if (!err)
		*len = sizeof(struct portres_association);
	return err;
}

static struct nf_sockopt_ops sockopts = {
	.pf		= PF_INET,
	.owner		= THIS_MODULE,
	.set_optmin	= PORTRES_SO_ASSOCIATE,
	.set_optmax	= PORTRES_SO_RELEASE + 1,
	.set		= set,
	.get_optmin	= PORTRES_SO_ASSOCIATE,
	.get_optmax	= PORTRES_SO_ACQUIRE + 1,
	.get		= get,
};

int portres_sockopt_register(void)
{
	return nf_register_sockopt(&sockopts);
}

void portres_sockopt_unregister(void)
{
	nf_unregister_sockopt(&sockopts);
}
