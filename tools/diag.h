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
	unsigned long inode;		/* 0: no process has it open, nor the kernel */
	uint8_t state;			/* as TCP_LISTEN */
	bool waits;			/* TIME_WAIT and its like: ends in so many milliseconds */
	uint32_t milliseconds;
	bool only_v6;
};

typedef void diag_visit_fn(const struct diag_socket *socket, void *arg);

enum diag_extent {
	DIAG_NONE,	/* the kernel does not say anything */
	DIAG_NOT_BOUND,	/* none of TCP that is bound, but neither listens nor is connected */
	DIAG_ALL,
};

/* The value of idiag_timer for a socket in TIME_WAIT, see sock_diag(7); so in /proc/net. */
#define DIAG_TIME_WAIT 3

/* Calls visit for each socket that has a port. Returns which ones the kernel has listed. */
enum diag_extent diag_for_each(uint8_t protocol, diag_visit_fn *visit, void *arg);

#endif /* PORTRES_DIAG_H */
