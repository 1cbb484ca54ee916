// SPDX-License-Identifier: GPL-2.0-only
/* Reservations in lines of text: what is understood, what is refused, and the way back. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "words.h"

#define LONG63 "123456789012345678901234567890123456789012345678901234567890123"

/* What became of a text, in memory of exactly its size. */
struct told {
	char text[1024];
};

static int tell(unsigned int line, const struct portres_words *words, const char *why, void *arg)
{
	struct told *told = arg;
	size_t len = strlen(told->text);
	char *to = told->text + len;
	size_t room = sizeof(told->text) - len;

	if (!words)
		snprintf(to, room, "%u: %s|", line, why);
	else
		snprintf(to, room, "%u: %u+%u%s%s%s%s|", line, words->first, words->count,
			 words->user ? " user " : "", words->user ? words->user : "",
			 words->name ? " name " : "", words->name ? words->name : "");
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

static void test_lines(void)
{
	static const struct {
		const char *text;
		const char *told;
	} rows[] = {
		{ "", "" },
		{ "\n\n", "" },
		{ "# nothing\n   # nothing\n\t\r\n", "" },
		{ "udp 5000", "1: 5000+1|" },
		{ "udp 5000\n", "1: 5000+1|" },
		{ "udp 5000\r\n", "1: 5000+1|" },
		{ "\n  udp\t5000-5009  \n", "2: 5000+10|" },
		{ "udp 5000+10 name x user y", "1: 5000+10 user y name x|" },
		{ "udp 5000 user 110 name \"Asterisk RTP\"", "1: 5000+1 user 110 name Asterisk RTP|" },
		{ "udp 5000 # asterisk", "1: 5000+1|" },
		{ "udp 5000#x", "1: \"5000#x\" is not a range of ports: expected PORT, FIRST-LAST or "
		  "FIRST+COUNT with numbers up to 65535|" },
		{ "udp 5000 name a#b", "1: 5000+1 name a#b|" },
		{ "udp 5000 name \"# no comment\"", "1: 5000+1 name # no comment|" },
		{ "udp 5000 name \\#1", "1: 5000+1 name #1|" },
		{ "udp 5000 name \"a\\\"b\\\\c\"", "1: 5000+1 name a\"b\\c|" },
		{ "udp 5000 name a\\\\b", "1: 5000+1 name a\\b|" },
		{ "udp 5000 name a\\ b", "1: 5000+1 name a b|" },
		{ "udp 5000 name a\\x41\\xfF", "1: 5000+1 name aA\xff|" },
		{ "udp 5000 name \"it's\"", "1: 5000+1 name it's|" },
		{ "\"udp\" \"5000\" \"name\" \"x\"", "1: 5000+1 name x|" },
		{ "udp 1\nnonsense\nudp 2", "1: 1+1|2: \"nonsense\" is not a protocol that can be "
		  "reserved: expected udp|3: 2+1|" },
		{ "udp", "1: a range of ports is missing after \"udp\"|" },
		{ "udp 5000 name", "1: \"name\" is the last word: expected a value after it|" },
		{ "udp 5000 name \"\"", "1: the name is empty: expected 1 to 63 bytes|" },
		{ "udp 5000 user \"\"", "1: the user is empty: expected the name of one or a number|" },
		{ "udp 5000 name " LONG63, "1: 5000+1 name " LONG63 "|" },
		{ "udp 5000 name " LONG63 "4", "1: the name \"" LONG63 "4\" is too long: expected 1 to "
		  "63 bytes|" },
		{ "udp 5000 name \"x", "1: a quote is not closed|" },
		{ "udp 5000 name \"x\\", "1: a backslash stands before a mark, a space, or x and two "
		  "hexadecimal digits|" },
		{ "udp 5000 name \"x\\\"", "1: a quote is not closed|" },
		{ "udp 5000 name \\n", "1: a backslash stands before a mark, a space, or x and two "
		  "hexadecimal digits|" },
		{ "udp 5000 name \\x4", "1: a backslash stands before a mark, a space, or x and two "
		  "hexadecimal digits|" },
		{ "udp 5000 name \\x00", "1: \"\\x00\" is no byte of a word|" },
		{ "udp 5000 name \\x09", "1: the name \"\t\" has a control character|" },
		{ "udp 5000 name \"a\tb\"", "1: the name \"a\tb\" has a control character|" },
		{ "udp 5000 name \"a\"b", "1: a closing quote is followed by a letter: expected a "
		  "space|" },
		{ "udp 5000 name a\"b\"", "1: a quote stands inside a word: expected it around the "
		  "whole|" },
		{ "udp 5000 name 'a b'", "1: ' is no quote: expected \" around the word|" },
		{ "udp 5000 name a name b", "1: \"name\" is there twice|" },
		{ "udp 5000 user a user b", "1: \"user\" is there twice|" },
		{ "udp 5000 name a user b more", "1: \"more\" is not known here: expected name or "
		  "user|" },
		{ "udp 5000 name a user b name c d e f g h", "1: \"name\" is there twice|" },
		{ "udp 0", "1: \"0\" begins at port 0: the first port is 1|" },
		{ "tcp 5000", "1: \"tcp\" is not a protocol that can be reserved: expected udp|" },
		{ "\xef\xbb\xbfudp 5000", "1: \"\xef\xbb\xbfudp\" is not a protocol that can be "
		  "reserved: expected udp|" },
	};
	struct told told;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse(rows[i].text, strlen(rows[i].text), &told);
		if (!tap_ok(!strcmp(told.text, rows[i].told), "row %zu: %s", i, rows[i].told))
			tap_diag("%s", told.text);
	}
	parse("udp 1\nudp\0 2\nudp 3", 18, &told);
	tap_ok(!strcmp(told.text, "1: 1+1|2: there is a zero byte in the line|3: 3+1|"),
	       "a zero byte spoils its line only");
	parse("udp 1\n\0", 7, &told);
	tap_ok(!strcmp(told.text, "1: 1+1|2: there is a zero byte in the line|"),
	       "a zero byte is a line");
}

static int stop(unsigned int line, const struct portres_words *words, const char *why, void *arg)
{
	(void)words;
	(void)why;
	*(unsigned int *)arg = line;
	return 42;
}

static void test_end(void)
{
	char text[] = "udp 1\nudp 2\n";
	unsigned int line = 0;

	tap_num(portres_words_each_line(text, strlen(text), stop, &line), 42, "a taker ends it");
	tap_num(line, 1, "at once");
}

/* Any name comes back as it was, and stays on its line. */
static void test_round_trip(void)
{
	char name[64];
	int failed = 0;
	int c;

	for (c = 0x20; c < 0x100; c++) {
		struct portres_words words = { .first = 65000, .count = 536, .name = name,
					       .user = "4294967294" };
		char line[PORTRES_LINE_MAX];
		struct told told;
		char wanted[128];

		if (c == 0x7f)
			continue;
		memset(name, c, sizeof(name) - 1);
		name[sizeof(name) - 1] = '\0';
		portres_words_format(line, &words);
		snprintf(wanted, sizeof(wanted), "1: 65000+536 user 4294967294 name %s|", name);
		parse(line, strlen(line), &told);
		if (strcmp(told.text, wanted)) {
			failed++;
			tap_diag("%s", line);
		}
	}
	tap_num(failed, 0, "names of every byte come back");
}

static void test_format(void)
{
	struct portres_words words = { .first = 5000, .count = 1 };
	char line[PORTRES_LINE_MAX];

	portres_words_format(line, &words);
	tap_ok(!strcmp(line, "udp 5000"), "one port");
	words.count = 10;
	words.user = "110";
	words.name = "a \"b\" \\ \x01\n#";
	portres_words_format(line, &words);
	if (!tap_ok(!strcmp(line, "udp 5000-5009 user 110 name \"a \\\"b\\\" \\\\ \\x01\\x0a#\""),
		    "what has to be escaped"))
		tap_diag("%s", line);
}

static void test_numbers(void)
{
	uint32_t number = 7;

	tap_ok(portres_words_number("0", &number) && !number, "user 0");
	tap_ok(portres_words_number("4294967294", &number) && number == 4294967294U, "the last one");
	tap_ok(!portres_words_number("4294967295", &number), "no user has 4294967295");
	tap_ok(!portres_words_number("", &number), "nothing is no number");
	tap_ok(!portres_words_number("0x1", &number), "nor is a mixture");
}

int main(void)
{
	test_lines();
	test_end();
	test_round_trip();
	test_format();
	test_numbers();
	return tap_finish();
}
