/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts instructions. In a guest that is booted for counting, the time-stamp counter of the one
 * CPU is the number of instructions that it has done: user mode, kernel and interrupts.
 *
 * One call is measured at a time, and the reading of the clock is subtracted. The cost is the
 * median of many calls: a timer interrupt, which is no cost of the call, falls into a few of them.
 */
#ifndef PORTRES_BENCH_MEASURE_H
#define PORTRES_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <x86intrin.h>

/*
 * From here on nothing else runs but interrupts, while this process does not sleep; not even what
 * the kernel has put off. Bails where that cannot be had. breathe() lets all of it run.
 */
void run_alone(void);
void breathe(void);

struct series {
	uint64_t *values;
	size_t room;
	size_t n;
};

static inline uint64_t instructions(void)
{
	uint64_t now;

	_mm_lfence();
	now = __rdtsc();
	_mm_lfence();
	return now;
}

/* What lies between two readings, without the reading itself. */
uint64_t between(uint64_t begin, uint64_t end);

struct series series_new(size_t room);
void series_add(struct series *series, uint64_t value);

/* They sort. */
uint64_t series_median(struct series *series);
uint64_t series_min(struct series *series);
uint64_t series_max(struct series *series);
uint64_t series_mean(const struct series *series);

/*
 * Prints a line for the report: "# measured: ROW FAMILY VARIANT N MIN MEDIAN MEAN MAX".
 * It also ends the series. Returns the median.
 */
uint64_t series_tell(struct series *series, const char *row, int family, const char *variant);

/* The same for one number. */
void tell(uint64_t value, const char *row, int family, const char *variant);

/* As in "n=1000"; valid until the fourth call from here. */
const char *with_number(const char *text, unsigned long number);

#endif
