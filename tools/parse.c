// SPDX-License-Identifier: GPL-2.0-only
/* The words of the command line: the library's grammar, and the users of this machine. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

#include "parse.h"
#include "text.h"
#include "words.h"

_Static_assert(WHY_MAX == PORTRES_WHY_MAX, "one text in two places");

uint16_t range_last(const struct range *range)
{
	return (uint16_t)(range->first + range->count - 1);
}

char *range_text(uint16_t first, uint16_t count)
{
	if (count == 1)
		return format_text("%u", first);
	return format_text("%u-%u", first, first + count - 1U);
}

/* Makes why safe to print. Returns false. */
static bool fault(parse_why why)
{
	char *safe = safe_text(why);

	snprintf(why, WHY_MAX, "%s", safe);
	free(safe);
	return false;
}

bool parse_range(const char *word, struct range *range, parse_why why)
{
	return portres_words_range(word, &range->first, &range->count, why) || fault(why);
}

static void take(const struct portres_words *words, struct wish *wish)
{
	*wish = (struct wish){
		.protocol = words->protocol,
		.range = { words->first, words->count },
		.name = words->name,
	};
}

static bool find_user(const char *word, uid_t *user, parse_why why)
{
	const struct passwd *entry;

	if (portres_words_number(word, user))
		return true;
	entry = getpwnam(word);
	if (!entry) {
		snprintf(why, WHY_MAX, "\"%s\" is not a user here: expected the name of one or a "
			 "number", word);
		return fault(why);
	}
	*user = entry->pw_uid;
	return true;
}

bool parse_block(int argc, char **argv, struct wish *wish, parse_why why)
{
	struct portres_words words;

	if (!portres_words_block(argc, argv, &words, why))
		return fault(why);
	take(&words, wish);
	return true;
}

bool parse_wish(int argc, char **argv, struct wish *wish, parse_why why)
{
	struct portres_words words;

	if (!portres_words_parse(argc, argv, &words, why))
		return fault(why);
	take(&words, wish);
	wish->has_owner = words.user;
	return !words.user || find_user(words.user, &wish->owner, why);
}
