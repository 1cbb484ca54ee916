/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the module know of each other.
 *
 * Knowledge runs one way. The doors are hook.c (every bind), sockopt.c
 * (association) and netlink.c (management); they know the table, the table
 * knows nobody:
 *
 *   hook -> bind -> verdict, assoc, table        the way of a bind
 *   sockopt -> assoc, table                      association
 *   netlink -> reserve -> probe, table           creation and deletion
 *
 * Locks, from outside to inside:
 *
 *   portres_table.lock (mutex, one per network namespace)
 *	Writers of the table: creation, deletion, and the notification of each,
 *	so that listeners hear of changes in their order. Held while the probe
 *	looks at a block, and therefore outside of
 *   socket lock (lock_sock)
 *	Of the socket that is associated or bound: a socket's association
 *	changes under it, and get_port runs under it. Nothing of ours that
 *	sleeps is taken inside.
 *   UDP hash slot locks (the kernel's own)
 *	What orders creation and bind, see bind.c.
 *   RCU
 *	Readers of the table, in the hook above all, take nothing else.
 */
#ifndef _PORTRES_H
#define _PORTRES_H

#include <linux/maple_tree.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <net/sock.h>

#include <linux/portres.h>

struct net;
struct netlink_ext_ack;

/**
 * struct portres_reservation - a block of ports that belongs to somebody
 * @refs: the table holds one reference, each associated socket another
 * @rcu: defers the end until readers of the table are through
 * @token: names the reservation to those who may use it; never changes
 * @refused: binds that were refused because of it
 * @owner: who may use it without privilege, INVALID_UID if nobody; never changes
 * @sockets: sockets that are associated with it
 * @cursor: offset into the block where the next search for a free port begins
 * @first: first port; never changes
 * @last: last port; never changes
 * @dead: it is no longer in the table; set once, under the table's lock, and
 *	read without
 * @name: shown to people, may be empty; never changes
 */
struct portres_reservation {
	refcount_t refs;
	struct rcu_head rcu;
	u64 token;
	atomic64_t refused;
	kuid_t owner;
	atomic_t sockets;
	atomic_t cursor;
	u16 first;
	u16 last;
	bool dead;
	char name[PORTRES_NAME_MAX + 1];
};

/**
 * struct portres_table - the UDP reservations of one network namespace
 * @lock: serialises writers
 * @tree: port range -> struct portres_reservation; written under @lock, read
 *	under RCU
 * @bits: a bit for each port, set where a reservation stands: the answer for
 *	the way of a bind. NULL until the namespace's first reservation, so that
 *	a namespace without any pays nothing. Written under @lock, read under RCU
 * @retired: @bits of a closed table, until readers are through
 * @generation: changes with every change of @tree, never 0; written under @lock
 */
struct portres_table {
	struct mutex lock;	/* writers */
	struct maple_tree tree;
	unsigned long __rcu *bits;
	unsigned long *retired;
	u32 generation;
};

/**
 * struct portres_spec - what is asked of a new reservation
 * @first: first port, not 0
 * @last: last port, not below @first
 * @owner: who may use it without privilege, or INVALID_UID
 * @name: at most PORTRES_NAME_MAX bytes, or NULL
 */
struct portres_spec {
	u16 first;
	u16 last;
	kuid_t owner;
	const char *name;
};

/* reservation.c */
struct portres_reservation *portres_reservation_alloc(const struct portres_spec *spec);
void portres_reservation_put(struct portres_reservation *resv);

static inline u16 portres_reservation_count(const struct portres_reservation *resv)
{
	return resv->last - resv->first + 1;
}

/* table.c */
void portres_table_init(struct portres_table *table);
void portres_table_close(struct portres_table *table);
void portres_table_fini(struct portres_table *table);
int portres_table_add(struct portres_table *table, struct portres_reservation *resv);
void portres_table_del(struct portres_table *table, struct portres_reservation *resv);
struct portres_reservation *portres_table_find(struct portres_table *table, u16 port);
struct portres_reservation *portres_table_find_block(struct portres_table *table,
						     u16 first, u16 last);
struct portres_reservation *portres_table_find_token(struct portres_table *table, u64 token);
struct portres_reservation *portres_table_next(struct portres_table *table, u32 port);
bool portres_table_reserved(const struct portres_table *table, u16 port);
bool portres_table_touches(const struct portres_table *table, u16 first, u16 last);
u16 portres_table_next_free(const struct portres_table *table, u16 first, u16 last);

/* verdict.c */

/**
 * struct portres_case - what the verdict on a bind depends on
 * @port: the port that is asked for
 * @reserved: a reservation holds @port
 * @associated: the socket is associated with a reservation, whose
 * @gone: end has come, whose
 * @first: block begins here and
 * @last: ends here
 */
struct portres_case {
	u16 port;
	bool reserved;
	bool associated;
	bool gone;
	u16 first;
	u16 last;
};

int portres_verdict_bind(const struct portres_case *c);
bool portres_verdict_use(kuid_t owner, kuid_t user, bool admin);

/* bind.c */
typedef int (*portres_get_port_t)(struct sock *sk, unsigned short port);

int portres_bind(struct sock *sk, unsigned short port, portres_get_port_t get_port);

/* hook.c */
int portres_hook_install(void);
void portres_hook_remove(void);
portres_get_port_t portres_hook_original(const struct sock *sk);

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

/* assoc.c */
int portres_assoc_init(void);
void portres_assoc_fini(void);
void portres_assoc_learn(const struct sock *sk);
int portres_assoc_set(struct sock *sk, struct portres_reservation *resv);
struct portres_reservation *portres_assoc_find(const struct sock *sk);

/* sockopt.c */
int portres_sockopt_register(void);
void portres_sockopt_unregister(void);

/* genl.c */
int portres_genl_register(void);
void portres_genl_unregister(void);

/* main.c */
struct portres_table *portres_table_of(const struct net *net);

#endif /* _PORTRES_H */
