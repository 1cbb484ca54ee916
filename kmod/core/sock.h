/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of a socket: its association (assoc.c), and the runtime reservations
 * that expire with it (reserve/holder.c). Found and freed in sock.c.
 */
#ifndef _PORTRES_SOCK_H
#define _PORTRES_SOCK_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/hash.h>
#include <linux/in.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/rhashtable-types.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <net/mptcp.h>
#include <net/sock.h>

#include "protocol.h"

struct portres_reservation;

/**
 * struct portres_sock - state of a tracked socket
 * @node: entry in the map of all states
 * @sk: the socket, and the key
 * @destruct: destructor that the socket had before
 * @assoc: the reservation that the socket is associated with, with a reference, or NULL; under
 *	the socket lock
 * @pins: number of acquisitions in progress; under the socket lock
 * @lock: orders readers of @sk before the destruction of the socket
 * @gone: the socket is destroyed, @sk is only a key; under @lock
 * @detached: the socket has its own destructor, see portres_sock_detach(); under the socket lock
 * @holder: the socket holds runtime reservations; or it did, and acquired none since. Under the
 *	table lock
 * @listener: entry in the list of tcp/listener.c, if @detached
 * @held: runtime reservations that the socket holds, under the table lock
 * @closed: entry in portres_expired.holders
 * @rcu: frees the state when readers are through
 */
struct portres_sock {
	struct rhash_head node;
	const struct sock *sk;
	void (*destruct)(struct sock *sk);
	struct portres_reservation *assoc;
	unsigned int pins;
	spinlock_t lock;	/* destruction of @sk */
	bool gone;
	bool detached;
	bool holder;
	struct list_head listener;
	struct list_head held;
	struct llist_node closed;
	struct rcu_head rcu;
};

enum { PORTRES_SOCK_V4, PORTRES_SOCK_V6, PORTRES_SOCK_FAMILIES };

typedef void (*portres_destruct_t)(struct sock *sk);

/* Destructors of untracked sockets, by protocol and family; IPv4's twice where there is no IPv6. */
extern portres_destruct_t portres_sock_plain_destruct[PORTRES_PROTOCOLS][PORTRES_SOCK_FAMILIES];

/* How many detached sockets there are, by a hash of their addresses. */
#define PORTRES_SOCK_DETACHED_BITS	8
extern atomic_t portres_sock_detached[1 << PORTRES_SOCK_DETACHED_BITS];

/* Called by the destructor of a tracked socket: ends and frees what it has. */
typedef void (*portres_sock_release_t)(struct portres_sock *ps, struct net *net);

int portres_sock_init(portres_sock_release_t release);
void portres_sock_fini(void);
void portres_sock_learn_destruct(const struct sock *sk);
struct portres_sock *portres_sock_lookup(const struct sock *sk);
struct portres_sock *portres_sock_find_or_alloc(struct sock *sk);
void portres_sock_drop_unused(struct sock *sk, struct portres_sock *ps);
int portres_sock_detach(struct sock *sk, struct portres_sock *ps);
void portres_sock_end_detached(struct portres_sock *ps);

static inline atomic_t *portres_sock_detached_count(const struct sock *sk)
{
	return &portres_sock_detached[hash_ptr(sk, PORTRES_SOCK_DETACHED_BITS)];
}

static __always_inline bool portres_sock_has_plain_destruct(const struct sock *sk,
							    enum portres_protocol_index protocol)
{
	return likely(sk->sk_destruct ==
		      portres_sock_plain_destruct[protocol][PORTRES_SOCK_V4]) ||
	       sk->sk_destruct == portres_sock_plain_destruct[protocol][PORTRES_SOCK_V6];
}

/**
 * portres_sock_is_untracked - check whether a socket is known to be untracked
 * @sk: the socket, locked
 * @protocol: its protocol
 *
 * A tracked socket has our destructor, unless it is detached, which only sockets of TCP are. So a
 * socket with the destructor of its protocol is untracked; any other may be tracked, as another
 * module can have replaced our destructor, and is looked up by its address.
 */
static __always_inline bool portres_sock_is_untracked(const struct sock *sk,
						      enum portres_protocol_index protocol)
{
	if (protocol == PORTRES_TCP && unlikely(atomic_read(portres_sock_detached_count(sk))))
		return false;
	return portres_sock_has_plain_destruct(sk, protocol);
}

static inline enum portres_protocol_index portres_sock_protocol(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP ? PORTRES_TCP : PORTRES_UDP;
}

/**
 * portres_sock_is_kernels - check whether the kernel binds a socket for itself
 * @sk: the socket
 *
 * A socket of MPTCP is bound by a socket of the kernel below it, which the task that binds knows
 * nothing of. What a worker of the kernel binds is the kernel's in any case.
 */
static inline bool portres_sock_is_kernels(const struct sock *sk)
{
	return unlikely(sk->sk_kern_sock) &&
	       (current->flags & PF_KTHREAD || sk->sk_protocol != IPPROTO_TCP || !sk_is_mptcp(sk));
}

/**
 * portres_sock_find - find the state of a socket
 * @sk: the socket, locked
 *
 * Return: the state, which lives as long as the socket; NULL for an untracked socket.
 */
static inline struct portres_sock *portres_sock_find(const struct sock *sk)
{
	return portres_sock_is_untracked(sk, portres_sock_protocol(sk)) ? NULL :
									    portres_sock_lookup(sk);
}

/**
 * portres_sock_is_closed - check whether the last user of a socket has closed it
 * @ps: state of the socket, kept alive by the caller
 *
 * close() marks a socket dead; its destructor runs later.
 *
 * Context: any but hard interrupts.
 */
static inline bool portres_sock_is_closed(struct portres_sock *ps)
{
	bool closed;

	spin_lock_bh(&ps->lock);
	closed = ps->gone || sock_flag(ps->sk, SOCK_DEAD);
	spin_unlock_bh(&ps->lock);
	return closed;
}

/**
 * portres_sock_set_gone - note that a socket is about to be freed
 * @ps: its state, whether it holds a reservation or not
 *
 * Readers of a reservation that it held may still have the state, for a grace period; the socket
 * does not wait for them.
 *
 * Context: any but hard interrupts.
 */
static inline void portres_sock_set_gone(struct portres_sock *ps)
{
	spin_lock_bh(&ps->lock);
	ps->gone = true;
	spin_unlock_bh(&ps->lock);
}

#endif /* _PORTRES_SOCK_H */
