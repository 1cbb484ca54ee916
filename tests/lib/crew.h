/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that each play a role over and over, while they are disturbed by signals, and some of
 * them killed and replaced, until all are told to stop.
 */
#ifndef PORTRES_TESTS_CREW_H
#define PORTRES_TESTS_CREW_H

#include <stdbool.h>
#include <stddef.h>

struct player {
	void (*play)(unsigned int number, unsigned int *seed);
	/* if set, it may be killed; called when it is gone, in the name of its successor */
	void (*bury)(unsigned int number);
};

struct toll {
	unsigned long signals, kills;
	int failed;		/* players that did not end well by themselves */
};

/* Bails where a process cannot be made. To be called by whoever waits for no other children. */
struct toll crew_run(const struct player *players, size_t n, bool (*go_on)(void));

#endif
