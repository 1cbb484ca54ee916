// SPDX-License-Identifier: GPL-2.0-only
/* Every number has a text, also those that are no errors; and no text loses its end. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "disk/store.h"
#include "disk/words.h"
#include "kernel/error.h"
#include "kernel/nllink.h"
#include "tap.h"

static void test_numbers(void)
{
	static const int numbers[] = { INT_MIN, INT_MIN + 1, -4096, -1, 0, 1, 4096, INT_MAX };
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		tap_ok(*portres_strerror(numbers[i]) && *portres_errno_text(numbers[i]),
		       "%d has a text", numbers[i]);
		tap_ok(portres_from_libnl(numbers[i]) < 0, "%d of libnl is an error", numbers[i]);
		portres_disk_error(numbers[i]);
	}
	tap_ok(!strcmp(portres_strerror(-EEXIST), portres_strerror(EEXIST)),
	       "the sign is no matter");
}

static void quotes(const char *word, const char *wanted, const char *what)
{
	portres_quoted quoted;

	if (!tap_ok(!strcmp(portres_words_quote(quoted, word), wanted), "%s", what))
		tap_diag("got: %s", quoted);
}

#define TEN "0123456789"
#define THIRTY8 TEN TEN TEN "01234567"

static void test_quotes(void)
{
	quotes("", "", "no word");
	quotes(TEN TEN TEN TEN, TEN TEN TEN TEN, "40 bytes");
	quotes(TEN TEN TEN TEN "0", TEN TEN TEN TEN "...", "41 bytes");
	quotes(THIRTY8 "\xe2\x82\xac\xe2\x82\xac", THIRTY8 "...", "no character is cut");
	quotes(THIRTY8 "\xc3\xbc\xc3\xbc", THIRTY8 "\xc3\xbc...", "one that fits is whole");
	quotes(THIRTY8 "\xbf\xbf\xbf\xbf", TEN TEN TEN "0123456...", "what is no character ends");
}

/* A root whose name is as long as can be: the reason still stands at the end. */
static void test_paths(void)
{
	static const struct portres_home home = { .realm = PORTRES_REALM_NAMED, .name = "x" };
	static char root[PATH_MAX - 1];
	struct portres other = { .root = root };
	struct portres_store store;

	memset(root, 'r', sizeof(root) - 1);
	root[0] = '/';
	tap_ok(portres_store_open(&other, &home, &store) < 0, "a root that cannot be");
	tap_ok(strstr(other.text, ": File name too long"), "it says why");
	tap_ok(strstr(other.text, "...r"), "after what can be shown of the path");
}

int main(void)
{
	test_numbers();
	test_quotes();
	test_paths();
	return tap_finish();
}
