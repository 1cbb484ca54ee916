/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes allocations of the kernel fail, one after the other, and finds memory that nobody
 * knows any more; on kernels that are built for that. Functions bail where it does not work.
 */
#ifndef PORTRES_TESTS_FAULT_H
#define PORTRES_TESTS_FAULT_H

#include <stdbool.h>
#include <stddef.h>

/* Why this kernel cannot do it, or NULL. To be called before all others. */
const char *fault_missing(void);

enum fault_scope {
	EVERYWHERE,	/* in a whole system call, but for what the kernel's own debugging needs */
	BELOW_MODULE,	/* where a module's function called, or was called on the way */
};

/* To be called by each thread that goes without, and again for another scope. */
void fault_setup(enum fault_scope scope);

/* The allocation of this number from here on, of the thread that called fault_setup(), fails. */
void fault_arm(unsigned int nth);

/* Nothing fails any more. Has it come to that allocation? */
bool fault_disarm(void);

/* How many allocations @act(@arg) makes in the scope; what it returns is of no interest. */
unsigned int fault_count(int (*act)(void *arg), void *arg);

/* The first allocation below the module fails, whoever makes it; then nothing any more. */
void fault_anybody(void);

/* Takes that back. Has it come to one? */
bool fault_nobody(void);

/* How many blocks of memory are lost; says which. Takes some seconds. */
size_t leaks(void);

#endif
