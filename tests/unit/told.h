/* SPDX-License-Identifier: GPL-2.0-only */
/* What the grammar makes of lines of text, as text. */
#ifndef PORTRES_UNIT_TOLD_H
#define PORTRES_UNIT_TOLD_H

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk/words.h"

/* What became of a text, in memory of exactly its size. */
struct told {
	char text[4096];
};

static char *tell_grant(char *to, const struct portres_words_grant *grant)
{
	static const char *const kinds[] = { "?", "user", "unit", "cgroup", "kernel" };

	to += sprintf(to, " %s", kinds[grant->kind]);
	if (grant->text)
		to += sprintf(to, " %s", grant->text);
	if (grant->user)
		to += sprintf(to, "%s %s", grant->text ? " of" : "", grant->user);
	return to;
}

static int tell(unsigned int line, const struct portres_words *words, const char *reason, void *arg)
{
	struct told *told = arg;
	size_t len = strlen(told->text);
	char *to = told->text + len;
	size_t room = sizeof(told->text) - len;
	unsigned int i;

	if (!words) {
		snprintf(to, room, "%u: %s|", line, reason);
		return 0;
	}
	to += sprintf(to, "%u: %s%u+%u", line,
		      words->protocol == IPPROTO_TCP ? "tcp " :
		      words->protocol == PORTRES_BOTH ? "both " : "", words->first, words->count);
	for (i = 0; i < words->grants_count; i++)
		to = tell_grant(to, &words->grants[i]);
	if (words->name)
		to += sprintf(to, " name %s", words->name);
	if (words->adopt)
		to += sprintf(to, " adopt");
	if (words->other_count)
		to += sprintf(to, " was %u+%u", words->other_first, words->other_count);
	strcpy(to, "|");
	return 0;
}

static void parse(const char *text, size_t len, struct told *told)
{
	char *copy = malloc(len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	told->text[0] = '\0';
	portres_words_each_line(copy, len, tell, told);
	free(copy);
}

#endif /* PORTRES_UNIT_TOLD_H */
