// SPDX-License-Identifier: GPL-2.0-only
/* The words of the command line. */
#include <netinet/in.h>
#include <portres/portres.h>
#include <string.h>

#include "parse.h"
#include "tap.h"
#include "text.h"

static void test_ranges(void)
{
	static const struct {
		const char *word;
		unsigned int first;	/* 0: refused */
		unsigned int count;
		const char *reason;
	} rows[] = {
		{ "5000", 5000, 1, NULL },
		{ "5000-5009", 5000, 10, NULL },
		{ "5000+10", 5000, 10, NULL },
		{ "1", 1, 1, NULL },
		{ "65535", 65535, 1, NULL },
		{ "1-65535", 1, 65535, NULL },
		{ "1+65535", 1, 65535, NULL },
		{ "5000-5000", 5000, 1, NULL },
		{ "05000", 5000, 1, NULL },
		{ "0", 0, 0, "port 0" },
		{ "0-9", 0, 0, "port 0" },
		{ "0+1", 0, 0, "port 0" },
		{ "65536", 0, 0, "not a range" },
		{ "65535+2", 0, 0, "beyond port 65535" },
		{ "2+65535", 0, 0, "beyond port 65535" },
		{ "5000-65536", 0, 0, "not a range" },
		{ "5000+0", 0, 0, "no ports" },
		{ "5000-4999", 0, 0, "ends before" },
		{ "5000-0", 0, 0, "ends before" },
		{ "99999999999999999999", 0, 0, "not a range" },
		{ "5000+99999999999999999999", 0, 0, "not a range" },
		{ "", 0, 0, "not a range" },
		{ "-", 0, 0, "not a range" },
		{ "+", 0, 0, "not a range" },
		{ "5000-", 0, 0, "not a range" },
		{ "-5000", 0, 0, "not a range" },
		{ "+10", 0, 0, "not a range" },
		{ " 5000", 0, 0, "not a range" },
		{ "5000 ", 0, 0, "not a range" },
		{ "5000--5009", 0, 0, "not a range" },
		{ "5000-5009-5010", 0, 0, "not a range" },
		{ "5000-5009+1", 0, 0, "not a range" },
		{ "0x10", 0, 0, "not a range" },
		{ "5e3", 0, 0, "not a range" },
		{ "http", 0, 0, "not a range" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct range range = { 0 };
		parse_reason reason = "";
		bool good = parse_range(rows[i].word, &range, reason);
		bool told = !good && rows[i].reason && strstr(reason, rows[i].reason) &&
			    strstr(reason, rows[i].word);

		if (rows[i].first)
			tap_ok(good && range.first == rows[i].first &&
			       range.count == rows[i].count, "\"%s\"", rows[i].word);
		else if (!tap_ok(told, "\"%s\" is refused: %s", rows[i].word, rows[i].reason))
			tap_diag("why: %s", reason);
	}
}

#define LONG63 "123456789012345678901234567890123456789012345678901234567890123"

static void test_wishes(void)
{
	static const struct {
		const char *words[8];
		const char *reason;	/* NULL: accepted */
		const char *name;
		int64_t owner;		/* -1: none */
	} rows[] = {
		{ { "udp", "5000" }, NULL, NULL, -1 },
		{ { "udp", "5000", "name", "x" }, NULL, "x", -1 },
		{ { "udp", "5000", "name", "Asterisk RTP", "user", "0" }, NULL, "Asterisk RTP", 0 },
		{ { "udp", "5000", "user", "root", "name", "x" }, NULL, "x", 0 },
		{ { "udp", "5000", "user", "4294967294" }, NULL, NULL, 4294967294 },
		{ { "udp", "5000", "for", "user", "0" }, NULL, NULL, 0 },
		{ { "udp", "5000", "for", "user", "no such user" }, "\"no such user\"", NULL, 0 },
		{ { "udp", "5000", "for", "unit", "a\033b*" }, "\"a\\x1bb*\"", NULL, 0 },
		{ { "udp", "5000", "name", "name" }, NULL, "name", -1 },
		{ { "udp", "5000", "name", "-j" }, NULL, "-j", -1 },
		{ { "udp", "5000", "name", LONG63 }, NULL, LONG63, -1 },
		{ { "udp", "5000", "name", LONG63 "4" }, "too long", NULL, 0 },
		{ { "udp", "5000", "name", "" }, "empty", NULL, 0 },
		{ { "udp", "5000", "name" }, "missing value after \"name\"", NULL, 0 },
		{ { "udp", "5000", "user" }, "missing value after \"user\"", NULL, 0 },
		{ { "udp", "5000", "user", "4294967295" }, "unknown user \"4294967295\"", NULL, 0 },
		{ { "udp", "5000", "user", "-1" }, "unknown user \"-1\"", NULL, 0 },
		{ { "udp", "5000", "user", "" }, "the user is empty", NULL, 0 },
		{ { "udp", "5000", "user", "no such user" }, "\"no such user\"", NULL, 0 },
		{ { "udp", "5000", "user", "0", "user", "0" }, "duplicate keyword \"user\"", NULL,
		  0 },
		{ { "udp", "5000", "name", "a", "name", "b" }, "duplicate keyword \"name\"", NULL,
		  0 },
		{ { "udp", "5000", "na", "a" }, "unknown keyword \"na\"", NULL, 0 },
		{ { "udp", "5000", "name", "a\tb" }, "\"a\\x09b\" has a control", NULL, 0 },
		{ { "udp", "5000", "a\033[31m", "a" }, "\"a\\x1b[31m\"", NULL, 0 },
		{ { "sctp", "5000" }, "unknown protocol \"sctp\": expected udp, tcp or both", NULL,
		  0 },
		{ { "UDP", "5000" }, "unknown protocol \"UDP\"", NULL, 0 },
		{ { "udp" }, "after \"udp\"", NULL, 0 },
		{ { NULL }, "missing protocol", NULL, 0 },
		{ { "udp", "0" }, "port 0", NULL, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct block_args wish = { 0 };
		parse_reason reason = "";
		int argc = 0;
		bool good;

		while (argc < 8 && rows[i].words[argc])
			argc++;
		good = parse_block_args(argc, (char **)rows[i].words, &wish, reason);
		if (rows[i].reason) {
			if (!tap_ok(!good && strstr(reason, rows[i].reason),
				    "row %zu is refused: %s", i, rows[i].reason))
				tap_diag("why: %s", reason);
			continue;
		}
		tap_ok(good && wish.protocol == IPPROTO_UDP && wish.range.first == 5000 &&
		       (!wish.name == !rows[i].name) &&
		       (!wish.name || !strcmp(wish.name, rows[i].name)) &&
		       wish.grantee_count == (rows[i].owner >= 0) &&
		       (!wish.grantee_count ||
			(wish.grantees[0].kind == PORTRES_GRANT_USER &&
			 wish.grantees[0].has_user &&
			 wish.grantees[0].user == (uid_t)rows[i].owner)),
		       "row %zu is accepted", i);
	}
}

static void test_blocks(void)
{
	static const char *const more[] = { "udp", "5000", "name" };
	static const char *const tcp[] = { "tcp", "7000-7010" };
	static const char *const both[] = { "both", "5060" };
	struct block_args wish;
	parse_reason reason;
	char *text;

	tap_ok(parse_block(2, (char **)more, &wish, reason), "a block");
	tap_ok(wish.protocol == IPPROTO_UDP, "of UDP");
	tap_ok(parse_block(2, (char **)tcp, &wish, reason) && wish.protocol == IPPROTO_TCP,
	       "a block of TCP");
	tap_ok(parse_block(2, (char **)both, &wish, reason) && wish.protocol == PORTRES_BOTH,
	       "a block of both");
	tap_ok(!parse_block(3, (char **)more, &wish, reason) && strstr(reason, "\"name\""),
	       "a word behind a block is refused");
	text = range_text(5000, 1);
	tap_ok(!strcmp(text, "5000"), "one port in words");
	free(text);
	text = range_text(65000, 536);
	tap_ok(!strcmp(text, "65000-65535"), "many ports in words");
	free(text);
	text = block_ports_text(PORTRES_BOTH, &wish.range);
	tap_ok(!strcmp(text, "both 5060"), "a block in words");
	free(text);
}

int main(void)
{
	test_ranges();
	test_wishes();
	test_blocks();
	return tap_finish();
}
