/* SPDX-License-Identifier: GPL-2.0-only */
/* Opening the library for a command. */
#ifndef PORTRES_OPEN_H
#define PORTRES_OPEN_H

#include <portres/portres.h>
#include <stdbool.h>

struct block_args;
struct call;

/* Opens a handle, and loads the module if the caller may. Prints a message on failure. */
bool open_handle(const struct call *call, struct portres **handle);

/* The same for a command that only reads files, without loading the module. */
bool open_files(const struct call *call, struct portres **handle);

/*
 * For a command that states a whole reservation: parses its arguments, opens a handle, calls act
 * and returns its exit status. Prints a message on failure.
 */
int run_on_block(const struct call *call, int (*act)(struct portres *handle,
						     const struct block_args *args, bool json));

#endif /* PORTRES_OPEN_H */
