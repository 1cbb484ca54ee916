/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The attempts of one process, recorded in shared memory: other processes read there whether an
 * attempt can be the reason of an error that they met.
 */
#ifndef PORTRES_TESTS_TRIALS_H
#define PORTRES_TESTS_TRIALS_H

#include <stdatomic.h>
#include <stdbool.h>

#define TRIALS_RING 65536

struct trials {
	atomic_ulong word;	/* how it stands; to be read before and after what may fail */
	atomic_uchar outcomes[TRIALS_RING];
};

/* For the process that tries: before an attempt, after it, and when its effect is over. */
void trials_begin(struct trials *trials);
void trials_end(struct trials *trials, bool succeeded);
void trials_forget(struct trials *trials);

/*
 * Checks whether an attempt succeeded that was in flight, or whose effect was not over, between the
 * two readings of the word. Waits for an attempt that has not ended, unless @stop is set.
 */
bool trials_succeeded(const struct trials *trials, unsigned long before, unsigned long after,
		      const atomic_bool *stop);

#endif
