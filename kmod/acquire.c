// SPDX-License-Identifier: GPL-2.0-only
/*
 * Acquisition of a block by a process, on a socket, and its release: who may, how
 * much, and where there is room.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/net_namespace.h>

#include "sock.h"

/**
 * struct search - for the lowest gap in a range of ports
 * @net: the namespace, its table locked
 * @probe: looks for sockets
 * @count: how many ports the gap has to have
 * @first: it does not begin below; grows
 * @last: it does not reach beyond
 * @looked: from @first up to here, not included, no socket was seen
 */
struct search {
	struct net *net;
	struct portres_probe probe;
	u32 count;
	u32 first;
	u32 last;
	u32 looked;
};

static bool has_room(const struct search *search)
{
	return search->first + search->count - 1 <= search->last;
}

/*
 * From reservation to reservation, not by the bits: those do not show what is over
 * and only waits to be taken out.
 *
 * Return: whether there is a gap between reservations, at search->first.
 */
static bool skip_reservations(struct search *search)
{
	struct portres_table *table = portres_table_of(search->net);
	struct portres_reservation *next;

	while (has_room(search)) {
		next = portres_table_next(table, search->first);
		if (!next || next->first >= search->first + search->count)
			return true;
		if (portres_reservation_over(next))
			portres_unreserve(search->net, next);
		else
			search->first = next->last + 1;
		cond_resched();
	}
	return false;
}

static bool is_taken(struct search *search, u16 port)
{
	return inet_is_local_reserved_port(search->net, port) ||
	       portres_probe_look(&search->probe, port, port);
}

/*
 * From the end: behind the last port that is taken the next attempt begins, and
 * what was passed on the way there is not asked again. So each port is asked at
 * most once, however fragmented the range is.
 *
 * Return: whether all ports of the gap at search->first are free.
 */
static bool skip_taken(struct search *search)
{
	u32 end = search->first + search->count;
	u32 begin = max(search->first, search->looked);
	u32 port;

	search->looked = end;
	for (port = end - 1; port >= begin; port--) {
		if (is_taken(search, port)) {
			search->first = port + 1;
			return false;
		}
	}
	return true;
}

static bool find_gap(struct search *search)
{
	while (skip_reservations(search))
		if (skip_taken(search))
			return true;
	return false;
}

/* A gap that a socket has come into since is left behind as well. */
static struct portres_reservation *reserve_gap(struct search *search, struct portres_spec *spec)
{
	struct portres_reservation *resv;
	u16 in_use;

	while (find_gap(search)) {
		spec->first = search->first;
		spec->last = search->first + search->count - 1;
		resv = portres_reserve_seen(search->net, spec, &search->probe, &in_use);
		if (resv != ERR_PTR(-EADDRINUSE))
			return resv;
		search->first = in_use + 1;
	}
	return ERR_PTR(-EADDRINUSE);
}

static bool may_bind_low(const struct net *net)
{
	return ns_capable(net->user_ns, CAP_NET_BIND_SERVICE);
}

/* Among the ports where the kernel would choose for this socket. */
static struct portres_reservation *reserve_anywhere(struct sock *sk, u16 count,
						    struct portres_spec *spec)
{
	struct search search = { .net = sock_net(sk), .count = count };
	struct portres_reservation *resv;
	int low, high, err;

	inet_sk_get_local_port_range(sk, &low, &high);
	if (inet_port_requires_bind_service(search.net, low) && !may_bind_low(search.net))
		while (low <= high && inet_port_requires_bind_service(search.net, low))
			low++;
	search.first = low;
	search.last = high;
	err = portres_probe_open(&search.probe, search.net);
	if (err)
		return ERR_PTR(err);
	resv = reserve_gap(&search, spec);
	portres_probe_close(&search.probe);
	return resv;
}

/* To Windows' programs an overlap and a port in use are one. */
static struct portres_reservation *reserve_block(struct net *net, u16 first, u16 count,
						 struct portres_spec *spec)
{
	struct portres_reservation *resv;

	spec->first = first;
	spec->last = first + count - 1;
	resv = portres_reserve(net, spec, NULL);
	return resv == ERR_PTR(-EEXIST) ? ERR_PTR(-EADDRINUSE) : resv;
}

/* What closed sockets held counts no more. */
static int judge_bounds(struct net *net, kuid_t user, u16 count)
{
	struct portres_net *pnet = portres_net_of(net);
	struct portres_runtime *over;
	int err;

	while ((err = portres_account_judge(pnet, user, count))) {
		over = portres_account_find_over(pnet, user);
		if (!over)
			break;
		portres_unreserve(net, &over->resv);
	}
	return err;
}

/* To be without the capability is no offence: nothing for the audit log. */
static struct portres_reservation *acquire(struct sock *sk, u16 first, u16 count,
					   struct portres_sock *holder)
{
	struct portres_spec spec = { .owner = current_euid(), .holder = holder };
	int err;

	spec.charged = !ns_capable_noaudit(sock_net(sk)->user_ns, CAP_NET_ADMIN);
	err = spec.charged ? judge_bounds(sock_net(sk), spec.owner, count) : 0;
	if (err)
		return ERR_PTR(err);
	return first ? reserve_block(sock_net(sk), first, count, &spec) :
		       reserve_anywhere(sk, count, &spec);
}

/*
 * Before the table is locked, as the socket may be locked for long. What hangs on
 * a socket stays there, even if the acquisition fails.
 */
static struct portres_sock *make_holder(struct sock *sk)
{
	struct portres_sock *holder;

	lock_sock(sk);
	holder = portres_sock_provide(sk);
	release_sock(sk);
	return holder;
}

static struct portres_reservation *acquire_on(struct sock *sk, u16 first, u16 count)
{
	struct portres_table *table = portres_table_of(sock_net(sk));
	struct portres_sock *holder = make_holder(sk);
	struct portres_reservation *resv;

	if (!holder)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&table->lock);
	resv = acquire(sk, first, count, holder);
	if (!IS_ERR(resv))
		refcount_inc(&resv->refs);
	mutex_unlock(&table->lock);
	return resv;
}

/**
 * portres_acquire - make a runtime reservation for the current process
 * @sk: the UDP socket that it shall end with, not locked; not one of those sockets
 *	of the kernel that do not keep their namespace, see holder.c
 * @first: first port, 0 for the lowest gap in the socket's ephemeral range
 * @count: number of ports, not 0; the block does not reach beyond the last port
 *
 * Return: the reservation, with a reference; or an ERR_PTR, as the socket option
 * documents them.
 */
struct portres_reservation *portres_acquire(struct sock *sk, u16 first, u16 count)
{
	struct net *net = sock_net(sk);
	struct portres_reservation *resv;

	if (!sk->sk_net_refcnt)
		return ERR_PTR(-EOPNOTSUPP);
	if (first && inet_port_requires_bind_service(net, first) && !may_bind_low(net))
		return ERR_PTR(-EACCES);

	portres_guard_get();
	resv = acquire_on(sk, first, count);
	portres_guard_put();
	return resv;
}

static int release(struct net *net, struct portres_reservation *resv)
{
	if (!resv || !resv->runtime || portres_reservation_over(resv))
		return -EINVAL;
	if (portres_runtime_of(resv)->process != task_tgid(current))
		return -EACCES;
	portres_unreserve(net, resv);
	return 0;
}

/**
 * portres_release - end a runtime reservation of the current process
 * @net: the namespace
 * @token: its token; any number may be given
 *
 * Return: 0; -EINVAL if it is not that of a runtime reservation, -EACCES if
 * another process has acquired it.
 */
int portres_release(struct net *net, u64 token)
{
	struct portres_table *table = portres_table_of(net);
	int err;

	mutex_lock(&table->lock);
	err = release(net, portres_table_find_token(table, token));
	mutex_unlock(&table->lock);
	return err;
}
