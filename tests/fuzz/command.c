// SPDX-License-Identifier: GPL-2.0-only
/* The words of the command line: the input has one on each line. */
#include <stdlib.h>
#include <string.h>

#include "asker.h"
#include "filter.h"
#include "fuzz.h"
#include "parse.h"
#include "portset.h"

#define WORDS_MAX 100

/* What is refused is said on a terminal, in one line. */
static void check_why(const char *reason)
{
	const unsigned char *c = (const unsigned char *)reason;

	REQUIRE(*reason && strlen(reason) < REASON_MAX);
	for (; *c; c++)
		REQUIRE(*c >= 0x20 && *c != 0x7f);
}

static bool has_named_user(const struct portres_words *words)
{
	uint32_t number;
	unsigned int i;

	for (i = 0; i < words->grants_count; i++)
		if (words->grants[i].user && !portres_words_number(words->grants[i].user, &number))
			return true;
	return false;
}

static void try_change(int argc, char **argv)
{
	struct portres_words words;
	struct block_args wish;
	portres_reason bare;
	parse_reason reason;

	if (portres_words_parse(argc, argv, PORTRES_GRAMMAR_SET, &words, bare))
		REQUIRE(parse_change_args(argc, argv, &wish, reason) || has_named_user(&words));
	else
		REQUIRE(!parse_change_args(argc, argv, &wish, reason));
}

static void try_wish(int argc, char **argv)
{
	struct portres_words words;
	struct block_args wish;
	portres_reason bare;
	parse_reason reason;

	if (!portres_words_parse(argc, argv, PORTRES_GRAMMAR_DECLARE, &words, bare)) {
		REQUIRE(!parse_block_args(argc, argv, &wish, reason));
		check_why(reason);
		return;
	}
	fuzz_round_trip(&words);
	if (!parse_block_args(argc, argv, &wish, reason)) {
		/* All that the grammar lets pass is a user that there is not. */
		REQUIRE(has_named_user(&words));
		check_why(reason);
		return;
	}
	REQUIRE(wish.range.first == words.first && wish.range.count == words.count &&
		wish.name == words.name && wish.grantee_count == words.grants_count);
}

static void try_range(char *word)
{
	struct range range, again;
	parse_reason reason;
	char *text;

	if (!parse_range(word, &range, reason)) {
		check_why(reason);
		return;
	}
	text = range_text(range.first, range.count);
	REQUIRE(parse_range(text, &again, reason));
	REQUIRE(again.first == range.first && again.count == range.count);
	free(text);
}

static void try_filter(int argc, char **argv)
{
	parse_reason reason = "";
	struct filter filter;

	if (!filter_parse(argc, argv, &filter, reason)) {
		check_why(reason);
		return;
	}
	REQUIRE(!argc == !(filter.grantees.grantee_count || filter.name || filter.bound));
	REQUIRE(filter.grantees.grantee_count <= PORTRES_GRANTS_MAX);
	filter_free(&filter);
}

static void try_asker(int argc, char **argv)
{
	parse_reason reason = "";
	struct asker asker;

	if (!asker_parse(argc, argv, &asker, reason)) {
		check_why(reason);
		return;
	}
	REQUIRE((asker.kind == ASKER_CALLER) == !argc);
	REQUIRE((asker.kind == ASKER_USER) == asker.has_user);
	REQUIRE((asker.kind == ASKER_UNIT) == asker.has_unit);
	REQUIRE((asker.kind == ASKER_PROCESS) == (asker.pid > 0));
	REQUIRE(!asker.has_unit || memchr(asker.unit.name, '.', sizeof(asker.unit.name)));
	asker_free(&asker);
}

static void try_ports(const char *list)
{
	struct portset set = { 0 }, again = { 0 };
	char *text;

	if (!portset_parse(&set, list))
		return;
	REQUIRE(!portset_has(&set, 0));
	text = portset_text(&set);
	REQUIRE(portset_parse(&again, text) && !memcmp(&set, &again, sizeof(set)));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char *argv[WORDS_MAX + 1];
	struct block_args wish;
	parse_reason reason;
	char *rest = text;
	int argc = 0, place;

	REQUIRE(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	while (rest && argc < WORDS_MAX)
		argv[argc++] = strsep(&rest, "\n");
	argv[argc] = NULL;
	try_range(argv[0]);
	if (!parse_block(argc, argv, &wish, reason))
		check_why(reason);
	try_wish(argc, argv);
	try_change(argc, argv);
	place = filter_find(argc, argv);
	try_filter(argc - place, argv + place);
	try_asker(argc - place, argv + place);
	try_ports(argv[0]);
	free(text);
	return 0;
}
