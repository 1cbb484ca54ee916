/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sockets, tersely. Functions return 0 or an errno; those that return something
 * else bail where it cannot be had.
 */
#ifndef PORTRES_TESTS_SOCK_H
#define PORTRES_TESTS_SOCK_H

#include <linux/portres.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

union sock_addr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* AF_INET or AF_INET6, an address in digits, a port in host order */
union sock_addr sock_addr(int family, const char *text, unsigned int port);

int sock_open(int family, int type, int protocol);

/*
 * Has the kernel got sockets of @protocol? Only UDP-Lite may be missing: 7.2 and later have none.
 * A row about it is then skipped, for this reason.
 */
bool protocol_exists(int protocol);
#define NO_UDPLITE "no UDP-Lite in this kernel"

int udp_open(int family);
int tcp_socket(int family);
/* of IPPROTO_UDP or IPPROTO_TCP */
int socket_of(int protocol, int family);
void sock_set(int fd, int level, int option, int value);

int sock_bind(int fd, const char *text, unsigned int port);
int sock_connect(int fd, const char *text, unsigned int port);
int sock_disconnect(int fd);
int sock_sendto(int fd, const char *text, unsigned int port);

/* TCP_ESTABLISHED, ... of <netinet/tcp.h> */
int tcp_state(int fd);

/* Closes a TCP socket at once: its connection is reset, and leaves no TIME_WAIT. */
void sock_drop(int fd);

/* the family of the socket, the wildcard address */
int sock_bind_any(int fd, unsigned int port);

/* 0 for an unbound socket */
unsigned int sock_port(int fd);
int sock_family(int fd);

/* Binds a new socket, of UDP if nothing is said, to the wildcard address and closes it. */
int try_port(int family, unsigned int port);
int try_port_of(int protocol, int family, unsigned int port);

/* The socket options of the contract. */
int associate(int fd, uint64_t token);
int association(int fd, struct portres_association *association);

/* @acquired may be NULL. Tries EAGAIN again for ten seconds; acquire_once() does not. */
int acquire(int fd, unsigned int first, unsigned int count, struct portres_association *acquired);
int acquire_once(int fd, unsigned int first, unsigned int count,
		 struct portres_association *acquired);
int release(int fd, uint64_t token);

/* A new UDP socket associated with @token; bails where that fails. */
int udp_associated(int family, uint64_t token);

/* A new UDP socket that has acquired a block, and its token; bails where that fails. */
int udp_acquired(int family, unsigned int first, unsigned int count, uint64_t *token);

#endif
