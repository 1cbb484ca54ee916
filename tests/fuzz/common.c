// SPDX-License-Identifier: GPL-2.0-only
/* What has to be true of words wherever they come from. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

void fuzz_require(int cond, const char *text, const char *where)
{
	if (cond)
		return;
	fprintf(stderr, "%s: not so: %s\n", where, text);
	abort();
}

static int take_only(unsigned int line, const struct portres_words *words, const char *why,
		     void *arg)
{
	const struct portres_words *wanted = arg;

	REQUIRE(line == 1 && words && !why);
	REQUIRE(words->protocol == wanted->protocol && words->first == wanted->first &&
		words->count == wanted->count);
	REQUIRE(!words->name == !wanted->name && !words->user == !wanted->user);
	REQUIRE(!words->name || !strcmp(words->name, wanted->name));
	REQUIRE(!words->user || !strcmp(words->user, wanted->user));
	return 1;
}

void fuzz_round_trip(const struct portres_words *words)
{
	struct portres_words wanted = *words;
	char line[PORTRES_LINE_MAX];
	uint32_t number;
	char user[16];

	REQUIRE(words->protocol == IPPROTO_UDP && words->first && words->count &&
		words->first + words->count <= 65536);
	/* The store has numbers only. */
	wanted.user = NULL;
	if (words->user && portres_words_number(words->user, &number)) {
		snprintf(user, sizeof(user), "%u", number);
		wanted.user = user;
	}
	memset(line, 'x', sizeof(line));
	portres_words_format(line, &wanted);
	REQUIRE(memchr(line, '\0', sizeof(line) - 1));
	REQUIRE(portres_words_each_line(line, strlen(line), take_only, &wanted) == 1);
}
