// SPDX-License-Identifier: GPL-2.0-only
/* What is tried again and again. */
#include "trials.h"

#include <unistd.h>

/* The word: the number of the last trial, and in the lower bits how that stands. */
enum state { NOTHING, TRYING, STANDING, STATES = 4 };
enum outcome { OPEN, FAILED, SUCCEEDED };

void trials_begin(struct trials *trials)
{
	unsigned long number = trials->word / STATES + 1;

	trials->outcomes[number % TRIALS_RING] = OPEN;
	trials->word = number * STATES + TRYING;
}

void trials_end(struct trials *trials, bool succeeded)
{
	unsigned long number = trials->word / STATES;

	trials->outcomes[number % TRIALS_RING] = succeeded ? SUCCEEDED : FAILED;
	trials->word = number * STATES + (succeeded ? STANDING : NOTHING);
}

void trials_forget(struct trials *trials)
{
	trials->word = trials->word / STATES * STATES + NOTHING;
}

bool trials_succeeded(const struct trials *trials, unsigned long before, unsigned long after,
		      const atomic_bool *stop)
{
	unsigned long number = before / STATES + (before % STATES == NOTHING);

	for (; number <= after / STATES; number++) {
		while (trials->outcomes[number % TRIALS_RING] == OPEN && !*stop)
			usleep(100);
		if (trials->outcomes[number % TRIALS_RING] != FAILED)
			return true;
	}
	return false;
}
