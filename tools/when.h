/* SPDX-License-Identifier: GPL-2.0-only */
/* Times, all in the format of RFC 3339. */
#ifndef PORTRES_WHEN_H
#define PORTRES_WHEN_H

#include <stdint.h>
#include <time.h>

/* "2026-11-22T12:00:00+00:00", in the local time zone. To be freed. */
char *time_text(time_t when);

/* The time of a moment of CLOCK_BOOTTIME, in nanoseconds. */
time_t time_of_boottime(uint64_t nanoseconds);

#endif /* PORTRES_WHEN_H */
