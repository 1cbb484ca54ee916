/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What hangs on a socket: its association (assoc.c), and the runtime reservations
 * that end with it (holder.c). Found and ended in sock.c.
 */
#ifndef _PORTRES_SOCK_H
#define _PORTRES_SOCK_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <net/sock.h>

#include "portres.h"

/**
 * struct portres_sock - what a socket has of ours
 * @node: in the map of all
 * @sk: the socket, and the key
 * @destruct: the destructor that the socket had before
 * @assoc: the reservation that it is associated with, with a reference, or NULL;
 *	changes under the socket lock
 * @lock: orders looks at @sk with the socket's end
 * @gone: the socket has ended, @sk is no more than a key; under @lock
 * @holder: it has held a runtime reservation; set once, under the table's lock
 * @held: the runtime reservations that end with it, under the table's lock
 * @closed: in the list of those that are gone and held something
 * @rcu: defers the end until readers are through
 */
struct portres_sock {
	struct rhash_head node;
	const struct sock *sk;
	void (*destruct)(struct sock *sk);
	struct portres_reservation *assoc;
	spinlock_t lock;	/* the socket's end */
	bool gone;
	bool holder;
	struct list_head held;
	struct llist_node closed;
	struct rcu_head rcu;
};

enum { PORTRES_SOCK_V4, PORTRES_SOCK_V6, PORTRES_SOCK_FAMILIES };

/* UDP's own destructors; that of IPv4 twice where there is no IPv6. */
extern void (*portres_sock_plain[PORTRES_SOCK_FAMILIES])(struct sock *sk);

int portres_sock_init(void);
void portres_sock_fini(void);
void portres_sock_learn(const struct sock *sk);
struct portres_sock *portres_sock_lookup(const struct sock *sk);
struct portres_sock *portres_sock_provide(struct sock *sk);

/**
 * portres_sock_is_plain - has a socket nothing of ours for sure?
 * @sk: the socket, locked
 *
 * What we have to do with a socket ends in its destructor, which is ours. So a
 * socket that has UDP's own has nothing: a compare tells. Any other is looked
 * up by its address, ours or not: somebody may have put his own destructor over
 * ours.
 */
static __always_inline bool portres_sock_is_plain(const struct sock *sk)
{
	return likely(sk->sk_destruct == portres_sock_plain[PORTRES_SOCK_V4]) ||
	       sk->sk_destruct == portres_sock_plain[PORTRES_SOCK_V6];
}

/**
 * portres_sock_find - what hangs on a socket
 * @sk: the socket, locked
 *
 * Return: what it has, which stays as long as the socket; or NULL.
 */
static inline struct portres_sock *portres_sock_find(const struct sock *sk)
{
	return portres_sock_is_plain(sk) ? NULL : portres_sock_lookup(sk);
}

#endif /* _PORTRES_SOCK_H */
