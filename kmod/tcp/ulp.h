/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sockets of the kernel with an upper layer protocol, see ulp.c.
 */
#ifndef _PORTRES_TCP_ULP_H
#define _PORTRES_TCP_ULP_H

#include <linux/errno.h>

struct socket;

/**
 * portres_tcp_socket_error - translate an error of sock_create_kern()
 * @err: the negative errno
 *
 * Return: -ENOMEM for either errno that means it, else @err.
 */
static inline int portres_tcp_socket_error(int err)
{
	return err == -ENFILE || err == -ENOBUFS ? -ENOMEM : err;
}

int portres_tcp_ulp_open(int family, const char *name, struct socket **sock);

#endif /* _PORTRES_TCP_ULP_H */
