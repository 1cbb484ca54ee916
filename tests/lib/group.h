/* SPDX-License-Identifier: GPL-2.0-only */
/* Cgroups (v2) of a test, by their paths from the root of the hierarchy, as "/a/b". */
#ifndef PORTRES_TESTS_GROUP_H
#define PORTRES_TESTS_GROUP_H

#include <sys/types.h>

#define GROUP_ROOT "/sys/fs/cgroup"

/* Makes a cgroup and those above it that are missing, or bails. */
void group_make(const char *path);

/* Removes a cgroup and those above it that are empty then. */
void group_remove(const char *path);

/* Hands a cgroup to a user, as systemd does for Delegate=. */
void group_delegate(const char *path, uid_t uid);

/* Moves the calling process; returns 0 or an errno. */
int group_enter(const char *path);

/* Does something in a child, in a cgroup and as a user; returns what @act returned. */
int in_group(const char *path, uid_t uid, int (*act)(void *arg), void *arg);

#endif
