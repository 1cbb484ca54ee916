// SPDX-License-Identifier: GPL-2.0-only
/* Completions of the command line, for shells. */
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "commands.h"
#include "completion.h"
#include "describe.h"
#include "kernel/protocol.h"
#include "options.h"

/* Tell the shell to complete file names. No other completion begins with a colon. */
#define FILES ":files"
#define DIRECTORIES ":directories"
#define COMMANDS ":commands"

struct offer {
	uint8_t protocol;
	struct range last;	/* of UDP, which comes before TCP in the list */
};

/* With "both", a block that is reserved in both protocols. */
static int offer_block(const struct portres_reservation *reservation, void *arg)
{
	uint8_t protocol = portres_reservation_protocol(reservation);
	struct range range = reservation_range(reservation);
	struct offer *offer = arg;
	bool again = range.first == offer->last.first && range.count == offer->last.count;
	char *ports;

	if (protocol == IPPROTO_UDP)
		offer->last = range;
	if (offer->protocol == PORTRES_BOTH ? !again : protocol != offer->protocol)
		return 0;
	ports = range_text(range.first, range.count);
	puts(ports);
	free(ports);
	return 0;
}

static void offer_blocks(const char *word)
{
	struct offer offer = { 0 };
	struct portres *handle;

	if (!portres_protocol_find(word, (unsigned int)strlen(word), &offer.protocol) ||
	    portres_open(&handle) < 0)
		return;
	portres_for_each(handle, offer_block, &offer);
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

/* Whether an option works with a command. */
static bool is_option_of(const char *option, const char *command)
{
	static const struct {
		const char *option;
		const char *command;
	} own[] = {
		{ "--dry-run", "restore" },
		{ "--journal", "monitor" },
		{ "--udp", "run" },
		{ "--tcp", "run" },
	};
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(option, own[i].option) == 0)
			return strcmp(command, own[i].command) == 0;
	return true;
}

static void offer_options(const char *command)
{
	const char *option;
	unsigned int i;

	for (i = 0; (option = option_name(i)); i++)
		if (is_option_of(option, command))
			puts(option);
}

static void offer_names(void)
{
	const struct command *command;
	const char *alias;
	unsigned int i;

	for (i = 0; (command = command_at(i)); i++)
		puts(command->name);
	for (i = 0; (alias = command_alias(i)); i++)
		puts(alias);
}

static void offer_commands(void)
{
	offer_names();
	puts("help");
	offer_options("");
}

/* What is due behind PROTOCOL RANGE and more words. */
enum due { KEYWORD, KEYWORD_OR_OF, GRANTEE, USER, ANY_VALUE };

static enum due due_after(enum due due, const char *word)
{
	switch (due) {
	case GRANTEE:
		if (strcmp(word, "user") == 0)
			return USER;
		/* The value of a unit may have an "of" behind it; that of a cgroup has none. */
		return strcmp(word, "unit") == 0 || strcmp(word, "cgroup") == 0 ? ANY_VALUE :
										  KEYWORD;
	case USER:
		return KEYWORD;
	case ANY_VALUE:
		return KEYWORD_OR_OF;
	default:
		if (strcmp(word, "for") == 0)
			return GRANTEE;
		if (strcmp(word, "user") == 0 || strcmp(word, "of") == 0)
			return USER;
		return strcmp(word, "name") == 0 || strcmp(word, "range") == 0 ? ANY_VALUE :
										 KEYWORD;
	}
}

/* The words from @first on; the last one is being typed and is not among them. */
static enum due what_is_due(int first, int argc, char **argv)
{
	enum due due = KEYWORD;
	int i;

	for (i = first; i < argc; i++) {
		due = due_after(due, argv[i]);
		if (due == KEYWORD_OR_OF && strcmp(argv[i - 1], "unit") != 0)
			due = KEYWORD;
	}
	return due;
}

static void offer_keyword(const char *command, int argc, char **argv)
{
	bool set = strcmp(command, "set") == 0;

	switch (what_is_due(2, argc, argv)) {
	case KEYWORD_OR_OF:
		puts("of");
		/* fall through */
	case KEYWORD:
		puts(set ? "name\nrange\nfor\nuser" : "name\nfor\nuser\nadopt");
		break;
	case GRANTEE:
		puts("user\nunit\ncgroup\nkernel");
		if (set)
			puts("nobody");
		break;
	case USER:
		offer_users();
		break;
	case ANY_VALUE:
		break;
	}
}

static bool takes_filters(const char *command)
{
	return strcmp(command, "show") == 0;
}

static void offer_filters(int argc, char **argv)
{
	switch (what_is_due(0, argc, argv)) {
	case KEYWORD_OR_OF:
		puts("of");
		/* fall through */
	case KEYWORD:
		if (argc == 0)
			puts("udp\ntcp\nboth\nhelp");
		if (argc == 1)
			offer_blocks(argv[0]);
		puts("for\nuser\nname\nbound");
		break;
	case GRANTEE:
		puts("user\nunit\ncgroup\nkernel");
		break;
	case USER:
		offer_users();
		break;
	case ANY_VALUE:
		break;
	}
}

/* PROTOCOL PORT for user USER, unit UNIT [of USER] or pid PID */
static void offer_why(int argc, char **argv)
{
	if (argc == 0)
		puts("udp\ntcp\nhelp");
	else if (argc == 2)
		puts("for");
	else if (argc == 3)
		puts("user\nunit\npid");
	else if (argc == 4 && strcmp(argv[3], "user") == 0)
		offer_users();
	else if (argc == 5 && strcmp(argv[3], "unit") == 0)
		puts("of");
	else if (argc == 6 && strcmp(argv[5], "of") == 0)
		offer_users();
}

/* Behind why, map, room and export. Returns whether the command is one of these. */
static bool offer_views(const char *command, int argc, char **argv)
{
	static const struct {
		const char *command;
		const char *words;
	} views[] = {
		{ "map", "udp\ntcp\nhelp" },
		{ "room", "udp\ntcp\nhelp" },
		{ "export", "sysctl\nnft\nhelp" },
	};
	size_t i;

	if (strcmp(command, "why") == 0) {
		offer_why(argc, argv);
		return true;
	}
	for (i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		if (strcmp(command, views[i].command) != 0)
			continue;
		if (argc == 0)
			puts(views[i].words);
		return true;
	}
	return false;
}

static bool makes_or_changes(const char *command)
{
	return strcmp(command, "add") == 0 || strcmp(command, "replace") == 0 ||
	       strcmp(command, "set") == 0;
}

/* Behind run: options and a name, and then the command with its own words. */
static void offer_run(const struct call *call, int argc)
{
	if (call->before_end < 0)
		puts(argc == 0 ? "--udp\n--tcp\nname\n--\nhelp" : "--udp\n--tcp\n--");
	else if (call->argc == call->before_end)
		puts(COMMANDS);
	else
		puts(FILES);
}

/* Behind commands that take no words, or files. Returns whether the command is one of these. */
static bool offer_plain(const char *command, int argc)
{
	static const char *const without[] = { "monitor", "restore", "metrics", "check" };
	size_t i;

	for (i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		if (strcmp(command, without[i]) != 0)
			continue;
		if (strcmp(command, "check") == 0)
			puts(FILES);
		else
			offer_options(command);
		if (argc == 0)
			puts("help");
		return true;
	}
	return false;
}

/* Prints completions for the word after the command and argc words. */
static void offer_words(const char *command, int argc, char **argv)
{
	if (offer_views(command, argc, argv) || offer_plain(command, argc))
		return;
	if (strcmp(command, "help") == 0) {
		if (argc == 0)
			offer_names();
	} else if (takes_filters(command)) {
		offer_filters(argc, argv);
	} else if (argc == 0) {
		puts("udp\ntcp\nboth\nhelp");
	} else if (argc == 1 && strcmp(command, "add") != 0) {
		offer_blocks(argv[0]);
	} else if (argc > 1 && makes_or_changes(command)) {
		offer_keyword(command, argc, argv);
	}
}

/* Whether the word that is typed is the value of a keyword. */
static bool value_is_due(int argc, char **argv)
{
	enum due due = what_is_due(takes_filters(argv[0]) ? 0 : 2, argc - 1, argv + 1);

	if (takes_filters(argv[0]))
		return due == USER || due == ANY_VALUE;
	return makes_or_changes(argv[0]) && argc > 3 && (due == USER || due == ANY_VALUE);
}

/* Check whether the typed word is the value of --root. A shell may split --root=DIR at "=". */
static bool wants_directory(int argc, char **argv)
{
	const char *before = argc > 1 ? argv[argc - 2] : "";
	bool equals = strcmp(before, "=") == 0 || strcmp(argv[argc - 1], "=") == 0;

	if (equals && argc > 2 && strcmp(before, "=") == 0)
		before = argv[argc - 3];
	return strcmp(before, "--root") == 0;
}

/* Joins --root=DIR that a shell has split at "=". Returns the new number of words. */
static int join_words(int argc, char **argv)
{
	int kept = 0;
	int i;

	for (i = 0; i < argc; i++)
		if (strcmp(argv[i], "=") != 0 || !i || strcmp(argv[i - 1], "--root") != 0)
			argv[kept++] = argv[i];
	return kept;
}

int complete(int argc, char **argv)
{
	struct call call = { 0 };
	const char *typed = argc ? argv[argc - 1] : "";
	const char *command;

	if (argc && wants_directory(argc, argv)) {
		puts(DIRECTORIES);
		return DONE;
	}
	argc = join_words(argc ? argc - 1 : 0, argv);
	if (take_options(argc, argv, &call) != NOT_ONE)
		return DONE;
	command = call.argc ? call.argv[0] : "";
	if (command_find(command))
		command = command_find(command)->name;
	if (!call.argc)
		offer_commands();
	else if (strcmp(command, "run") == 0)
		offer_run(&call, call.argc - 1);
	else if (typed[0] == '-' && !value_is_due(call.argc, call.argv))
		offer_options(command);
	else
		offer_words(command, call.argc - 1, call.argv + 1);
	return DONE;
}
