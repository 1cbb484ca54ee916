// SPDX-License-Identifier: GPL-2.0-only
/*
 * Grants for cgroups and units: cgroups are created and removed, in containers too, and faked.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "group.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define FIRST 20000
#define COUNT 40
#define PORT (FIRST + 7)

#define UNIT_GROUP "/pgrant.slice/pgrant-rtp.slice/rtp.service"

static struct client client;
static uint64_t token;

/* Results of a child: only the parent prints rows. */
static struct results {
	int create, bind, bind_outside;
	bool as_named;
} *results;

static int bind_fd(void *arg)
{
	return sock_bind_any(*(int *)arg, PORT);
}

/* Binds a socket and closes it. */
static int bind_once(void *arg)
{
	int fd = udp_open(AF_INET6);
	int error = sock_bind_any(fd, PORT);

	(void)arg;
	close(fd);
	return error;
}

struct move {
	const char *from, *to;
};

static int bind_after_move(void *arg)
{
	const struct move *move = arg;
	int fd, error;

	must(group_enter(move->from), "cannot enter");
	fd = udp_open(AF_INET);
	must(group_enter(move->to), "cannot enter");
	error = bind_fd(&fd);
	close(fd);
	return error;
}

static void by_cgroup(void)
{
	struct move in = { "/pgrant", "/pgrant/b" };
	struct move out = { "/pgrant/b", "/pgrant" };

	must(set_grants(&client, token, "cgroup /pgrant/b/new"), "cannot change the grants");
	group_make("/pgrant/b/new");
	tap_errno(in_group("/pgrant/b/new", 0, bind_once, NULL), 0,
		  "a cgroup that was made after the reservation");
	group_remove("/pgrant/b/new");
	group_make("/pgrant/b/new/below");
	tap_errno(in_group("/pgrant/b/new/below", 0, bind_once, NULL), 0,
		  "removed and made again, and below it");
	tap_errno(in_group("/pgrant/b", 0, bind_once, NULL), EADDRINUSE, "above it");
	group_remove("/pgrant/b/new/below");
	must(set_grants(&client, token, "cgroup /pgrant/b"), "cannot change the grants");
	tap_errno(in_child(bind_after_move, &in), 0, "moved in after the socket was made");
	tap_errno(in_child(bind_after_move, &out), EADDRINUSE, "moved out after it");
}

static void enter_cgroup_namespace(const char *path)
{
	must(group_enter(path), "cannot enter");
	must(unshare(CLONE_NEWCGROUP) ? errno : 0, "no cgroup namespace");
}

struct container {
	const char *root;	/* of its cgroup namespace */
	const char *grants;
	int create, bind, bind_outside;
	const char *group;	/* below the root */
};

static int in_container(void *arg)
{
	const struct container *row = arg;
	struct client inner;
	char path[256];

	new_netns();
	enter_cgroup_namespace(row->root);
	must(client_open(&inner), "no client");
	results->create = create_for(&inner, FIRST, COUNT, row->grants, 0, NULL);
	if (results->create)
		return 0;
	snprintf(path, sizeof(path), "%s%s", row->root, row->group);
	results->bind = in_group(path, 0, bind_once, NULL);
	results->bind_outside = in_group(row->group, 0, bind_once, NULL);
	return 0;
}

static void container(const struct container *row)
{
	in_child(in_container, (void *)row);
	tap_errno(results->create, row->create, "for %s in a cgroup namespace at %s", row->grants,
		  row->root);
	if (row->create)
		return;
	tap_errno(results->bind, row->bind, "bound in %s of it", row->group);
	tap_errno(results->bind_outside, row->bind_outside, "bound in %s of the machine",
		  row->group);
}

static void containers(void)
{
	static const struct container rows[] = {
		{ "/pgrant", "unit rtp.service", 0, 0, EADDRINUSE, "/pgrant.slice/rtp.service" },
		{ "/pgrant", "cgroup /b", 0, 0, EADDRINUSE, "/b" },
		{ "/pgrant", "cgroup /", 0, 0, EADDRINUSE, "/b" },
		{ "/pgrant", "cgroup /pgrant/b", 0, EADDRINUSE, EADDRINUSE, "/b" },
		{ "/", "cgroup /", EINVAL, 0, 0, "" },
	};
	size_t i;

	group_make("/pgrant/pgrant.slice/rtp.service");
	group_make("/pgrant.slice/rtp.service");
	group_make("/b");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		container(&rows[i]);
	group_remove("/pgrant/pgrant.slice/rtp.service");
	group_remove("/pgrant.slice/rtp.service");
	group_remove("/b");
	tap_errno(set_grants(&client, token, "cgroup /"), EINVAL, "the root of all cgroups");
}

static bool reads_as(const char *path)
{
	char text[256] = "";
	FILE *file = fopen("/proc/self/cgroup", "re");
	bool same;

	if (!file || !fgets(text, sizeof(text), file))
		tap_bail("cannot read /proc/self/cgroup");
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
	same = !strncmp(text, "0::", 3) && !strcmp(text + 3, path);
	if (!same)
		tap_diag("/proc/self/cgroup says %s", text);
	return same;
}

/* Creates the path of the grant in a delegated cgroup, with that as root of a cgroup namespace. */
static int fake_a_path(void *arg)
{
	(void)arg;
	must(prctl(PR_SET_DUMPABLE, 1) ? errno : 0, "not dumpable");
	must(unshare(CLONE_NEWUSER | CLONE_NEWCGROUP) ? errno : 0, "no namespaces");
	group_make("/pgrant/deleg/pgrant.slice/pgrant-rtp.slice/rtp.service");
	must(group_enter("/pgrant/deleg" UNIT_GROUP), "cannot enter");
	results->as_named = reads_as(UNIT_GROUP);
	return bind_once(NULL);
}

static void faked_path(void)
{
	group_make("/pgrant/deleg");
	group_delegate("/pgrant/deleg", STRANGER_UID);
	must(set_grants(&client, token, "unit rtp.service; cgroup " UNIT_GROUP), "cannot change");
	tap_errno(in_group("/pgrant/deleg", STRANGER_UID, fake_a_path, NULL), EADDRINUSE,
		  "a delegated user that fakes a path is refused");
	tap_ok(results->as_named, "though it reads as that of the unit");
	group_remove("/pgrant/deleg" UNIT_GROUP);
}

int main(void)
{
	results = shared_memory(sizeof(*results));
	new_netns();
	module_load();
	must(client_open(&client), "no client");
	/* so that it stays when what is beside it is removed */
	group_make("/pgrant/b/stays");
	must(create_for(&client, FIRST, COUNT, "", 0, &token), "cannot reserve");
	by_cgroup();
	containers();
	faked_path();
	client_close(&client);
	group_remove("/pgrant/b/stays");
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
