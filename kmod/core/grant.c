// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the caller of bind() with the grants of a reservation.
 *
 * A grant is compared with the current task, not with the creator of the socket. An unbound socket
 * can be passed on by SCM_RIGHTS, fchown() changes the owner of a socket, and a daemon may create
 * its socket before it drops its privilege or is moved into its cgroup. The kernel checks
 * CAP_NET_BIND_SERVICE of the current task as well.
 *
 * A socket of the kernel (sk_kern_sock) is an exception: the current task is any that makes the
 * kernel create the socket, so only PORTRES_GRANT_KERNEL admits it. That grant also requires
 * CAP_NET_ADMIN of the current task: an unprivileged bind of AF_RXRPC makes the kernel create a UDP
 * socket on a port of the caller's choice. No other property identifies a socket of the kernel:
 * since 6.12 sk_net_refcnt can be set for one, sunrpc gives it a file after the bind, and WireGuard
 * binds in the context of ip(8).
 *
 * Neither user 0 nor a capability admits a task by itself.
 *
 * All functions but portres_grant_anchor() are called under RCU, from the bind path, maybe by a
 * BPF program: they take no lock and do not sleep. cgroup_path_ns() takes a mutex, so the names on
 * the path of a cgroup are compared one by one, along the array of its ancestors. The tasks in a
 * cgroup pin it, it is freed after a grace period, and it holds its ancestors and its kernfs node.
 * Names in cgroup v2 never change.
 */
#include <linux/capability.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "compat.h"
#include "grant.h"
#include "sock.h"
#include "terms.h"

/* Bounds the walk from a task to its ancestors, as a chain of processes can be of any length. */
#define GENERATIONS_MAX	1024

#ifdef CONFIG_CGROUPS
static const char *cgroup_name_at(const struct cgroup *cgroup, int level)
{
	return portres_kernfs_name(cgroup->ancestors[level]->kn);
}

/* Compares with the first @len bytes of a text. */
static bool is_text(const char *name, const char *text, size_t len)
{
	return !strncmp(name, text, len) && !name[len];
}

/* Compares whole components: "/a/b/c" is below "/a/b", "/a/bc" is not. */
static bool is_below_path(const struct cgroup *cgroup, int level, const char *path)
{
	size_t len;

	while (*path) {
		len = strchrnul(path, '/') - path;
		if (++level > cgroup->level || !is_text(cgroup_name_at(cgroup, level), path, len))
			return false;
		path += len;
		if (*path)
			path++;
	}
	return true;
}

static bool is_slice(const char *name)
{
	size_t len = strlen(name);

	return len > strlen(".slice") && !strcmp(name + len - strlen(".slice"), ".slice");
}

/* systemd prefixes an underscore to names that could be those of a cgroup's control files. */
static bool is_unit(const char *name, const char *unit)
{
	return !strcmp(name[0] == '_' ? name + 1 : name, unit);
}

/*
 * The cgroup of a unit is the first one below @level that is not a slice. Deeper ones prove
 * nothing: the unit itself names them if the subtree is delegated to it.
 *
 * Return: the level of that cgroup; one beyond the level of @cgroup if there is none.
 */
static int unit_level(const struct cgroup *cgroup, int level)
{
	do
		level++;
	while (level <= cgroup->level && is_slice(cgroup_name_at(cgroup, level)));
	return level;
}

static bool is_in_unit(const struct cgroup *cgroup, int level, const char *unit)
{
	return level <= cgroup->level && is_unit(cgroup_name_at(cgroup, level), unit);
}

static bool matches_unit(const struct portres_terms *terms, const struct portres_grant *grant,
			 const struct cgroup *cgroup)
{
	int level = unit_level(cgroup, terms->level);

	if (uid_valid(grant->user)) {
		if (!is_in_unit(cgroup, level, portres_terms_text(terms, grant->manager)))
			return false;
		level = unit_level(cgroup, level);
	}
	return is_in_unit(cgroup, level, portres_terms_text(terms, grant->text));
}

static bool is_anchored(const struct portres_terms *terms, const struct cgroup *cgroup)
{
	return cgroup->level >= (int)terms->level &&
	       cgroup_id(cgroup->ancestors[terms->level]) == terms->anchor;
}

static bool matches_names(const struct portres_terms *terms, const struct portres_grant *grant,
			  const struct cgroup *cgroup)
{
	if (!is_anchored(terms, cgroup))
		return false;
	if (grant->kind == PORTRES_GRANT_UNIT)
		return matches_unit(terms, grant, cgroup);
	return is_below_path(cgroup, terms->level, portres_terms_text(terms, grant->text));
}

/* Remembers the id of the last match. Racing writers each write the id of a match. */
static bool matches_cgroup(const struct portres_terms *terms, struct portres_grant *grant,
			   const struct cgroup *cgroup)
{
	u64 id = cgroup_id(cgroup);

	if (likely(atomic64_read(&grant->matched) == id))
		return true;
	if (!matches_names(terms, grant, cgroup))
		return false;
	atomic64_set(&grant->matched, id);
	return true;
}

static const struct cgroup *current_cgroup(void)
{
	return task_dfl_cgroup(current);
}

/**
 * portres_grant_anchor - set the root of the current task's cgroup namespace as the anchor of paths
 * @terms: grants whose paths begin there; not published yet
 *
 * Stores the id only: a reference would keep the memory of a removed cgroup.
 *
 * Context: process, sleeps.
 * Return: 0 or a negative errno.
 */
int portres_grant_anchor(struct portres_terms *terms)
{
	struct cgroup *root = cgroup_get_from_path("/");

	if (IS_ERR(root))
		return PTR_ERR(root);
	terms->anchor = cgroup_id(root);
	terms->level = root->level;
	cgroup_put(root);
	return 0;
}
#else
static bool matches_cgroup(const struct portres_terms *terms, struct portres_grant *grant,
			   const struct cgroup *cgroup)
{
	return false;
}

static const struct cgroup *current_cgroup(void)
{
	return NULL;
}

int portres_grant_anchor(struct portres_terms *terms)
{
	return -EOPNOTSUPP;
}
#endif

/*
 * Follows real_parent, which ptrace() does not change. A task that exits is freed after a grace
 * period. The parent of the first task is the task itself.
 */
static bool is_in_tree(const struct pid *root)
{
	const struct task_struct *task = current, *parent;
	int i;

	for (i = 0; i <= GENERATIONS_MAX; i++) {
		if (task_tgid((struct task_struct *)task) == root)
			return true;
		parent = rcu_dereference(task->real_parent);
		if (parent == task)
			return false;
		task = parent;
	}
	return false;
}

static bool matches(const struct portres_terms *terms, struct portres_grant *grant,
		    const struct cgroup *cgroup)
{
	switch (grant->kind) {
	case PORTRES_GRANT_USER:
		return uid_eq(grant->user, current_euid());
	case PORTRES_GRANT_CGROUP:
	case PORTRES_GRANT_UNIT:
		return matches_cgroup(terms, grant, cgroup);
	case PORTRES_GRANT_TREE:
		return is_in_tree(terms->process);
	case PORTRES_GRANT_KERNEL:
		break;
	}
	return false;
}

static bool matches_any(struct portres_terms *terms, const struct cgroup *cgroup)
{
	unsigned int i;

	for (i = 0; i < terms->n; i++)
		if (matches(terms, &terms->grants[i], cgroup))
			return true;
	return false;
}

/**
 * portres_grant_cgroup - check whether grants match a task of the current user in a cgroup
 * @terms: the grants
 * @cgroup: the cgroup
 */
bool portres_grant_cgroup(struct portres_terms *terms, const struct cgroup *cgroup)
{
	return matches_any(terms, cgroup);
}

/**
 * portres_grant_current - check whether grants match the current task
 * @terms: the grants
 *
 * Context: under RCU.
 */
bool portres_grant_current(struct portres_terms *terms)
{
	return matches_any(terms, terms->by_cgroup ? current_cgroup() : NULL);
}

/**
 * portres_grant_sock - check whether grants allow the current task to bind a socket
 * @terms: the grants
 * @sk: the socket
 *
 * Missing CAP_NET_ADMIN is no error here: do not audit it.
 *
 * Context: under RCU.
 */
bool portres_grant_sock(struct portres_terms *terms, const struct sock *sk)
{
	if (portres_sock_is_kernels(sk))
		return terms->by_kernel &&
		       ns_capable_noaudit(sock_net(sk)->user_ns, CAP_NET_ADMIN);
	return portres_grant_current(terms);
}
