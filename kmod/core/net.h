/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of one network namespace.
 */
#ifndef _PORTRES_NET_H
#define _PORTRES_NET_H

#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/stddef.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "protocol.h"
#include "reservation.h"
#include "table.h"

struct ctl_table_header;
struct portres_changes;
struct portres_expired;
struct portres_refusals;

/**
 * struct portres_net - the state of one network namespace
 * @tables: its reservations, a table for each protocol
 * @lock: serialises what writes to @tables
 * @denied_errno: errno for an unassociated socket on a reserved port; a sysctl, as the next
 *	two, see user/sysctl.c
 * @user_max_ports: most ports that a user may hold in runtime reservations
 * @user_max_reservations: most runtime reservations that a user may hold
 * @users: struct portres_user by uid: what each user acquired without privilege, of all
 *	protocols together; under @lock
 * @changes: queue of notifications (user/notify.c), NULL until the namespace's first reservation
 * @refusals: the latest refused binds, NULL until then
 * @expired: holder sockets that were destroyed (reserve/expire.c), NULL until the namespace's first
 *	runtime reservation
 * @net: the namespace
 * @sysctls: registration of the sysctls above
 *
 * Every namespace of the machine has one, and most never reserve: what only a reservation needs is
 * allocated for the first one.
 */
struct portres_net {
	struct portres_table tables[PORTRES_PROTOCOLS];
	spinlock_t lock ____cacheline_aligned_in_smp;	/* writers of tables */
	int denied_errno;
	unsigned int user_max_ports;
	unsigned int user_max_reservations;
	struct rb_root users;
	struct portres_changes *changes;
	struct portres_refusals *refusals;
	struct portres_expired *expired;
	struct net *net;
	struct ctl_table_header *sysctls;
};

extern unsigned int portres_net_id;

/**
 * portres_net_of - get the state of a network namespace
 * @net: the namespace, kept alive by the caller
 *
 * net_generic() calls rcu_read_lock(), which is an out-of-line call with CONFIG_PREEMPT_RCU:
 * see portres_table_reserved(). The state lives as long as the namespace.
 */
static __always_inline struct portres_net *portres_net_of(const struct net *net)
{
	struct portres_net *pnet;

	rcu_read_lock_sched();
	pnet = rcu_dereference_sched(net->gen)->ptr[portres_net_id];
	rcu_read_unlock_sched();
	return pnet;
}

/**
 * portres_net_changes - get the queue of notifications of a network namespace
 * @pnet: the namespace
 *
 * Return: the queue, which lives as long as the namespace; NULL before its first reservation.
 */
static inline struct portres_changes *portres_net_changes(struct portres_net *pnet)
{
	/* pairs with the release in portres_changes_prepare() */
	return smp_load_acquire(&pnet->changes);
}

/**
 * portres_table_of - get the table of a protocol in a network namespace
 * @net: the namespace, kept alive by the caller
 * @index: the protocol
 *
 * Return: the table; NULL before net_init() has run for @net, which only a socket of another
 * subsystem's pernet init can see.
 */
static __always_inline struct portres_table *portres_table_of(const struct net *net,
							      enum portres_protocol_index index)
{
	struct portres_net *pnet = portres_net_of(net);

	BUILD_BUG_ON(offsetof(struct portres_net, tables));
	return pnet ? &pnet->tables[index] : NULL;
}

/**
 * portres_table_of_token - get the table that a reservation with a token would be in
 * @net: the namespace, kept alive by the caller
 * @token: the token, or any other number
 */
static inline struct portres_table *portres_table_of_token(const struct net *net, u64 token)
{
	return portres_table_of(net, portres_token_protocol(token));
}

/**
 * portres_table_of_reservation - get the table that a reservation is in, or was in
 * @net: its namespace, kept alive by the caller
 * @resv: the reservation, kept alive by the caller
 */
static inline struct portres_table *
portres_table_of_reservation(const struct net *net, const struct portres_reservation *resv)
{
	return portres_table_of(net, resv->protocol->index);
}

#endif /* _PORTRES_NET_H */
