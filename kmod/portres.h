/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the module know of each other.
 *
 * Knowledge runs one way. The doors are hook.c (every bind), sockopt.c
 * (association, acquisition) and netlink.c (management); they know the table,
 * the table knows nobody:
 *
 *   hook -> bind -> verdict, assoc, table        the way of a bind
 *   sockopt -> assoc -> sock                     association
 *   sockopt -> acquire -> account, reserve       acquisition and release
 *   netlink -> reserve -> probe, holder, table   creation and deletion
 *   sock -> holder -> reserve                    the end of a socket
 *   netlink, sockopt, reserve, sock -> guard -> hook    who needs the hook
 *
 * Locks, from outside to inside:
 *
 *   the lock of guard.c (mutex)
 *	That the hook stands, or not. Held while binds are waited for, and so with
 *	no other lock of ours around it or inside of it.
 *   portres_table.lock (mutex, one per network namespace)
 *	Writers of the table: creation, acquisition and every end; what users
 *	are charged for; what a socket holds; and the notification of each
 *	change, so that listeners hear of changes in their order. Held while
 *	the probe looks at a block, and therefore outside of the probe's socket
 *	lock. Never held where a socket of somebody else is locked: its owner
 *	may keep it locked as long as he likes, by a page fault in sendmsg().
 *   socket lock (lock_sock)
 *	Of the socket that is associated or bound: a socket's association
 *	changes under it, and get_port runs under it. Nothing of ours that
 *	sleeps is taken inside.
 *   UDP hash slot locks (the kernel's own)
 *	What orders creation and bind, see bind.c.
 *   RCU
 *	Readers of the table, in the hook above all. Inside of it at most
 *   portres_sock.lock (spinlock, one per socket that has something of ours)
 *	That the socket is still there to be looked at. Its destructor takes
 *	it, maybe in softirq: hence everybody disables those.
 */
#ifndef _PORTRES_H
#define _PORTRES_H

#include <linux/errno.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock.h>

#include <linux/portres.h>

#include "table.h"

struct ctl_table_header;
struct net;
struct netlink_ext_ack;
struct pid;
struct portres_sock;
struct portres_user;

/**
 * struct portres_reservation - a block of ports that belongs to somebody
 * @refs: the table holds one reference, each associated socket another
 * @rcu: defers the end until readers of the table are through
 * @link: among those that stand in the table
 * @token: names the reservation to those who may use it; never changes
 * @refused: binds that were refused because of it
 * @owner: who may use it without privilege, INVALID_UID if nobody; of a runtime
 *	reservation the user who acquired it; never changes
 * @sockets: sockets that are associated with it
 * @cursor: offset into the block where the next search for a free port begins
 * @first: first port; never changes
 * @last: last port; never changes
 * @dead: it is no longer in the table; set once, under the table's lock, and
 *	read without
 * @runtime: it is a struct portres_runtime; never changes
 * @name: shown to people, may be empty; never changes
 */
struct portres_reservation {
	refcount_t refs;
	struct rcu_head rcu;
	struct list_head link;
	u64 token;
	atomic64_t refused;
	kuid_t owner;
	atomic_t sockets;
	atomic_t cursor;
	u16 first;
	u16 last;
	bool dead;
	bool runtime;
	char name[PORTRES_NAME_MAX + 1];
};

/**
 * struct portres_runtime - a reservation that a process has acquired on a socket
 * @resv: what every reservation has
 * @process: who may use and release it, with a reference; never changes
 * @command: what the process was called; never changes
 * @holder: the socket that it ends with, NULL when it has ended; written under
 *	the table's lock, read under RCU
 * @held: in the list of @holder, under the table's lock
 * @user: who is charged for it, NULL if it was acquired with privilege; under the
 *	table's lock
 * @charged: in the list of @user, under the table's lock
 */
struct portres_runtime {
	struct portres_reservation resv;
	struct pid *process;
	char command[TASK_COMM_LEN];
	struct portres_sock __rcu *holder;
	struct list_head held;
	struct portres_user *user;
	struct list_head charged;
};

/**
 * struct portres_net - what the module keeps for a network namespace
 * @table: its reservations
 * @net: the namespace
 * @users: user -> struct portres_user, what each has acquired without privilege;
 *	under the table's lock
 * @closed: sockets that are gone and held something
 * @end_held: ends what they held
 * @denied_errno: what a stranger gets on a reserved port; a sysctl, as the next
 * @user_max_ports: how many ports a user may hold in runtime reservations
 * @user_max_reservations: how many runtime reservations he may hold
 * @guarded: it has reservations and needs the hook; under the table's lock
 * @sysctls: the registration of those three
 */
struct portres_net {
	struct portres_table table;
	struct net *net;
	struct xarray users;
	struct llist_head closed;
	struct work_struct end_held;
	int denied_errno;
	unsigned int user_max_ports;
	unsigned int user_max_reservations;
	bool guarded;
	struct ctl_table_header *sysctls;
};

/* main.c */
extern unsigned int portres_net_id;

/**
 * portres_net_of - what the module keeps for a network namespace
 * @net: the namespace, which does not end meanwhile
 *
 * As net_generic(), which has a rcu_read_lock(): see portres_table_reserved(). What
 * it leads to lives as long as the namespace.
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
 * portres_table_of - the table of a network namespace
 * @net: the namespace
 */
static __always_inline struct portres_table *portres_table_of(const struct net *net)
{
	return &portres_net_of(net)->table;
}

/**
 * struct portres_spec - what is asked of a new reservation
 * @first: first port, not 0
 * @last: last port, not below @first
 * @owner: who may use it without privilege, or INVALID_UID; of a runtime
 *	reservation who acquires it
 * @name: at most PORTRES_NAME_MAX bytes, or NULL
 * @holder: the socket that a runtime reservation shall end with, NULL for a
 *	persistent one; the current process acquires it
 * @charged: its user is charged for it
 */
struct portres_spec {
	u16 first;
	u16 last;
	kuid_t owner;
	const char *name;
	struct portres_sock *holder;
	bool charged;
};

/* reservation.c */
struct portres_reservation *portres_reservation_alloc(const struct portres_spec *spec);
void portres_reservation_put(struct portres_reservation *resv);

static inline struct portres_runtime *portres_runtime_of(const struct portres_reservation *resv)
{
	return container_of(resv, struct portres_runtime, resv);
}

static inline u16 portres_reservation_count(const struct portres_reservation *resv)
{
	return resv->last - resv->first + 1;
}

/* holder.c */
int portres_holder_init(void);
void portres_holder_fini(void);
void portres_holder_init_net(struct portres_net *pnet);
void portres_holder_fini_net(struct portres_net *pnet);
void portres_holder_add(struct portres_sock *holder, struct portres_runtime *runtime);
void portres_holder_del(struct portres_runtime *runtime);
bool portres_holder_gone(const struct portres_runtime *runtime);
void portres_holder_close(struct portres_sock *holder, struct portres_net *pnet);

/**
 * portres_reservation_over - has a reservation ended, or will it as soon as
 *	somebody finds the time?
 * @resv: the reservation, alive
 *
 * A runtime reservation ends with close(), as seen by everybody, though its
 * socket may live on for a grace period, or until its last packet is sent.
 */
static inline bool portres_reservation_over(const struct portres_reservation *resv)
{
	return READ_ONCE(resv->dead) ||
	       (resv->runtime && portres_holder_gone(portres_runtime_of(resv)));
}

/* verdict.c */

/**
 * struct portres_case - what the verdict on a bind depends on
 * @port: the port that is asked for
 * @reserved: a reservation holds @port
 * @associated: the socket is associated with a reservation, whose
 * @gone: end has come, whose
 * @first: block begins here and
 * @last: ends here
 * @denied: what a stranger gets on a reserved port, an errno
 */
struct portres_case {
	u16 port;
	bool reserved;
	bool associated;
	bool gone;
	u16 first;
	u16 last;
	int denied;
};

/**
 * portres_verdict_bind - may a socket have a port?
 * @c: the facts
 *
 * What a stranger gets is for the namespace to say.
 *
 * An association never falls back to "any port": a server that believes itself
 * inside its block has to hear that it is not.
 *
 * Return: 0; what @c says for a stranger on a reserved port; -EADDRNOTAVAIL for an
 * associated socket that asks beyond its block or whose reservation is gone.
 */
static inline int portres_verdict_bind(const struct portres_case *c)
{
	if (!c->associated)
		return c->reserved ? -c->denied : 0;
	if (c->gone || c->port < c->first || c->port > c->last)
		return -EADDRNOTAVAIL;
	return 0;
}

/**
 * struct portres_claim - what it depends on whether somebody may use a reservation
 * @runtime: it is a runtime reservation, and
 * @acquirer: who asks is the process that acquired it
 * @owner: the user whom a persistent one names, or INVALID_UID
 * @user: who asks
 * @admin: who asks has CAP_NET_ADMIN over the network namespace
 */
struct portres_claim {
	bool runtime;
	bool acquirer;
	kuid_t owner;
	kuid_t user;
	bool admin;
};

bool portres_verdict_use(const struct portres_claim *claim);

/* bind.c; the rest of it is in bind.h */
typedef int (*portres_get_port_t)(struct sock *sk, unsigned short port);

/* hook.c */
int portres_hook_find(void);
void portres_hook_install(void);
void portres_hook_withdraw(void);
void portres_hook_remove(void);
portres_get_port_t portres_hook_original(const struct sock *sk);

/* guard.c */
void portres_guard_get(void);
bool portres_guard_try(void);
void portres_guard_keep(void);
void portres_guard_put(void);
void portres_guard_end(void);
void portres_guard_fini(void);

/* straggler.c */
void portres_wait_for_binds(void);
void portres_wait_for_instants(void);

/* probe.c */

/**
 * struct portres_probe - a socket that finds out whether a port is in use
 * @sock: a UDP socket of the kernel, never bound
 * @get_port: the kernel's own get_port of this socket
 */
struct portres_probe {
	struct socket *sock;
	portres_get_port_t get_port;
};

int portres_probe_open(struct portres_probe *probe, struct net *net);
int portres_probe_look(struct portres_probe *probe, u16 first, u16 last);
void portres_probe_close(struct portres_probe *probe);

/* reserve.c */
struct portres_reservation *portres_reserve(struct net *net, const struct portres_spec *spec,
					    struct netlink_ext_ack *extack);
struct portres_reservation *portres_reserve_seen(struct net *net, const struct portres_spec *spec,
						 struct portres_probe *probe, u16 *in_use);
void portres_unreserve(struct net *net, struct portres_reservation *resv);
void portres_unguard(struct portres_net *pnet);

/* account.c */
void portres_account_init(struct portres_net *pnet);
void portres_account_fini(struct portres_net *pnet);
int portres_account_judge(struct portres_net *pnet, kuid_t uid, u16 count);
struct portres_runtime *portres_account_find_over(struct portres_net *pnet, kuid_t uid);
int portres_account_charge(struct portres_net *pnet, struct portres_runtime *runtime);
void portres_account_uncharge(struct portres_net *pnet, struct portres_runtime *runtime);

/* acquire.c */
struct portres_reservation *portres_acquire(struct sock *sk, u16 first, u16 count);
int portres_release(struct net *net, u64 token);

/* assoc.c */
int portres_assoc_set(struct sock *sk, struct portres_reservation *resv);
struct portres_reservation *portres_assoc_find(const struct sock *sk);
void portres_assoc_end(struct portres_sock *ps);

/* sysctl.c */
int portres_sysctl_register(struct portres_net *pnet);
void portres_sysctl_unregister(struct portres_net *pnet);

/* sockopt.c */
int portres_sockopt_register(void);
void portres_sockopt_unregister(void);

/* message.c */
void portres_notify(struct net *net, const struct portres_reservation *resv, u8 cmd);

/* genl.c */
int portres_genl_register(void);
void portres_genl_unregister(void);

#endif /* _PORTRES_H */
