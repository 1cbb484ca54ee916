// SPDX-License-Identifier: GPL-2.0-only
/* Sets of ports, what is exported of them, cgroups with their units, and times. */
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "exported.h"
#include "portset.h"
#include "tap.h"
#include "text.h"
#include "when.h"

static bool is_text(char *got, const char *wanted, const char *what)
{
	bool same = strcmp(got, wanted) == 0;

	if (!tap_ok(same, "%s", what))
		tap_diag("got: %s, wanted: %s", got, wanted);
	free(got);
	return same;
}

static void test_lists(void)
{
	static const struct {
		const char *list;
		const char *again;	/* NULL: it is none */
		unsigned int count;
	} rows[] = {
		{ "", "", 0 },
		{ "1", "1", 1 },
		{ "5000-5009,8080", "5000-5009,8080", 11 },
		{ "8080,5000-5009\n", "5000-5009,8080", 11 },
		{ "1-65535", "1-65535", 65535 },
		{ "0-2", "1-2", 2 },
		{ "0", "", 0 },
		{ "65535", "65535", 1 },
		{ "63,64,65", "63-65", 3 },
		{ "1-3,3-5", "1-5", 5 },
		{ "65536", NULL, 0 },
		{ "5-4", NULL, 0 },
		{ "5-", NULL, 0 },
		{ "-5", NULL, 0 },
		{ "5;6", NULL, 0 },
		{ "x", NULL, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct portset set = { 0 };
		bool good = portset_parse(&set, rows[i].list);

		tap_ok(good == !!rows[i].again, "row %zu, \"%.*s\", is %sa list", i,
		       (int)strcspn(rows[i].list, "\n"), rows[i].list, rows[i].again ? "" : "not ");
		if (!good || !rows[i].again)
			continue;
		is_text(portset_text(&set), rows[i].again, "and the same again");
		tap_num(portset_count(&set), rows[i].count, "of so many ports");
	}
}

static void test_gaps(void)
{
	struct portset set = { 0 };
	struct range gap = { 0 };

	tap_ok(portset_next_gap(&set, 0, &gap) && gap.first == 1 && gap.count == 65535,
	       "the empty set is one gap");
	portset_parse(&set, "1-99,200-65535");
	tap_ok(portset_next_gap(&set, 1, &gap) && gap.first == 100 && gap.count == 100, "a gap");
	tap_ok(!portset_next_gap(&set, 200, &gap), "none behind it");
	tap_ok(!portset_next_gap(&set, 65536, &gap), "none behind the last port");
	tap_ok(!portset_has_any(&set, 100, 199), "no port of the gap");
	tap_ok(portset_has_any(&set, 100, 200), "one behind it");
}

static void test_exports(void)
{
	static const struct {
		const char *what;
		const char *set;	/* in the kernel */
		const char *blocks;
		const char *exported;	/* last time */
		const char *list;	/* to be set */
		const char *kept;	/* for the next time */
	} rows[] = {
		{ "the first time", "", "5000-5009", "", "5000-5009", "5000-5009" },
		{ "beside others", "8080", "5000-5009", "", "5000-5009,8080", "5000-5009" },
		{ "again", "5000-5009,8080", "5000-5009", "5000-5009", "5000-5009,8080",
		  "5000-5009" },
		{ "a deletion", "5000-5009,8080", "", "5000-5009", "8080", "5000-5009" },
		{ "after that", "8080", "", "5000-5009", "8080", "" },
		{ "another block", "5000-5009", "6000", "5000-5009", "6000", "5000-5009,6000" },
		{ "a port of others in a block", "5004", "5000-5009", "", "5000-5009",
		  "5000-5003,5005-5009" },
		{ "which is deleted", "5000-5009", "", "5000-5003,5005-5009", "5004",
		  "5000-5003,5005-5009" },
		{ "not set last time", "8080", "5000", "5000", "5000,8080", "5000" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct portset set = { 0 };
		struct portset blocks = { 0 };
		struct portset exported = { 0 };
		struct portset list;

		portset_parse(&set, rows[i].set);
		portset_parse(&blocks, rows[i].blocks);
		portset_parse(&exported, rows[i].exported);
		exported_merge(&set, &blocks, &exported, &list);
		is_text(portset_text(&list), rows[i].list, rows[i].what);
		is_text(portset_text(&exported), rows[i].kept, "and what is kept");
	}
}

static void test_units(void)
{
	static const struct {
		const char *cgroup;
		const char *unit;	/* NULL: none */
		bool has_user;
		uid_t user;
	} rows[] = {
		{ "/", NULL, false, 0 },
		{ "/system.slice", NULL, false, 0 },
		{ "/init.scope", "init.scope", false, 0 },
		{ "/system.slice/rtp.service", "rtp.service", false, 0 },
		{ "/system.slice/system-x.slice/x@1.service/inner", "x@1.service", false, 0 },
		{ "/user.slice/user-7.slice/session-1.scope", "session-1.scope", false, 0 },
		{ "/user.slice/user-7.slice/user@7.service", "user@7.service", false, 0 },
		{ "/user.slice/user-7.slice/user@7.service/app.slice/a.service", "a.service", true,
		  7 },
		{ "/user@7.services/a.service", NULL, false, 0 },
		{ "/docker/0123", NULL, false, 0 },
		{ "/test.slice/test", NULL, false, 0 },
		{ "/system.slice/vpn@a\\x2db.service", "vpn@a\\x2db.service", false, 0 },
		{ "/user@7.service/a;reboot;.service", NULL, false, 0 },
		{ "/user@7.service/a\tb.service", NULL, false, 0 },
		{ "/user@7.service/a b.service", NULL, false, 0 },
		{ "/user@7.service/$(a).service", NULL, false, 0 },
		{ "/user@7.service/'a'.service", NULL, false, 0 },
		{ "/a;b.service", NULL, false, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct unit unit;
		bool has = cgroup_unit(rows[i].cgroup, &unit);
		bool right = has == !!rows[i].unit;

		if (right && has)
			right = !strcmp(unit.name, rows[i].unit) &&
				unit.has_user == rows[i].has_user && unit.user == rows[i].user;
		tap_ok(right, "the unit of %s", rows[i].cgroup);
	}
	tap_ok(cgroup_is_below("/a/b", "/a"), "a cgroup below another");
	tap_ok(cgroup_is_below("/a", "/a"), "the same");
	tap_ok(cgroup_is_below("/a", "/"), "the root");
	tap_ok(!cgroup_is_below("/ab", "/a"), "another that begins so");
	tap_ok(cgroup_is_of_unit("/user@7.service/a.service", "user@7.service", false, 0),
	       "a unit of a user is in that of its manager");
	tap_ok(!cgroup_is_of_unit("/user@7.service/a.service", "a.service", false, 0),
	       "and not the system's of that name");
	tap_ok(cgroup_is_of_unit("/user@7.service/a.service", "a.service", true, 7),
	       "but the user's");
	tap_ok(!cgroup_is_of_unit("/user@7.service/a.service", "a.service", true, 8),
	       "of that user only");
}

static void test_times(void)
{
	setenv("TZ", "UTC0", 1);
	tzset();
	is_text(time_text(1795521600), "2026-11-24T12:00:00+00:00", "a time");
	setenv("TZ", "XYZ-05:30", 1);
	tzset();
	is_text(time_text(1795521600), "2026-11-24T17:30:00+05:30", "in another zone");
}

int main(void)
{
	test_lists();
	test_gaps();
	test_exports();
	test_units();
	test_times();
	return tap_finish();
}
