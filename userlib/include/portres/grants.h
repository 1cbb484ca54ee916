/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Grants: the tasks that may bind to a reservation without an association. A part of
 * <portres/portres.h>, which has the rules for the whole library.
 */
#ifndef PORTRES_GRANTS_H
#define PORTRES_GRANTS_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct portres_entry;
struct portres_grant;
struct portres_reservation;
struct portres_spec;

/*
 * Each of these adds a grant, which allows an explicit bind() by
 *
 *   user     a process with that effective user
 *   unit     a process in the cgroup of that unit of systemd. The name is as systemctl takes it:
 *            ".service" is added where it has no suffix, and it is escaped as by
 *            systemd-escape --mangle; there are no patterns and no aliases. user_unit: of the
 *            manager of that user. The unit need not exist
 *   cgroup   a process in the cgroup (v2) of that absolute path, or below it. It need not exist
 *   kernel   a socket of the kernel itself, by an administrator's request, as of WireGuard
 *
 * A grantee may also associate sockets without privilege, and gets the token. See portres(7). A
 * grant that the specification already has is not added again.
 *
 *   -EINVAL  the word means no single unit; the path is not absolute or has ".."
 *   -E2BIG   too many, or too long, see above
 */
int portres_spec_grant_user(struct portres_spec *spec, uid_t user);
int portres_spec_grant_unit(struct portres_spec *spec, const char *unit);
int portres_spec_grant_user_unit(struct portres_spec *spec, const char *unit, uid_t user);
int portres_spec_grant_cgroup(struct portres_spec *spec, const char *path);
int portres_spec_grant_kernel(struct portres_spec *spec);

/* Its grants by number, from 0; NULL after the last. They are valid as long as the reservation. */
const struct portres_grant *
portres_reservation_grant(const struct portres_reservation *reservation, unsigned int number);

enum portres_grant_kind {
	PORTRES_GRANT_USER = 1,
	PORTRES_GRANT_UNIT = 2,
	PORTRES_GRANT_CGROUP = 3,
	PORTRES_GRANT_KERNEL = 4
};

/*
 * The kind and the value of a grant. user: the user of a user grant, or the user whose manager runs
 * the unit; -ENOENT for all others. unit, cgroup: NULL for a grant of another kind.
 */
enum portres_grant_kind portres_grant_kind(const struct portres_grant *grant);
int portres_grant_user(const struct portres_grant *grant, uid_t *user);
const char *portres_grant_unit(const struct portres_grant *grant);
const char *portres_grant_cgroup(const struct portres_grant *grant);

/* As portres_reservation_grant(). A user whose name was not looked up is not among the grants. */
const struct portres_grant *portres_entry_grant(const struct portres_entry *entry,
						unsigned int number);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* PORTRES_GRANTS_H */
