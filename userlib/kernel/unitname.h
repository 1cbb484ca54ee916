/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of systemd's units and paths of cgroups, as grants have them. Pure. */
#ifndef PORTRES_UNITNAME_H
#define PORTRES_UNITNAME_H

#include <linux/portres.h>
#include <stdbool.h>

typedef char portres_unit_name[PORTRES_UNIT_MAX + 1];

/* Checks for a name with suffix, of a unit or a template, in the characters of systemd. */
bool portres_unit_is_name(const char *name);

/*
 * Writes the full name of the unit that a word means, as systemd-escape --mangle does: escaped,
 * with ".service" if there is no suffix, a path as the mount or device unit. Returns NULL, or an
 * error message if the word does not mean exactly one unit.
 */
const char *portres_unit_mangle(const char *word, portres_unit_name name);

/*
 * Copies an absolute path without "." and redundant slashes; the caller frees it. NULL with errno
 * EINVAL if the path is not absolute or has "..", or ENOMEM.
 */
char *portres_cgroup_normalize(const char *path);

#endif /* PORTRES_UNITNAME_H */
