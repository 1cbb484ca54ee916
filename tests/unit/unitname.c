// SPDX-License-Identifier: GPL-2.0-only
/* Names of units as systemctl takes them, and paths of cgroups. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/unitname.h"
#include "tap.h"

#define LONG50 "12345678901234567890123456789012345678901234567890"
/* checkpatch takes several strings for an expression */
#define LONG250 "" LONG50 LONG50 LONG50 LONG50 LONG50

static const struct {
	const char *word;
	const char *name;	/* NULL: it means no single unit */
	bool ours;		/* not as systemd-escape has it */
} rows[] = {
	{ "rtp", "rtp.service", false },
	{ "rtp.service", "rtp.service", false },
	{ "rtp.socket", "rtp.socket", false },
	{ "rtp@1", "rtp@1.service", false },
	{ "rtp@a/b.service", "rtp@a-b.service", false },
	{ "rtp.server", "rtp.server.service", false },
	{ "a b", "a\\x20b.service", false },
	{ "a\"b", "a\\x22b.service", false },
	{ "a\\x20b", "a\\x20b.service", false },
	{ "\xc3\xbc", "\\xc3\\xbc.service", false },
	{ ".service", ".service.service", false },
	{ "-x", "-x.service", false },
	{ "cpu.service", "cpu.service", false },
	{ "/", "-.mount", false },
	{ "/home/x-y", "home-x\\x2dy.mount", false },
	{ "/home//x/", "home-x.mount", false },
	{ "/.x", "\\x2ex.mount", false },
	{ "/dev/sda", "dev-sda.device", false },
	{ "/a/../b", "-a-..-b.service", false },
	{ LONG250 "12345.scope", NULL, false },
	{ LONG50 LONG50 LONG50 LONG50 "1234567890123456789012345678901234567890.service",
	  LONG50 LONG50 LONG50 LONG50 "1234567890123456789012345678901234567890.service", false },
	{ LONG250, NULL, false },
	{ "@x.service", NULL, false },
	{ "", NULL, false },
	{ "rtp*", NULL, true },
	{ "rtp?.service", NULL, true },
	{ "[a]", NULL, true },
	{ "rtp@.service", NULL, true },
	{ "rtp@", NULL, true },
	{ "user.slice", NULL, true },
};

static void test_names(void)
{
	portres_unit_name name;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *why = portres_unit_mangle(rows[i].word, name);

		if (!tap_ok(rows[i].name ? !why && !strcmp(name, rows[i].name) : !!why,
			    "\"%.30s\" is %.30s", rows[i].word,
			    rows[i].name ? rows[i].name : "refused"))
			tap_diag("got: %s", why ? why : name);
	}
}

/* What systemd itself makes of them, where it is. */
static void test_systemd(void)
{
	size_t i;

	if (system("command -v systemd-escape >/dev/null")) {
		tap_skip("no systemd-escape", "names as systemd-escape has them");
		return;
	}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char command[512];
		char name[512];
		FILE *told;
		bool got;

		if (rows[i].ours || strchr(rows[i].word, '"'))
			continue;
		snprintf(command, sizeof(command), "systemd-escape --mangle -- '%s' 2>/dev/null",
			 rows[i].word);
		told = popen(command, "r");
		got = told && fgets(name, sizeof(name), told);
		if (told)
			pclose(told);
		name[got ? strcspn(name, "\n") : 0] = '\0';
		tap_ok(rows[i].name ? got && !strcmp(name, rows[i].name) : !got,
		       "systemd-escape says the same of \"%.30s\"", rows[i].word);
	}
}

static void test_paths(void)
{
	static const struct {
		const char *path;
		const char *plain;
	} paths[] = {
		{ "/", "/" }, { "//", "/" }, { "/.", "/" }, { "/a", "/a" }, { "/a/", "/a" },
		{ "//a///b/.", "/a/b" }, { "/a/./b", "/a/b" }, { "/a/..b", "/a/..b" },
		{ "/a/...", "/a/..." }, { "/.a", "/.a" }, { "/a/..", NULL }, { "/..", NULL },
		{ "/a/../b", NULL }, { "a", NULL }, { "", NULL }, { ".", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *plain = portres_cgroup_normalize(paths[i].path);

		tap_ok(paths[i].plain ? plain && !strcmp(plain, paths[i].plain) :
		       !plain && errno == EINVAL, "\"%s\" is %s", paths[i].path,
		       paths[i].plain ? paths[i].plain : "refused");
		free(plain);
	}
}

int main(void)
{
	test_names();
	test_systemd();
	test_paths();
	return tap_finish();
}
