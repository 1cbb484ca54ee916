/* SPDX-License-Identifier: GPL-2.0-only */
/* Capabilities of the caller, and loading the module. */
#ifndef PORTRES_LOAD_H
#define PORTRES_LOAD_H

#include <stdbool.h>

/* Check for an effective capability in the caller's user namespace. */
bool has_capability(unsigned int capability);

/* Runs modprobe. On failure *reason is a text that is safe to print, to be freed. */
bool load_module(char **reason);

#endif /* PORTRES_LOAD_H */
