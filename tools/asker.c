// SPDX-License-Identifier: GPL-2.0-only
/* Finds out about a user, a unit or a process what decides whether it may bind. */
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asker.h"
#include "disk/words.h"
#include "grantee.h"
#include "process.h"
#include "text.h"

static bool reject(const char *format, const char *word, parse_reason reason)
{
	char *shown = quoted_text(word);

	snprintf(reason, REASON_MAX, format, shown);
	free(shown);
	return false;
}

static bool parse_pid(int argc, char **argv, struct asker *asker, parse_reason reason)
{
	uint32_t number;

	if (argc < 2)
		return reject("missing value after \"%s\"", argv[0], reason);
	if (!portres_words_number(argv[1], &number) || !number || number > INT32_MAX)
		return reject("\"%s\" is not the number of a process", argv[1], reason);
	if (argc > 2)
		return reject("unexpected word \"%s\" after the process", argv[2], reason);
	asker->kind = ASKER_PROCESS;
	asker->pid = (pid_t)number;
	return true;
}

static bool set_grantee(const struct grantee *grantee, struct asker *asker)
{
	if (grantee->kind == PORTRES_GRANT_USER) {
		asker->kind = ASKER_USER;
		asker->has_user = true;
		asker->user = grantee->user;
		return true;
	}
	asker->kind = ASKER_UNIT;
	asker->has_unit = true;
	asker->unit.has_user = grantee->has_user;
	asker->unit.user = grantee->user;
	return !portres_unit_mangle(grantee->text, asker->unit.name);
}

bool asker_parse(int argc, char **argv, struct asker *asker, parse_reason reason)
{
	struct block_args args = { 0 };
	int used;

	memset(asker, 0, sizeof(*asker));
	if (!argc)
		return true;
	if (strcmp(argv[0], "for") != 0)
		return reject("unknown keyword \"%s\": expected for", argv[0], reason);
	if (argc > 1 && strcmp(argv[1], "pid") == 0)
		return parse_pid(argc - 1, argv + 1, asker, reason);
	if (argc < 2 || (strcmp(argv[1], "user") != 0 && strcmp(argv[1], "unit") != 0))
		return reject("unknown keyword \"%s\" after \"for\": expected user, unit or pid",
			      argc > 1 ? argv[1] : "", reason);
	used = parse_grantee(argc - 1, argv + 1, &args, reason);
	if (!used)
		return false;
	if (used + 1 < argc)
		return reject("unexpected word \"%s\"", argv[used + 1], reason);
	return set_grantee(&args.grantees[0], asker);
}

/* Reads a line of /proc/PID/status. To be freed; NULL: there is no such process, or line. */
static char *status_value(pid_t pid, const char *name)
{
	char *path = format_text("/proc/%d/status", (int)pid);
	FILE *file = fopen(path, "re");
	size_t len = strlen(name);
	char *value = NULL;
	char *line = NULL;
	size_t room = 0;

	free(path);
	while (file && !value && getline(&line, &room, file) >= 0)
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			value = check_alloc(strdup(line + len + 1));
	free(line);
	if (file)
		fclose(file);
	return value;
}

/* Whether a process has the same namespace as the caller; also if that is not to be seen. */
static bool shares_namespace(pid_t pid, const char *name)
{
	char *path = format_text("/proc/%d/ns/%s", (int)pid, name);
	char *own = format_text("/proc/self/ns/%s", name);
	struct stat theirs;
	struct stat ours;
	bool same = stat(path, &theirs) || stat(own, &ours) ||
		    (theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino);

	free(path);
	free(own);
	return same;
}

/* A capability in a user namespace below the one of the network namespace does not count. */
static enum asker_privilege process_privilege(pid_t pid)
{
	char *value = status_value(pid, "CapEff");
	unsigned long long mask = 0;
	bool known = value && sscanf(value, "%llx", &mask) == 1;

	free(value);
	if (!known)
		return PRIVILEGE_UNKNOWN;
	return mask >> CAP_NET_BIND_SERVICE & 1 && shares_namespace(pid, "user") ? PRIVILEGE_YES :
										   PRIVILEGE_NO;
}

static bool find_process(struct asker *asker)
{
	char *value = status_value(asker->pid, "Uid");
	unsigned int effective;

	if (!value)
		return false;
	if (sscanf(value, "%*u %u", &effective) == 1) {
		asker->has_user = true;
		asker->user = effective;
	}
	free(value);
	free(asker->cgroup);
	asker->cgroup = cgroup_of_process(asker->pid);
	asker->privilege = process_privilege(asker->pid);
	asker->elsewhere = !shares_namespace(asker->pid, "net");
	return true;
}

/* What runs of a unit shows as which user, and with which privileges, it does. */
static void find_unit(struct asker *asker)
{
	char *name = unit_text(&asker->unit);
	char *safe = safe_text(name);

	asker->name = format_text("unit %s", safe);
	asker->cgroup = cgroup_of_unit(&asker->unit);
	asker->pid = asker->cgroup ? cgroup_process(asker->cgroup) : 0;
	if (asker->pid)
		find_process(asker);
	free(name);
	free(safe);
}

static void find_user(struct asker *asker)
{
	char *name = user_text(asker->user);
	char *safe = safe_text(name);

	asker->name = format_text("user %s", safe);
	asker->privilege = asker->user ? PRIVILEGE_NO : PRIVILEGE_YES;
	free(name);
	free(safe);
}

static bool find_named_process(struct asker *asker, parse_reason reason)
{
	char command[64];
	char *safe;

	if (!find_process(asker)) {
		snprintf(reason, REASON_MAX, "there is no process %d here", (int)asker->pid);
		return false;
	}
	process_command(asker->pid, command, sizeof(command));
	safe = safe_text(command);
	asker->name = format_text("process %s[%d]", safe, (int)asker->pid);
	asker->has_unit = asker->cgroup && cgroup_unit(asker->cgroup, &asker->unit);
	free(safe);
	return true;
}

bool asker_find(struct asker *asker, parse_reason reason)
{
	switch (asker->kind) {
	case ASKER_CALLER:
		asker->cgroup = cgroup_of_process(getpid());
		break;
	case ASKER_USER:
		find_user(asker);
		break;
	case ASKER_UNIT:
		find_unit(asker);
		break;
	case ASKER_PROCESS:
		return find_named_process(asker, reason);
	}
	return true;
}

void asker_free(struct asker *asker)
{
	free(asker->name);
	free(asker->cgroup);
	memset(asker, 0, sizeof(*asker));
}

bool asker_descends(const struct asker *asker, pid_t ancestor)
{
	pid_t pid = asker->pid;

	while (pid > 0 && pid != ancestor) {
		char *value = status_value(pid, "PPid");

		pid = value ? (pid_t)strtol(value, NULL, 10) : 0;
		free(value);
	}
	return pid > 0;
}
