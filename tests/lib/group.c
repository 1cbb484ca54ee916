// SPDX-License-Identifier: GPL-2.0-only
/* Makes cgroups and puts processes into them. */
#include "group.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env.h"
#include "tap.h"

#define PATH_SIZE 512

static void full_path(char *full, const char *path, const char *file)
{
	snprintf(full, PATH_SIZE, GROUP_ROOT "%s%s%s", path, *file ? "/" : "", file);
}

void group_make(const char *path)
{
	char full[PATH_SIZE];
	char *at;

	full_path(full, path, "");
	for (at = full + strlen(GROUP_ROOT) + 1; at; ) {
		at = strchr(at, '/');
		if (at)
			*at = '\0';
		if (mkdir(full, 0755) && errno != EEXIST)
			tap_bail("cannot make %s: %s", full, strerror(errno));
		if (at)
			*at++ = '/';
	}
}

void group_remove(const char *path)
{
	char full[PATH_SIZE];
	char *end;

	full_path(full, path, "");
	while (strlen(full) > strlen(GROUP_ROOT) && !rmdir(full)) {
		end = strrchr(full, '/');
		*end = '\0';
	}
}

void group_delegate(const char *path, uid_t uid)
{
	static const char *const files[] = { "", "cgroup.procs", "cgroup.threads",
					     "cgroup.subtree_control" };
	char full[PATH_SIZE];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		full_path(full, path, files[i]);
		if (chown(full, uid, uid))
			tap_bail("cannot delegate %s: %s", full, strerror(errno));
	}
}

int group_enter(const char *path)
{
	char full[PATH_SIZE];
	int fd, error = 0;

	full_path(full, path, "cgroup.procs");
	fd = open(full, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (write(fd, "0", 1) != 1)
		error = errno;
	close(fd);
	return error;
}

struct move {
	const char *path;
	uid_t uid;
	int (*act)(void *arg);
	void *arg;
};

static int move_and_act(void *arg)
{
	const struct move *move = arg;

	if (move->path)
		must(group_enter(move->path), "cannot enter a cgroup");
	if (move->uid && (setgroups(0, NULL) || setresgid(move->uid, move->uid, move->uid) ||
			  setresuid(move->uid, move->uid, move->uid)))
		tap_bail("cannot become user %u: %s", move->uid, strerror(errno));
	return move->act(move->arg);
}

int in_group(const char *path, uid_t uid, int (*act)(void *arg), void *arg)
{
	struct move move = { .path = path, .uid = uid, .act = act, .arg = arg };

	return in_child(move_and_act, &move);
}
