// SPDX-License-Identifier: GPL-2.0-only
/* Reservations in lines of text: what is understood, what is refused, and the way back. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk/words.h"
#include "tap.h"
#include "told.h"

#define LONG63 "123456789012345678901234567890123456789012345678901234567890123"

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
		{ "\n  udp\t5000-5009\t\n", "2: 5000+10|" },
		{ "udp 5000+10 name x user y", "1: 5000+10 user y name x|" },
		{ "udp 5000 user 110 name \"Asterisk RTP\"",
		  "1: 5000+1 user 110 name Asterisk RTP|" },
		{ "udp 5000 # asterisk", "1: 5000+1|" },
		{ "udp 5000#x",
		  "1: \"5000#x\" is not a range of ports: expected PORT, FIRST-LAST or "
		  "FIRST+COUNT with numbers up to 65535|" },
		{ "udp 5000 name a#b", "1: 5000+1 name a#b|" },
		{ "udp 5000 name \"# no comment\"", "1: 5000+1 name # no comment|" },
		{ "udp 5000 name \\#1", "1: 5000+1 name #1|" },
		{ "udp 5000 name \"a\\\"b\\\\c\"", "1: 5000+1 name a\"b\\c|" },
		{ "udp 5000 name a\\\\b", "1: 5000+1 name a\\b|" },
		{ "udp 5000 name a\\ b", "1: 5000+1 name a b|" },
		{ "udp 5000 name a\\x41\\xc3\\xBc", "1: 5000+1 name aA\xc3\xbc|" },
		{ "udp 5000 name a\\xfF", "1: the name \"a\xff\" is not valid UTF-8|" },
		{ "udp 5000 name \xed\xa0\x80",
		  "1: the name \"\xed\xa0\x80\" is not valid UTF-8|" },
		{ "udp 5000 name \xc2\x9b", "1: the name \"\xc2\x9b\" has a control character|" },
		{ "udp 5000 name \xc2\xa0", "1: 5000+1 name \xc2\xa0|" },
		{ "udp 5000 name \x7f", "1: the name \"\x7f\" has a control character|" },
		{ "udp 5000 name \"it's\"", "1: 5000+1 name it's|" },
		{ "\"udp\" \"5000\" \"name\" \"x\"", "1: 5000+1 name x|" },
		{ "udp 1\nnonsense\nudp 2", "1: 1+1|2: unknown protocol \"nonsense\": "
		  "expected udp, tcp or both|3: 2+1|" },
		{ "udp", "1: missing range of ports after \"udp\"|" },
		{ "udp 5000 name", "1: missing value after \"name\"|" },
		{ "udp 5000 name \"\"", "1: the name is empty: expected 1 to 63 bytes|" },
		{ "udp 5000 user \"\"",
		  "1: the user is empty: expected a name or a number|" },
		{ "udp 5000 name " LONG63, "1: 5000+1 name " LONG63 "|" },
		{ "udp 5000 name " LONG63 "4",
		  "1: the name \"1234567890123456789012345678901234567890...\" is too long: "
		  "expected 1 to 63 bytes|" },
		{ "udp 5000 name \"x", "1: missing closing quote|" },
		{ "udp 5000 name \"x\\",
		  "1: invalid escape: expected a mark, a space, or x and two "
		  "hexadecimal digits after the backslash|" },
		{ "udp 5000 name \"x\\\"", "1: missing closing quote|" },
		{ "udp 5000 name \\n", "1: invalid escape: expected a mark, a space, or x and two "
		  "hexadecimal digits after the backslash|" },
		{ "udp 5000 name \\x4",
		  "1: invalid escape: expected a mark, a space, or x and two "
		  "hexadecimal digits after the backslash|" },
		{ "udp 5000 name \\x00", "1: \"\\x00\" is not allowed in a word|" },
		{ "udp 5000 name \\x09", "1: the name \"\t\" has a control character|" },
		{ "udp 5000 name \"a\tb\"", "1: the name \"a\tb\" has a control character|" },
		{ "udp 5000 name \"a\"b", "1: a letter follows a closing quote: expected a "
		  "space|" },
		{ "udp 5000 name a\"b\"", "1: a quote inside a word: expected quotes around the "
		  "whole word|" },
		{ "udp 5000 name 'a b'", "1: ' does not quote: expected \" around the word|" },
		{ "udp 5000 name a name b", "1: duplicate keyword \"name\": use it once|" },
		{ "udp 5000 user a user b", "1: duplicate keyword \"user\": use it once|" },
		{ "udp 5000 name a user b more", "1: unknown keyword \"more\": expected name, "
		  "for, user, adopt or was|" },
		{ "udp 5000 name a user b name c d e f g h",
		  "1: duplicate keyword \"name\": use it once|" },
		{ "udp 0", "1: \"0\" begins at port 0: the first port is 1|" },
		{ "tcp 7000-7010 name drbd for kernel", "1: tcp 7000+11 kernel name drbd|" },
		{ "both 5060 for unit x of y adopt", "1: both 5060+1 unit x of y adopt|" },
		{ "both 5060-5061 was 5060-5069", "1: both 5060+2 was 5060+10|" },
		{ "tcp", "1: missing range of ports after \"tcp\"|" },
		{ "TCP 5000", "1: unknown protocol \"TCP\": expected udp, tcp or both|" },
		{ "bot 5000", "1: unknown protocol \"bot\": expected udp, tcp or both|" },
		{ "both5000", "1: unknown protocol \"both5000\": expected udp, tcp or both|" },
		{ "udp,tcp 5000", "1: unknown protocol \"udp,tcp\": expected udp, tcp or both|" },
		{ "\"\" 5000", "1: unknown protocol \"\": expected udp, tcp or both|" },
		{ "\xef\xbb\xbfudp 5000", "1: unknown protocol \"\xef\xbb\xbfudp\": "
		  "expected udp, tcp or both|" },
	};
	struct told told;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse(rows[i].text, strlen(rows[i].text), &told);
		if (!tap_ok(!strcmp(told.text, rows[i].told), "row %zu: %s", i, rows[i].told))
			tap_diag("%s", told.text);
	}
	parse("udp 1\nudp\0 2\nudp 3", 18, &told);
	tap_ok(!strcmp(told.text, "1: 1+1|2: zero byte in the line|3: 3+1|"),
	       "a zero byte spoils its line only");
	parse("udp 1\n\0", 7, &told);
	tap_ok(!strcmp(told.text, "1: 1+1|2: zero byte in the line|"),
	       "a zero byte is a line");
}

static int stop(unsigned int line, const struct portres_words *words, const char *reason, void *arg)
{
	(void)words;
	(void)reason;
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
/* As many of a character as there is room for. */
static void fill(char *name, size_t size, int c)
{
	size_t i;

	memset(name, 0, size);
	for (i = 0; c < 0x80 && i < size - 1; i++)
		name[i] = (char)c;
	for (i = 0; c >= 0x80 && i + 1 < size - 1; i += 2) {
		name[i] = (char)(0xc0 | c >> 6);
		name[i + 1] = (char)(0x80 | (c & 0x3f));
	}
}

static void test_round_trip(void)
{
	char name[64];
	int failed = 0;
	int c;

	for (c = 0x20; c < 0x100; c++) {
		struct portres_words words = { .protocol = IPPROTO_UDP, .first = 65000,
					       .count = 536, .name = name,
					       .grants_count = 1 };
		char line[PORTRES_LINE_MAX];
		struct told told;
		char wanted[128];

		if (c >= 0x7f && c < 0xa0)
			continue;
		words.grants[0].kind = PORTRES_GRANT_USER;
		words.grants[0].user = "4294967294";
		fill(name, sizeof(name), c);
		portres_words_format(line, &words);
		snprintf(wanted, sizeof(wanted), "1: 65000+536 user 4294967294 name %s|", name);
		parse(line, strlen(line), &told);
		if (strcmp(told.text, wanted)) {
			failed++;
			tap_diag("%s", line);
		}
	}
	tap_num(failed, 0, "names of every character up to U+00FF come back");
}

/* The longest line that there can be, with each byte escaped. */
static void test_longest(void)
{
	struct portres_words words = { .protocol = IPPROTO_UDP, .first = 65000, .count = 536,
				       .adopt = true, .other_first = 65001, .other_count = 535,
				       .grants_count = 16 };
	char line[PORTRES_LINE_MAX + 1];
	char text[128];
	char name[64];
	size_t i;

	memset(text, '"', 127);
	text[127] = '\0';
	memset(name, 1, 63);
	name[63] = '\0';
	words.name = name;
	for (i = 0; i < 16; i++)
		words.grants[i] = (struct portres_words_grant){ PORTRES_GRANT_UNIT, text,
								"4294967294" };
	memset(text, 1, 127);
	memset(line, 'x', sizeof(line));
	portres_words_format(line, &words);
	tap_ok(strlen(line) + 1 < PORTRES_LINE_MAX && line[PORTRES_LINE_MAX] == 'x',
	       "the longest line has %zu of %d bytes", strlen(line), PORTRES_LINE_MAX);
}

static void test_format(void)
{
	struct portres_words words = { .protocol = IPPROTO_UDP, .first = 5000, .count = 1 };
	char line[PORTRES_LINE_MAX];

	portres_words_format(line, &words);
	tap_ok(!strcmp(line, "udp 5000"), "one port");
	words.protocol = IPPROTO_TCP;
	portres_words_format(line, &words);
	tap_ok(!strcmp(line, "tcp 5000"), "one port of TCP");
	words.protocol = PORTRES_BOTH;
	words.other_first = 5000;
	words.other_count = 10;
	portres_words_format(line, &words);
	tap_ok(!strcmp(line, "both 5000 was 5000-5009"), "one port of both, and what it was");
	words.protocol = IPPROTO_UDP;
	words.other_count = 0;
	words.count = 10;
	words.grants_count = 1;
	words.grants[0].kind = PORTRES_GRANT_USER;
	words.grants[0].user = "110";
	words.name = "a \"b\" \\ \x01\n#";
	portres_words_format(line, &words);
	if (!tap_ok(!strcmp(line, "udp 5000-5009 for user 110 "
			    "name \"a \\\"b\\\" \\\\ \\x01\\x0a#\""),
		    "what has to be escaped"))
		tap_diag("%s", line);
}

static void test_numbers(void)
{
	uint32_t number = 7;

	tap_ok(portres_words_number("0", &number) && !number, "user 0");
	tap_ok(portres_words_number("4294967294", &number) && number == 4294967294U,
	       "the last one");
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
	test_longest();
	test_numbers();
	return tap_finish();
}
