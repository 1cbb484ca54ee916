/* SPDX-License-Identifier: GPL-2.0-only */
/* A TCP server whose clients close first, and what the kernel counts of it. */
#ifndef PORTRES_TESTS_TCP_SERVER_H
#define PORTRES_TESTS_TCP_SERVER_H

#include <sys/types.h>

/*
 * Starts a process that accepts connections to @port of any address, and drops each when its client
 * has closed it; or bails. Larger crowds of clients need net.core.somaxconn.
 */
pid_t tcp_server_start(unsigned int port);
void tcp_server_stop(pid_t server);

/*
 * Connects once by each family, in vain. At its first connection the kernel changes its own code:
 * see the emulator's fault in run-vm, which a crowd of first connections would meet.
 */
void tcp_connect_first(void);

/*
 * Requests of connections that were reset in the caller's network namespace since it exists: a
 * client has sent its first packet and given up before it answered the second.
 */
unsigned long tcp_server_resets(void);

#endif
