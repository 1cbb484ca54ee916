// SPDX-License-Identifier: LGPL-2.1-or-later
/* Words of a reservation, from and to text. The command is built with this file as well. */
#include <linux/portres.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

/* Writes why; word is for format's only %s. Returns false. */
static bool fault(portres_why why, const char *format, const char *word)
	__attribute__((format(printf, 2, 0)));

static bool fault(portres_why why, const char *format, const char *word)
{
	snprintf(why, PORTRES_WHY_MAX, format, word);
	return false;
}

/* Reads digits, all up to end, as a number up to most. */
static bool read_number(const char *at, const char *end, uint32_t most, uint32_t *number)
{
	uint64_t value = 0;

	if (at == end)
		return false;
	for (; at < end; at++) {
		if (*at < '0' || *at > '9')
			return false;
		value = value * 10 + (uint64_t)(*at - '0');
		if (value > most)
			return false;
	}
	*number = (uint32_t)value;
	return true;
}

bool portres_words_range(const char *word, uint16_t *first, uint16_t *count, portres_why why)
{
	const char *end = word + strlen(word);
	const char *sign = strpbrk(word, "-+");
	uint32_t from = 0;
	uint32_t last = 0;

	if (!read_number(word, sign ? sign : end, UINT16_MAX, &from) ||
	    (sign && !read_number(sign + 1, end, UINT16_MAX, &last)))
		return fault(why, "\"%s\" is not a range of ports: expected PORT, FIRST-LAST "
			     "or FIRST+COUNT with numbers up to 65535", word);
	if (!from)
		return fault(why, "\"%s\" begins at port 0: the first port is 1", word);
	if (!sign)
		last = from;
	else if (*sign == '+' && !last)
		return fault(why, "\"%s\" has no ports: a count is at least 1", word);
	else if (*sign == '+')
		last = from + last - 1;
	if (last < from)
		return fault(why, "\"%s\" ends before it begins: expected FIRST-LAST", word);
	if (last > UINT16_MAX)
		return fault(why, "\"%s\" reaches beyond port 65535, the last one", word);
	*first = (uint16_t)from;
	*count = (uint16_t)(last - from + 1);
	return true;
}

bool portres_words_number(const char *word, uint32_t *number)
{
	/* The last number stands for "no user". */
	return read_number(word, word + strlen(word), UINT32_MAX - 1U, number);
}

static bool control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool parse_name(const char *word, const char **name, portres_why why)
{
	const char *c;

	if (!*word)
		return fault(why, "the name is empty%s: expected 1 to 63 bytes", "");
	if (strlen(word) > PORTRES_NAME_MAX)
		return fault(why, "the name \"%s\" is too long: expected 1 to 63 bytes", word);
	for (c = word; *c; c++)
		if (control(*c))
			return fault(why, "the name \"%s\" has a control character", word);
	*name = word;
	return true;
}

static bool parse_user(const char *word, const char **user, portres_why why)
{
	if (!*word)
		return fault(why, "the user is empty%s: expected the name of one or a number", "");
	*user = word;
	return true;
}

bool portres_words_block(int argc, char *const *argv, struct portres_words *words,
			 portres_why why)
{
	memset(words, 0, sizeof(*words));
	if (argc < 1)
		return fault(why, "a protocol is missing: expected %s and a range of ports",
			     "udp");
	if (strcmp(argv[0], "udp") != 0)
		return fault(why, "\"%s\" is not a protocol that can be reserved: expected "
			     "udp", argv[0]);
	words->protocol = IPPROTO_UDP;
	if (argc < 2)
		return fault(why, "a range of ports is missing after \"%s\"", argv[0]);
	if (!portres_words_range(argv[1], &words->first, &words->count, why))
		return false;
	if (argc > 2)
		return fault(why, "\"%s\" is one word too many", argv[2]);
	return true;
}

static bool parse_keyword(const char *keyword, const char *value, struct portres_words *words,
			  portres_why why)
{
	bool name = strcmp(keyword, "name") == 0;
	bool user = strcmp(keyword, "user") == 0;

	if (!name && !user)
		return fault(why, "\"%s\" is not known here: expected name or user", keyword);
	if ((name && words->name) || (user && words->user))
		return fault(why, "\"%s\" is there twice", keyword);
	if (!value)
		return fault(why, "\"%s\" is the last word: expected a value after it",
			     keyword);
	if (name)
		return parse_name(value, &words->name, why);
	return parse_user(value, &words->user, why);
}

bool portres_words_parse(int argc, char *const *argv, struct portres_words *words,
			 portres_why why)
{
	int i;

	if (!portres_words_block(argc < 2 ? argc : 2, argv, words, why))
		return false;
	for (i = 2; i < argc; i += 2)
		if (!parse_keyword(argv[i], i + 1 < argc ? argv[i + 1] : NULL, words, why))
			return false;
	return true;
}
