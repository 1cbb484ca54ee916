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

static void require_same_grant(const struct portres_words_grant *one,
			       const struct portres_words_grant *two)
{
	REQUIRE(one->kind == two->kind && !one->text == !two->text && !one->user == !two->user);
	REQUIRE(!one->text || !strcmp(one->text, two->text));
	REQUIRE(!one->user || !strcmp(one->user, two->user));
}

static int take_only(unsigned int line, const struct portres_words *words, const char *reason,
		     void *arg)
{
	const struct portres_words *wanted = arg;
	unsigned int i;

	REQUIRE(line == 1 && words && !reason);
	REQUIRE(words->protocol == wanted->protocol && words->first == wanted->first &&
		words->count == wanted->count);
	REQUIRE(!words->name == !wanted->name && words->adopt == wanted->adopt);
	REQUIRE(!words->name || !strcmp(words->name, wanted->name));
	REQUIRE(words->other_first == wanted->other_first &&
		words->other_count == wanted->other_count);
	REQUIRE(words->grants_count == wanted->grants_count);
	for (i = 0; i < words->grants_count; i++)
		require_same_grant(&words->grants[i], &wanted->grants[i]);
	return 1;
}

void fuzz_round_trip(const struct portres_words *words)
{
	struct portres_words wanted = *words;
	char line[PORTRES_LINE_MAX];
	char users[PORTRES_GRANTS_MAX][16];
	uint32_t number;
	unsigned int i;

	REQUIRE(words->protocol == IPPROTO_UDP || words->protocol == IPPROTO_TCP ||
		words->protocol == PORTRES_BOTH);
	REQUIRE(words->first && words->count && words->first + words->count <= 65536);
	/* The store has numbers only. */
	for (i = 0; i < words->grants_count; i++) {
		number = i;
		if (!words->grants[i].user)
			continue;
		portres_words_number(words->grants[i].user, &number);
		snprintf(users[i], sizeof(users[i]), "%u", number);
		wanted.grants[i].user = users[i];
	}
	memset(line, 'x', sizeof(line));
	portres_words_format(line, &wanted);
	REQUIRE(memchr(line, '\0', sizeof(line) - 1));
	REQUIRE(portres_words_each_line(line, strlen(line), take_only, &wanted) == 1);
}
