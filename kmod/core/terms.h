/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Name and grants of a reservation: with the block, all that a change can replace.
 *
 * One object, replaced as a whole and read under RCU: see terms.c. grant.c compares grants with
 * tasks.
 */
#ifndef _PORTRES_TERMS_H
#define _PORTRES_TERMS_H

#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "portres.h"

struct pid;

/**
 * enum portres_grant_kind - what a grant names
 * @PORTRES_GRANT_USER: an effective user
 * @PORTRES_GRANT_CGROUP: a cgroup, by its path
 * @PORTRES_GRANT_UNIT: a unit of systemd, by its name
 * @PORTRES_GRANT_KERNEL: sockets of the kernel
 * @PORTRES_GRANT_TREE: a process and its descendants; of runtime reservations only
 */
enum portres_grant_kind {
	PORTRES_GRANT_USER,
	PORTRES_GRANT_CGROUP,
	PORTRES_GRANT_UNIT,
	PORTRES_GRANT_KERNEL,
	PORTRES_GRANT_TREE,
};

/**
 * struct portres_grant - one grant
 * @kind: what it names; it decides which of the next three members are set
 * @user: the user; for a unit, the user whose own manager runs it, or INVALID_UID
 * @text: offset of the path, without its first slash, or of the unit's name in the texts
 * @manager: offset of the name of that user's manager in the texts
 * @matched: id of the cgroup that matched last, 0 for none. An id is never used again, and
 *	the path of a cgroup never changes, as cgroup v2 has no rename
 */
struct portres_grant {
	enum portres_grant_kind kind;
	kuid_t user;
	u16 text;
	u16 manager;
	atomic64_t matched;
};

/**
 * struct portres_terms - name and grants of a reservation
 * @rcu: frees it when readers are through
 * @serial: unique among all objects since the module was loaded
 * @process: root of the process tree of a PORTRES_GRANT_TREE; the reservation holds the
 *	reference
 * @anchor: id of the cgroup that paths and units are searched below: the root of the cgroup
 *	namespace of the task that gave the grants
 * @level: depth of that cgroup in the hierarchy
 * @size: size of the object with grants and texts
 * @texts: offset of the texts in the object
 * @n: number of grants
 * @by_cgroup: some grant is a cgroup or unit
 * @by_kernel: some grant is PORTRES_GRANT_KERNEL
 * @name: for display, may be empty
 * @grants: the grants; the texts follow
 *
 * Once published, an object is constant except for @matched of its grants.
 */
struct portres_terms {
	struct rcu_head rcu;
	u64 serial;
	const struct pid *process;
	u64 anchor;
	unsigned int level;
	u16 size;
	u16 texts;
	u8 n;
	bool by_cgroup;
	bool by_kernel;
	char name[PORTRES_NAME_MAX + 1];
	struct portres_grant grants[];
};

extern const struct portres_terms portres_terms_tree;

struct portres_terms *portres_terms_alloc(unsigned int n, size_t text);
int portres_terms_make(struct portres_terms **terms, const struct portres_terms *grants,
		       const char *name);

/**
 * portres_terms_text - find a text of the grants
 * @terms: name and grants
 * @offset: from struct portres_grant
 */
static inline const char *portres_terms_text(const struct portres_terms *terms, u16 offset)
{
	return (const char *)terms + terms->texts + offset;
}

/**
 * portres_terms_name - get the name
 * @terms: name and grants, or NULL
 */
static inline const char *portres_terms_name(const struct portres_terms *terms)
{
	return terms ? terms->name : "";
}

#endif /* _PORTRES_TERMS_H */
