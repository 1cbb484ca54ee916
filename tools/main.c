// SPDX-License-Identifier: GPL-2.0-only
/* The portres command: its options, its table of commands, its exit status. */
#include <errno.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "text.h"

static const struct {
	const char *name;
	int (*run)(const struct call *call);
	const char *arguments;
	const char *help;
} commands[] = {
	{ "add", cmd_add, "udp RANGE [name TEXT] [user USER]", "reserve ports" },
	{ "del", cmd_del, "udp RANGE", "end a reservation" },
	{ "show", cmd_show, "[udp] [RANGE]", "tell what is reserved" },
	{ "monitor", cmd_monitor, "", "tell changes as they happen" },
	{ "restore", cmd_restore, "[--dry-run]", "reserve what is stored and declared" },
	{ "check", cmd_check, "FILE...", "look for mistakes in declarations" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(void)
{
	size_t i;

	puts("Usage: portres [-j] [--root DIR] [COMMAND]\n");
	for (i = 0; i < COMMANDS; i++)
		printf("  portres %-8s%-34s  %s\n", commands[i].name, commands[i].arguments,
		       commands[i].help);
	puts("\n"
	     "RANGE is PORT, FIRST-LAST or FIRST+COUNT; USER is a name or a number.\n"
	     "Without a command: what is reserved.\n\n"
	     "  -j, --json      print JSON\n"
	     "      --root DIR  take the files below DIR\n"
	     "      --help      print this\n"
	     "      --version   print the version\n\n"
	     "Exit status: 0 done, 1 refused or not there, 2 wrong usage. See portres(8).");
}

static const char *blamed;

void blame(const char *place)
{
	blamed = place;
}

static void say(const char *format, va_list args)
{
	fflush(stdout);
	fprintf(stderr, "portres: %s%s", blamed ? blamed : "", blamed ? ": " : "");
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int refuse(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return FAILED;
}

void note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

int misuse(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return WRONG_USAGE;
}

const char *command_name(unsigned int number)
{
	return number < COMMANDS ? commands[number].name : NULL;
}

enum option { NOT_ONE, UNKNOWN, JSON, DRY_RUN, ROOT, HELP, VERSION };

static enum option option(const char *word)
{
	static const struct {
		const char *word;
		enum option option;
	} options[] = {
		{ "-j", JSON },
		{ "--json", JSON },
		{ "--dry-run", DRY_RUN },
		{ "--root", ROOT },
		{ "--help", HELP },
		{ "-h", HELP },
		{ "--version", VERSION },
		{ "-V", VERSION },
	};
	size_t i;

	if (word[0] != '-')
		return NOT_ONE;
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(word, options[i].word) == 0)
			return options[i].option;
	return UNKNOWN;
}

/* Options may stand anywhere but in the place of a value. */
static bool takes_value(const char *word)
{
	return strcmp(word, "name") == 0 || strcmp(word, "user") == 0;
}

/* What option stands at argv[*i], and its value if it has one: --root DIR, --root=DIR. */
static enum option take_option(char **argv, int *i, struct call *call)
{
	enum option what = option(argv[*i]);

	if (strncmp(argv[*i], "--root=", 7) == 0) {
		call->root = argv[*i] + 7;
		return ROOT;
	}
	if (what == ROOT && !argv[*i + 1])
		return UNKNOWN;
	if (what == ROOT)
		call->root = argv[++*i];
	call->json |= what == JSON;
	call->dry_run |= what == DRY_RUN;
	return what;
}

/* Leaves the other words in call. Returns the option that ends everything, if any. */
static enum option take_options(int argc, char **argv, struct call *call)
{
	int i;

	call->argv = argv;
	for (i = 1; i < argc; i++) {
		enum option what = take_option(argv, &i, call);

		if (what == UNKNOWN) {
			call->argv[0] = argv[i];
			return UNKNOWN;
		}
		if (what == HELP || what == VERSION)
			return what;
		if (what != NOT_ONE)
			continue;
		call->argv[call->argc++] = argv[i];
		if (takes_value(argv[i]) && i + 1 < argc)
			call->argv[call->argc++] = argv[++i];
	}
	return NOT_ONE;
}

static int run(struct call *call)
{
	const char *name = call->argc ? call->argv[0] : "show";
	char *shown;
	size_t i;

	if (call->argc) {
		call->argc--;
		call->argv++;
	}
	if (call->dry_run && strcmp(name, "restore") != 0)
		return misuse("--dry-run is an option of restore");
	for (i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(call);
	shown = safe_text(name);
	misuse("\"%s\" is not a command: it is add, del, show, monitor, restore or check", shown);
	free(shown);
	return WRONG_USAGE;
}

static int dispatch(int argc, char **argv)
{
	struct call call = { 0 };
	char *shown;

	if (argc > 1 && strcmp(argv[1], "--complete") == 0)
		return complete(argc - 2, argv + 2);
	switch (take_options(argc, argv, &call)) {
	case HELP:
		usage();
		return DONE;
	case VERSION:
		puts("portres " PORTRES_VERSION);
		return DONE;
	case UNKNOWN:
		shown = safe_text(call.argv[0]);
		misuse("\"%s\" is not an option, or lacks its value: see portres --help",
		       shown);
		free(shown);
		return WRONG_USAGE;
	default:
		return run(&call);
	}
}

int main(int argc, char **argv)
{
	int status;

	setlocale(LC_CTYPE, "");
	status = dispatch(argc, argv);
	if (fflush(stdout) || ferror(stdout))
		return refuse("cannot write the output: %s", strerror(errno));
	return status;
}
