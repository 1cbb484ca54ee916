/* SPDX-License-Identifier: GPL-2.0-only */
/* How much memory the kernel's objects take: exact, as what is cached for reuse does not count. */
#ifndef PORTRES_BENCH_SLABS_H
#define PORTRES_BENCH_SLABS_H

#include <stdint.h>

/* Bytes in all slab caches, when deferred frees are over; or bails. */
int64_t slab_bytes(void);

#endif
