/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a function in a child process of its own and interferes with one of its system calls:
 * kills it there, or makes the call fail without being done.
 */
#ifndef PORTRES_TESTS_STEPS_H
#define PORTRES_TESTS_STEPS_H

#include <stdbool.h>
#include <sys/syscall.h>

/* fstatat() where numbers of files have 32 bits. */
#ifndef SYS_newfstatat
#define SYS_newfstatat SYS_fstatat64
#endif

enum interference {
	LEAVE,		/* all is done as it would be */
	KILL_BEFORE,	/* the process ends when it asks for the call */
	KILL_AFTER,	/* the process ends when the call is done */
	FAIL,		/* the call is not done and returns an error */
};

struct step {
	enum interference what;
	unsigned int number;	/* of the call, from 1 on */
	int error;		/* FAIL: an errno */
};

struct outcome {
	bool reached;		/* there was a call of that number */
	long call;		/* which it was */
	int status;		/* as wait() tells it */
};

/* A child that takes longer than a minute is ended by a signal. Or bails. */
struct outcome run_step(int (*act)(void *arg), void *arg, const struct step *step);

/*
 * Calls @try for a process that is killed before a call, after it, and for some errors; @few: for
 * two errors only. @kind: how to name it.
 */
void steps_of_all_kinds(void (*try)(const void *scene, struct step step, const char *kind),
			const void *scene, bool few);

/*
 * By default one call in five is tried, from another one on each time; with --full on the command
 * line, each; steps_which() says so in the text of a row.
 */
void steps_arguments(int argc, char **argv);
unsigned int steps_first(void);
unsigned int steps_stride(void);
const char *steps_which(void);

/* The processes take turns, and to wake another CPU takes long in a machine that is emulated. */
void steps_stay_on_one_cpu(void);

/* "openat"; or its number */
const char *call_name(long call);

#endif
