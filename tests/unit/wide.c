// SPDX-License-Identifier: GPL-2.0-only
/* Wide text by Microsoft's rules: the formats, and where it goes. */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "include/win32/windows.h"
#include "tap.h"
#include "windows/wide.h"

static bool same(const wchar_t *got, const wchar_t *wanted)
{
	return got && wanted && !wcscmp(got, wanted);
}

static void test_formats(void)
{
	static const struct {
		const wchar_t *theirs;
		const wchar_t *ours;
	} rows[] = {
		{ L"", L"" }, { L"text", L"text" }, { L"%%", L"%%" },
		{ L"%s%s%s", L"%ls%ls%ls" }, { L"%ws", L"%ls" }, { L"%ls", L"%ls" },
		{ L"%hs", L"%s" }, { L"%S", L"%s" }, { L"%lS", L"%ls" }, { L"%c", L"%lc" },
		{ L"%C", L"%c" }, { L"%hc", L"%c" }, { L"%-10.3s|", L"%-10.3ls|" },
		{ L"%*d", L"%*d" }, { L"%d", L"%d" }, { L"%ld", L"%d" }, { L"%lu", L"%u" },
		{ L"%lx", L"%x" }, { L"%I64d", L"%lld" }, { L"%I64u", L"%llu" },
		{ L"%016I64x", L"%016llx" }, { L"%I32d", L"%d" }, { L"%Iu", L"%zu" },
		{ L"%lld", L"%lld" }, { L"%hd", L"%hd" }, { L"%hhd", L"%hhd" },
		{ L"%zu", L"%zu" }, { L"%f", L"%f" }, { L"%lf", L"%f" }, { L"%Lf", L"%Lf" },
		{ L"%p", L"%p" }, { L"%n", NULL }, { L"%", NULL }, { L"%-5", NULL },
		{ L"%I64", NULL }, { L"%m", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wchar_t *made = portres_wide_format(rows[i].theirs);

		tap_ok(rows[i].ours ? same(made, rows[i].ours) : !made, "the format %ls",
		       rows[i].theirs);
		free(made);
	}
}

static void test_text(void)
{
	wchar_t text[64];
	int number;

	/* as a program has it: gcc does not know the rules, so there is no warning */
	tap_num(swprintf(text, 64, L"%s %ws %S", L"wide", L"too", "narrow"), 15, "swprintf");
	tap_ok(same(text, L"wide too narrow"), "its text");
	swprintf(text, 64, L"%I64d", 0xfedcba9876543210ULL);
	tap_ok(same(text, L"-81985529216486896"), "a token is a decimal number");
	tap_ok(swprintf(text, 3, L"%s", L"wide") < 0, "no room");
	tap_ok(swprintf(text, 64, L"%n", &number) < 0, "nothing is written to memory");
	tap_num(_wtoi(L" -12x"), -12, "_wtoi");
	tap_num(_wtoi(L"99999999999"), 2147483647, "_wtoi of too much");
	tap_num(_wtoi(L"x"), 0, "_wtoi of nothing");
}

static bool file_is(FILE *file, const char *wanted)
{
	char text[64] = "";

	fflush(file);
	if (pread(fileno(file), text, sizeof(text) - 1, 0) < 0)
		return false;
	return !strcmp(text, wanted);
}

static void test_streams(void)
{
	FILE *bytes = tmpfile();
	FILE *wide = tmpfile();

	setlocale(LC_CTYPE, "C");
	tap_num(fwprintf(bytes, L"%s%c", L"a\u00e9", 0x20ac), 3, "what the locale cannot say");
	tap_ok(file_is(bytes, "a??"), "is question marks");
	setlocale(LC_CTYPE, "C.UTF-8");
	fwprintf(bytes, L"%c", 0x20ac);
	tap_ok(fprintf(bytes, "%c", '!') == 1, "printf works on the same stream");
	tap_ok(file_is(bytes, "a??\xe2\x82\xac!"), "both are there");
	fputws(L"w", wide);
	tap_num(fwprintf(wide, L"%s", L"\u20ac"), 1, "a stream that is wide already");
	tap_ok(file_is(wide, "w\xe2\x82\xac"), "its text");
	fclose(bytes);
	fclose(wide);
}

int main(void)
{
	test_formats();
	test_text();
	test_streams();
	return tap_finish();
}
