/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of commands. */
#ifndef PORTRES_COMMANDS_H
#define PORTRES_COMMANDS_H

#include <stdbool.h>

struct call;

struct command {
	const char *name;
	int (*run)(const struct call *call);
	const char *arguments;
	const char *help;
	bool changes;		/* reservations: a broken pipe does not end the command */
};

/* Return a command by its number; NULL after the last one. */
const struct command *command_at(unsigned int number);

/* Return another name of a command by its number; NULL after the last one. */
const char *command_alias(unsigned int number);

/* Return a command by its name, or by another name that it has, or NULL. */
const struct command *command_find(const char *name);

#endif /* PORTRES_COMMANDS_H */
