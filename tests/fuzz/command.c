// SPDX-License-Identifier: GPL-2.0-only
/* The words of the command line: the input has one on each line. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "parse.h"

#define WORDS_MAX 12

/* What is refused is said on a terminal, in one line. */
static void check_why(const char *why)
{
	const unsigned char *c = (const unsigned char *)why;

	REQUIRE(*why && strlen(why) < WHY_MAX);
	for (; *c; c++)
		REQUIRE(*c >= 0x20 && *c != 0x7f);
}

static void try_wish(int argc, char **argv)
{
	struct portres_words words;
	struct wish wish;
	portres_why bare;
	parse_why why;

	if (!portres_words_parse(argc, argv, &words, bare)) {
		REQUIRE(!parse_wish(argc, argv, &wish, why));
		check_why(why);
		return;
	}
	fuzz_round_trip(&words);
	if (!parse_wish(argc, argv, &wish, why)) {
		uint32_t number;

		/* All that the grammar lets pass is a user that there is not. */
		REQUIRE(words.user && !portres_words_number(words.user, &number));
		check_why(why);
		return;
	}
	REQUIRE(wish.range.first == words.first && wish.range.count == words.count &&
		wish.name == words.name && wish.has_owner == !!words.user);
}

static void try_range(char *word)
{
	struct range range, again;
	parse_why why;
	char *text;

	if (!parse_range(word, &range, why)) {
		check_why(why);
		return;
	}
	text = range_text(range.first, range.count);
	REQUIRE(parse_range(text, &again, why));
	REQUIRE(again.first == range.first && again.count == range.count);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char *argv[WORDS_MAX + 1];
	struct wish wish;
	parse_why why;
	char *rest = text;
	int argc = 0;

	REQUIRE(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	while (rest && argc < WORDS_MAX)
		argv[argc++] = strsep(&rest, "\n");
	argv[argc] = NULL;
	try_range(argv[0]);
	if (!parse_block(argc, argv, &wish, why))
		check_why(why);
	try_wish(argc, argv);
	free(text);
	return 0;
}
