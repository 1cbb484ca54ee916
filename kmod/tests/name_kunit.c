// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which names a reservation may have.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "core/name.h"
#include "portres.h"

static const struct name_row {
	const char *name;
	const char *bytes;
	enum portres_name verdict;
} names[] = {
	{ "ASCII", "Asterisk RTP ~!", PORTRES_NAME_GOOD },
	{ "one byte", " ", PORTRES_NAME_GOOD },
	{ "no byte", "", PORTRES_NAME_EMPTY },
	{ "U+0001", "\x01", PORTRES_NAME_CONTROL },
	{ "tab", "a\tb", PORTRES_NAME_CONTROL },
	{ "escape", "\x1b[2J", PORTRES_NAME_CONTROL },
	{ "U+001F, the last C0", "\x1f", PORTRES_NAME_CONTROL },
	{ "U+007E", "~", PORTRES_NAME_GOOD },
	{ "U+007F, DEL", "a\x7f", PORTRES_NAME_CONTROL },
	{ "U+0080, the first C1", "\xc2\x80", PORTRES_NAME_CONTROL },
	{ "U+009B, CSI", "a\302\2332J", PORTRES_NAME_CONTROL },
	{ "U+009F, the last C1", "\xc2\x9f", PORTRES_NAME_CONTROL },
	{ "U+00A0", "\xc2\xa0", PORTRES_NAME_GOOD },
	{ "0x9b, CSI of 8 bits", "\2332J", PORTRES_NAME_NOT_UTF8 },
	{ "Latin-1", "caf\xe9", PORTRES_NAME_NOT_UTF8 },
	{ "two bytes", "caf\xc3\xa9", PORTRES_NAME_GOOD },
	{ "U+07FF", "\xdf\xbf", PORTRES_NAME_GOOD },
	{ "U+0800", "\xe0\xa0\x80", PORTRES_NAME_GOOD },
	{ "U+D7FF", "\xed\x9f\xbf", PORTRES_NAME_GOOD },
	{ "U+D800, a surrogate", "\xed\xa0\x80", PORTRES_NAME_NOT_UTF8 },
	{ "U+DFFF, a surrogate", "\xed\xbf\xbf", PORTRES_NAME_NOT_UTF8 },
	{ "U+E000", "\xee\x80\x80", PORTRES_NAME_GOOD },
	{ "U+FFFF", "\xef\xbf\xbf", PORTRES_NAME_GOOD },
	{ "U+10000", "\xf0\x90\x80\x80", PORTRES_NAME_GOOD },
	{ "U+10FFFF", "\xf4\x8f\xbf\xbf", PORTRES_NAME_GOOD },
	{ "U+110000", "\xf4\x90\x80\x80", PORTRES_NAME_NOT_UTF8 },
	{ "lead of U+140000", "\xf5\x80\x80\x80", PORTRES_NAME_NOT_UTF8 },
	{ "0xff", "\xff", PORTRES_NAME_NOT_UTF8 },
	{ "slash in two bytes", "\xc0\xaf", PORTRES_NAME_NOT_UTF8 },
	{ "DEL in two bytes", "\xc1\xbf", PORTRES_NAME_NOT_UTF8 },
	{ "zero in two bytes", "\xc0\x80", PORTRES_NAME_NOT_UTF8 },
	{ "U+07FF in three bytes", "\xe0\x9f\xbf", PORTRES_NAME_NOT_UTF8 },
	{ "U+FFFF in four bytes", "\xf0\x8f\xbf\xbf", PORTRES_NAME_NOT_UTF8 },
	{ "a continuation alone", "a\x80", PORTRES_NAME_NOT_UTF8 },
	{ "cut off after one of two", "\xc3", PORTRES_NAME_NOT_UTF8 },
	{ "cut off after two of three", "\xe2\x82", PORTRES_NAME_NOT_UTF8 },
	{ "cut off after three of four", "\xf0\x9f\x98", PORTRES_NAME_NOT_UTF8 },
	{ "a letter inside of a character", "\342a\202", PORTRES_NAME_NOT_UTF8 },
	{ "good ones before a bad one", "\xc3\xa9\xc3\xa9\xc3", PORTRES_NAME_NOT_UTF8 },
};

KUNIT_ARRAY_PARAM_DESC(name, names, name);

static void judged(struct kunit *test)
{
	const struct name_row *row = test->param_value;

	KUNIT_EXPECT_EQ(test, portres_name_check(row->bytes, strlen(row->bytes)), row->verdict);
}

/* The longest is looked at up to its end, and not beyond. */
static void whole(struct kunit *test)
{
	char name[PORTRES_NAME_MAX + 1];

	memset(name, 'n', sizeof(name));
	name[PORTRES_NAME_MAX] = '\x9b';
	KUNIT_EXPECT_EQ(test, portres_name_check(name, PORTRES_NAME_MAX), PORTRES_NAME_GOOD);
	name[PORTRES_NAME_MAX - 1] = '\x9b';
	KUNIT_EXPECT_EQ(test, portres_name_check(name, PORTRES_NAME_MAX), PORTRES_NAME_NOT_UTF8);
	name[1] = '\0';
	KUNIT_EXPECT_EQ(test, portres_name_check(name, PORTRES_NAME_MAX), PORTRES_NAME_CONTROL);
}

static struct kunit_case name_cases[] = {
	KUNIT_CASE_PARAM(judged, name_gen_params),
	KUNIT_CASE(whole),
	{}
};

static struct kunit_suite name_suite = {
	.name = "portres_name",
	.test_cases = name_cases,
};

kunit_test_suite(name_suite);
