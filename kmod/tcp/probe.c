// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds out whether any TCP socket of a namespace has a port: looks into the kernel's hash table of
 * ports (bhash), under the lock of each bucket. Whatever has a port is there: sockets that are
 * bound, listen, connect or are connected, those that accept() returned, and connections in
 * TIME_WAIT, for any address and device.
 *
 * A port on which only connections in TIME_WAIT are left is not in use if the sockets that left
 * them had SO_REUSEADDR, as those of a server do: then a socket with SO_REUSEADDR can be bound to
 * it. So the port of a server that was just stopped can be reserved for it.
 */
#include <linux/sched.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "compat.h"
#include "core/probe.h"
#include "probe.h"

int portres_tcp_probe_open(struct portres_probe *probe, struct net *net)
{
	return 0;
}

void portres_tcp_probe_close(struct portres_probe *probe)
{
}

/* Return: how an owner of a port uses it, NULL if that counts as no use. */
static const char *probe_use(const struct sock *sk)
{
	switch (sk->sk_state) {
	case TCP_TIME_WAIT:
		return sk->sk_reuse ? NULL :
		       "a connection of a port of the block is in TIME_WAIT, wait for a minute";
	case TCP_LISTEN:
		return "a socket listens on a port of the block";
	case TCP_CLOSE:
		return "a socket is bound to a port of the block";
	default:
		return "a port of the block has a connection";
	}
}

static const char *probe_owners(const struct hlist_head *owners)
{
	const struct sock *sk;
	const char *use;

	sk_for_each_bound(sk, owners) {
		use = probe_use(sk);
		if (use)
			return use;
	}
	return NULL;
}

#ifndef PORTRES_BUCKET_BY_ADDRESS
static const char *probe_bucket(const struct inet_bind_bucket *bucket)
{
	return probe_owners(&bucket->owners);
}
#else
static const char *probe_bucket(const struct inet_bind_bucket *bucket)
{
	const struct inet_bind2_bucket *by_address;
	const char *use;

	hlist_for_each_entry(by_address, &bucket->bhash2, bhash_node) {
		use = probe_owners(&by_address->owners);
		if (use)
			return use;
	}
	return NULL;
}
#endif

static const char *probe_port(const struct net *net, u16 port)
{
	const struct inet_hashinfo *info = net->ipv4.tcp_death_row.hashinfo;
	struct inet_bind_hashbucket *head;
	struct inet_bind_bucket *bucket;
	const char *use = NULL;

	head = &info->bhash[inet_bhashfn(net, port, info->bhash_size)];
	spin_lock_bh(&head->lock);
	inet_bind_bucket_for_each(bucket, &head->chain) {
		if (bucket->port != port || !net_eq(ib_net(bucket), net))
			continue;
		use = probe_bucket(bucket);
		if (use)
			break;
	}
	spin_unlock_bh(&head->lock);
	return use;
}

/**
 * portres_tcp_probe_look - find the first port of a block that is in use
 * @probe: the probe
 * @first: first port of the block
 * @last: last port of the block
 *
 * Context: process, may reschedule.
 * Return: the port, 0 if none is in use.
 */
u16 portres_tcp_probe_look(struct portres_probe *probe, u16 first, u16 last)
{
	const char *use;
	unsigned int port;

	for (port = first; port <= last; port++) {
		use = probe_port(probe->net, port);
		if (use) {
			probe->found = use;
			return port;
		}
		cond_resched();
	}
	return 0;
}
