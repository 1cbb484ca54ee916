// SPDX-License-Identifier: GPL-2.0-only
/* Parses the words of the command line by the grammar of the library. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

#include "disk/words.h"
#include "parse.h"
#include "text.h"

_Static_assert(REASON_MAX == PORTRES_REASON_MAX, "one text in two places");

/* Escapes reason for display. Returns false. */
static bool parse_error(parse_reason reason)
{
	char *safe = safe_text(reason);

	snprintf(reason, REASON_MAX, "%s", safe);
	free(safe);
	return false;
}

bool parse_range(const char *word, struct range *range, parse_reason reason)
{
	return portres_words_range(word, &range->first, &range->count, reason) ||
	       parse_error(reason);
}

static void args_set(const struct portres_words *words, struct block_args *args)
{
	*args = (struct block_args){
		.protocol = words->protocol,
		.range = { words->first, words->count },
		.name = words->name,
		.to = { words->other_first, words->other_count },
		.adopt = words->adopt,
		.nobody = words->nobody,
	};
}

static bool find_user(const char *word, uid_t *user, parse_reason reason)
{
	const struct passwd *entry;
	portres_quoted quoted;

	if (portres_words_number(word, user))
		return true;
	entry = getpwnam(word);
	if (!entry) {
		snprintf(reason, REASON_MAX,
			 "unknown user \"%s\": expected a name or a number",
			 portres_words_quote(quoted, word));
		return parse_error(reason);
	}
	*user = entry->pw_uid;
	return true;
}

bool parse_block(int argc, char **argv, struct block_args *args, parse_reason reason)
{
	struct portres_words words;

	if (!portres_words_block(argc, argv, &words, reason))
		return parse_error(reason);
	args_set(&words, args);
	return true;
}

static bool set_grantees(const struct portres_words *words, struct block_args *args,
			 parse_reason reason)
{
	for (; args->grantee_count < words->grants_count; args->grantee_count++) {
		const struct portres_words_grant *grant = &words->grants[args->grantee_count];
		struct grantee *grantee = &args->grantees[args->grantee_count];

		grantee->kind = grant->kind;
		grantee->text = grant->text;
		grantee->has_user = grant->user;
		if (grant->user && !find_user(grant->user, &grantee->user, reason))
			return false;
	}
	return true;
}

static bool parse_args(int argc, char **argv, enum portres_grammar grammar,
		       struct block_args *args, parse_reason reason)
{
	struct portres_words words;

	if (!portres_words_parse(argc, argv, grammar, &words, reason))
		return parse_error(reason);
	args_set(&words, args);
	return set_grantees(&words, args, reason);
}

bool parse_block_args(int argc, char **argv, struct block_args *args, parse_reason reason)
{
	return parse_args(argc, argv, PORTRES_GRAMMAR_DECLARE, args, reason);
}

bool parse_change_args(int argc, char **argv, struct block_args *args, parse_reason reason)
{
	return parse_args(argc, argv, PORTRES_GRAMMAR_SET, args, reason);
}

int parse_grantee(int argc, char **argv, struct block_args *args, parse_reason reason)
{
	struct portres_words words = { 0 };
	unsigned int before = args->grantee_count;
	int used = portres_words_parse_grant(argc, argv, PORTRES_GRAMMAR_DECLARE, &words, reason);

	if (used && before == PORTRES_GRANTS_MAX) {
		snprintf(reason, REASON_MAX, "too many grantees: at most %d", PORTRES_GRANTS_MAX);
		return 0;
	}
	if (!used) {
		parse_error(reason);
		return 0;
	}
	words.grants[before] = words.grants[0];
	words.grants_count = before + 1;
	return set_grantees(&words, args, reason) ? used : 0;
}
