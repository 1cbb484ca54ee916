/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compares grants with the current task, see grant.c.
 */
#ifndef _PORTRES_GRANT_H
#define _PORTRES_GRANT_H

#include <linux/types.h>

struct cgroup;
struct portres_terms;
struct sock;

bool portres_grant_current(struct portres_terms *terms);
bool portres_grant_sock(struct portres_terms *terms, const struct sock *sk);
bool portres_grant_cgroup(struct portres_terms *terms, const struct cgroup *cgroup);
int portres_grant_anchor(struct portres_terms *terms);

#endif /* _PORTRES_GRANT_H */
