// SPDX-License-Identifier: LGPL-2.1-or-later
/* Parses the words after "for". Also linked into the command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/unitname.h"
#include "words.h"

struct grantee {
	const char *word;
	enum portres_grant_kind kind;
	bool has_value;
};

static const struct grantee grantees[] = {
	{ "user", PORTRES_GRANT_USER, true },
	{ "unit", PORTRES_GRANT_UNIT, true },
	{ "cgroup", PORTRES_GRANT_CGROUP, true },
	{ "kernel", PORTRES_GRANT_KERNEL, false },
};

static const struct grantee *find_grantee(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(grantees) / sizeof(grantees[0]); i++)
		if (strcmp(word, grantees[i].word) == 0)
			return &grantees[i];
	return NULL;
}

static bool check_unit(const char *word, portres_reason reason)
{
	portres_unit_name name;
	portres_quoted quoted;
	const char *why = portres_unit_mangle(word, name);

	if (why)
		snprintf(reason, PORTRES_REASON_MAX, "invalid unit \"%s\": %s",
			 portres_words_quote(quoted, word), why);
	return !why;
}

static bool check_cgroup(const char *word, portres_reason reason)
{
	char *path;

	if (!portres_words_check_text("cgroup", word, reason))
		return false;
	path = portres_cgroup_normalize(word);

	if (!path)
		return portres_words_fail(reason, "invalid cgroup \"%s\": expected an absolute "
					   "path below the mount point of cgroup2, without \"..\"",
					   word);
	free(path);
	return true;
}

/* Bytes that the text of a grant takes, as the kernel counts them. */
static size_t grant_length(const struct portres_words_grant *grant)
{
	portres_unit_name name;

	if (grant->kind == PORTRES_GRANT_UNIT && !portres_unit_mangle(grant->text, name))
		return strlen(name) + 1;
	return grant->text ? strlen(grant->text) + 1 : 0;
}

static bool add_grant(struct portres_words *words, const struct portres_words_grant *grant,
		      portres_reason reason)
{
	size_t len = grant_length(grant);
	unsigned int i;

	for (i = 0; i < words->grants_count; i++)
		len += grant_length(&words->grants[i]);
	if (words->grants_count == PORTRES_GRANTS_MAX)
		return portres_words_fail(reason, "too many grants%s: at most 16", "");
	if (len > PORTRES_GRANTS_TEXT_MAX)
		return portres_words_fail(reason, "the units and cgroups are too long%s: at most "
					   "2048 bytes together", "");
	words->grants[words->grants_count++] = *grant;
	return true;
}

static bool check_value(const struct portres_words_grant *grant, portres_reason reason)
{
	if (grant->user && !*grant->user)
		return portres_words_fail(reason,
					   "the user is empty%s: expected a name or a number", "");
	if (grant->kind == PORTRES_GRANT_UNIT)
		return check_unit(grant->text, reason);
	return grant->kind != PORTRES_GRANT_CGROUP || check_cgroup(grant->text, reason);
}

/* Reads the value of a grantee. Returns the number of words, with the kind; 0 on an error. */
static int read_value(int argc, char *const *argv, const struct grantee *grantee,
		      struct portres_words_grant *grant, portres_reason reason)
{
	*grant = (struct portres_words_grant){ .kind = grantee->kind };
	if (!grantee->has_value)
		return 1;
	if (argc < 2)
		return portres_words_fail(reason, "missing value after \"%s\"", argv[0]);
	if (grantee->kind == PORTRES_GRANT_USER)
		grant->user = argv[1];
	else
		grant->text = argv[1];
	if (grantee->kind != PORTRES_GRANT_UNIT || argc < 3 || strcmp(argv[2], "of") != 0)
		return 2;
	if (argc < 4)
		return portres_words_fail(reason, "missing value after \"%s\"", argv[2]);
	grant->user = argv[3];
	return 4;
}

int portres_words_parse_grant(int argc, char *const *argv, enum portres_grammar grammar,
			      struct portres_words *words, portres_reason reason)
{
	const struct grantee *grantee = argc > 0 ? find_grantee(argv[0]) : NULL;
	bool nobody = argc > 0 && grammar == PORTRES_GRAMMAR_SET && !strcmp(argv[0], "nobody");
	struct portres_words_grant grant;
	int used = 1;

	if (argc < 1)
		return portres_words_fail(reason, "missing grantee after \"for\"%s: expected "
					  "user, unit, cgroup or kernel", "");
	if (!grantee && !nobody)
		return portres_words_fail(reason, "unknown grantee \"%s\": expected user, unit, "
					   "cgroup or kernel", argv[0]);
	if (words->nobody || (nobody && words->grants_count))
		return portres_words_fail(reason, "\"for %s\" stands beside another \"for\": "
					   "use it alone", "nobody");
	if (nobody) {
		words->nobody = true;
		return 1;
	}
	used = read_value(argc, argv, grantee, &grant, reason);
	return used && check_value(&grant, reason) && add_grant(words, &grant, reason) ? used : 0;
}
