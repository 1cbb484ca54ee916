// SPDX-License-Identifier: LGPL-2.1-or-later
/* Parses the words of a reservation. The command is linked with this file as well. */
#include <linux/portres.h>
#include <stdio.h>
#include <string.h>

#include "kernel/protocol.h"
#include "words.h"

size_t portres_words_decode(const char *at, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *bytes = (const unsigned char *)at;
	uint32_t value = bytes[0];
	size_t len;
	size_t i;

	if (value < 0x80)
		len = 1;
	else if (value >= 0xc2 && value < 0xe0)
		len = 2;
	else if (value >= 0xe0 && value < 0xf0)
		len = 3;
	else if (value >= 0xf0 && value < 0xf5)
		len = 4;
	else
		return 0;
	if (len > 1)
		value &= 0x7fU >> len;
	for (i = 1; i < len; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (bytes[i] & 0x3fU);
	}
	if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*character = value;
	return len;
}

bool portres_words_is_control(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

const char *portres_words_quote(portres_quoted quoted, const char *word)
{
	size_t len = strnlen(word, PORTRES_QUOTED_MAX + 1);
	bool cut = len > PORTRES_QUOTED_MAX;

	if (cut) {
		/* Go back to the first byte of the character that would be split. */
		for (len = PORTRES_QUOTED_MAX; len > PORTRES_QUOTED_MAX - 3; len--)
			if (((unsigned char)word[len] & 0xc0) != 0x80)
				break;
	}
	snprintf(quoted, sizeof(portres_quoted), "%.*s%s", (int)len, word, cut ? "..." : "");
	return quoted;
}

bool portres_words_fail(portres_reason reason, const char *format, const char *word)
{
	portres_quoted quoted;

	snprintf(reason, PORTRES_REASON_MAX, format, portres_words_quote(quoted, word));
	return false;
}

/* Parses a number from all characters before end, up to most. */
static bool parse_number(const char *at, const char *end, uint32_t most, uint32_t *number)
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

bool portres_words_range(const char *word, uint16_t *first, uint16_t *count, portres_reason reason)
{
	const char *end = word + strlen(word);
	const char *sign = strpbrk(word, "-+");
	uint32_t from = 0;
	uint32_t last = 0;

	if (!parse_number(word, sign ? sign : end, UINT16_MAX, &from) ||
	    (sign && !parse_number(sign + 1, end, UINT16_MAX, &last)))
		return portres_words_fail(reason, "\"%s\" is not a range of ports: expected PORT, "
					  "FIRST-LAST or FIRST+COUNT with numbers up to 65535",
					  word);
	if (!from)
		return portres_words_fail(reason, "\"%s\" begins at port 0: the first port is 1",
					  word);
	if (!sign)
		last = from;
	else if (*sign == '+' && !last)
		return portres_words_fail(reason, "\"%s\" has no ports: a count is at least 1",
					  word);
	else if (*sign == '+')
		last = from + last - 1;
	if (last < from)
		return portres_words_fail(reason,
					  "\"%s\" ends before it begins: expected FIRST-LAST",
					  word);
	if (last > UINT16_MAX)
		return portres_words_fail(reason, "\"%s\" reaches beyond port 65535, the last one",
					  word);
	*first = (uint16_t)from;
	*count = (uint16_t)(last - from + 1);
	return true;
}

bool portres_words_number(const char *word, uint32_t *number)
{
	/* (uid_t)-1 means "no user". */
	return parse_number(word, word + strlen(word), UINT32_MAX - 1U, number);
}

bool portres_words_check_text(const char *what, const char *word, portres_reason reason)
{
	portres_quoted quoted;
	uint32_t character;
	const char *at;
	size_t len;

	portres_words_quote(quoted, word);
	for (at = word; *at; at += len) {
		len = portres_words_decode(at, &character);
		if (len && !portres_words_is_control(character))
			continue;
		snprintf(reason, PORTRES_REASON_MAX, len ? "the %s \"%s\" has a control character" :
			 "the %s \"%s\" is not valid UTF-8", what, quoted);
		return false;
	}
	return true;
}

static bool parse_name(const char *word, const char **name, portres_reason reason)
{
	if (!*word)
		return portres_words_fail(reason, "the name is empty%s: expected 1 to 63 bytes",
					  "");
	if (strlen(word) > PORTRES_NAME_MAX)
		return portres_words_fail(reason,
					  "the name \"%s\" is too long: expected 1 to 63 bytes",
					  word);
	*name = word;
	return portres_words_check_text("name", word, reason);
}

bool portres_words_block(int argc, char *const *argv, struct portres_words *words,
			 portres_reason reason)
{
	memset(words, 0, sizeof(*words));
	if (argc < 1)
		return portres_words_fail(reason, "missing protocol: expected %s, and a range of "
					  "ports", "udp, tcp or both");
	if (!portres_protocol_find(argv[0], (unsigned int)strlen(argv[0]), &words->protocol))
		return portres_words_fail(reason, "unknown protocol \"%s\": expected udp, tcp or "
					  "both", argv[0]);
	if (argc < 2)
		return portres_words_fail(reason, "missing range of ports after \"%s\"", argv[0]);
	if (!portres_words_range(argv[1], &words->first, &words->count, reason))
		return false;
	if (argc > 2)
		return portres_words_fail(reason, "unexpected word \"%s\" after the range of "
					   "ports", argv[2]);
	return true;
}

/* For a keyword that may occur once. value: the word after it, NULL if there is none. */
static bool check_keyword(const char *keyword, bool again, const char *value,
			  portres_reason reason)
{
	if (again)
		return portres_words_fail(reason, "duplicate keyword \"%s\": use it once",
					   keyword);
	if (!value)
		return portres_words_fail(reason, "missing value after \"%s\"", keyword);
	return true;
}

/* Parses a keyword with its value. Returns how many words that are; 0 on an error. */
static int parse_keyword(int argc, char *const *argv, enum portres_grammar grammar,
			 struct portres_words *words, portres_reason reason)
{
	static const char *const expected[] = {
		"unknown keyword \"%s\": expected name, for, user or adopt",
		"unknown keyword \"%s\": expected name, range, for or user",
		"unknown keyword \"%s\": expected name, for, user, adopt or was",
	};
	static const char *const other[] = { NULL, "range", "was" };
	const char *keyword = argv[0];
	const char *value = argc > 1 ? argv[1] : NULL;
	int used;

	if (strcmp(keyword, "name") == 0)
		return check_keyword(keyword, words->name, value, reason) &&
		       parse_name(value, &words->name, reason) ? 2 : 0;
	if (other[grammar] && strcmp(keyword, other[grammar]) == 0)
		return check_keyword(keyword, words->other_count, value, reason) &&
		       portres_words_range(value, &words->other_first, &words->other_count,
					   reason) ? 2 : 0;
	if (strcmp(keyword, "adopt") == 0 && grammar != PORTRES_GRAMMAR_SET) {
		used = check_keyword(keyword, words->adopt, keyword, reason);
		words->adopt = true;
		return used;
	}
	if (strcmp(keyword, "user") == 0) {
		if (!check_keyword(keyword, words->user_word, value, reason))
			return 0;
		words->user_word = true;
		return portres_words_parse_grant(argc, argv, grammar, words, reason);
	}
	if (strcmp(keyword, "for") != 0)
		return portres_words_fail(reason, expected[grammar], keyword);
	used = portres_words_parse_grant(argc - 1, argv + 1, grammar, words, reason);
	return used ? used + 1 : 0;
}

bool portres_words_parse(int argc, char *const *argv, enum portres_grammar grammar,
			 struct portres_words *words, portres_reason reason)
{
	int used;
	int i;

	if (!portres_words_block(argc < 2 ? argc : 2, argv, words, reason))
		return false;
	for (i = 2; i < argc; i += used) {
		used = parse_keyword(argc - i, argv + i, grammar, words, reason);
		if (!used)
			return false;
	}
	return true;
}
