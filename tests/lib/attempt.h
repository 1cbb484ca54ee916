/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attempts of sockets to get a port, as combinations of what can matter: kind of
 * socket, family, address, reuse flags, and the way by which the port is got.
 */
#ifndef PORTRES_TESTS_ATTEMPT_H
#define PORTRES_TESTS_ATTEMPT_H

#include <stdbool.h>

enum kind { UDP, UDPLITE, TCP, KINDS };
/* MAPPED: an AF_INET6 socket with v4-mapped addresses */
enum family { V4, V6, V6ONLY, MAPPED, FAMILIES };
enum address { ANY, LOOPBACK, SPECIFIC, MULTICAST, BROADCAST, ADDRESSES };
enum reuse { PLAIN, REUSEADDR, REUSEPORT, BOTH, DEVICE, REUSES };
enum way { EXPLICIT, ZERO, CONNECT, SENDTO, LISTEN, WAYS };

extern const char *const kind_names[KINDS];
extern const char *const family_names[FAMILIES];
extern const char *const address_names[ADDRESSES];
extern const char *const reuse_names[REUSES];

struct attempt {
	enum kind kind;
	enum family family;
	enum address address;	/* to bind to, or the peer for CONNECT and SENDTO; ANY for LISTEN */
	enum reuse reuse;
	enum way way;
	unsigned int port;	/* for EXPLICIT */
};

struct outcome {
	int error;
	unsigned int port;	/* that the socket has afterwards, 0 for none */
};

/* Gives the network namespace the interface and the addresses that attempts use; or bails. */
void attempt_network(void);

/* Has the kernel got sockets of @kind? Else NO_UDPLITE is why. */
bool attempt_kind_exists(enum kind kind);

/* Is there such a combination? */
bool attempt_exists(const struct attempt *attempt);

/* A socket that is ready for attempt_make(); between the two it may be associated. */
int attempt_open(const struct attempt *attempt);
struct outcome attempt_make(int fd, const struct attempt *attempt);

#endif
