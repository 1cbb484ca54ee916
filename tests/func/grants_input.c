// SPDX-License-Identifier: GPL-2.0-only
/*
 * Grants in requests, at creation and at a change: every error with its text, each limit on both
 * sides; and replies have all grants as they were sent.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "env.h"
#include "refusal.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define FIRST 5000
#define COUNT 10

static struct client client;
static uint64_t token;

static void begin(struct request *rq, int cmd)
{
	request_init(rq, cmd, 0);
	if (cmd == PORTRES_CMD_SET) {
		request_u64(rq, PORTRES_A_TOKEN, token);
		return;
	}
	request_u8(rq, PORTRES_A_PROTOCOL, IPPROTO_UDP);
	request_u16(rq, PORTRES_A_FIRST, FIRST + 100);
	request_u16(rq, PORTRES_A_COUNT, COUNT);
}

static void end_nest(struct request *rq, const struct request *nest)
{
	request_put(rq, PORTRES_A_GRANT | NLA_F_NESTED, nest->attrs, nest->len);
}

/* Rows of one grant each. */

static void empty(struct request *nest)
{
	(void)nest;
}

static void user_and_kernel(struct request *nest)
{
	request_u32(nest, PORTRES_GRANT_A_USER, 1);
	request_put(nest, PORTRES_GRANT_A_KERNEL, "", 0);
}

static void cgroup_and_unit(struct request *nest)
{
	request_str(nest, PORTRES_GRANT_A_CGROUP, "/a");
	request_str(nest, PORTRES_GRANT_A_UNIT, "a.service");
}

static void all_of_them(struct request *nest)
{
	user_and_kernel(nest);
	cgroup_and_unit(nest);
}

static void unit_user_alone(struct request *nest)
{
	request_u32(nest, PORTRES_GRANT_A_UNIT_USER, 1);
}

static void user_with_unit_user(struct request *nest)
{
	request_u32(nest, PORTRES_GRANT_A_USER, 1);
	request_u32(nest, PORTRES_GRANT_A_UNIT_USER, 1);
}

static void user_twice(struct request *nest)
{
	request_u32(nest, PORTRES_GRANT_A_USER, 1);
	request_u32(nest, PORTRES_GRANT_A_USER, 1);
}

static void no_user(struct request *nest)
{
	request_u32(nest, PORTRES_GRANT_A_USER, UINT32_MAX);
}

static void no_unit_user(struct request *nest)
{
	request_str(nest, PORTRES_GRANT_A_UNIT, "a.service");
	request_u32(nest, PORTRES_GRANT_A_UNIT_USER, UINT32_MAX);
}

static void short_user(struct request *nest)
{
	request_u16(nest, PORTRES_GRANT_A_USER, 1);
}

static void kernel_with_a_value(struct request *nest)
{
	request_u32(nest, PORTRES_GRANT_A_KERNEL, 1);
}

static void unknown(struct request *nest)
{
	request_u32(nest, PORTRES_GRANT_A_USER, 1);
	request_u32(nest, PORTRES_GRANT_A_MAX + 1, 1);
}

static void unit_without_an_end(struct request *nest)
{
	request_put(nest, PORTRES_GRANT_A_UNIT, "a.service", strlen("a.service"));
}

static void unit_with_two_ends(struct request *nest)
{
	static const char unit[] = "a.service\0b";

	request_put(nest, PORTRES_GRANT_A_UNIT, unit, sizeof(unit));
}

static void unit_with_a_second_end(struct request *nest)
{
	request_put(nest, PORTRES_GRANT_A_UNIT, "a.service\0", sizeof("a.service\0"));
}

static void path_with_two_ends(struct request *nest)
{
	static const char path[] = "/a\0/b";

	request_put(nest, PORTRES_GRANT_A_CGROUP, path, sizeof(path));
}

static const struct {
	const char *name;
	void (*fill)(struct request *nest);
	int error;
} nests[] = {
	{ "an empty nest", empty, EINVAL },
	{ "user and kernel", user_and_kernel, EINVAL },
	{ "cgroup and unit", cgroup_and_unit, EINVAL },
	{ "all of them", all_of_them, EINVAL },
	{ "a unit's user alone", unit_user_alone, EINVAL },
	{ "a unit's user beside a user", user_with_unit_user, EINVAL },
	{ "a user twice", user_twice, EINVAL },
	{ "a user that there cannot be", no_user, EINVAL },
	{ "a unit of a user that there cannot be", no_unit_user, EINVAL },
	{ "a user of two bytes", short_user, EINVAL },
	{ "kernel with a value", kernel_with_a_value, ERANGE },
	{ "an unknown attribute", unknown, EINVAL },
	{ "a unit without its end", unit_without_an_end, EINVAL },
	{ "a unit with bytes behind its end", unit_with_two_ends, EINVAL },
	{ "a unit with two ends", unit_with_a_second_end, EINVAL },
	{ "a path with bytes behind its end", path_with_two_ends, EINVAL },
};

static const char *const paths[] = {
	"", "a", "a/b", "//", "/a/", "/a//b", "//a", "/.", "/..", "/a/..", "/a/../b", "/./a",
	"/", "/a\nb", "/\x7f", "/\xc3", "/a/\x1b[31m",
};

static const char *const units[] = {
	"", "a", ".service", "a.", "a.slice", "-.slice", "a b.service", "a/b.service", "a*.service",
	"\xc3\xa4.service", "a.service\n", "a$.service",
};

static const char *const good[] = {
	"cgroup /a", "cgroup /a/b.c/d e", "cgroup /...", "cgroup /a/.b", "cgroup /\xc3\xa4",
	"unit a.service", "unit a-b_c:d@e.f.scope", "unit dev-sda\\x2d1.socket", "unit @.x",
	"unit a.service of 0", "user 0", "user 4294967294", "kernel",
	"user 7; user 7; kernel; kernel",
	"user 1; user 2; user 3; user 4; user 5; user 6; user 7; user 8; user 9; user 10; user 11; "
	"user 12; user 13; user 14; user 15; user 16",
};

static void bad_nests(int cmd, const char *name)
{
	struct refusal wanted = { .error = EINVAL, .bad = PORTRES_A_GRANT };
	struct request rq, nest;
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nests); i++) {
		request_init(&nest, 0, 0);
		nests[i].fill(&nest);
		begin(&rq, cmd);
		end_nest(&rq, &nest);
		/* the kernel's own checks point to what is inside */
		wanted.error = nests[i].error;
		wanted.bad = ANY_ATTR;
		ok &= refused(&client, &rq, &wanted, nests[i].name);
	}
	tap_refused(ok, "%s: %zu nests", name, i);
}

static bool text_is_refused(int cmd, int type, const char *text)
{
	const struct refusal wanted = { .error = EINVAL, .bad = PORTRES_A_GRANT };
	struct request rq, nest;

	request_init(&nest, 0, 0);
	request_str(&nest, type, text);
	begin(&rq, cmd);
	end_nest(&rq, &nest);
	return refused(&client, &rq, &wanted, text);
}

static void bad_texts(int cmd, const char *name)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(paths); i++)
		ok &= text_is_refused(cmd, PORTRES_GRANT_A_CGROUP, paths[i]);
	tap_refused(ok, "%s: %zu paths", name, i);
	ok = true;
	for (i = 0; i < ARRAY_SIZE(units); i++)
		ok &= text_is_refused(cmd, PORTRES_GRANT_A_UNIT, units[i]);
	tap_refused(ok, "%s: %zu units", name, i);
}

static void others(int cmd, const char *name)
{
	const struct refusal wanted = { .error = EINVAL, .bad = PORTRES_A_GRANT };
	struct request rq;
	bool ok;
	int i;

	begin(&rq, cmd);
	request_put(&rq, PORTRES_A_GRANT, "", 0);
	ok = refused(&client, &rq, &wanted, "not said to be a nest");
	begin(&rq, cmd);
	for (i = 0; i < PORTRES_GRANTS_MAX + 1; i++)
		request_grants(&rq, "user 5");
	ok &= refused(&client, &rq, &wanted, "17 grants");
	tap_refused(ok, "%s: others", name);
}

static void owner_and_16(void)
{
	const struct refusal wanted = { .error = EINVAL, .bad = PORTRES_A_GRANT };
	struct request rq;
	int i;

	begin(&rq, PORTRES_CMD_CREATE);
	request_u32(&rq, PORTRES_A_OWNER, 3);
	for (i = 0; i < PORTRES_GRANTS_MAX; i++)
		request_grants(&rq, "user 5");
	tap_refused(refused(&client, &rq, &wanted, "an owner and 16 grants"),
		    "an owner and 16 grants");
}

static void grants_and_none(void)
{
	const struct refusal wanted = { .error = EINVAL, .bad = PORTRES_A_NO_GRANTS };
	struct request rq;

	begin(&rq, PORTRES_CMD_SET);
	request_grants(&rq, "user 5");
	request_put(&rq, PORTRES_A_NO_GRANTS, "", 0);
	tap_refused(refused(&client, &rq, &wanted, "grants and none"), "grants and none");
}

static void good_ones(void)
{
	struct resv resv;
	unsigned int wrong = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		int error = set_grants(&client, token, good[i]);

		if (!error && !get_token(&client, token, &resv) && !strcmp(told_grants(), good[i]))
			continue;
		tap_diag("%s: %s, told %s", good[i], errno_name(error), told_grants());
		wrong++;
	}
	tap_num(wrong, 0, "%zu grants are told as they were given", i);
}

static void with_owner(void)
{
	struct request rq;
	struct resv resv;

	begin(&rq, PORTRES_CMD_CREATE);
	request_grants(&rq, "kernel; user 8");
	request_u32(&rq, PORTRES_A_OWNER, 7);
	must(client_call(&client, &rq, NULL), "cannot create");
	must(get_port(&client, FIRST + 100, &resv), "no reservation");
	tap_ok(resv.owner == 7 && !strcmp(told_grants(), "user 7; kernel; user 8"),
	       "an owner is one more grant, in front: %s", told_grants());
	must(unreserve(&client, FIRST + 100, COUNT), "cannot delete");
}

/* Paths and units of so many bytes with their ends; 16 of them. */
static void fill_texts(char *grants, size_t bytes)
{
	size_t at = 0;
	int i, j;

	for (i = 0; i < PORTRES_GRANTS_MAX; i++) {
		size_t share = bytes / PORTRES_GRANTS_MAX +
			       (i < (int)(bytes % PORTRES_GRANTS_MAX));

		at += sprintf(grants + at, "%scgroup /", i ? "; " : "");
		for (j = 0; j < (int)share - 2; j++)
			grants[at++] = 'a' + i;
		grants[at] = '\0';
	}
}

static void most_text(void)
{
	static struct resv all[4];
	char grants[4096], unit[300];
	struct client listener;
	struct resv resv;
	size_t count;
	int cmd;

	must(client_open(&listener) ?: client_subscribe(&listener), "cannot listen");
	fill_texts(grants, PORTRES_GRANTS_TEXT_MAX + 1);
	tap_errno(set_grants(&client, token, grants), EINVAL, "2049 bytes of texts");
	fill_texts(grants, PORTRES_GRANTS_TEXT_MAX);
	tap_errno(set_grants(&client, token, grants), 0, "2048 bytes of texts");
	must(get_token(&client, token, &resv), "no reservation");
	tap_ok(!strcmp(told_grants(), grants), "are told in a reply");
	must(dump(&client, all, ARRAY_SIZE(all), &count), "cannot dump");
	tap_ok(!strcmp(told_grants(), grants), "in a dump");
	must(client_event(&listener, 1000, &cmd, &resv), "no notification");
	tap_ok(cmd == PORTRES_CMD_CHANGED && !strcmp(told_grants(), grants), "and to listeners");
	client_close(&listener);

	snprintf(unit, sizeof(unit), "unit %0*d.service", PORTRES_UNIT_MAX - 8, 7);
	tap_errno(set_grants(&client, token, unit), 0, "a unit of 255 bytes");
}

/* 16 units of users, whose managers have names of their own in the kernel. */
static void most_units_of_users(void)
{
	char grants[4096];
	struct resv resv;
	size_t at = 0;
	int i;

	for (i = 0; i < PORTRES_GRANTS_MAX; i++)
		at += sprintf(grants + at, "%sunit %0*d.service of 4294967294", i ? "; " : "",
			      (int)(PORTRES_GRANTS_TEXT_MAX / PORTRES_GRANTS_MAX - 9), i);
	tap_errno(set_grants(&client, token, grants), 0, "16 units of users, with 2048 bytes");
	must(get_token(&client, token, &resv), "no reservation");
	tap_ok(!strcmp(told_grants(), grants), "are told");
}

static void too_long_a_unit(void)
{
	const struct refusal wanted = { .error = EINVAL, .bad = ANY_ATTR };
	char unit[300];
	struct request rq, nest;

	snprintf(unit, sizeof(unit), "%0*d.service", PORTRES_UNIT_MAX - 7, 7);
	request_init(&nest, 0, 0);
	request_str(&nest, PORTRES_GRANT_A_UNIT, unit);
	begin(&rq, PORTRES_CMD_SET);
	end_nest(&rq, &nest);
	tap_refused(refused(&client, &rq, &wanted, "256 bytes"), "a unit of 256 bytes");
}

int main(void)
{
	static const struct { int cmd; const char *name; } commands[] = {
		{ PORTRES_CMD_CREATE, "CREATE" }, { PORTRES_CMD_SET, "SET" },
	};
	size_t i;

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	must(reserve(&client, FIRST, COUNT, "a name", NO_OWNER, &token), "cannot reserve");
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		bad_nests(commands[i].cmd, commands[i].name);
		bad_texts(commands[i].cmd, commands[i].name);
		others(commands[i].cmd, commands[i].name);
	}
	owner_and_16();
	grants_and_none();
	too_long_a_unit();
	good_ones();
	with_owner();
	most_text();
	most_units_of_users();
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
