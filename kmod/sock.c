// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hangs something of ours on a socket, finds it there, and notices the socket's
 * end: by a destructor of ours, which calls the one that was there before.
 *
 * Each such socket holds the module, so that a destructor in module text is never
 * left behind; and needs the hook, so that its binds are ours to judge.
 */
#include <linux/hash.h>
#include <linux/module.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "sock.h"

/* An address is spread well enough by little; the seed is there for strangers' keys. */
static u32 hash_key(const void *key, u32 len, u32 seed)
{
	return hash_ptr(*(const struct sock *const *)key, 32);
}

static int compare_key(struct rhashtable_compare_arg *arg, const void *ps)
{
	return ((const struct portres_sock *)ps)->sk != *(const struct sock *const *)arg->key;
}

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct portres_sock, node),
	.key_offset = offsetof(struct portres_sock, sk),
	.key_len = sizeof_field(struct portres_sock, sk),
	.hashfn = hash_key,
	.obj_cmpfn = compare_key,
	.automatic_shrinking = true,
};

static struct rhashtable socks;

void (*portres_sock_plain[PORTRES_SOCK_FAMILIES])(struct sock *sk) __read_mostly;

/**
 * portres_sock_lookup - what hangs on a socket, for portres_sock_find()
 * @sk: the socket
 */
struct portres_sock *portres_sock_lookup(const struct sock *sk)
{
	return rhashtable_lookup_fast(&socks, &sk, params);
}

/*
 * Runs when the last user of the socket is gone, maybe in an RCU callback. Who
 * put a destructor of his own over ours need not have taken it away again.
 *
 * The namespace is there: a holder keeps it until its destructor has returned.
 */
static void destruct(struct sock *sk)
{
	struct portres_sock *ps = portres_sock_lookup(sk);

	sk->sk_destruct = ps->destruct;
	rhashtable_remove_fast(&socks, &ps->node, params);
	portres_assoc_end(ps);
	if (ps->holder)
		portres_holder_close(ps, portres_net_of(sock_net(sk)));
	else
		kfree_rcu(ps, rcu);
	if (sk->sk_destruct)
		sk->sk_destruct(sk);
	portres_guard_put();
	module_put(THIS_MODULE);
}

static struct portres_sock *make(struct sock *sk)
{
	struct portres_sock *ps;

	ps = kzalloc(sizeof(*ps), GFP_KERNEL_ACCOUNT);
	if (!ps)
		return NULL;
	ps->sk = sk;
	ps->destruct = sk->sk_destruct;
	spin_lock_init(&ps->lock);
	INIT_LIST_HEAD(&ps->held);
	if (rhashtable_insert_fast(&socks, &ps->node, params)) {
		kfree(ps);
		return NULL;
	}
	/* The caller is in a socket option of ours, which holds the module. */
	__module_get(THIS_MODULE);
	portres_guard_keep();
	sk->sk_destruct = destruct;
	return ps;
}

/**
 * portres_sock_provide - hang something on a socket, if there is nothing yet
 * @sk: a UDP socket, locked; the caller needs the hook
 *
 * Return: what it has, which stays as long as the socket; NULL if there is no
 * memory.
 */
struct portres_sock *portres_sock_provide(struct sock *sk)
{
	return portres_sock_find(sk) ?: make(sk);
}

/**
 * portres_sock_learn - remember UDP's own destructor
 * @sk: a new UDP socket of the family
 */
void portres_sock_learn(const struct sock *sk)
{
	int which = sk->sk_family == AF_INET6 ? PORTRES_SOCK_V6 : PORTRES_SOCK_V4;

	portres_sock_plain[which] = sk->sk_destruct;
	if (!portres_sock_plain[PORTRES_SOCK_V6])
		portres_sock_plain[PORTRES_SOCK_V6] = sk->sk_destruct;
}

int portres_sock_init(void)
{
	return rhashtable_init(&socks, &params);
}

/**
 * portres_sock_fini - end the map, when no socket has anything of ours any more
 *
 * The last destructor dropped its reference to the module, and may be about to
 * return to its caller: from an RCU callback, or from a task.
 */
void portres_sock_fini(void)
{
	rcu_barrier();
	portres_wait_for_instants();
	rhashtable_destroy(&socks);
}
