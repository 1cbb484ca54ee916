// SPDX-License-Identifier: GPL-2.0-only
/* The words of grants, and the words of a change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk/words.h"
#include "tap.h"
#include "told.h"

#define LONG63 "123456789012345678901234567890123456789012345678901234567890123"

#define LONG200 LONG63 LONG63 LONG63 "12345678901"

/* The grants of a line. */
static void test_grants(void)
{
	static const struct {
		const char *text;
		const char *told;
	} rows[] = {
		{ "for user asterisk", "user asterisk|" },
		{ "user 7 for user 8", "user 7 user 8|" },
		{ "for unit rtp", "unit rtp|" },
		{ "for unit rtp of alice name x", "unit rtp of alice name x|" },
		{ "for cgroup /a/b", "cgroup /a/b|" },
		{ "for cgroup \"/a b\"", "cgroup /a b|" },
		{ "for cgroup /", "cgroup /|" },
		{ "for kernel", "kernel|" },
		{ "for kernel for user a for unit b.socket adopt",
		  "kernel user a unit b.socket adopt|" },
		{ "adopt", "adopt|" },
		{ "was 4000-5000", "was 4000+1001|" },
		{ "for", "missing grantee after \"for\": expected user, unit, cgroup or kernel|" },
		{ "for nobody",
		  "unknown grantee \"nobody\": expected user, unit, cgroup or kernel|" },
		{ "for group x",
		  "unknown grantee \"group\": expected user, unit, cgroup or kernel|" },
		{ "for user", "missing value after \"user\"|" },
		{ "for unit", "missing value after \"unit\"|" },
		{ "for cgroup", "missing value after \"cgroup\"|" },
		{ "for unit x of", "missing value after \"of\"|" },
		{ "for user \"\"", "the user is empty: expected a name or a number|" },
		{ "for unit x of \"\"", "the user is empty: expected a name or a number|" },
		{ "for unit \"\"", "invalid unit \"\": the name of the unit is empty|" },
		{ "for unit x*", "invalid unit \"x*\": patterns are not possible: name each "
		  "unit|" },
		{ "for unit x@.service", "invalid unit \"x@.service\": a template has no "
		  "processes: name an instance of it|" },
		{ "for unit x.slice", "invalid unit \"x.slice\": a slice has units: name one of "
		  "them, or the cgroup of the slice|" },
		{ "for cgroup a/b", "invalid cgroup \"a/b\": expected an absolute path below the "
		  "mount point of cgroup2, without \"..\"|" },
		{ "for cgroup /a/../b", "invalid cgroup \"/a/../b\": expected an absolute path "
		  "below the mount point of cgroup2, without \"..\"|" },
		{ "for cgroup \"/a\tb\"", "the cgroup \"/a\tb\" has a control character|" },
		{ "for cgroup /a\\xff", "the cgroup \"/a\xff\" is not valid UTF-8|" },
		{ "for kernel of root", "unknown keyword \"of\": expected name, for, user, adopt "
		  "or was|" },
		{ "adopt adopt", "duplicate keyword \"adopt\": use it once|" },
		{ "was 1 was 2", "duplicate keyword \"was\": use it once|" },
		{ "range 1-2", "unknown keyword \"range\": expected name, for, user, adopt or "
		  "was|" },
	};
	struct told told;
	char text[16384];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char wanted[512];
		bool good = !strpbrk(rows[i].told, ":\"");

		snprintf(text, sizeof(text), "udp 5000 %s", rows[i].text);
		snprintf(wanted, sizeof(wanted), good ? "1: 5000+1 %s" : "1: %s", rows[i].told);
		parse(text, strlen(text), &told);
		if (!tap_ok(!strcmp(told.text, wanted), "%s: %s", rows[i].text, rows[i].told))
			tap_diag("%s", told.text);
	}
	/* As many as there can be, and one more; as long as there can be, and longer. */
	strcpy(text, "udp 5000");
	for (i = 0; i < 16; i++)
		sprintf(text + strlen(text), " for unit u%zu of %zu", i, i);
	strcpy(text + strlen(text), " name x user 1");
	parse(text, strlen(text), &told);
	tap_ok(!strcmp(told.text, "1: too many grants: at most 16|"), "a seventeenth grant");
	*strstr(text, " user 1") = '\0';
	parse(text, strlen(text), &told);
	tap_ok(strstr(told.text, " unit u15 of 15 name x|"), "sixteen grants");
	strcpy(text, "udp 5000");
	for (i = 0; i < 10; i++)
		sprintf(text + strlen(text), " for cgroup /%zu" LONG200, i);
	parse(text, strlen(text), &told);
	tap_ok(strlen(told.text) > 2000 && !strstr(told.text, "at most"), "2030 bytes of grants");
	strcpy(text + strlen(text), " for cgroup /01234567890123456");
	parse(text, strlen(text), &told);
	tap_ok(strstr(told.text, "too long: at most 2048 bytes"), "2049 bytes of grants");
}

/* The words of a change. */
static void test_change(void)
{
	static const struct {
		const char *words[10];
		const char *reason;	/* NULL: accepted */
	} rows[] = {
		{ { "udp", "5000", "range", "5000-5010", "name", "x", "for", "nobody" }, NULL },
		{ { "udp", "5000", "for", "kernel", "for", "user", "a" }, NULL },
		{ { "udp", "5000" }, NULL },
		{ { "udp", "5000", "for", "nobody", "for", "kernel" }, "use it alone" },
		{ { "udp", "5000", "for", "kernel", "for", "nobody" }, "use it alone" },
		{ { "udp", "5000", "range", "1", "range", "2" }, "duplicate keyword \"range\"" },
		{ { "udp", "5000", "range", "x" }, "is not a range" },
		{ { "udp", "5000", "adopt" }, "expected name, range, for or user" },
		{ { "udp", "5000", "was", "1" }, "expected name, range, for or user" },
	};
	struct portres_words words;
	portres_reason reason;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int argc = 0;
		bool good;

		while (argc < 10 && rows[i].words[argc])
			argc++;
		good = portres_words_parse(argc, (char **)rows[i].words, PORTRES_GRAMMAR_SET,
					   &words, reason);
		if (!tap_ok(rows[i].reason ? !good && strstr(reason, rows[i].reason) : good,
			    "change, row %zu: %s", i, rows[i].reason ? rows[i].reason : "good"))
			tap_diag("%s", good ? "accepted" : reason);
	}
	portres_words_parse(8, (char **)rows[0].words, PORTRES_GRAMMAR_SET, &words, reason);
	tap_ok(words.nobody && words.other_first == 5000 && words.other_count == 11 &&
	       !words.grants_count, "what a change says");
}

int main(void)
{
	test_grants();
	test_change();
	return tap_finish();
}
