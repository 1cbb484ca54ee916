/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages on standard error, and the standard descriptors. */
#ifndef PORTRES_MESSAGE_H
#define PORTRES_MESSAGE_H

#include <stdbool.h>

/* Prints an error message. Returns FAILED. */
int print_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The last message without its prefix; NULL: no memory. */
const char *last_error(void);

/* Sets the prefix of all following messages; NULL: none. */
void set_error_prefix(const char *place);

/* Prints a message that is no error. */
void print_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints an error message about the arguments. Returns WRONG_USAGE. */
int print_usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Opens descriptors 0, 1 and 2 if they are closed. Call before anything else is opened. */
void open_standard_descriptors(void);

/* Ignores SIGPIPE, so that a change is completed when the reader of the output is gone. */
void ignore_broken_pipe(void);

/*
 * Flushes the output and returns status. If that fails, returns FAILED for a command that changes
 * nothing; for others status still says what was done.
 */
int finish_output(int status, bool changes);

#endif /* PORTRES_MESSAGE_H */
