/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the KUnit suites share: tables, network namespaces and sockets that end with
 * the test, and the little that they have to know of the kernel's insides.
 */
#ifndef _PORTRES_TESTS_FIXTURE_H
#define _PORTRES_TESTS_FIXTURE_H

#include <kunit/test.h>
#include <linux/types.h>

#include "core/net.h"
#include "core/protocol.h"
#include "core/reservation.h"
#include "core/table.h"

struct cred;
struct net;
struct netlink_ext_ack;
struct sock;

/**
 * enum portres_test_where - what a socket is bound to
 * @ANY: the wildcard address
 * @LOOPBACK: 127.0.0.1 or ::1
 * @MAPPED: ::ffff:127.0.0.1, on an IPv6 socket
 * @MULTICAST: 224.0.1.1 or ff0e::1
 */
enum portres_test_where { ANY, LOOPBACK, MAPPED, MULTICAST };

extern spinlock_t portres_test_lock;
struct portres_table *portres_test_table(struct kunit *test);

/* The table of UDP in a namespace. */
static inline struct portres_table *portres_test_udp(const struct net *net)
{
	return portres_table_of(net, PORTRES_UDP);
}

/* The parameter of a case that is for both families: which one it is, AF_... */
const void *portres_test_families(const void *prev, char *desc);
int portres_test_family(const struct kunit *test);

/* As what they are named after. What is found lives on, as only the test itself ends it. */
static inline struct portres_reservation *portres_test_find(struct portres_table *table, u16 port)
{
	struct portres_reservation *resv;

	rcu_read_lock();
	resv = portres_table_find(table, port);
	rcu_read_unlock();
	return resv;
}

static inline struct portres_reservation *portres_test_find_block(struct portres_table *table,
								  u16 first, u16 last)
{
	struct portres_reservation *resv;

	rcu_read_lock();
	resv = portres_table_find_block(table, first, last);
	rcu_read_unlock();
	return resv;
}

static inline u16 portres_test_next_free(struct portres_table *table, u16 first, u16 last)
{
	struct portres_undecided undecided = {};

	return portres_table_next_free(table, first, last, &undecided);
}

static inline struct portres_reservation *portres_test_find_token(struct portres_table *table,
								  u64 token)
{
	struct portres_reservation *resv;

	rcu_read_lock();
	resv = portres_table_find_token(table, token);
	rcu_read_unlock();
	return resv;
}

struct net *portres_test_net(struct kunit *test);
void portres_test_end_net(struct kunit *test, struct net *net);
void portres_test_set_port_range(struct net *net, u16 low, u16 high);
void portres_test_set_socket_range(struct sock *sk, u16 low, u16 high);
void portres_test_reserve_locally(struct net *net, u16 port);

struct sock *portres_test_sock(struct kunit *test, struct net *net, int family);
struct sock *portres_test_user_sock(struct kunit *test, struct net *net, int family);
struct sock *portres_test_tcp_sock(struct kunit *test, struct net *net, int family);
void portres_test_close(struct kunit *test, struct sock *sk);
void portres_test_release(struct kunit *test, struct sock *sk);
int portres_test_bind(struct sock *sk, enum portres_test_where where, u16 port);
int portres_test_connect(struct sock *sk);

unsigned int portres_test_ready(void);
struct portres_reservation *portres_test_reserve_spec(struct net *net, struct portres_spec spec,
						      struct netlink_ext_ack *extack);
struct portres_reservation *portres_test_reserve(struct net *net, u16 first, u16 last);
void portres_test_unreserve(struct net *net, struct portres_reservation *resv);
struct portres_reservation *portres_test_acquire(struct sock *sk, u16 first, u16 count);
void portres_test_settle(struct net *net);
void portres_test_associate(struct kunit *test, struct sock *sk,
			    struct portres_reservation *resv);

unsigned int portres_test_users(struct net *net, u16 port);

/* under_hook.c */
portres_get_port_t portres_test_put_under_hook(struct kunit *test, struct proto *prot,
					       portres_get_port_t get_port);

/* racing_bind.c */
void portres_test_intrude(struct kunit *test, struct sock *sk, u16 port, unsigned int look);
unsigned int portres_test_looks(void);

/* slow_bind.c */
void portres_test_lag_inside(struct kunit *test, struct sock *sk, u16 port);
void portres_test_lag_outside(struct kunit *test, struct sock *sk, u16 port);
bool portres_test_lags(void);
int portres_test_lagged(void);

/* stacked_hook.c */
void portres_test_stack(struct kunit *test, struct sock *sk);
void portres_test_unstack(unsigned int milliseconds);
bool portres_test_stacked(void);
unsigned int portres_test_stack_asked(void);

/* grants.c */
struct portres_terms *portres_test_grant_user(struct kunit *test, uid_t uid);
struct portres_terms *portres_test_grant(struct kunit *test, enum portres_grant_kind kind);

/* other_task.c */
const struct cred *portres_test_become(struct kunit *test, uid_t uid, bool privileged);
int portres_test_elsewhere(struct kunit *test, int (*ask)(void *arg), void *arg);

#endif /* _PORTRES_TESTS_FIXTURE_H */
