/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes allocations of the kernel fail, one after the other, and finds leaked memory, on kernels
 * that are built for that. Functions bail where it does not work.
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

/* Takes fault_arm() back. Returns whether that allocation was reached. */
bool fault_disarm(void);

/* How many allocations @act(@arg) makes in the scope; what it returns is of no interest. */
unsigned int fault_count(int (*act)(void *arg), void *arg);

/* The first allocation below the module fails, of any task; no later one does. */
void fault_anybody(void);

/* Takes fault_anybody() back. Returns whether an allocation failed. */
bool fault_nobody(void);

/* How many blocks of memory are lost; says which. Takes some seconds. */
size_t leaks(void);

#endif
