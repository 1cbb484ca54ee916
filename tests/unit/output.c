// SPDX-License-Identifier: GPL-2.0-only
/* What is printed: nothing that came from others reaches the terminal as it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "tap.h"
#include "text.h"

static void test_escapes(void)
{
	static const struct {
		const char *what;
		const char *raw;
		const char *safe;
		const char *json;
	} rows[] = {
		{ "plain text", "Asterisk RTP", "Asterisk RTP", "Asterisk RTP" },
		{ "nothing", "", "", "" },
		{ "umlauts", "M\xc3\xbcller", "M\xc3\xbcller", "M\xc3\xbcller" },
		{ "four bytes", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "a colour", "\033[31mred", "\\x1b[31mred", "\\u001b[31mred" },
		{ "a line end", "a\nb", "a\\x0ab", "a\\u000ab" },
		{ "a tab", "a\tb", "a\\x09b", "a\\u0009b" },
		{ "DEL", "\x7f", "\\x7f", "\\u007f" },
		{ "C1 in UTF-8", "\302\2331m", "\\xc2\\x9b1m", "\\u009b1m" },
		{ "a backslash", "a\\x1b", "a\\\\x1b", "a\\\\x1b" },
		{ "a quote", "a\"b", "a\"b", "a\\\"b" },
		{ "a lone byte", "a\377b", "a\\xffb", "a\\ufffdb" },
		{ "cut short", "a\xe2\x82", "a\\xe2\\x82", "a\\ufffd\\ufffd" },
		{ "too long a form of /", "\xc0\xaf", "\\xc0\\xaf", "\\ufffd\\ufffd" },
		{ "three bytes too many", "\xe0\x80\xaf", "\\xe0\\x80\\xaf",
		  "\\ufffd\\ufffd\\ufffd" },
		{ "half a surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80",
		  "\\ufffd\\ufffd\\ufffd" },
		{ "beyond Unicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80",
		  "\\ufffd\\ufffd\\ufffd\\ufffd" },
		{ "right to left", "a\342\200\256b", "a\\xe2\\x80\\xaeb", "a\342\200\256b" },
		{ "a line separator", "a\xe2\x80\xa8", "a\\xe2\\x80\\xa8", "a\xe2\x80\xa8" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *safe = safe_text(rows[i].raw);
		char *json = json_text(rows[i].raw);

		if (!tap_ok(!strcmp(safe, rows[i].safe), "%s on a terminal", rows[i].what))
			tap_diag("got: %s", safe);
		if (!tap_ok(!strcmp(json, rows[i].json), "%s in JSON", rows[i].what))
			tap_diag("got: %s", json);
		free(safe);
		free(json);
	}
	tap_num((long long)text_width("M\xc3\xbcller"), 6, "an umlaut takes one column");
}

/* Runs a printer and keeps what it has printed. */
static char *caught;
static size_t caught_len;
static FILE *terminal;

static void begin(void)
{
	terminal = stdout;
	stdout = open_memstream(&caught, &caught_len);
}

static void end(const char *wanted, const char *what)
{
	fclose(stdout);
	stdout = terminal;
	if (!tap_ok(!strcmp(caught, wanted), "%s", what)) {
		tap_diag("got: %s", caught);
		tap_diag("wanted: %s", wanted);
	}
	free(caught);
}

static void fill(struct records *records, const char *ports, uint64_t count, const char *name)
{
	struct record *record = records_add(records);

	put_text(record, NULL, "ports", IN_TABLE | IN_WORDS | BARE, ports);
	put_number(record, "count", "count", IN_TABLE | IN_DETAIL, count);
	put_text(record, "name", "name", IN_TABLE | IN_DETAIL | IN_WORDS, name);
	put_token(record, "token", "token", IN_DETAIL, 1);
}

static void test_prints(void)
{
	struct records empty = { 0 };
	struct records two = { 0 };

	fill(&two, "7", 1, "a \"b\"\n");
	fill(&two, "5000-5009", 10, NULL);

	begin();
	print_json(&empty);
	end("[]\n", "JSON of nothing");
	begin();
	print_table(&empty);
	end("", "a table of nothing");
	begin();
	print_json(&two);
	end("[\n"
	    "  {\"count\":1,\"name\":\"a \\\"b\\\"\\u000a\",\"token\":\"0x0000000000000001\"},\n"
	    "  {\"count\":10,\"name\":null,\"token\":\"0x0000000000000001\"}\n"
	    "]\n", "JSON of two");
	begin();
	print_table(&two);
	end("PORTS      COUNT  NAME\n"
	    "7              1  a \"b\"\\x0a\n"
	    "5000-5009     10  -\n", "a table: numbers to the right, no blanks at the end");
	begin();
	print_line(&two.items[0], false);
	end("7 name \"a \\\"b\\\"\\x0a\"\n", "words are quoted");
	begin();
	print_line(&two.items[1], false);
	end("5000-5009\n", "what there is not is left out of words");
	begin();
	print_line(&two.items[1], true);
	end("{\"count\":10,\"name\":null,\"token\":\"0x0000000000000001\"}\n", "a line of JSON");
	records_free(&two);
}

static void test_details(void)
{
	struct records one = { 0 };
	struct records inner = { 0 };
	struct record *record;

	put_text(records_add(&inner), "address", "address", IN_WORDS | BARE, "[::]:7");
	fill(&one, "7", 1, NULL);
	record = &one.items[0];
	put_list(record, "bound", "bound", IN_DETAIL, &inner);
	put_list(record, "none", "none", IN_DETAIL, &inner);
	begin();
	print_details(&one);
	end("7\n"
	    "    count     1\n"
	    "    name      -\n"
	    "    token     0x0000000000000001\n"
	    "    bound     [::]:7\n"
	    "    none      -\n", "details");
	begin();
	print_json(&one);
	end("[\n  {\"count\":1,\"name\":null,\"token\":\"0x0000000000000001\","
	    "\"bound\":[{\"address\":\"[::]:7\"}],\"none\":[]}\n]\n", "lists in JSON");
	records_free(&one);
}

int main(void)
{
	test_escapes();
	test_prints();
	test_details();
	return tap_finish();
}
