// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which socket is associated with which reservation.
 *
 * The association ends in the socket's destructor, which is ours. So a socket
 * that has UDP's own destructor is not associated: one compare tells. Any other
 * is looked up by its address, ours or not: somebody may have put his own
 * destructor over ours.
 *
 * The association takes a reference on the reservation and one on the module,
 * so that a destructor in module text is never left behind.
 */
#include <linux/module.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "portres.h"

/**
 * struct assoc - an associated socket
 * @node: in the map of all
 * @sk: the socket, and the key
 * @resv: its reservation, with a reference; changes under the socket lock
 * @destruct: the destructor that the socket had before
 * @rcu: defers the end until readers of the map are through
 */
struct assoc {
	struct rhash_head node;
	const struct sock *sk;
	struct portres_reservation *resv;
	void (*destruct)(struct sock *sk);
	struct rcu_head rcu;
};

static const struct rhashtable_params assoc_params = {
	.head_offset = offsetof(struct assoc, node),
	.key_offset = offsetof(struct assoc, sk),
	.key_len = sizeof_field(struct assoc, sk),
	.automatic_shrinking = true,
};

static struct rhashtable assocs;

/* UDP's own destructors, for IPv4 and IPv6. */
static void (*plain_destruct[2])(struct sock *sk);

static inline unsigned int family_index(const struct sock *sk)
{
	return sk->sk_family == AF_INET6;
}

/*
 * The entry stays as long as the socket, and the caller has the socket: there is
 * nothing to hold beyond the look-up.
 */
static struct assoc *find(const struct sock *sk)
{
	if (likely(sk->sk_destruct == plain_destruct[family_index(sk)]))
		return NULL;
	return rhashtable_lookup_fast(&assocs, &sk, assoc_params);
}

static void release_reservation(struct portres_reservation *resv)
{
	atomic_dec(&resv->sockets);
	portres_reservation_put(resv);
}

/*
 * Runs when the last user of the socket is gone, maybe in an RCU callback. Who
 * put a destructor of his own over ours need not have taken it away again.
 */
static void destruct(struct sock *sk)
{
	struct assoc *assoc = rhashtable_lookup_fast(&assocs, &sk, assoc_params);

	sk->sk_destruct = assoc->destruct;
	rhashtable_remove_fast(&assocs, &assoc->node, assoc_params);
	release_reservation(assoc->resv);
	kfree_rcu(assoc, rcu);
	if (sk->sk_destruct)
		sk->sk_destruct(sk);
	module_put(THIS_MODULE);
}

static int add(struct sock *sk, struct portres_reservation *resv)
{
	struct assoc *assoc;
	int err;

	assoc = kzalloc(sizeof(*assoc), GFP_KERNEL_ACCOUNT);
	if (!assoc)
		return -ENOMEM;
	assoc->sk = sk;
	assoc->resv = resv;
	assoc->destruct = sk->sk_destruct;
	err = rhashtable_insert_fast(&assocs, &assoc->node, assoc_params);
	if (err) {
		kfree(assoc);
		return -ENOMEM;
	}
	/* The caller is in a socket option of ours, which holds the module. */
	__module_get(THIS_MODULE);
	sk->sk_destruct = destruct;
	return 0;
}

/**
 * portres_assoc_set - associate a socket with a reservation
 * @sk: an unbound UDP socket, locked; it may be associated already
 * @resv: the reservation; the caller's reference is taken on success
 *
 * Return: 0 or -ENOMEM.
 */
int portres_assoc_set(struct sock *sk, struct portres_reservation *resv)
{
	struct assoc *assoc = find(sk);
	int err;

	if (assoc) {
		release_reservation(assoc->resv);
		assoc->resv = resv;
	} else {
		err = add(sk, resv);
		if (err)
			return err;
	}
	atomic_inc(&resv->sockets);
	return 0;
}

/**
 * portres_assoc_find - the reservation that a socket is associated with
 * @sk: the socket, locked
 *
 * Return: the reservation, alive or dead, kept by the association; or NULL.
 */
struct portres_reservation *portres_assoc_find(const struct sock *sk)
{
	struct assoc *assoc = find(sk);

	return assoc ? assoc->resv : NULL;
}

/**
 * portres_assoc_learn - remember UDP's own destructor
 * @sk: a new UDP socket of the family
 */
void portres_assoc_learn(const struct sock *sk)
{
	plain_destruct[family_index(sk)] = sk->sk_destruct;
}

int portres_assoc_init(void)
{
	return rhashtable_init(&assocs, &assoc_params);
}

/**
 * portres_assoc_fini - end the map, when no socket is associated any more
 *
 * The last destructor dropped its reference to the module, and may be about to
 * return to its caller: from an RCU callback, or from a task.
 */
void portres_assoc_fini(void)
{
	rcu_barrier();
	synchronize_rcu_tasks();
	rhashtable_destroy(&assocs);
}
