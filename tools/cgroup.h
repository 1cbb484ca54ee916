/* SPDX-License-Identifier: GPL-2.0-only */
/* Cgroups (v2) of processes, and the units of systemd in them. */
#ifndef PORTRES_CGROUP_H
#define PORTRES_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "kernel/unitname.h"

/* The unit that a cgroup is in, as a grant names it. */
struct unit {
	portres_unit_name name;
	bool has_user;		/* a unit of that user's own manager */
	uid_t user;
};

/* The cgroup of a process, from the root of the hierarchy. To be freed; NULL: not known. */
char *cgroup_of_process(pid_t pid);

/*
 * The cgroup with an id, as a bind had it. To be freed; NULL: it is gone, or may not be looked up.
 */
char *cgroup_of_id(uint64_t id);

/* Finds the unit of a cgroup: of a user's manager if there is one. Returns whether there is one. */
bool cgroup_unit(const char *cgroup, struct unit *unit);

/* Whether a unit grant for that name (and user) matches a task in the cgroup. */
bool cgroup_is_of_unit(const char *cgroup, const char *name, bool has_user, uid_t user);

/* Whether a cgroup is path or below it. */
bool cgroup_is_below(const char *cgroup, const char *path);

/* The cgroup of a unit. To be freed; NULL: there is none, so the unit does not run. */
char *cgroup_of_unit(const struct unit *unit);

/* Opens the directory of a cgroup; -1: not possible. */
int cgroup_open(const char *cgroup);

/* A process in the cgroup or below it; 0: there is none. */
pid_t cgroup_process(const char *cgroup);

/* "rtp.service", "rtp.service of alice". To be freed. */
char *unit_text(const struct unit *unit);

#endif /* PORTRES_CGROUP_H */
