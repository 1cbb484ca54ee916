// SPDX-License-Identifier: GPL-2.0-only
/* The portres command: its options, its usage, its exit status. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "commands.h"
#include "completion.h"
#include "json.h"
#include "message.h"
#include "options.h"
#include "text.h"

static void usage(void)
{
	const struct command *command;
	unsigned int i;

	puts("Usage: portres [-j] [-p] [--root DIR] [COMMAND]\n");
	for (i = 0; (command = command_at(i)); i++)
		printf("  portres %-8s%-52s  %s\n", command->name, command->arguments,
		       command->help);
	puts("  portres help    the same as --help; COMMAND help or help COMMAND: of one command\n"
	     "list is another name of show, delete of del.");
	puts("\n"
	     "PROTO is udp, tcp or both. RANGE is PORT, FIRST-LAST or FIRST+COUNT. GRANTEE is user\n"
	     "USER, unit UNIT [of USER], cgroup /PATH or kernel; with set also nobody. USER is a name\n"
	     "or a number.\n"
	     "Without a command, portres shows what is reserved.\n\n"
	     "  -j, --json      print JSON\n"
	     "  -p, --pretty    print JSON for people to read, indented\n"
	     "      --root DIR  read the store and the declarations below DIR\n"
	     "      --udp N     run: a number of UDP ports, or a range\n"
	     "      --tcp N     run: of TCP ports; with --udp the same ports in both\n"
	     "  -h, --help      print this\n"
	     "  -V, --version   print the version\n"
	     "  --              end of the options\n\n"
	     "Exit status: 0 done, 1 failed or not found, 2 wrong usage, 3 add: already reserved\n"
	     "exactly so; of run that of the command. See portres(8).");
}

/* "help", "COMMAND help" or "help COMMAND". The command is NULL for the first. */
static int help(const struct command *command)
{
	if (command)
		printf("Usage: portres %s %s\n  %s;%s see portres --help\n", command->name,
		       command->arguments, command->help,
		       strstr(command->arguments, "PROTO") ? " PROTO is udp, tcp or both;" : "");
	else
		usage();
	return finish_output(DONE, false);
}

/* The command of "COMMAND help" or "help COMMAND"; NULL: it is neither. */
static const struct command *helped_command(const struct call *call)
{
	if (call->before_end >= 0 || call->argc != 2)
		return NULL;
	if (strcmp(call->argv[0], "help") == 0)
		return command_find(call->argv[1]);
	return strcmp(call->argv[1], "help") == 0 ? command_find(call->argv[0]) : NULL;
}

static int run(struct call *call)
{
	const struct command *helped = helped_command(call);
	const char *name = call->argc ? call->argv[0] : "show";
	const struct command *command = command_find(name);
	bool changes;
	char *shown;

	if (helped || (call->argc == 1 && strcmp(name, "help") == 0))
		return help(helped);
	json_set_pretty(call->pretty);
	if (call->argc) {
		call->argc--;
		call->argv++;
		call->before_end -= call->before_end > 0;
	}
	if (call->dry_run && strcmp(name, "restore") != 0)
		return print_usage_error("--dry-run works with restore only");
	if (call->journal && strcmp(name, "monitor") != 0)
		return print_usage_error("--journal works with monitor only");
	if ((call->udp || call->tcp) && strcmp(name, "run") != 0)
		return print_usage_error("%s works with run only", call->udp ? "--udp" : "--tcp");
	if (!command) {
		shown = quoted_text(name);
		print_usage_error("unknown command \"%s\": expected add, set, replace, del, show, "
				  "monitor, restore, run, check, why, map, room, export or metrics",
				  shown);
		free(shown);
		return WRONG_USAGE;
	}
	changes = command->changes && !call->dry_run;
	if (changes)
		ignore_broken_pipe();
	return finish_output(command->run(call), changes);
}

/* What a command of another program can return is not for the usage of run. */
static int usage_status(const struct call *call)
{
	return call->argc && strcmp(call->argv[0], "run") == 0 ? RUN_FAILED : WRONG_USAGE;
}

static int dispatch(int argc, char **argv)
{
	struct call call = { 0 };
	char *shown;

	if (argc > 1 && strcmp(argv[1], "--complete") == 0)
		return complete(argc - 2, argv + 2);
	switch (take_options(argc - 1, argv + 1, &call)) {
	case HELP:
		usage();
		return finish_output(DONE, false);
	case VERSION:
		puts("portres " PORTRES_VERSION);
		return finish_output(DONE, false);
	case UNKNOWN:
		shown = quoted_text(call.wrong);
		print_usage_error("unknown option \"%s\": see portres --help", shown);
		free(shown);
		return usage_status(&call);
	case NO_VALUE:
		print_usage_error("%s needs %s: see portres --help", call.wrong,
				  strcmp(call.wrong, "--root") == 0 ? "a directory" : "ports");
		return usage_status(&call);
	default:
		return run(&call);
	}
}

int main(int argc, char **argv)
{
	open_standard_descriptors();
	setlocale(LC_CTYPE, "");
	return dispatch(argc, argv);
}
