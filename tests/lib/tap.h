/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TAP for tests written in C. A program calls one of these for each row and
 * ends with `return tap_finish();`, which prints the plan.
 */
#ifndef PORTRES_TESTS_TAP_H
#define PORTRES_TESTS_TAP_H

#include <stdbool.h>

#ifndef __printf
#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))
#endif
#ifndef __noreturn
#define __noreturn __attribute__((noreturn))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A row that passes if @cond holds; returns @cond. */
bool tap_ok(bool cond, const char *fmt, ...) __printf(2, 3);

/* A row that passes if two errnos (0 for none) are the same; tells both by name if not. */
bool tap_errno(int got, int wanted, const char *fmt, ...) __printf(3, 4);

/* A row that passes if two numbers are the same; tells both if not. */
bool tap_num(long long got, long long wanted, const char *fmt, ...) __printf(3, 4);

void tap_skip(const char *reason, const char *fmt, ...) __printf(2, 3);

/* A comment, for example why the row before it failed. */
void tap_diag(const char *fmt, ...) __printf(1, 2);

/* Nothing that follows would make sense: ends the program. */
void tap_bail(const char *fmt, ...) __printf(1, 2) __noreturn;

/* Ends the program if what the test stands on did not succeed; @error is an errno. */
void must(int error, const char *what);

/* Returns the exit status: 0 if there were rows and none failed. */
int tap_finish(void);

/* "EINVAL", "0"; for texts. */
const char *errno_name(int error);

#ifdef __cplusplus
}
#endif

#endif
