/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one process tries again and again, written down in shared memory, so that others can tell
 * whether an error that they met can have it for its reason.
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

/* Of the one who tries: before it, after it, and when the effect of what succeeded is over. */
void trials_begin(struct trials *trials);
void trials_end(struct trials *trials, bool succeeded);
void trials_forget(struct trials *trials);

/*
 * Did one succeed that was under way, or whose effect was not over, between the two readings of the
 * word? Waits for one that has not ended, unless @stop is set.
 */
bool trials_succeeded(const struct trials *trials, unsigned long before, unsigned long after,
		      const atomic_bool *stop);

#endif
