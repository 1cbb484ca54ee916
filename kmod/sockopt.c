// SPDX-License-Identifier: GPL-2.0-only
/*
 * The socket option by which a socket is associated with a reservation, through
 * the kernel's registry of socket options for modules. It covers AF_INET6 sockets
 * too, for level SOL_IP.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/module.h>
#include <linux/netfilter.h>
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
	return portres_verdict_use(resv->owner, current_euid(),
				   ns_capable(net->user_ns, CAP_NET_ADMIN));
}

/* Return: the reservation with a reference, NULL if the token names none. */
static struct portres_reservation *get_by_token(struct portres_table *table, u64 token)
{
	struct portres_reservation *resv;

	rcu_read_lock();
	resv = portres_table_find_token(table, token);
	if (resv && !refcount_inc_not_zero(&resv->refs))
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

static int set_associate(struct sock *sk, sockptr_t optval, unsigned int len)
{
	struct portres_reservation *resv;
	u64 token;
	int err;

	if (len != sizeof(token))
		return -EINVAL;
	if (copy_from_sockptr(&token, optval, sizeof(token)))
		return -EFAULT;
	resv = get_by_token(portres_table_of(sock_net(sk)), token);
	if (!resv)
		return -EINVAL;
	err = may_use(resv, sock_net(sk)) ? associate(sk, resv) : -EACCES;
	if (err)
		portres_reservation_put(resv);
	return err;
}

static int describe(struct sock *sk, struct portres_association *answer)
{
	struct portres_reservation *resv;
	int err = -ENOENT;

	memset(answer, 0, sizeof(*answer));
	lock_sock(sk);
	resv = portres_assoc_find(sk);
	if (resv) {
		answer->token = resv->token;
		answer->first = resv->first;
		answer->count = portres_reservation_count(resv);
		answer->protocol = IPPROTO_UDP;
		if (READ_ONCE(resv->dead))
			answer->flags = PORTRES_ASSOCIATION_GONE;
		err = 0;
	}
	release_sock(sk);
	return err;
}

static int get_associate(struct sock *sk, void __user *user, int *len)
{
	struct portres_association answer;
	int err;

	if (*len < (int)sizeof(answer))
		return -EINVAL;
	err = describe(sk, &answer);
	if (err)
		return err;
	if (copy_to_user(user, &answer, sizeof(answer)))
		return -EFAULT;
	*len = sizeof(answer);
	return 0;
}

static int set(struct sock *sk, int optname, sockptr_t optval, unsigned int len)
{
	return is_udp(sk) ? set_associate(sk, optval, len) : -EOPNOTSUPP;
}

static int get(struct sock *sk, int optname, void __user *user, int *len)
{
	return is_udp(sk) ? get_associate(sk, user, len) : -EOPNOTSUPP;
}

static struct nf_sockopt_ops sockopts = {
	.pf		= PF_INET,
	.owner		= THIS_MODULE,
	.set_optmin	= PORTRES_SO_ASSOCIATE,
	.set_optmax	= PORTRES_SO_ASSOCIATE + 1,
	.set		= set,
	.get_optmin	= PORTRES_SO_ASSOCIATE,
	.get_optmax	= PORTRES_SO_ASSOCIATE + 1,
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
