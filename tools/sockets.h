/* SPDX-License-Identifier: GPL-2.0-only */
/* The sockets of the network namespace that use ports of UDP or TCP. */
#ifndef PORTRES_SOCKETS_H
#define PORTRES_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "diag.h"
#include "range.h"

struct bound_socket {
	uint8_t protocol;
	unsigned int state;		/* TCP_*; of TCP only */
	int family;
	unsigned char address[16];
	unsigned char peer[16];
	uint16_t peer_port;		/* 0: not connected */
	unsigned int device;		/* 0: any */
	uint16_t port;
	uid_t uid;
	unsigned long inode;		/* 0: no process has it open */
	pid_t pid;			/* 0: no visible process has it open */
	bool hidden;			/* some processes were not visible */
	char command[64];
};

struct socket_list {
	struct bound_socket *items;
	size_t count;
};

/*
 * Lists the sockets that use a port of the range, in ascending order of ports; with PORTRES_BOTH of
 * both protocols, TCP first. Of TCP also connections and what is in TIME_WAIT.
 */
void sockets_list(uint8_t protocol, const struct range *range, struct socket_list *list);

/*
 * Check whether a socket in the list, which is of one protocol, uses a port of the range. What is
 * in TIME_WAIT does not count.
 */
bool sockets_inside(const struct socket_list *list, const struct range *range);

/* Lists the sockets, and finds their processes. */
void sockets_find(uint8_t protocol, const struct range *range, struct socket_list *list);

/* Removes connections from ports that a socket listens on: it has accepted them. */
void sockets_drop_accepted(struct socket_list *list);
void sockets_free(struct socket_list *list);

/* Copies a socket to the list. */
void sockets_add(struct socket_list *list, const struct bound_socket *found);

/* Writes what is known of a socket that the kernel has listed, but for its process. */
void socket_of_diag(uint8_t protocol, const struct diag_socket *socket, struct bound_socket *found);

/* Sets pid and command of the sockets, as far as they are visible. */
void sockets_find_processes(struct socket_list *list);

/* "[::1]:5003", with %DEVICE after the address of a socket that is bound to one. To be freed. */
char *socket_address(const struct bound_socket *socket);

/* The same for the other end of a connection; NULL: not connected. To be freed. */
char *socket_peer(const struct bound_socket *socket);

/* "listens", "bound", "connected", "closing" or "TIME_WAIT"; NULL for UDP. */
const char *socket_state(const struct bound_socket *socket);

/*
 * "named[812] has a UDP socket bound to [::1]:5003", and for TCP what it does instead. Safe to
 * print. To be freed.
 */
char *socket_use(const struct bound_socket *socket);

/* "named[812]", "the kernel", or the uid if the process is not visible. To be freed. */
char *socket_holder(const struct bound_socket *socket);

#endif /* PORTRES_SOCKETS_H */
