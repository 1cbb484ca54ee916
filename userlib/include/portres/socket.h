/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets: their associations, and what they hold. <portres/portres.h> includes this file. */
#ifndef PORTRES_SOCKET_H
#define PORTRES_SOCKET_H

#include <linux/portres.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Associates an unbound UDP or TCP socket with a reservation of its protocol, so that it can bind
 * to a port of the block; connect() and listen() of a TCP socket that is not bound take one as
 * well, each its own: connect() fails with EADDRNOTAVAIL if there is none. Needs no handle, but the
 * module must be loaded. Any thread may call it.
 *
 *   -EINVAL      the socket is bound, or its network namespace has no such token of its protocol
 *   -EACCES      the caller may not use the reservation: see portres(7)
 *   -EOPNOTSUPP  not a UDP or TCP socket; one of MPTCP is none
 *   -ENOSYS      the kernel has no portres
 *   -EBADF, -ENOTSOCK, -ENOMEM
 */
int portres_associate(int fd, uint64_t token);

/*
 * Acquires a runtime reservation of count ports from first on or, with first 0, of the lowest free
 * ports of the ephemeral port range. The reservation lasts until it is released or the last
 * descriptor of the socket is closed; only the calling process can use its token. fd is a UDP or
 * TCP socket, bound or not, which is not associated; the ports are those of its protocol. *acquired
 * is written on success. Needs no handle, but the module must be loaded. Any thread may call it.
 * EAGAIN is retried for ten seconds: see portres_set_timeout().
 *
 *   -EINVAL      count is 0, or the block would reach beyond port 65535
 *   -EACCES      ports below net.ipv4.ip_unprivileged_port_start need CAP_NET_BIND_SERVICE
 *   -EPERM       a BPF program of the caller's cgroup denies the bind to a port; it may choose
 *                another errno
 *   -EAGAIN      still not possible after ten seconds
 *   -EADDRINUSE  a port is in use or reserved; with first 0: no free block of that size
 *   -EDQUOT      the limit net.portres.user_max_ports or user_max_reservations is reached
 *   -EBUSY       the socket listens, and another module has replaced what ends its association
 *   -EOPNOTSUPP  not a UDP or TCP socket, or the module knows UDP alone
 *   -ENOSYS      the kernel has no portres
 *   -EBADF, -ENOTSOCK, -ENOMEM
 */
int portres_acquire(int fd, uint16_t first, uint16_t count,
		    struct portres_association *acquired);

/*
 * The same, but the descendants of the calling process, and itself, may bind to the ports of the
 * block without an association, by naming them, as long as it lives. An older module: -EINVAL.
 */
int portres_acquire_tree(int fd, uint16_t first, uint16_t count,
			 struct portres_association *acquired);

/*
 * Ends a runtime reservation of the calling process, by any socket of that protocol
 * in its network namespace. Sockets that are bound keep their ports. Any thread.
 *
 *   -EINVAL  no runtime reservation of the namespace has that token
 *   -EACCES  another process acquired it
 *   -EOPNOTSUPP, -ENOSYS, -EBADF, -ENOTSOCK   as above
 */
int portres_release(int fd, uint64_t token);

/*
 * Returns the association of a socket; -ENOENT if it has none. Other errors are those of
 * portres_associate().
 */
int portres_get_association(int fd, struct portres_association *association);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* PORTRES_SOCKET_H */
