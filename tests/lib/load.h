/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Load on the CPUs, so that tasks stay for long where they were stopped: one process for each CPU
 * but the first burns it, and tasks beside it that are of policy SCHED_IDLE hardly ever run.
 */
#ifndef PORTRES_TESTS_LOAD_H
#define PORTRES_TESTS_LOAD_H

/* How many CPUs there are; bails where there are less than two. */
int load_cpus(void);

/* Keeps the calling thread on one CPU; and lets it run there when nobody else wants to. */
void load_stay_on(int cpu);
void load_give_way(void);

/* Burns all CPUs but the first, in user mode, with this nice value. */
void load_start(int nice);
void load_stop(void);

#endif
