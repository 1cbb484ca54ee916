// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands. Nothing but main.c and completion.c depends on it. */
#include <stddef.h>
#include <string.h>

#include "command.h"
#include "commands.h"

static const struct command commands[] = {
	{ "add", cmd_add, "PROTO RANGE [name TEXT] [for GRANTEE]... [adopt]",
	  "reserve ports", true },
	{ "set", cmd_set, "PROTO RANGE [name TEXT] [range RANGE] [for GRANTEE]...",
	  "change a reservation", true },
	{ "replace", cmd_replace, "PROTO RANGE [name TEXT] [for GRANTEE]... [adopt]",
	  "reserve or change", true },
	{ "del", cmd_del, "PROTO RANGE", "delete a reservation", true },
	{ "show", cmd_show, "[PROTO] [RANGE] [for GRANTEE]... [name GLOB] [bound]",
	  "show what is reserved", false },
	{ "monitor", cmd_monitor, "[--journal]", "print changes and refused binds", false },
	{ "restore", cmd_restore, "[--dry-run]", "reserve what is stored and declared",
	  true },
	{ "run", cmd_run, "[--udp N] [--tcp N] [name TEXT] -- COMMAND...", "run with ports",
	  false },
	{ "check", cmd_check, "FILE...", "check files of declarations", false },
	{ "why", cmd_why, "udp|tcp PORT [for user USER|unit UNIT [of USER]|pid PID]",
	  "say what a port is, and what uses it", false },
	{ "map", cmd_map, "[udp|tcp]", "show all ports on one screen", false },
	{ "room", cmd_room, "[udp|tcp] COUNT", "show where blocks of that size fit", false },
	{ "export", cmd_export, "sysctl|nft", "print reservations for other tools", false },
	{ "metrics", cmd_metrics, "", "print numbers for Prometheus", false },
};

const struct command *command_at(unsigned int number)
{
	return number < sizeof(commands) / sizeof(commands[0]) ? &commands[number] : NULL;
}

/* What users of ip(8) type. */
static const struct {
	const char *name;
	const char *command;
} aliases[] = {
	{ "list", "show" },
	{ "delete", "del" },
};

#define ALIASES (sizeof(aliases) / sizeof(aliases[0]))

const char *command_alias(unsigned int number)
{
	return number < ALIASES ? aliases[number].name : NULL;
}

const struct command *command_find(const char *name)
{
	const struct command *command;
	unsigned int i;

	for (i = 0; i < ALIASES; i++)
		if (strcmp(aliases[i].name, name) == 0)
			name = aliases[i].command;
	for (i = 0; (command = command_at(i)); i++)
		if (strcmp(command->name, name) == 0)
			break;
	return command;
}
