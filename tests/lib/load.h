/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Load on the CPUs, so that tasks stay for long where they were stopped: a process for each
 * of them burns it, and tasks beside it that give way to others hardly ever run.
 */
#ifndef PORTRES_TESTS_LOAD_H
#define PORTRES_TESTS_LOAD_H

/* How many CPUs there are; bails where there are less than two. */
int load_cpus(void);

/* Keeps the calling thread on one CPU; and lets it run there now and then. */
void load_stay_on(int cpu);
void load_give_way(void);

/* Lets others run first, on the same CPU; but not them alone. */
void load_be_nice(void);

/* Processes that will burn CPUs 1 to @last, in user mode, with this nice value; go. */
void load_prepare(int last, int nice);
void load_start(void);
void load_stop(void);

#endif
