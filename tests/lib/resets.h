/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connections that a creation or change of a reservation has undone after their first packet: the
 * request at the server is reset, which the kernel counts.
 *
 * One that fails must undo none, and one that succeeds only if its wait for connects has expired.
 * An answer that comes sooner than that shows that it has not. The reset is late: the server has to
 * send its answer once more, after a second.
 */
#ifndef PORTRES_TESTS_RESETS_H
#define PORTRES_TESTS_RESETS_H

struct resets {
	unsigned long begin;	/* when all began */
	unsigned long seen;	/* when they were judged last */
	long slow;		/* crew_clock() of the last wait that may have expired */
	unsigned long judged;	/* requests after which no such wait was left */
	unsigned long baseless;	/* resets at these */
};

/* Before the first connection. */
void resets_begin(struct resets *resets);

/* After each creation and change: those of its wait are allowed if it took so many milliseconds. */
void resets_judge(struct resets *resets, long taken);

/* All since the beginning. */
unsigned long resets_total(const struct resets *resets);

#endif
