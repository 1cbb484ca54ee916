// SPDX-License-Identifier: GPL-2.0-only
/* The grammar of a reservation in words. Prints nothing and does nothing. */
#include <ctype.h>
#include <netinet/in.h>
#include <portres/portres.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "text.h"

/* Writes why, the word made safe for format's only %s. Returns false. */
static bool fault(parse_why why, const char *format, const char *word)
	__attribute__((format(printf, 2, 0)));

static bool fault(parse_why why, const char *format, const char *word)
{
	char *safe = safe_text(word);

	snprintf(why, WHY_MAX, format, safe);
	free(safe);
	return false;
}

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

/* Reads digits, all up to end, as a number up to most. */
static bool read_number(const char *at, const char *end, unsigned long most,
			unsigned long *number)
{
	unsigned long value = 0;

	if (at == end)
		return false;
	for (; at < end; at++) {
		if (!isdigit((unsigned char)*at))
			return false;
		value = value * 10 + (unsigned long)(*at - '0');
		if (value > most)
			return false;
	}
	*number = value;
	return true;
}

bool parse_range(const char *word, struct range *range, parse_why why)
{
	const char *end = word + strlen(word);
	const char *sign = strpbrk(word, "-+");
	unsigned long first = 0;
	unsigned long last = 0;

	if (!read_number(word, sign ? sign : end, UINT16_MAX, &first) ||
	    (sign && !read_number(sign + 1, end, UINT16_MAX, &last)))
		return fault(why, "\"%s\" is not a range of ports: expected PORT, FIRST-LAST "
			     "or FIRST+COUNT with numbers up to 65535", word);
	if (!first)
		return fault(why, "\"%s\" begins at port 0: the first port is 1", word);
	if (!sign)
		last = first;
	else if (*sign == '+' && !last)
		return fault(why, "\"%s\" has no ports: a count is at least 1", word);
	else if (*sign == '+')
		last = first + last - 1;
	if (last < first)
		return fault(why, "\"%s\" ends before it begins: expected FIRST-LAST", word);
	if (last > UINT16_MAX)
		return fault(why, "\"%s\" reaches beyond port 65535, the last one", word);
	range->first = (uint16_t)first;
	range->count = (uint16_t)(last - first + 1);
	return true;
}

bool parse_protocol(const char *word, uint8_t *protocol, parse_why why)
{
	if (strcmp(word, "udp") != 0)
		return fault(why, "\"%s\" is not a protocol that can be reserved: expected "
			     "udp", word);
	*protocol = IPPROTO_UDP;
	return true;
}

bool parse_user(const char *word, uid_t *user, parse_why why)
{
	const struct passwd *entry = getpwnam(word);
	unsigned long number;

	if (entry) {
		*user = entry->pw_uid;
		return true;
	}
	/* The last number stands for "no user". */
	if (!read_number(word, word + strlen(word), UINT32_MAX - 1UL, &number))
		return fault(why, "\"%s\" is not a user here: expected the name of one or a "
			     "number", word);
	*user = (uid_t)number;
	return true;
}

static bool parse_name(const char *word, const char **name, parse_why why)
{
	if (!*word)
		return fault(why, "the name is empty%s: expected 1 to 63 bytes", "");
	if (strlen(word) > PORTRES_NAME_MAX)
		return fault(why, "the name \"%s\" is too long: expected 1 to 63 bytes", word);
	*name = word;
	return true;
}

bool parse_block(int argc, char **argv, struct wish *wish, parse_why why)
{
	memset(wish, 0, sizeof(*wish));
	if (argc < 1)
		return fault(why, "a protocol is missing: expected %s and a range of ports",
			     "udp");
	if (!parse_protocol(argv[0], &wish->protocol, why))
		return false;
	if (argc < 2)
		return fault(why, "a range of ports is missing after \"%s\"", argv[0]);
	if (!parse_range(argv[1], &wish->range, why))
		return false;
	if (argc > 2)
		return fault(why, "\"%s\" is one word too many", argv[2]);
	return true;
}

static bool parse_keyword(const char *keyword, const char *value, struct wish *wish,
			  parse_why why)
{
	bool name = strcmp(keyword, "name") == 0;
	bool user = strcmp(keyword, "user") == 0;

	if (!name && !user)
		return fault(why, "\"%s\" is not known here: expected name or user", keyword);
	if ((name && wish->name) || (user && wish->has_owner))
		return fault(why, "\"%s\" is there twice", keyword);
	if (!value)
		return fault(why, "\"%s\" is the last word: expected a value after it",
			     keyword);
	if (name)
		return parse_name(value, &wish->name, why);
	wish->has_owner = true;
	return parse_user(value, &wish->owner, why);
}

bool parse_wish(int argc, char **argv, struct wish *wish, parse_why why)
{
	int i;

	if (!parse_block(argc < 2 ? argc : 2, argv, wish, why))
		return false;
	for (i = 2; i < argc; i += 2)
		if (!parse_keyword(argv[i], i + 1 < argc ? argv[i + 1] : NULL, wish, why))
			return false;
	return true;
}
