/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ways in which a TCP port can be in use: bound, listening, by a connection in each state that
 * lasts; of plain sockets, of such in a VRF, and of MPTCP. All functions bail where they fail.
 * Where the kernel selects a port it is one of TCP_USES_LOW to TCP_USES_HIGH.
 */
#ifndef PORTRES_TESTS_TCP_USES_H
#define PORTRES_TESTS_TCP_USES_H

#include <stdbool.h>

#define TCP_USES_LOW 40000
#define TCP_USES_HIGH 40999
#define TCP_USES 8

/* Where the sockets are, as bits. */
enum tcp_place {
	TCP_HERE = 1,
	TCP_IN_VRF = 2,
	TCP_OF_MPTCP = 4,
};

struct tcp_use {
	const char *name;
	int state;		/* of the port, as TCP_ESTABLISHED; TCP_CLOSE: it is bound */
	unsigned int places;	/* that have it */
	void (*make)(unsigned int port);
};

extern const struct tcp_use tcp_uses[TCP_USES];

/* Prepares the network namespace of the thread. */
void tcp_uses_init(void);

/* Is there such a place? Then uses can be made in it; their peers connect to @port. */
bool tcp_uses_begin(enum tcp_place place, int family, unsigned int port);
void tcp_uses_end(void);

/* Makes the use and waits for its state; ends it, but TIME_WAIT lasts. */
void tcp_use_begin(const struct tcp_use *use, unsigned int port);
void tcp_use_end(void);

/* Waits until a port has a socket in that state, which is not TCP_CLOSE. */
void tcp_await_state(int family, unsigned int port, int state);

#endif
