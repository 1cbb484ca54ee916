// SPDX-License-Identifier: GPL-2.0-only
/* The sysctls: defaults, write permission, values that they take; one set for each namespace. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define DIRECTORY "net/portres"

static const struct {
	const char *name;
	int initial;
} sysctls[] = {
	{ "denied_errno", EADDRINUSE },
	{ "user_max_ports", 4096 },
	{ "user_max_reservations", 128 },
};

/* What it says, or -1. */
static long read_sysctl(const char *name)
{
	char path[128], text[64], *end;
	long value;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/sys/" DIRECTORY "/%s", name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	value = strtol(text, &end, 10);
	return end > text && *end == '\n' ? value : -1;
}

static int write_sysctl(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), DIRECTORY "/%s", name);
	return set_sysctl(path, "%s", text);
}

static const struct value {
	const char *text;
	int error;
	long value;	/* where it is taken */
} errnos[] = {
	{ "13", 0, EACCES }, { "98", 0, EADDRINUSE }, { "13\n", 0, EACCES }, { " 98 ", 0, 98 },
	{ "0", EINVAL, 0 }, { "1", EINVAL, 0 }, { "12", EINVAL, 0 }, { "14", EINVAL, 0 },
	{ "97", EINVAL, 0 }, { "99", EINVAL, 0 }, { "-13", EINVAL, 0 }, { "-98", EINVAL, 0 },
	{ "65549", EINVAL, 0 }, { "4294967309", EINVAL, 0 }, { "2147483648", EINVAL, 0 },
	{ "EACCES", EINVAL, 0 }, { "13x", EINVAL, 0 }, { "1 3", EINVAL, 0 }, { "-", EINVAL, 0 },
	{ "99999999999999999999999999", EINVAL, 0 },
}, bounds[] = {
	{ "0", 0, 0 }, { "1", 0, 1 }, { "65535", 0, 65535 }, { "4096\n", 0, 4096 },
	{ "-1", EINVAL, 0 }, { "65536", EINVAL, 0 }, { "2147483647", EINVAL, 0 },
	{ "4294967296", EINVAL, 0 }, { "4294967297", EINVAL, 0 }, { "many", EINVAL, 0 },
	{ "7x", EINVAL, 0 }, { "-", EINVAL, 0 }, { "99999999999999999999999999", EINVAL, 0 },
};

static void values_of(const char *name, const struct value *values, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		long before = read_sysctl(name);

		tap_errno(write_sysctl(name, values[i].text), values[i].error,
			  "%s: row %zu, \"%.*s\"", name, i, (int)strcspn(values[i].text, "\n"),
			  values[i].text);
		tap_num(read_sysctl(name), values[i].error ? before : values[i].value,
			"%s: what it says then", name);
	}
}

static void defaults(const char *where)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sysctls); i++)
		tap_num(read_sysctl(sysctls[i].name), sysctls[i].initial, "%s: %s", where,
			sysctls[i].name);
}

static int wrong_defaults(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sysctls); i++)
		if (read_sysctl(sysctls[i].name) != sysctls[i].initial)
			return ERANGE;
	return 0;
}

static int write_all(void *arg)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sysctls); i++) {
		int error = write_sysctl(sysctls[i].name, i ? "77" : "13");

		if (error)
			return i ? EINVAL : error;
		if (read_sysctl(sysctls[i].name) != (i ? 77 : 13))
			return ERANGE;
	}
	(void)arg;
	return 0;
}

static int read_all(void *arg)
{
	(void)arg;
	return wrong_defaults();
}

static int new_and_write(void *arg)
{
	new_netns();
	return wrong_defaults() ? ERANGE : write_all(arg);
}

static int own_and_write(void *arg)
{
	return wrong_defaults() ? ERANGE : write_all(arg);
}

/* Each file is of one's own namespace, and opens for its own root. */
static void users(void)
{
	tap_errno(as_user(STRANGER_UID, read_all, NULL), 0, "a stranger reads");
	tap_errno(as_user(STRANGER_UID, write_all, NULL), EACCES, "a stranger writes");
	tap_errno(as_userns_root(false, write_all, NULL), EACCES, "a user namespace's root writes");
	defaults("after these");
	tap_errno(in_child(new_and_write, NULL), 0, "root writes in another network namespace");
	tap_errno(as_userns_root(true, own_and_write, NULL), 0,
		  "root of the user namespace that owns the network namespace writes");
	defaults("after those");
}

static void new_namespace(void)
{
	int home = netns_get();

	must(write_all(NULL), "cannot write");
	new_netns();
	defaults("a new namespace");
	netns_enter(home);
	close(home);
	tap_num(read_sysctl("user_max_ports"), 77, "the old one is as it was");
}

static void files(void)
{
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sysctls); i++) {
		char path[128];

		snprintf(path, sizeof(path), "/proc/sys/" DIRECTORY "/%s", sysctls[i].name);
		tap_ok(!stat(path, &st) && (st.st_mode & 07777) == 0644 && !st.st_uid,
		       "%s belongs to root, and all may read it", sysctls[i].name);
	}
}

int main(void)
{
	new_netns();
	tap_ok(access("/proc/sys/" DIRECTORY, F_OK) != 0, "without the module there are none");
	module_load();
	defaults("at first");
	files();
	users();
	values_of("denied_errno", errnos, ARRAY_SIZE(errnos));
	values_of("user_max_ports", bounds, ARRAY_SIZE(bounds));
	values_of("user_max_reservations", bounds, ARRAY_SIZE(bounds));
	new_namespace();
	tap_ok(module_unloads(), "the module can be unloaded");
	tap_ok(access("/proc/sys/" DIRECTORY, F_OK) != 0, "they go with it");
	module_load();
	defaults("after it was loaded again");
	return tap_finish();
}
