/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that do something over and over, and for each how long it takes: what is done, and
 * what has begun and does not end.
 */
#ifndef PORTRES_TESTS_GAUGE_H
#define PORTRES_TESTS_GAUGE_H

#include <stdbool.h>
#include <sys/types.h>

struct gauge_times;

struct gauge {
	pid_t pid;
	struct gauge_times *times;
};

/* Milliseconds; one turn that has begun counts, as long as it takes so far. */
struct reading {
	unsigned long turns;	/* that have ended */
	double total;
	double mean;
	double worst;
	double running;		/* of the turn that has begun */
};

/* Starts a process that calls @turn until gauge_stop(), with the caller's credentials. */
void gauge_start(struct gauge *gauge, void (*turn)(void));

struct reading gauge_read(const struct gauge *gauge);

/* Has the process given up? */
bool gauge_failed(const struct gauge *gauge);

/*
 * Ends the process by SIGKILL, wherever it is, and waits for that for so long. Returns how long it
 * took, in milliseconds; what has not ended by then is to be stopped again.
 */
double gauge_stop(struct gauge *gauge, double patience);

/* Longer than anything that is waited for. */
#define FOR_GOOD 300000

/* Kills a process group and waits until none of it is left; returns milliseconds. */
double kill_group(pid_t group);

/* Milliseconds since some point in time. */
double milliseconds(void);

#endif
