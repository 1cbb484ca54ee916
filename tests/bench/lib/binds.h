/* SPDX-License-Identifier: GPL-2.0-only */
/* What a bind costs, of all the kinds that are measured. */
#ifndef PORTRES_BENCH_BINDS_H
#define PORTRES_BENCH_BINDS_H

#include <stdbool.h>
#include <stdint.h>

#include "client.h"
#include "measure.h"

/* Single ports from here on are reserved one by one. The block is left free for something else. */
#define SINGLE_FIRST	1024
#define SINGLE_LAST	31023
#define BLOCK_FIRST	31100
#define BLOCK_COUNT	10
#define FREE_PORT	31500	/* outside of all reservations, and of the ephemeral range */
#define TAKEN_PORT	31501	/* where somebody sits, if it shall be refused */

/* For each bind a new socket. */
struct bind_kind {
	int family;
	bool tcp;	/* or UDP */
	unsigned int port;
	uint64_t token;	/* of the reservation to associate with, or 0 */
	int error;	/* what bind() has to answer */
};

/* Bails where a bind answers something else. */
struct series bind_costs(const struct bind_kind *kind, size_t n);

/* The costs of bind(), told; returns the median. */
uint64_t tell_bind(const struct bind_kind *kind, size_t n, const char *row, const char *variant);

/* Sockets that hold ports, all of a row from @first on; and their end. */
int *take_ports(int family, unsigned int first, unsigned int count);
int *take_tcp_ports(int family, unsigned int first, unsigned int count);
void leave_ports(int *fds, unsigned int count);

/* Reserves single ports until there are @count of them, of which @have stand. Bails. */
void reserve_singles(struct client *c, unsigned int have, unsigned int count);

/* Another namespace has a reservation, to the end: what the first one pays is not measured. */
void stand_elsewhere(void);

/* As many descriptors as the machine gives. */
void raise_limit(void);

#endif
