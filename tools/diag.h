/* SPDX-License-Identifier: GPL-2.0-only */
/* The sockets of a protocol in the network namespace, also those that only wait for their end. */
#ifndef PORTRES_DIAG_H
#define PORTRES_DIAG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct diag_socket {
	int family;
	unsigned char address[16];
	unsigned char peer[16];
	uint16_t port;
	uint16_t peer_port;		/* 0: not connected */
	unsigned int device;		/* 0: any */
	uid_t uid;
	unsigned long inode;		/* 0: the kernel has the socket, no process */
	uint8_t state;			/* as TCP_LISTEN */
	bool waits;			/* TIME_WAIT and its like: ends in so many milliseconds */
	uint32_t milliseconds;
	bool only_v6;
};

/* Returns nonzero to end it. */
typedef int diag_visit_fn(const struct diag_socket *socket, void *arg);

/*
 * Calls visit for each socket that has a port. Returns false if the kernel does not say; some may
 * have been visited then.
 */
bool diag_for_each(uint8_t protocol, diag_visit_fn *visit, void *arg);

#endif /* PORTRES_DIAG_H */
