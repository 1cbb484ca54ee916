// SPDX-License-Identifier: GPL-2.0-only
/*
 * Acquisition of a block by a process, on a socket, and its release: permission, limits, and the
 * search for a gap.
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

#include "acquire.h"
#include "core/bind_check.h"
#include "core/caller.h"
#include "core/net.h"
#include "core/probe.h"
#include "core/reservation.h"
#include "expire.h"
#include "holder.h"
#include "ready.h"
#include "remove.h"
#include "reserve.h"

/**
 * struct search - search for the lowest gap in a range of ports
 * @sk: socket of the caller
 * @net: the namespace
 * @probe: probe of the namespace
 * @count: number of ports of the gap
 * @first: first port that is still possible; grows
 * @last: last port of the range
 * @looked: ports from @first up to here, not included, were probed
 */
struct search {
	struct sock *sk;
	struct net *net;
	struct portres_probe probe;
	u32 count;
	u32 first;
	u32 last;
	u32 looked;
};

static bool search_has_room(const struct search *search)
{
	return search->first + search->count - 1 <= search->last;
}

/*
 * Goes from reservation to reservation, as the bitmap still has the bits of expired ones.
 *
 * Return: the port after the first reservation that overlaps a gap at search->first, search->first
 * if none does.
 */
static u32 search_find_obstacle(const struct search *search)
{
	struct portres_table *table = portres_table_of(search->net,
						       search->probe.protocol->index);
	u32 port = search->first, end = search->first + search->count;
	struct portres_reservation *next;
	u32 behind = search->first;

	rcu_read_lock();
	while (behind == search->first && (next = portres_table_next(table, port)) &&
	       READ_ONCE(next->first) < end) {
		port = portres_reservation_next_port(next, port);
		if (!portres_reservation_gone(next))
			behind = port;
	}
	rcu_read_unlock();
	return behind;
}

/* Return: true if there is a gap between reservations, at search->first. */
static bool search_skip_reservations(struct search *search)
{
	u32 behind;

	while (search_has_room(search)) {
		behind = search_find_obstacle(search);
		if (behind == search->first)
			return true;
		search->first = behind;
		cond_resched();
	}
	return false;
}

static bool search_is_in_use(struct search *search, u16 port)
{
	return inet_is_local_reserved_port(search->net, port) ||
	       portres_probe_look(&search->probe, port, port);
}

/*
 * Scan downwards and continue above the highest port in use; each port is probed at most once,
 * however fragmented the range is.
 *
 * Return: true if no port of the gap at search->first is in use.
 */
static bool search_skip_in_use(struct search *search)
{
	u32 end = search->first + search->count;
	u32 begin = max(search->first, search->looked);
	u32 port;

	search->looked = end;
	for (port = end - 1; port >= begin; port--) {
		if (search_is_in_use(search, port)) {
			search->first = port + 1;
			return false;
		}
	}
	return true;
}

static bool search_find_gap(struct search *search)
{
	while (!fatal_signal_pending(current) && search_skip_reservations(search))
		if (search_skip_in_use(search))
			return true;
	return false;
}

static bool acquire_lost_race(const struct portres_reservation *resv)
{
	return resv == ERR_PTR(-EADDRINUSE) || resv == ERR_PTR(-EEXIST);
}

/*
 * If a port of the gap was bound or reserved since the gap was found, continue above it. So each
 * attempt begins at a higher port, and the search ends.
 */
static struct portres_reservation *acquire_gap(struct search *search, struct portres_spec *spec)
{
	struct portres_reservation *resv;
	u16 in_use;
	int err;

	while (search_find_gap(search)) {
		spec->first = search->first;
		spec->last = search->first + search->count - 1;
		err = portres_bind_check_block(search->sk, spec->first, spec->last);
		if (err)
			return ERR_PTR(err);
		resv = portres_reserve_probed(search->net, spec, &search->probe, &in_use);
		if (!acquire_lost_race(resv))
			return resv;
		search->first = max_t(u32, search->first, in_use) + 1;
	}
	return ERR_PTR(fatal_signal_pending(current) ? -EINTR : -EADDRINUSE);
}

static bool acquire_may_bind_low(const struct net *net)
{
	return ns_capable(net->user_ns, CAP_NET_BIND_SERVICE);
}

/* Searches the ephemeral port range of the socket. */
static struct portres_reservation *acquire_anywhere(struct sock *sk, u16 count,
						    struct portres_spec *spec)
{
	struct search search = { .sk = sk, .net = sock_net(sk), .count = count };
	struct portres_reservation *resv;
	int low, high, err;

	inet_sk_get_local_port_range(sk, &low, &high);
	if (inet_port_requires_bind_service(search.net, low) && !acquire_may_bind_low(search.net))
		while (low <= high && inet_port_requires_bind_service(search.net, low))
			low++;
	search.first = low;
	search.last = high;
	err = portres_probe_open(&search.probe, spec->protocol, search.net);
	if (err)
		return ERR_PTR(err);
	resv = acquire_gap(&search, spec);
	portres_probe_close(&search.probe);
	return resv;
}

/* As on Windows, an overlap and a port in use have the same error. */
static struct portres_reservation *acquire_block(struct net *net, u16 first, u16 count,
						 struct portres_spec *spec)
{
	struct portres_reservation *resv;

	spec->first = first;
	spec->last = first + count - 1;
	resv = portres_reserve(net, spec, NULL);
	return resv == ERR_PTR(-EEXIST) ? ERR_PTR(-EADDRINUSE) : resv;
}

/* Check the limits before the search, which may take long. */
static struct portres_reservation *acquire_checked(struct sock *sk, u16 first, u16 count,
						   struct portres_spec *spec)
{
	struct net *net = sock_net(sk);
	int err;

	spec->last = count - 1;
	err = portres_reserve_check_limits(net, spec);
	if (err)
		return ERR_PTR(err);
	return first ? acquire_block(net, first, count, spec) :
		       acquire_anywhere(sk, count, spec);
}

/* Missing CAP_NET_ADMIN is no error here: do not audit it. */
static struct portres_reservation *acquire_with_holder(struct sock *sk, u16 first, u16 count,
						       unsigned int epoch, bool tree)
{
	struct portres_spec spec = {
		.protocol = portres_protocol_of(sk),
		.owner = current_euid(),
		.grants = tree ? &portres_terms_tree : NULL,
		.epoch = epoch,
	};
	struct portres_reservation *resv;
	int err;

	err = portres_expire_prepare(portres_net_of(sock_net(sk)));
	if (err)
		return ERR_PTR(err);
	spec.holder = portres_holder_pin(sk);
	if (IS_ERR(spec.holder))
		return ERR_CAST(spec.holder);
	spec.charged = !ns_capable_noaudit(sock_net(sk)->user_ns, CAP_NET_ADMIN);
	resv = acquire_checked(sk, first, count, &spec);
	portres_holder_unpin(sk, spec.holder);
	return resv;
}

/**
 * portres_acquire - acquire a runtime reservation for the current process
 * @sk: the holder socket, of a known protocol, not locked; not one of those sockets
 *	of the kernel that do not keep their namespace, see expire.c
 * @first: first port, 0 for the lowest gap in the ephemeral port range of the socket
 * @count: number of ports, not 0; the block does not reach beyond the last port
 * @tree: descendants of the process may use it as well
 *
 * Return: the reservation, with a reference; or an ERR_PTR, see PORTRES_SO_ACQUIRE in
 * <linux/portres.h>.
 */
struct portres_reservation *portres_acquire(struct sock *sk, u16 first, u16 count, bool tree)
{
	unsigned int epoch;
	int err;

	if (!sk->sk_net_refcnt)
		return ERR_PTR(-EOPNOTSUPP);
	err = first ? portres_bind_check_block(sk, first, first + count - 1) : 0;
	/* what the protocol checks is settled only when earlier binds have ended */
	err = err ?:
	      portres_ready_wait(&epoch) ?:
	      portres_protocol_check(portres_protocol_of(sk), sock_net(sk), NULL);
	return err ? ERR_PTR(err) : acquire_with_holder(sk, first, count, epoch, tree);
}

static int release_locked(struct net *net, struct portres_reservation *resv,
			  const struct portres_caller *by)
{
	if (!resv || !resv->runtime || !portres_reservation_is_active(resv))
		return -EINVAL;
	if (portres_runtime_of(resv)->process != by->process)
		return -EACCES;
	portres_unreserve_by(net, resv, by);
	return 0;
}

/**
 * portres_release - release a runtime reservation of the current process
 * @net: the namespace
 * @token: its token, or any other number
 *
 * Return: 0; -EINVAL if no runtime reservation has the token, -EACCES if another process has
 * acquired it.
 */
int portres_release(struct net *net, u64 token)
{
	struct portres_table *table = portres_table_of_token(net, token);
	struct portres_caller by;
	int err;

	portres_caller_init(&by);
	spin_lock_bh(table->lock);
	err = release_locked(net, portres_table_find_token(table, token), &by);
	spin_unlock_bh(table->lock);
	return err;
}
