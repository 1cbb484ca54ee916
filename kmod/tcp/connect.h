/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * connect() of TCP, which selects a port without get_port. See connect.c.
 */
#ifndef _PORTRES_TCP_CONNECT_H
#define _PORTRES_TCP_CONNECT_H

#include <net/inet_sock.h>

#include "compat.h"
#include "core/net.h"

/* connect of a struct proto */
typedef int (*portres_connect_t)(struct sock *sk, struct portres_sockaddr *addr, int len);

int portres_tcp_connect_init(void);
void portres_tcp_connect_fini(void);
void portres_tcp_connect_drain(void);
bool portres_tcp_connect_wait(unsigned long until);
int portres_tcp_connect_unbound(struct sock *sk, struct portres_sockaddr *addr, int len,
				portres_connect_t connect);

/**
 * portres_tcp_connect - connect a TCP socket
 * @sk: the socket, locked
 * @addr: the address
 * @len: its length
 * @connect: the kernel's own connect of @sk
 *
 * A bound socket is none of our business. The calls are tail calls: TCP Fast Open copies data of
 * the user inside of connect, for as long as the user wants, and no return address of ours may be
 * on the stack meanwhile.
 *
 * Return: as @connect; -EADDRNOTAVAIL if no port is free that the socket may have.
 */
static __always_inline int portres_tcp_connect(struct sock *sk, struct portres_sockaddr *addr,
					       int len, portres_connect_t connect)
{
	if (inet_sk(sk)->inet_num || unlikely(!portres_table_of(sock_net(sk), PORTRES_TCP)))
		return connect(sk, addr, len);
	return portres_tcp_connect_unbound(sk, addr, len, connect);
}

#endif /* _PORTRES_TCP_CONNECT_H */
