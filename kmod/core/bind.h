/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Binds to a port that a reservation concerns, of every protocol. See bind.c; for associated
 * sockets associated.c.
 */
#ifndef _PORTRES_CORE_BIND_H
#define _PORTRES_CORE_BIND_H

#include <linux/types.h>
#include <net/sock.h>

#include "protocol.h"
#include "table.h"

struct portres_reservation;

/* As the kernel does where a BPF program refuses a bind after get_port. */
static inline void portres_bind_undo(struct sock *sk)
{
	sk->sk_prot->put_port(sk);
}

/* bind.c */
int portres_bind_reserved(struct sock *sk, struct portres_table *table, u16 port,
			  portres_get_port_t get_port);
int portres_bind_recheck(struct sock *sk, struct portres_table *table, u16 port);
bool portres_bind_loses(struct portres_table *table, u16 port);
void portres_bind_count_avoided(struct portres_table *table, u16 port);

/**
 * portres_bind_must_yield - take the second look at a port that was selected automatically
 * @table: table of the socket's namespace
 * @port: the port, which the socket has
 *
 * Nothing is recorded: selection takes another port.
 *
 * Return: true if the socket has to give the port back. A grant does not count.
 */
static __always_inline bool portres_bind_must_yield(struct portres_table *table, u16 port)
{
	return unlikely(portres_table_reserved(table, port)) && portres_bind_loses(table, port);
}

/* associated.c */
int portres_bind_associated(struct sock *sk, u16 port, struct portres_reservation *mine,
			    portres_get_port_t get_port);

#endif /* _PORTRES_CORE_BIND_H */
