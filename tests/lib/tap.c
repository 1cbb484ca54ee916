// SPDX-License-Identifier: GPL-2.0-only
/* Prints TAP and counts its rows. */
#include "tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rows, failed;

static void row(bool ok, const char *reason, const char *fmt, va_list args)
{
	printf("%s %d - ", ok ? "ok" : "not ok", ++rows);
	vprintf(fmt, args);
	if (reason)
		printf(" # SKIP %s", reason);
	putchar('\n');
	/* nothing may be lost in a crash, or be printed again by a forked child */
	fflush(stdout);
	failed += !ok;
}

bool tap_ok(bool cond, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	row(cond, NULL, fmt, args);
	va_end(args);
	return cond;
}

bool tap_errno(int got, int wanted, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	row(got == wanted, NULL, fmt, args);
	va_end(args);
	if (got != wanted)
		tap_diag("got %s, wanted %s", errno_name(got), errno_name(wanted));
	return got == wanted;
}

bool tap_num(long long got, long long wanted, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	row(got == wanted, NULL, fmt, args);
	va_end(args);
	if (got != wanted)
		tap_diag("got %lld, wanted %lld", got, wanted);
	return got == wanted;
}

void tap_skip(const char *reason, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	row(true, reason, fmt, args);
	va_end(args);
}

void tap_diag(const char *fmt, ...)
{
	va_list args;

	printf("# ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

void tap_bail(const char *fmt, ...)
{
	va_list args;

	printf("Bail out! ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	exit(1);
}

void must(int error, const char *what)
{
	if (error)
		tap_bail("%s: %s", what, errno_name(error));
}

int tap_finish(void)
{
	printf("1..%d\n", rows);
	if (failed)
		tap_diag("%d of %d rows failed", failed, rows);
	return failed || !rows;
}

const char *errno_name(int error)
{
	static _Thread_local char number[16];
	const char *name = error ? strerrorname_np(error) : "0";

	if (name)
		return name;
	snprintf(number, sizeof(number), "%d", error);
	return number;
}
