// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which socket holds which runtime reservations. Their removal after the socket was closed is in
 * expire.c.
 */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "core/net.h"
#include "core/protocol.h"
#include "core/reservation.h"
#include "core/sock.h"
#include "holder.h"

static struct portres_sock *holder_track(struct sock *sk)
{
	const struct portres_protocol *protocol = portres_protocol_of(sk);
	struct portres_sock *ps = portres_sock_find_or_alloc(sk);
	int err;

	if (!ps)
		return ERR_PTR(-ENOMEM);
	err = sk->sk_state == TCP_LISTEN ? protocol->keep_listener(sk, ps) : 0;
	return err ? ERR_PTR(err) : ps;
}

/**
 * portres_holder_pin - get the state of a socket for an acquisition
 * @sk: a socket of a protocol whose ports can be reserved, not locked
 *
 * Return: its state, kept until portres_holder_unpin(); or an ERR_PTR: -ENOMEM, or -EBUSY if the
 * socket listens and another module has replaced our destructor.
 */
struct portres_sock *portres_holder_pin(struct sock *sk)
{
	struct portres_sock *ps;

	lock_sock(sk);
	ps = holder_track(sk);
	if (!IS_ERR(ps))
		ps->pins++;
	release_sock(sk);
	return ps;
}

static void holder_update_flag(struct portres_sock *holder, struct portres_net *pnet)
{
	spin_lock_bh(&pnet->lock);
	if (list_empty(&holder->held))
		holder->holder = false;
	spin_unlock_bh(&pnet->lock);
}

/**
 * portres_holder_unpin - end an acquisition
 * @sk: the socket, not locked
 * @holder: its state; freed if it has no use
 */
void portres_holder_unpin(struct sock *sk, struct portres_sock *holder)
{
	lock_sock(sk);
	if (!--holder->pins)
		holder_update_flag(holder, portres_net_of(sock_net(sk)));
	portres_sock_drop_unused(sk, holder);
	release_sock(sk);
}

/**
 * portres_holder_add - make a socket the holder of a runtime reservation
 * @holder: state of the socket, pinned by the caller
 * @runtime: the reservation, not in the table yet; the table is locked
 */
void portres_holder_add(struct portres_sock *holder, struct portres_runtime *runtime)
{
	holder->holder = true;
	list_add(&runtime->held, &holder->held);
	rcu_assign_pointer(runtime->holder, holder);
}

/**
 * portres_holder_del - detach a runtime reservation from its holder
 * @runtime: the reservation; the table is locked
 */
void portres_holder_del(struct portres_runtime *runtime)
{
	list_del(&runtime->held);
	RCU_INIT_POINTER(runtime->holder, NULL);
}
