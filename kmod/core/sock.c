// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of tracked sockets: a map, and a destructor of ours, which calls the one that the
 * socket had before.
 *
 * Each tracked socket holds a reference to the module, as its destructor is in module text.
 */
#include <linux/cache.h>
#include <linux/hash.h>
#include <linux/module.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/tcp_states.h>

#include "sock.h"
#include "synchronize.h"

/* No caller chooses the address of a socket, so a hash that is quick will do. */
static __always_inline u32 sock_hash(const void *key, u32 length, u32 seed)
{
	return hash_long(*(const unsigned long *)key ^ seed, 32);
}

static const struct rhashtable_params sock_map_params = {
	.head_offset = offsetof(struct portres_sock, node),
	.key_offset = offsetof(struct portres_sock, sk),
	.key_len = sizeof_field(struct portres_sock, sk),
	.hashfn = sock_hash,
	.automatic_shrinking = true,
};

static struct rhashtable sock_map;

portres_destruct_t portres_sock_plain_destruct[PORTRES_PROTOCOLS][PORTRES_SOCK_FAMILIES]
	__read_mostly;

/*
 * Binds and connects read it. Written when an associated socket begins to listen, so it has its
 * cache lines for itself.
 */
atomic_t portres_sock_detached[1 << PORTRES_SOCK_DETACHED_BITS] ____cacheline_aligned_in_smp;

/**
 * portres_sock_lookup - look up the state of a socket in the map; use portres_sock_find()
 * @sk: the socket
 */
struct portres_sock *portres_sock_lookup(const struct sock *sk)
{
	return rhashtable_lookup_fast(&sock_map, &sk, sock_map_params);
}

static portres_sock_release_t release_state __read_mostly;

/*
 * Runs when the last reference to the socket is dropped, maybe in an RCU callback.
 *
 * Reset sk_destruct in any case: net/handshake calls the destructor that it replaced without
 * restoring the pointer.
 */
static void portres_sock_destruct(struct sock *sk)
{
	struct portres_sock *ps = portres_sock_lookup(sk);

	sk->sk_destruct = ps->destruct;
	rhashtable_remove_fast(&sock_map, &ps->node, sock_map_params);
	release_state(ps, sock_net(sk));
	if (sk->sk_destruct)
		sk->sk_destruct(sk);
	module_put(THIS_MODULE);
}

/**
 * portres_sock_detach - give a tracked socket its own destructor back
 * @sk: the socket, locked
 * @ps: its state
 *
 * For a socket whose destructor is about to be copied to other sockets. The caller keeps looking at
 * the socket, and calls portres_sock_end_detached() when it is closed: until then it has a
 * reference to the socket, and one to the module.
 *
 * Return: 0, also if it is detached already; -EBUSY if another module has replaced our destructor,
 * and calls it.
 */
int portres_sock_detach(struct sock *sk, struct portres_sock *ps)
{
	if (ps->detached)
		return 0;
	/* a socket that listened when it was tracked has its own one */
	if (sk->sk_destruct != portres_sock_destruct && sk->sk_destruct != ps->destruct)
		return -EBUSY;
	sock_hold(sk);
	/* before the destructor, so that no lookup misses the state */
	atomic_inc(portres_sock_detached_count(sk));
	sk->sk_destruct = ps->destruct;
	ps->detached = true;
	return 0;
}

/**
 * portres_sock_end_detached - end the state of a detached socket
 * @ps: the state, whose socket was closed and is in no table of the kernel
 *
 * Context: process; the caller is waited for when the module is unloaded.
 */
void portres_sock_end_detached(struct portres_sock *ps)
{
	struct sock *sk = (struct sock *)ps->sk;

	rhashtable_remove_fast(&sock_map, &ps->node, sock_map_params);
	atomic_dec(portres_sock_detached_count(sk));
	release_state(ps, sock_net(sk));
	sock_put(sk);
	module_put(THIS_MODULE);
}

/*
 * The destructor of a socket that listens is copied at any moment: the caller detaches it at once.
 */
static bool sock_is_copied(const struct sock *sk)
{
	return sk->sk_state == TCP_LISTEN;
}

static struct portres_sock *sock_state_alloc(struct sock *sk)
{
	struct portres_sock *ps;

	ps = kzalloc(sizeof(*ps), GFP_KERNEL_ACCOUNT);
	if (!ps)
		return NULL;
	ps->sk = sk;
	ps->destruct = sk->sk_destruct;
	spin_lock_init(&ps->lock);
	INIT_LIST_HEAD(&ps->held);
	if (rhashtable_insert_fast(&sock_map, &ps->node, sock_map_params)) {
		kfree(ps);
		return NULL;
	}
	/* The caller is in a socket option, which holds a reference. */
	__module_get(THIS_MODULE);
	if (!sock_is_copied(sk))
		sk->sk_destruct = portres_sock_destruct;
	return ps;
}

/**
 * portres_sock_find_or_alloc - track a socket
 * @sk: a socket of a protocol whose ports can be reserved, locked
 *
 * A socket that listens has to be detached before it is unlocked, see portres_sock_detach().
 *
 * Return: its state, which lives as long as the socket; NULL if there is no memory.
 */
struct portres_sock *portres_sock_find_or_alloc(struct sock *sk)
{
	return portres_sock_find(sk) ?: sock_state_alloc(sk);
}

/* If another destructor replaced ours, it may call ours: keep the state for it. */
static bool sock_state_is_needed(const struct portres_sock *ps, const struct sock *sk)
{
	return ps->pins || ps->assoc || ps->holder || sk->sk_destruct != portres_sock_destruct;
}

/**
 * portres_sock_drop_unused - free the state of a socket if nothing needs it
 * @sk: the socket, locked
 * @ps: its state
 *
 * Otherwise a request that failed would leave a reference to the module behind.
 */
void portres_sock_drop_unused(struct sock *sk, struct portres_sock *ps)
{
	if (sock_state_is_needed(ps, sk))
		return;
	sk->sk_destruct = ps->destruct;
	portres_sock_set_gone(ps);
	rhashtable_remove_fast(&sock_map, &ps->node, sock_map_params);
	kfree_rcu(ps, rcu);
	module_put(THIS_MODULE);
}

/**
 * portres_sock_learn_destruct - note the destructor of untracked sockets of a protocol and family
 * @sk: a new socket of that protocol and family
 */
void portres_sock_learn_destruct(const struct sock *sk)
{
	portres_destruct_t *plain = portres_sock_plain_destruct[portres_sock_protocol(sk)];

	plain[sk->sk_family == AF_INET6 ? PORTRES_SOCK_V6 : PORTRES_SOCK_V4] = sk->sk_destruct;
	if (!plain[PORTRES_SOCK_V6])
		plain[PORTRES_SOCK_V6] = sk->sk_destruct;
}

/**
 * portres_sock_init - prepare the map of socket states
 * @release: ends and frees the state of a socket that is destroyed
 */
int portres_sock_init(portres_sock_release_t release)
{
	release_state = release;
	return rhashtable_init(&sock_map, &sock_map_params);
}

/**
 * portres_sock_fini - free the map, when no socket is tracked any more
 *
 * The last destructor has dropped its reference to the module, but may not have returned yet:
 * to an RCU callback, or to a task.
 */
void portres_sock_fini(void)
{
	rcu_barrier();
	portres_synchronize_entry_exit();
	rhashtable_destroy(&sock_map);
}
