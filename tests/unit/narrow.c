// SPDX-License-Identifier: GPL-2.0-only
/* The printf functions of bytes by Microsoft's rules, as a program for Windows has them. */
#include "include/win32/windows.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "windows/wide.h"

static void test_formats(void)
{
	static const struct {
		const char *theirs;
		const char *ours;
	} rows[] = {
		{ "", "" }, { "text", "text" }, { "%%", "%%" },
		{ "\xc3\xa9%s\xff", "\xc3\xa9%s\xff" },
		{ "%s%s%s", "%s%s%s" }, { "%ws", "%ls" }, { "%ls", "%ls" }, { "%hs", "%s" },
		{ "%S", "%ls" }, { "%hS", "%s" }, { "%lS", "%ls" }, { "%c", "%c" }, { "%C", "%lc" },
		{ "%wc", "%lc" }, { "%-10.3s|", "%-10.3s|" }, { "%-10.3S|", "%-10.3ls|" },
		{ "%*d", "%*d" }, { "%ld", "%d" }, { "%lu", "%u" }, { "%lx", "%x" },
		{ "%I64d", "%lld" }, { "%I64u", "%llu" }, { "%016I64x", "%016llx" },
		{ "%I32d", "%d" }, { "%Iu", "%zu" }, { "%llu", "%llu" }, { "%hd", "%hd" },
		{ "%zu", "%zu" }, { "%lf", "%f" }, { "%Lf", "%Lf" }, { "%p", "%p" },
		{ "%n", NULL }, { "%", NULL }, { "%I64", NULL }, { "%m", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *made = portres_narrow_format(rows[i].theirs);

		tap_ok(rows[i].ours ? made && !strcmp(made, rows[i].ours) : !made,
		       "the narrow format %s", rows[i].theirs);
		free(made);
	}
}

static int by_list(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	int count;

	va_start(arguments, format);
	count = vsnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return count;
}

static void test_text(void)
{
	ULONG64 token = 0xfedcba9876543210ULL;
	char text[64];
	int count;

	/* as a program has it: gcc is not told what printf() is, so there is no warning */
	tap_num(sprintf(text, "%I64u", token), 20, "sprintf");
	tap_ok(!strcmp(text, "18364758544493064720"), "%%I64u has 64 bits");
	count = snprintf(text, sizeof(text), "%I64d %Iu %I32u", token, (SIZE_T)7, (DWORD)8);
	tap_num(count, 22, "snprintf");
	tap_ok(!strcmp(text, "-81985529216486896 7 8"), "a token is a decimal number");
	snprintf(text, sizeof(text), "%s %hs %S %ls", "narrow", "too", L"wide", L"too");
	tap_ok(!strcmp(text, "narrow too wide too"), "text of either width");
	snprintf(text, sizeof(text), "%lu", (DWORD)4000000000U);
	tap_ok(!strcmp(text, "4000000000"), "%%lu is for a DWORD");
	tap_num(by_list(text, sizeof(text), "%I64x", token), 16, "vsnprintf");
	tap_num(snprintf(text, 4, "%s", "longer"), 6, "snprintf tells how much it would be");
	tap_ok(!strcmp(text, "lon"), "what fits is there");
	memset(text, 'x', sizeof(text));
	tap_num(_snprintf(text, 4, "%s", "longer"), -1, "_snprintf fails");
	tap_ok(!memcmp(text, "longxx", 6), "without a NUL");
	tap_num(_snprintf(text, 8, "%s", "short"), 5, "_snprintf with room");
	tap_ok(snprintf(text, sizeof(text), "%n", &count) < 0, "nothing is written to memory");
}

static void test_streams(void)
{
	FILE *file = tmpfile();
	char text[64] = "";

	tap_num(fprintf(file, "%I64u\n", 5ULL << 32), 12, "fprintf");
	fflush(file);
	if (pread(fileno(file), text, sizeof(text) - 1, 0) < 0)
		tap_bail("no file");
	tap_ok(!strcmp(text, "21474836480\n"), "its text");
	fclose(file);
	tap_num(printf("# %I64u\n", 5ULL << 32), 14, "printf");
}

int main(void)
{
	test_formats();
	test_text();
	test_streams();
	return tap_finish();
}
