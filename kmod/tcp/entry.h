/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is put into the protos of TCP in place of get_port and connect, see entry_bind.c and
 * entry_connect.c.
 */
#ifndef _PORTRES_TCP_ENTRY_H
#define _PORTRES_TCP_ENTRY_H

#include "connect.h"
#include "core/protocol.h"

enum { PORTRES_TCP_V4, PORTRES_TCP_V6, PORTRES_TCP_FAMILIES };

/**
 * struct portres_tcp_original - what the protos of a family had before the hook was installed
 * @get_port: the kernel's own get_port
 * @connect: its own connect
 */
struct portres_tcp_original {
	portres_get_port_t get_port;
	portres_connect_t connect;
};

extern struct portres_tcp_original portres_tcp_original[PORTRES_TCP_FAMILIES];

/* entry_bind.c */
int portres_tcp_get_port_v4(struct sock *sk, unsigned short port);
int portres_tcp_get_port_v6(struct sock *sk, unsigned short port);
bool portres_tcp_get_port_has_tasks(void);

/* entry_connect.c */
int portres_tcp_connect_v4(struct sock *sk, struct portres_sockaddr *addr, int len);
int portres_tcp_connect_v6(struct sock *sk, struct portres_sockaddr *addr, int len);

#endif /* _PORTRES_TCP_ENTRY_H */
