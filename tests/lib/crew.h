/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that each play a role over and over, while they are disturbed by signals, and some of
 * them killed and replaced, until all are told to stop.
 */
#ifndef PORTRES_TESTS_CREW_H
#define PORTRES_TESTS_CREW_H

#include <stdatomic.h>
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
};

/* fork(), the child of which is killed when its parent ends; or bails. */
pid_t crew_fork(void);

/*
 * Starts a process that has the players for children until crew_end(). It is not the caller, as
 * the players inherit nothing that the caller opens later, and what the caller starts inherits
 * nothing of theirs.
 */
void crew_start(const struct player *players, size_t n);

/* For the players: shall they go on? */
bool crew_goes_on(void);

/* Counts what must not happen, @error is why. */
void crew_fault(atomic_ulong *counter, int error);

/*
 * An epoch ends when a player begins to unload the module, and when it has done so or given up.
 * In an even one the module may go at any moment.
 */
unsigned int crew_epoch(void);
void crew_next_epoch(void);

/* Is it still this epoch, and has the module been there all the time? */
bool crew_stayed(unsigned int epoch);

/* Tells all to stop and waits; says whether they ended well, and met no error but expected ones. */
struct toll crew_end(void);

/* Did this process of crew_fork() end well? Waits for it. */
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
