// SPDX-License-Identifier: LGPL-2.1-or-later
/* Splits lines into words, and formats them: quotes, backslashes and comments. */
#include <ctype.h>
#include <linux/portres.h>
#include <stdio.h>
#include <string.h>

#include "kernel/protocol.h"
#include "words.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool is_punctuation(char c)
{
	return c > 0x20 && c < 0x7f && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
	       !(c >= 'A' && c <= 'Z');
}

static bool lines_error(portres_reason reason, const char *text)
{
	snprintf(reason, PORTRES_REASON_MAX, "%s", text);
	return false;
}

/* Parses what follows a backslash and advances *from. */
static bool parse_escape(char **from, char *to, portres_reason reason)
{
	char *at = *from;

	if (*at == ' ' || is_punctuation(*at)) {
		*to = *at;
		*from = at + 1;
		return true;
	}
	if (*at == 'x' && hex_value(at[1]) >= 0 && hex_value(at[2]) >= 0) {
		*to = (char)(hex_value(at[1]) << 4 | hex_value(at[2]));
		*from = at + 3;
		if (!*to)
			return lines_error(reason, "\"\\x00\" is not allowed in a word");
		return true;
	}
	return lines_error(reason,
			   "invalid escape: expected a mark, a space, or x and two hexadecimal "
			   "digits after the backslash");
}

/* Unquotes the word at *from in place and advances *from. */
static bool parse_word(char **from, portres_reason reason)
{
	char *at = *from;
	char *to = *from;
	bool quoted = *at == '"';

	at += quoted;
	while (*at && (quoted ? *at != '"' : !is_blank(*at))) {
		if (!quoted && (*at == '"' || *at == '\''))
			return lines_error(reason, *at == '"' ?
					   "a quote inside a word: expected quotes around the "
					   "whole word" :
					   "' does not quote: expected \" around the word");
		if (*at != '\\')
			*to++ = *at++;
		else if (at++, !parse_escape(&at, to++, reason))
			return false;
	}
	if (quoted) {
		if (!*at)
			return lines_error(reason, "missing closing quote");
		at++;
		if (*at && !is_blank(*at))
			return lines_error(reason,
					   "a letter follows a closing quote: expected a space");
	}
	*from = *at ? at + 1 : at;
	*to = '\0';
	return true;
}

int portres_words_split(char *line, char *argv[PORTRES_WORDS_MAX], portres_reason reason)
{
	int argc = 0;

	while (argc < PORTRES_WORDS_MAX) {
		while (is_blank(*line))
			line++;
		if (!*line || *line == '#')
			break;
		argv[argc++] = line;
		if (!parse_word(&line, reason))
			return -1;
	}
	return argc;
}

static char *put_escaped(char *to, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
			to += sprintf(to, "\\x%02x", c);
		else if (c == '"' || c == '\\')
			to += sprintf(to, "\\%c", c);
		else
			*to++ = (char)c;
	}
	return to;
}

/* Quoted where it has to be. */
static char *put_word(char *to, const char *text)
{
	static const char marks[] = "-_.:@/";
	const char *at = text;

	while (isalnum((unsigned char)*at) || (*at && strchr(marks, *at)))
		at++;
	if (*text && !*at)
		return stpcpy(to, text);
	*to++ = '"';
	to = put_escaped(to, text);
	*to++ = '"';
	return to;
}

static char *put_grant(char *to, const struct portres_words_grant *grant)
{
	switch (grant->kind) {
	case PORTRES_GRANT_USER:
		return to + sprintf(to, " for user %.20s", grant->user);
	case PORTRES_GRANT_UNIT:
		to = put_word(stpcpy(to, " for unit "), grant->text);
		return grant->user ? to + sprintf(to, " of %.20s", grant->user) : to;
	case PORTRES_GRANT_CGROUP:
		return put_word(stpcpy(to, " for cgroup "), grant->text);
	case PORTRES_GRANT_KERNEL:
		break;
	}
	return stpcpy(to, " for kernel");
}

void portres_words_format(char line[PORTRES_LINE_MAX], const struct portres_words *words)
{
	char *to = line;
	unsigned int i;

	to += sprintf(to, "%s %u", portres_protocol_word(words->protocol), words->first);
	if (words->count > 1)
		to += sprintf(to, "-%u", words->first + words->count - 1U);
	for (i = 0; i < words->grants_count; i++)
		to = put_grant(to, &words->grants[i]);
	if (words->name) {
		to += sprintf(to, " name \"");
		to = put_escaped(to, words->name);
		*to++ = '"';
	}
	if (words->adopt)
		to = stpcpy(to, " adopt");
	if (words->other_count)
		to += sprintf(to, " was %u-%u", words->other_first,
			      words->other_first + words->other_count - 1U);
	*to = '\0';
}

static int parse_line(unsigned int number, char *line, size_t len, portres_line_fn *take,
		      void *arg)
{
	char *argv[PORTRES_WORDS_MAX];
	struct portres_words words;
	portres_reason reason = "";
	int argc = -1;

	if (memchr(line, '\0', len))
		lines_error(reason, "zero byte in the line");
	else
		argc = portres_words_split(line, argv, reason);
	if (!argc)
		return 0;
	if (argc < 0 || !portres_words_parse(argc, argv, PORTRES_GRAMMAR_STORE, &words, reason))
		return take(number, NULL, reason, arg);
	return take(number, &words, NULL, arg);
}

int portres_words_each_line(char *text, size_t len, portres_line_fn *take, void *arg)
{
	char *end = text + len;
	unsigned int number;
	int stop = 0;

	for (number = 1; text < end && !stop; number++) {
		char *next = memchr(text, '\n', (size_t)(end - text));

		if (!next)
			next = end;
		*next = '\0';
		stop = parse_line(number, text, (size_t)(next - text), take, arg);
		text = next + 1;
	}
	return stop;
}
