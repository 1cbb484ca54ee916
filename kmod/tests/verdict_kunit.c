// SPDX-License-Identifier: GPL-2.0-only
/* The rules, row by row. */
#include <kunit/test.h>

#include "core/verdict.h"

/* The block of an associated socket is always 5000 to 5009. */
#define BLOCK	.associated = true, .first = 5000, .last = 5009

static const struct bind_row {
	const char *name;
	struct portres_case c;
	int err;
} bind_rows[] = {
	{ "stranger, free port", { .port = 4000 }, 0 },
	{ "stranger, reserved port",
	  { .port = 5000, .reserved = true, .denied = EADDRINUSE }, -EADDRINUSE },
	{ "stranger, reserved port, Windows' answer",
	  { .port = 5000, .reserved = true, .denied = EACCES }, -EACCES },
	{ "stranger, free port, Windows' answer", { .port = 4000, .denied = EACCES }, 0 },
	{ "stranger, first port of all", { .port = 1 }, 0 },
	{ "stranger, last port of all, reserved",
	  { .port = 65535, .reserved = true, .denied = EADDRINUSE }, -EADDRINUSE },
	{ "associated, first port", { .port = 5000, .reserved = true, BLOCK }, 0 },
	{ "associated, inside", { .port = 5004, .reserved = true, BLOCK }, 0 },
	{ "associated, last port", { .port = 5009, .reserved = true, BLOCK }, 0 },
	{ "associated, port before the block", { .port = 4999, BLOCK }, -EADDRNOTAVAIL },
	{ "associated, port behind the block", { .port = 5010, BLOCK }, -EADDRNOTAVAIL },
	{ "associated, port of another reservation",
	  { .port = 5010, .reserved = true, BLOCK }, -EADDRNOTAVAIL },
	{ "associated, port of another reservation, Windows' answer",
	  { .port = 5010, .reserved = true, .denied = EACCES, BLOCK }, -EADDRNOTAVAIL },
	{ "associated, last port of all",
	  { .port = 65535, BLOCK }, -EADDRNOTAVAIL },
	{ "gone, port is free", { .port = 5000, .gone = true, BLOCK }, -EADDRNOTAVAIL },
	{ "gone, port is reserved again",
	  { .port = 5000, .reserved = true, .gone = true, BLOCK }, -EADDRNOTAVAIL },
	{ "gone, port outside", { .port = 4000, .gone = true, BLOCK }, -EADDRNOTAVAIL },
	{ "stranger with a grant", { .port = 5004, .reserved = true, .granted = true,
				     .denied = EADDRINUSE }, 0 },
	{ "grant of the port is not one of the block",
	  { BLOCK, .port = 6000, .reserved = true, .granted = true }, -EADDRNOTAVAIL },
	{ "block of one port",
	  { .port = 7, .reserved = true, .associated = true, .first = 7, .last = 7 }, 0 },
	{ "block of all ports, last",
	  { .port = 65535, .reserved = true, .associated = true, .first = 1, .last = 65535 }, 0 },
};

KUNIT_ARRAY_PARAM_DESC(bind_row, bind_rows, name);

static void verdict_bind(struct kunit *test)
{
	const struct bind_row *row = test->param_value;

	KUNIT_EXPECT_EQ(test, portres_verdict_bind(&row->c), row->err);
}

static const struct use_row {
	const char *name;
	bool granted;
	bool admin;
	bool may;
	bool runtime;
	bool acquirer;
} use_rows[] = {
	{ "grantee", true, false, true },
	{ "stranger", false, false, false },
	{ "administrator", false, true, true },
	{ "grantee and administrator", true, true, true },
	{ "runtime, its process", false, false, true, true, true },
	{ "runtime, its process as administrator", false, true, true, true, true },
	{ "runtime, another process", false, false, false, true, false },
	{ "runtime, another process of the administrator", false, true, false, true, false },
	{ "runtime, process below it", true, false, true, true, false },
};

KUNIT_ARRAY_PARAM_DESC(use_row, use_rows, name);

static void verdict_use(struct kunit *test)
{
	const struct use_row *row = test->param_value;
	const struct portres_claim claim = {
		.runtime = row->runtime,
		.acquirer = row->acquirer,
		.granted = row->granted,
		.admin = row->admin,
	};

	KUNIT_EXPECT_EQ(test, portres_verdict_use(&claim), row->may);
}

static struct kunit_case verdict_cases[] = {
	KUNIT_CASE_PARAM(verdict_bind, bind_row_gen_params),
	KUNIT_CASE_PARAM(verdict_use, use_row_gen_params),
	{}
};

static struct kunit_suite verdict_suite = {
	.name = "portres_verdict",
	.test_cases = verdict_cases,
};

kunit_test_suite(verdict_suite);
