/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A crowd without privilege tries to delay others. It must not delay the administrator's creations
 * and deletions, look-ups of a netlink family, namespaces that come and go, or the exit of a task
 * that is killed.
 *
 * Each time is compared with the time beside the same crowd while that does something harmless. An
 * answer may take two seconds in any case, or more if it takes more beside the harmless crowd.
 */
#ifndef PORTRES_TESTS_ATTACK_H
#define PORTRES_TESTS_ATTACK_H

#include <stdbool.h>
#include <sys/types.h>

#include "answers.h"
#include "gauge.h"
#include "tap.h"

/**
 * struct attack - what a crowd does
 * @name: for the rows
 * @crowd: becomes the crowd, in a process that leads a process group: drops its privileges, calls
 *	attack_threads() or attack_ready() and does not return; @attacking or harmless
 * @protocol: of what the administrator creates; UDP if nothing is set
 * @families: a module with a netlink family of its own comes and goes meanwhile
 * @let_go: called before the crowd is killed, or NULL
 * @settle: seconds of peace before the crowd begins, in which nothing is reserved
 */
struct attack {
	const char *name;
	void (*crowd)(bool attacking);
	int protocol;
	bool families;
	void (*let_go)(void);
	unsigned int settle;
};

/* To be called first: the long form, by the command line. */
void attack_arguments(int argc, char **argv);
bool attack_is_full(void);

/* The rows of an attack, in the caller's network namespace. The module is loaded. */
void attack_rows(const struct attack *attack);

/* For the crowd. */
void attack_become_stranger(void);
void attack_ready(void);
/* Calls @turn(0) to @turn(@n - 1) again and again, each in a thread; does not return. */
void attack_threads(unsigned int n, void (*turn)(unsigned int number)) __noreturn;

/* A harmless turn: a system call. */
void attack_no_harm(unsigned int number);

/* Starts a crowd, and returns its process group when it is ready. */
pid_t attack_begin(const struct attack *attack, bool attacking);

/*
 * For attacks of another kind. attack_ask_others() measures all answers but the administrator's;
 * @harmless has the times beside a harmless crowd, or is NULL to measure those. attack_compare()
 * prints the row of one answer.
 */
void attack_ask_others(struct reading readings[ANSWERS], const struct reading *harmless);
void attack_compare(const char *name, int answer, const struct reading *readings,
		    const struct reading *harmless);

/* The limit in milliseconds for an action that took @harmless beside a harmless crowd. */
double attack_limit(double harmless);

#endif
