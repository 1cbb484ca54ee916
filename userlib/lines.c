// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lines of text, from and to words: quotes, backslashes and comments. */
#include <linux/portres.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool mark(char c)
{
	return c > 0x20 && c < 0x7f && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
	       !(c >= 'A' && c <= 'Z');
}

static bool fault(portres_why why, const char *text)
{
	snprintf(why, PORTRES_WHY_MAX, "%s", text);
	return false;
}

/* What stands behind a backslash; *from is moved behind it. */
static bool take_escape(char **from, char *to, portres_why why)
{
	char *at = *from;

	if (*at == ' ' || mark(*at)) {
		*to = *at;
		*from = at + 1;
		return true;
	}
	if (*at == 'x' && hex(at[1]) >= 0 && hex(at[2]) >= 0) {
		*to = (char)(hex(at[1]) << 4 | hex(at[2]));
		*from = at + 3;
		if (!*to)
			return fault(why, "\"\\x00\" is no byte of a word");
		return true;
	}
	return fault(why, "a backslash stands before a mark, a space, or x and two hexadecimal "
		     "digits");
}

/* Takes the word at *from apart in place and moves *from behind it. */
static bool take_word(char **from, portres_why why)
{
	char *at = *from;
	char *to = *from;
	bool quoted = *at == '"';

	at += quoted;
	while (*at && (quoted ? *at != '"' : !blank(*at))) {
		if (!quoted && (*at == '"' || *at == '\''))
			return fault(why, *at == '"' ? "a quote stands inside a word: expected it "
				     "around the whole" : "' is no quote: expected \" around the word");
		if (*at != '\\')
			*to++ = *at++;
		else if (at++, !take_escape(&at, to++, why))
			return false;
	}
	if (quoted) {
		if (!*at)
			return fault(why, "a quote is not closed");
		at++;
		if (*at && !blank(*at))
			return fault(why, "a closing quote is followed by a letter: expected a "
				     "space");
	}
	*from = *at ? at + 1 : at;
	*to = '\0';
	return true;
}

int portres_words_split(char *line, char *argv[PORTRES_WORDS_MAX], portres_why why)
{
	int argc = 0;

	while (argc < PORTRES_WORDS_MAX) {
		while (blank(*line))
			line++;
		if (!*line || *line == '#')
			break;
		argv[argc++] = line;
		if (!take_word(&line, why))
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

void portres_words_format(char line[PORTRES_LINE_MAX], const struct portres_words *words)
{
	char *to = line;

	to += sprintf(to, "udp %u", words->first);
	if (words->count > 1)
		to += sprintf(to, "-%u", words->first + words->count - 1U);
	if (words->user)
		to += sprintf(to, " user %.20s", words->user);
	if (words->name) {
		to += sprintf(to, " name \"");
		to = put_escaped(to, words->name);
		*to++ = '"';
	}
	*to = '\0';
}

static int take_line(unsigned int number, char *line, size_t len, portres_line_fn *take,
		     void *arg)
{
	char *argv[PORTRES_WORDS_MAX];
	struct portres_words words;
	portres_why why = "";
	int argc = -1;

	if (memchr(line, '\0', len))
		fault(why, "there is a zero byte in the line");
	else
		argc = portres_words_split(line, argv, why);
	if (!argc)
		return 0;
	if (argc < 0 || !portres_words_parse(argc, argv, &words, why))
		return take(number, NULL, why, arg);
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
		stop = take_line(number, text, (size_t)(next - text), take, arg);
		text = next + 1;
	}
	return stop;
}
