/* SPDX-License-Identifier: GPL-2.0-only */
/* What a TCP connect costs that chooses its port. */
#ifndef PORTRES_BENCH_CONNECTS_H
#define PORTRES_BENCH_CONNECTS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Over loopback, with a new socket, to a port where nobody listens: the choice of a port, the SYN
 * and the RST that answers it, and no TIME_WAIT. Bails where connect() answers something else.
 */
uint64_t connect_cost(int family);

/* The costs of connect(), told; returns the median. */
uint64_t tell_connect(int family, size_t n, const char *row, const char *variant);

#endif
