// SPDX-License-Identifier: GPL-2.0-only
/* Separates the options of the command line from the other words. */
#include <string.h>

#include "command.h"
#include "options.h"

static const struct {
	const char *word;
	enum option option;
} options[] = {
	{ "--json", JSON },
	{ "--pretty", PRETTY },
	{ "--root", ROOT },
	{ "--udp", UDP },
	{ "--tcp", TCP },
	{ "--dry-run", DRY_RUN },
	{ "--journal", JOURNAL },
	{ "--help", HELP },
	{ "--version", VERSION },
	{ "-j", JSON },
	{ "-p", PRETTY },
	{ "-h", HELP },
	{ "-V", VERSION },
	{ "--", END },
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

static enum option option(const char *word)
{
	size_t i;

	/* "-" means standard input. */
	if (word[0] != '-' || !word[1])
		return NOT_ONE;
	for (i = 0; i < OPTIONS; i++)
		if (strcmp(word, options[i].word) == 0)
			return options[i].option;
	return UNKNOWN;
}

const char *option_name(unsigned int number)
{
	/* Short options come last and are not completed. */
	return number < OPTIONS && options[number].word[2] ? options[number].word : NULL;
}

/* The word after these is a value, never an option. */
static bool takes_value(const char *word)
{
	static const char *const words[] = {
		"name", "user", "unit", "cgroup", "of", "range", "pid"
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* Where the value of an option is kept, if it has one. */
static const char **value_of(struct call *call, enum option option)
{
	switch (option) {
	case ROOT:
		return &call->root;
	case UDP:
		return &call->udp;
	case TCP:
		return &call->tcp;
	default:
		return NULL;
	}
}

/* --root=DIR: what it is, with its value. */
static enum option take_joined(const char *word, struct call *call)
{
	const struct {
		const char *begin;
		enum option option;
		const char **value;
	} joined[] = {
		{ "--root=", ROOT, &call->root },
		{ "--udp=", UDP, &call->udp },
		{ "--tcp=", TCP, &call->tcp },
	};
	size_t i;

	for (i = 0; i < sizeof(joined) / sizeof(joined[0]); i++) {
		size_t len = strlen(joined[i].begin);

		if (strncmp(word, joined[i].begin, len) != 0)
			continue;
		*joined[i].value = word + len;
		return joined[i].option;
	}
	return NOT_ONE;
}

/* Parses the word at argv[*i] and, for --root, its value: --root DIR or --root=DIR. */
static enum option take_option(char **argv, int *i, struct call *call)
{
	enum option what = take_joined(argv[*i], call);
	const char **value;

	if (what != NOT_ONE)
		return what;
	what = option(argv[*i]);
	value = value_of(call, what);
	if (value && !argv[*i + 1])
		return NO_VALUE;
	if (value)
		*value = argv[++*i];
	call->json |= what == JSON || what == PRETTY;
	call->pretty |= what == PRETTY;
	call->dry_run |= what == DRY_RUN;
	call->journal |= what == JOURNAL;
	return what;
}

enum option take_options(int argc, char **argv, struct call *call)
{
	bool ended = false;
	int i;

	call->argv = argv;
	call->before_end = -1;
	for (i = 0; i < argc; i++) {
		enum option what = ended ? NOT_ONE : take_option(argv, &i, call);

		if (what == UNKNOWN || what == NO_VALUE) {
			call->wrong = argv[i];
			return what;
		}
		if (what == HELP || what == VERSION)
			return what;
		if (what == END && !ended)
			call->before_end = call->argc;
		ended |= what == END;
		if (what != NOT_ONE)
			continue;
		call->argv[call->argc++] = argv[i];
		if (!ended && takes_value(argv[i]) && i + 1 < argc)
			call->argv[call->argc++] = argv[++i];
	}
	return NOT_ONE;
}
