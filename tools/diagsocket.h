/* SPDX-License-Identifier: GPL-2.0-only */
/* A socket as the kernel lists it. */
#ifndef PORTRES_DIAGSOCKET_H
#define PORTRES_DIAGSOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The value of idiag_timer for a socket in TIME_WAIT, see sock_diag(7); so in /proc/net. */
#define DIAG_TIME_WAIT 3

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

#endif /* PORTRES_DIAGSOCKET_H */
