/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The protos of TCP sockets with TLS, see tls.c.
 */
#ifndef _PORTRES_TCP_TLS_H
#define _PORTRES_TCP_TLS_H

struct proto;
struct socket;

/**
 * struct portres_tcp_tls - the copies of one family
 * @copies: an array of them; a field that is NULL is unused
 * @count: its size, 0 if there is no TLS
 * @sock: holds them
 */
struct portres_tcp_tls {
	struct proto *copies;
	unsigned int count;
	struct socket *sock;
};

int portres_tcp_tls_open(struct portres_tcp_tls *tls, int family);
void portres_tcp_tls_close(struct portres_tcp_tls *tls);

#endif /* _PORTRES_TCP_TLS_H */
