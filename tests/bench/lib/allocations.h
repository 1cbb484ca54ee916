/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel allocates for a single call: exact, as each allocation is traced. */
#ifndef PORTRES_BENCH_ALLOCATIONS_H
#define PORTRES_BENCH_ALLOCATIONS_H

#include <stdint.h>

/*
 * Bytes of slab objects, without those of caches of their own. @settings are those of them that
 * were allocated for sysctls.
 */
struct allocations {
	int64_t all;
	int64_t settings;
};

/* Bails where it cannot be traced. */
struct allocations allocations_of(void (*call)(void));

#endif
