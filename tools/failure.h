/* SPDX-License-Identifier: GPL-2.0-only */
/* Error messages for failed requests: the cause, and what to do. They return FAILED. */
#ifndef PORTRES_FAILURE_H
#define PORTRES_FAILURE_H

#include <portres/portres.h>

#include "parse.h"

/*
 * Print why a reservation was not created, changed or deleted, and what to do about it. said: the
 * error message of the handle.
 */
int print_add_error(struct portres *handle, const struct block_args *args, int error,
		    const char *said);
/* For a block that was requested by its ports and is in use or reserved. */
void print_block_taken_error(struct portres *handle, uint8_t protocol, const struct range *range);

int print_set_error(struct portres *handle, const struct block_args *args, int error,
		    const char *said);
int print_del_error(struct portres *handle, const struct block_args *args, int error);

/* After any other error: adds advice for a missing privilege or module to text. */
int print_library_error(int error, const char *text);

/* For an invalid or ignored entry of a file. */
void print_entry_error(const struct portres_entry *entry);

#endif /* PORTRES_FAILURE_H */
