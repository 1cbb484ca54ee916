/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sockets of the kernel with an upper layer protocol, see ulp.c.
 */
#ifndef _PORTRES_TCP_ULP_H
#define _PORTRES_TCP_ULP_H

struct socket;

int portres_tcp_ulp_open(int family, const char *name, struct socket **sock);

#endif /* _PORTRES_TCP_ULP_H */
