/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that each play a role over and over, while they are disturbed by signals, and some of
 * them killed and replaced, until all are told to stop.
 */
#ifndef PORTRES_TESTS_CREW_H
#define PORTRES_TESTS_CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct player {
	void (*play)(unsigned int number, unsigned int *seed);
	/* if set, it may be killed; called when it is gone, in the name of its successor */
	void (*bury)(unsigned int number);
};

struct toll {
	unsigned long signals, kills;
	int failed;		/* players that did not end well by themselves */
};

/* fork(), the child of which is killed when its parent ends; or bails. */
pid_t crew_fork(void);

/*
 * A process that has the players for children until @go_on says no; what it has seen is in @toll,
 * in shared memory, when it has ended. It is not the caller, as the players inherit nothing that
 * the caller opens later, and what the caller starts inherits nothing of theirs.
 */
pid_t crew_start(const struct player *players, size_t n, bool (*go_on)(void), struct toll *toll);

/* Did this process, a crew or one of crew_fork(), end well? Waits for it. */
bool crew_ended_well(pid_t pid);

/*
 * Between two turns of a player: sleeps, the longer the longer the last turn took. So on a slow
 * machine, too, the players leave it to those parts of the kernel that clear up behind them, and
 * do not stand in line.
 */
void crew_rest(void);

/* Milliseconds since some point in time. */
long crew_clock(void);

#endif
