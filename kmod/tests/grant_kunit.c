// SPDX-License-Identifier: GPL-2.0-only
/*
 * Grants: which cgroups a path and a unit match, with fabricated struct cgroup; and binds of
 * grantees and of other users and processes.
 */
#include <kunit/test.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/kernfs.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/grant.h"
#include "core/terms.h"
#include "fixture.h"
#include "reserve/acquire.h"
#include "udp/bind.h"
#include "udp/hook.h"

#define FIRST	5000
#define LAST	5009
#define PORT	5004
#define GRANTEE	1000
#define ROOT_ID	1

static const struct cgroup_row {
	const char *path;	/* of a grant; NULL for a unit */
	const char *unit;
	const char *manager;
	const char *cgroup;	/* in which the task is */
	unsigned int level;	/* of the root of the grant's namespace */
	bool matches;
} cgroup_rows[] = {
	{ "/a/b", NULL, NULL, "/a/b", 0, true },
	{ "/a/b", NULL, NULL, "/a/b/c", 0, true },
	{ "/a/b", NULL, NULL, "/a/b/c/d/e/f", 0, true },
	{ "/a/b", NULL, NULL, "/a", 0, false },
	{ "/a/b", NULL, NULL, "/", 0, false },
	{ "/a/b", NULL, NULL, "/a/bc", 0, false },
	{ "/a/b", NULL, NULL, "/a/bc/b", 0, false },
	{ "/a/bc", NULL, NULL, "/a/b", 0, false },
	{ "/a/b", NULL, NULL, "/x/a/b", 0, false },
	{ "/a/b", NULL, NULL, "/a/x/b", 0, false },
	{ "/a/b", NULL, NULL, "/b/a", 0, false },
	{ "/a", NULL, NULL, "/a", 0, true },
	{ "/a", NULL, NULL, "/ab", 0, false },
	{ "/a/b", NULL, NULL, "/box/a/b", 1, true },
	{ "/a/b", NULL, NULL, "/box/a/b/c", 1, true },
	{ "/a/b", NULL, NULL, "/box/a/bc", 1, false },
	{ "/a/b", NULL, NULL, "/a/b", 1, false },
	{ "/a/b", NULL, NULL, "/other/a/b", 1, false },
	{ "/", NULL, NULL, "/box", 1, true },
	{ "/", NULL, NULL, "/box/any/thing", 1, true },
	{ "/", NULL, NULL, "/other/any", 1, false },
	{ "/", NULL, NULL, "/", 1, false },
	{ NULL, "r.service", NULL, "/system.slice/r.service", 0, true },
	{ NULL, "r.service", NULL, "/system.slice/r.service/sub", 0, true },
	{ NULL, "r.service", NULL, "/r.service", 0, true },
	{ NULL, "r.service", NULL, "/a.slice/a-b.slice/r.service", 0, true },
	{ NULL, "r.service", NULL, "/system.slice", 0, false },
	{ NULL, "r.service", NULL, "/", 0, false },
	{ NULL, "r.service", NULL, "/system.slice/s.service", 0, false },
	{ NULL, "r.service", NULL, "/system.slice/s.service/r.service", 0, false },
	{ NULL, "r.service", NULL, "/system.slice/r.services", 0, false },
	{ NULL, "r.service", NULL, "/system.slice/ar.service", 0, false },
	{ NULL, "r.service", NULL, "/system.slice/r.service.slice/r.service", 0, true },
	{ NULL, "r.service", NULL, "/machine.slice/box.scope/system.slice/r.service", 0, false },
	{ NULL, "r.service", NULL, "/user.slice/user-7.slice/session-2.scope/r.service", 0, false },
	{ NULL, "r.service", NULL,
	  "/user.slice/user-7.slice/user@7.service/app.slice/r.service", 0, false },
	{ NULL, "r.service", NULL, "/user.slice/user-7.slice/user@7.service/r.service", 0, false },
	{ NULL, "r.service", NULL, "/box/system.slice/r.service", 1, true },
	{ NULL, "r.service", NULL, "/other/system.slice/r.service", 1, false },
	{ NULL, "cpu.service", NULL, "/system.slice/_cpu.service", 0, true },
	{ NULL, "_x.service", NULL, "/system.slice/__x.service", 0, true },
	{ NULL, "x.service", NULL, "/system.slice/__x.service", 0, false },
	{ NULL, "r.service", "user@7.service",
	  "/user.slice/user-7.slice/user@7.service/app.slice/r.service", 0, true },
	{ NULL, "r.service", "user@7.service",
	  "/user.slice/user-7.slice/user@7.service/r.service/sub", 0, true },
	{ NULL, "r.service", "user@7.service",
	  "/user.slice/user-8.slice/user@8.service/app.slice/r.service", 0, false },
	{ NULL, "r.service", "user@7.service",
	  "/user.slice/user-7.slice/user@7.service/app.slice/s.service/r.service", 0, false },
	{ NULL, "r.service", "user@7.service", "/system.slice/r.service", 0, false },
	{ NULL, "r.service", "user@7.service",
	  "/system.slice/s.service/user@7.service/r.service", 0, false },
	{ NULL, "r.service", "user@7.service",
	  "/user.slice/user-7.slice/user@7.service", 0, false },
};

static void cgroup_row_name(const struct cgroup_row *row, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%s%s: %s, %u", row->path ?: row->unit,
		 row->manager ? " of a user" : "", row->cgroup, row->level);
}

KUNIT_ARRAY_PARAM(cgroup_row, cgroup_rows, cgroup_row_name);

/* Ids of cgroups: each component has one that depends on its place and its name. */
static u64 id_of(const char *path, size_t len)
{
	u64 id = ROOT_ID;

	while (len--)
		id = id * 131 + (u8)*path++;
	return id;
}

static struct cgroup *make_one(struct kunit *test, const char *path, size_t len, int level)
{
	struct cgroup *cgroup = kunit_kzalloc(test, struct_size(cgroup, ancestors, level + 1),
					      GFP_KERNEL);
	struct kernfs_node *kn = kunit_kzalloc(test, sizeof(*kn), GFP_KERNEL);
	const char *name = path + len;
	char *copy;

	KUNIT_ASSERT_NOT_NULL(test, cgroup);
	KUNIT_ASSERT_NOT_NULL(test, kn);
	while (name > path && name[-1] != '/')
		name--;
	copy = kunit_kzalloc(test, path + len - name + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, name, path + len - name);
	kn->name = copy;
	kn->id = id_of(path, len);
	cgroup->kn = kn;
	cgroup->level = level;
	cgroup->ancestors[level] = cgroup;
	return cgroup;
}

/* The cgroup of a path, with all above it. */
static struct cgroup *make_cgroup(struct kunit *test, const char *path)
{
	struct cgroup *above = make_one(test, path, 0, 0), *cgroup;
	const char *end = path;
	int i;

	while (end[0] && end[1]) {
		end = strchrnul(end + 1, '/');
		cgroup = make_one(test, path, end - path, above->level + 1);
		for (i = 0; i <= above->level; i++)
			cgroup->ancestors[i] = above->ancestors[i];
		above = cgroup;
	}
	return above;
}

static struct portres_terms *make_grant(struct kunit *test, const struct cgroup_row *row)
{
	struct portres_terms *terms = kunit_kzalloc(test, 1024, GFP_KERNEL);
	struct portres_grant *grant;

	KUNIT_ASSERT_NOT_NULL(test, terms);
	grant = &terms->grants[0];
	terms->n = 1;
	terms->texts = 256;
	terms->by_cgroup = true;
	terms->level = row->level;
	terms->anchor = row->level ? id_of("/box", 4) : ROOT_ID;
	grant->user = row->manager ? KUIDT_INIT(7) : INVALID_UID;
	grant->kind = row->path ? PORTRES_GRANT_CGROUP : PORTRES_GRANT_UNIT;
	grant->manager = 256;
	strscpy((char *)terms + 256, row->path ? row->path + 1 : row->unit, 256);
	strscpy((char *)terms + 512, row->manager ?: "", 256);
	return terms;
}

static void cgroup_of_task(struct kunit *test)
{
	const struct cgroup_row *row = test->param_value;
	struct portres_terms *terms = make_grant(test, row);
	struct cgroup *cgroup = make_cgroup(test, row->cgroup);
	u64 id = cgroup->kn->id;

	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, portres_grant_cgroup(terms, cgroup), row->matches);
	KUNIT_EXPECT_EQ_MSG(test, atomic64_read(&terms->grants[0].matched),
			    row->matches ? id : 0, "only a match is remembered");
	KUNIT_EXPECT_EQ_MSG(test, portres_grant_cgroup(terms, cgroup), row->matches, "again");
	rcu_read_unlock();
}

/* The remembered id of one cgroup does not match another one of the same name. */
static void made_again(struct kunit *test)
{
	static const struct cgroup_row row = { .path = "/a/b" };
	struct portres_terms *terms = make_grant(test, &row);
	struct cgroup *first = make_cgroup(test, "/a/b"), *second = make_cgroup(test, "/a/b");
	struct cgroup *other = make_cgroup(test, "/a/c");

	second->kn->id = 0x100000001ULL;
	rcu_read_lock();
	KUNIT_EXPECT_TRUE(test, portres_grant_cgroup(terms, first));
	KUNIT_EXPECT_FALSE(test, portres_grant_cgroup(terms, other));
	KUNIT_EXPECT_TRUE(test, portres_grant_cgroup(terms, second));
	KUNIT_EXPECT_EQ(test, atomic64_read(&terms->grants[0].matched), second->kn->id);
	KUNIT_EXPECT_FALSE(test, portres_grant_cgroup(terms, other));
	KUNIT_EXPECT_TRUE(test, portres_grant_cgroup(terms, first));
	rcu_read_unlock();
}

static struct portres_reservation *reserve(struct kunit *test, struct net *net,
					   const struct portres_terms *grants)
{
	const struct portres_spec spec = {
		.first = FIRST, .last = LAST, .owner = INVALID_UID, .grants = grants,
	};
	struct portres_reservation *resv = portres_test_reserve_spec(net, spec, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	return resv;
}

static int bind_as(struct kunit *test, struct sock *sk, enum portres_test_where where, u16 port,
		   uid_t uid, bool privileged)
{
	const struct cred *before = portres_test_become(test, uid, privileged);
	int err = portres_test_bind(sk, where, port);

	revert_creds(before);
	return err;
}

static const struct bind_row {
	const char *name;
	enum portres_grant_kind kind;
	bool kernel;		/* a socket of the kernel */
	uid_t uid;
	bool privileged;
	bool may;
} bind_rows[] = {
	{ "user, its own", PORTRES_GRANT_USER, false, GRANTEE, false, true },
	{ "user, another", PORTRES_GRANT_USER, false, GRANTEE + 1, false, false },
	{ "user, root", PORTRES_GRANT_USER, false, 0, true, false },
	{ "user, another with all capabilities", PORTRES_GRANT_USER, false, GRANTEE + 1, true,
	  false },
	{ "user, socket of the kernel", PORTRES_GRANT_USER, true, GRANTEE, false, false },
	{ "user, socket of the kernel with privilege", PORTRES_GRANT_USER, true, GRANTEE, true,
	  false },
	{ "kernel, with privilege", PORTRES_GRANT_KERNEL, true, 0, true, true },
	{ "kernel, without", PORTRES_GRANT_KERNEL, true, 0, false, false },
	{ "kernel, socket of root", PORTRES_GRANT_KERNEL, false, 0, true, false },
};

KUNIT_ARRAY_PARAM_DESC(bind_row, bind_rows, name);

static struct sock *make_sock(struct kunit *test, struct net *net, int family, bool kernel)
{
	return kernel ? portres_test_sock(test, net, family) :
			portres_test_user_sock(test, net, family);
}

static void explicit_bind(struct kunit *test)
{
	static const struct {
		int family;
		enum portres_test_where where;
	} ways[] = { { AF_INET, ANY }, { AF_INET, LOOPBACK }, { AF_INET6, ANY },
		     { AF_INET6, LOOPBACK }, { AF_INET6, MAPPED } };
	const struct bind_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct portres_terms *grants = row->kind == PORTRES_GRANT_USER ?
		portres_test_grant_user(test, GRANTEE) : portres_test_grant(test, row->kind);
	struct portres_reservation *resv = reserve(test, net, grants);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		struct sock *sk = make_sock(test, net, ways[i].family, row->kernel);

		KUNIT_EXPECT_EQ_MSG(test, bind_as(test, sk, ways[i].where, FIRST + i, row->uid,
						  row->privileged),
				    row->may ? 0 : -EADDRINUSE, "way %u", i);
	}
	KUNIT_EXPECT_EQ(test, atomic64_read(&resv->refused), row->may ? 0 : ARRAY_SIZE(ways));
}

/* The ephemeral range is the block: automatic selection has no port for a grantee. */
static void never_chosen(struct kunit *test)
{
	int family = portres_test_family(test);
	struct net *net = portres_test_net(test);

	portres_test_set_port_range(net, FIRST, LAST);
	reserve(test, net, portres_test_grant_user(test, 0));
	KUNIT_EXPECT_EQ(test, portres_test_bind(portres_test_user_sock(test, net, family), ANY, 0),
			-EADDRINUSE);
	KUNIT_EXPECT_EQ(test, portres_test_connect(portres_test_user_sock(test, net, family)),
			-EAGAIN);
	KUNIT_EXPECT_EQ(test, portres_test_bind(portres_test_user_sock(test, net, family), ANY,
						PORT), 0);
}

/* Changes between the first and the second check. */
static struct {
	struct kunit *test;
	struct portres_reservation *resv;
	struct portres_terms *grants;
	portres_get_port_t real;
} step;

static int replace_then_get(struct sock *sk, unsigned short port)
{
	struct portres_table *table = portres_test_udp(sock_net(sk));
	struct portres_terms *terms;

	KUNIT_EXPECT_EQ(step.test, portres_terms_make(&terms, step.grants, NULL), 0);
	spin_lock_bh(table->lock);
	portres_table_change(table, step.resv, FIRST, LAST, terms);
	spin_unlock_bh(table->lock);
	return step.real(sk, port);
}

static const struct second_row {
	const char *name;
	uid_t then;		/* grantee at the second check */
	int err;
} second_rows[] = {
	{ "the same user", GRANTEE, 0 },
	{ "another user", GRANTEE + 1, -EADDRINUSE },
	{ "nobody", (uid_t)-1, -EADDRINUSE },
};

KUNIT_ARRAY_PARAM_DESC(second_row, second_rows, name);

static void second_look(struct kunit *test)
{
	const struct second_row *row = test->param_value;
	struct net *net = portres_test_net(test);
	struct sock *sk = portres_test_user_sock(test, net, AF_INET);
	const struct cred *before;
	int err;

	step.test = test;
	step.resv = reserve(test, net, portres_test_grant_user(test, GRANTEE));
	step.grants = portres_test_grant_user(test, row->then);
	step.grants->n = row->then != (uid_t)-1;
	step.real = portres_udp_hook_original(sk);
	before = portres_test_become(test, GRANTEE, false);
	err = portres_bind_reserved(sk, portres_test_udp(net), PORT, replace_then_get);
	revert_creds(before);
	KUNIT_EXPECT_EQ(test, err, row->err);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_num, err ? 0 : PORT);
	KUNIT_EXPECT_EQ(test, portres_test_users(net, PORT), !err);
}

struct attempt {
	struct sock *sk;
};

static int try_elsewhere(void *arg)
{
	const struct attempt *attempt = arg;

	return portres_test_bind(attempt->sk, ANY, PORT);
}

/* A kernel thread is not a child of the test. Functional tests bind as children. */
static void tree(struct kunit *test)
{
	struct net *net = portres_test_net(test);
	struct sock *holder = portres_test_user_sock(test, net, AF_INET);
	struct attempt attempt = { .sk = portres_test_user_sock(test, net, AF_INET6) };
	struct portres_reservation *resv;

	portres_test_ready();
	resv = portres_acquire(holder, FIRST, 10, true);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, resv);
	KUNIT_EXPECT_EQ(test, portres_test_elsewhere(test, try_elsewhere, &attempt), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, portres_test_bind(attempt.sk, ANY, PORT), 0);
	portres_reservation_put(resv);
}

static struct kunit_case grant_cases[] = {
	KUNIT_CASE_PARAM(cgroup_of_task, cgroup_row_gen_params),
	KUNIT_CASE(made_again),
	KUNIT_CASE_PARAM(explicit_bind, bind_row_gen_params),
	KUNIT_CASE_PARAM(never_chosen, portres_test_families),
	KUNIT_CASE_PARAM(second_look, second_row_gen_params),
	KUNIT_CASE(tree),
	{}
};

static struct kunit_suite grant_suite = {
	.name = "portres_grant",
	.test_cases = grant_cases,
};

kunit_test_suite(grant_suite);
