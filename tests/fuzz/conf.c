// SPDX-License-Identifier: GPL-2.0-only
/* The files of declarations: the input is the content of one. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

struct tally {
	const char *text;	/* an own copy of the input */
	const char *end;
	const char *at;		/* behind the last line that was taken */
	unsigned int line;
};

static int take_again(unsigned int line, const struct portres_words *words, const char *reason,
		      void *arg)
{
	const struct portres_words *wanted = *(const struct portres_words **)arg;

	(void)reason;
	REQUIRE(line == 1 && !words == !wanted);
	if (words)
		fuzz_round_trip(words);
	return 1;
}

/* Each line says the same when it is alone: no line can harm another one. */
static void take_alone(const char *line, size_t len, const struct portres_words *words)
{
	char *copy = malloc(len + 1);

	REQUIRE(copy);
	memcpy(copy, line, len);
	copy[len] = '\0';
	REQUIRE(portres_words_each_line(copy, len, take_again, &words) == 1);
	free(copy);
}

static int take(unsigned int line, const struct portres_words *words, const char *reason, void *arg)
{
	struct tally *tally = arg;
	const char *start = tally->at;
	const char *end;

	REQUIRE(line > tally->line);
	REQUIRE(words ? !reason : reason && *reason && strlen(reason) < PORTRES_REASON_MAX);
	for (; tally->line < line; tally->line++) {
		start = tally->at;
		REQUIRE(start < tally->end);
		end = memchr(start, '\n', (size_t)(tally->end - start));
		tally->at = end ? end + 1 : tally->end;
	}
	end = tally->at > start && tally->at[-1] == '\n' ? tally->at - 1 : tally->at;
	take_alone(start, (size_t)(end - start), words);
	if (words)
		fuzz_round_trip(words);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char *copy = malloc(size + 1);
	struct tally tally = { .text = copy, .end = copy + size, .at = copy };

	REQUIRE(text && copy);
	if (size) {
		memcpy(text, data, size);
		memcpy(copy, data, size);
	}
	text[size] = '\0';
	REQUIRE(portres_words_each_line(text, size, take, &tally) == 0);
	free(text);
	free(copy);
	return 0;
}
