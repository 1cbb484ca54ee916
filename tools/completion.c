// SPDX-License-Identifier: GPL-2.0-only
/* What may come next on the command line, for the completion of shells. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"

static void offer_all(const char *const *words)
{
	for (; *words; words++)
		puts(*words);
}

static int offer_block(const struct portres_reservation *reservation, void *arg)
{
	struct range range = reservation_range(reservation);
	const bool *runtime = arg;
	char *ports;

	if (portres_reservation_runtime(reservation) && !*runtime)
		return 0;
	ports = range_text(range.first, range.count);
	puts(ports);
	free(ports);
	return 0;
}

static void offer_blocks(bool runtime)
{
	struct portres *handle;

	if (portres_open(&handle) < 0)
		return;
	portres_for_each(handle, offer_block, &runtime);
	portres_close(handle);
}

static void offer_users(void)
{
	const struct passwd *user;

	setpwent();
	while ((user = getpwent()))
		puts(user->pw_name);
	endpwent();
}

static void offer_commands(void)
{
	static const char *const options[] = { "--json", "--root", "--help", "--version", NULL };
	unsigned int i;

	for (i = 0; command_name(i); i++)
		puts(command_name(i));
	offer_all(options);
}

/* After PROTOCOL RANGE of add: a keyword, or the value of the one before. */
static void offer_keyword(int argc, char **argv)
{
	const char *before = argv[argc - 2];

	if (argc % 2)
		puts("name\nuser");
	else if (strcmp(before, "user") == 0)
		offer_users();
}

/* The words so far; the last one is what is being typed. */
int complete(int argc, char **argv)
{
	const char *command;

	while (argc > 1 && argv[0][0] == '-') {
		int words = argc > 2 && strcmp(argv[0], "--root") == 0 ? 2 : 1;

		argc -= words;
		argv += words;
	}
	command = argc ? argv[0] : "";
	if (argc <= 1)
		offer_commands();
	else if (strcmp(command, "monitor") == 0)
		puts("--json");
	else if (strcmp(command, "restore") == 0)
		puts("--dry-run\n--json");
	else if (strcmp(command, "check") == 0)
		return DONE;
	else if (argc == 2)
		puts("udp");
	else if (argc == 3 && strcmp(command, "add") != 0)
		offer_blocks(strcmp(command, "del") != 0);
	else if (argc > 3 && strcmp(command, "add") == 0)
		offer_keyword(argc - 1, argv + 1);
	return DONE;
}
