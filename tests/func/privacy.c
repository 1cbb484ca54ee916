// SPDX-License-Identifier: GPL-2.0-only
/*
 * The process of a runtime reservation in replies and notifications: only its own user and the
 * administrator are told of it. A reply to its own user must not use privilege (PF_SUPERPRIV).
 */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))
#define BIT(attr) (1U << PORTRES_A_##attr)
#define PROCESS (BIT(PROCESS) | BIT(COMMAND) | BIT(PROCESS_START))
#define BY (BIT(BY_USER) | BIT(BY_PROCESS) | BIT(BY_COMMAND))

#define FIRST 5000
#define COUNT 10
#define COMMAND "private"
#define SOON 5000	/* milliseconds */
#define IDLE 50
/* Of /proc, in nanoseconds. */
#define TICK (1000000000 / (unsigned long)sysconf(_SC_CLK_TCK))
#define SUPERPRIV 0x100	/* PF_SUPERPRIV: it has used a privilege */

static struct client client;
static struct child owner;

static int acquire_here(void *arg)
{
	(void)arg;
	prctl(PR_SET_NAME, COMMAND);
	udp_acquired(AF_INET, FIRST, COUNT, NULL);
	return 0;
}

/* Answers: the attributes about the process that each way of asking tells, or -1 if they differ. */
static int told(void *arg)
{
	struct resv by_block, by_port, listed;
	struct client c;
	size_t count;

	(void)arg;
	must(client_open(&c), "no client");
	must(get_block(&c, FIRST, COUNT, &by_block), "no answer");
	must(get_port(&c, FIRST + 1, &by_port), "no answer");
	must(dump(&c, &listed, 1, &count), "no list");
	client_close(&c);
	if ((by_block.has & PROCESS) != (by_port.has & PROCESS) ||
	    (by_block.has & PROCESS) != (listed.has & PROCESS))
		return -1;
	return (int)(by_block.has & PROCESS);
}

static int told_powerless(void *arg)
{
	set_caps(0);
	return told(arg);
}

static int process_number(void *arg)
{
	struct resv resv;

	(void)arg;
	must(get_block(&client, FIRST, COUNT, &resv), "no answer");
	return resv.has & BIT(PROCESS) ? (int)resv.process : -1;
}

static int in_pid_namespace(void *arg)
{
	(void)arg;
	if (unshare(CLONE_NEWPID))
		tap_bail("no pid namespace: %s", strerror(errno));
	return in_child(process_number, NULL);
}

static void answers(void)
{
	struct resv resv;

	tap_num(told(NULL), PROCESS, "the administrator is told of the process");
	tap_num(as_user(OWNER_UID, told, NULL), PROCESS, "its user is told of the process");
	tap_num(as_user(STRANGER_UID, told, NULL), 0, "another user is not told of the process");
	tap_num(in_child(told_powerless, NULL), 0, "root without capabilities is not told");
	tap_num(as_userns_root(false, told, NULL), 0,
		"root of a user namespace is not told of what is in ours");
	must(get_block(&client, FIRST, COUNT, &resv), "no answer");
	tap_num(resv.process, owner.pid, "the number of the process");
	tap_ok(!strcmp(resv.command, COMMAND), "its command");
	tap_num((long long)(resv.process_start / TICK), (long long)stat_field(owner.pid, 22),
		"its start is that of /proc");
	tap_num(in_child(in_pid_namespace, NULL), 0, "in a pid namespace without it: no number");
}

static int join_admin(void *arg)
{
	struct client c;
	int error;

	(void)arg;
	must(client_open(&c), "no client");
	error = client_subscribe_admin(&c);
	client_close(&c);
	return error;
}

static int join_admin_powerless(void *arg)
{
	set_caps(0);
	return join_admin(arg);
}

static void who_joins(void)
{
	tap_errno(join_admin(NULL), 0, "the administrator may join the group admin");
	tap_errno(as_user(OWNER_UID, join_admin, NULL), EPERM, "an owner may not");
	tap_errno(in_child(join_admin_powerless, NULL), EPERM, "root without capabilities may not");
	tap_errno(as_userns_root(false, join_admin, NULL), EPERM,
		  "root of a user namespace may not in ours");
	tap_errno(as_userns_root(true, join_admin, NULL), 0, "it may in its own");
}

static struct client public, admin;

/* The next event of a listener; one that is none of it has no attributes. */
static struct resv event(struct client *listener, int cmd)
{
	struct resv resv = { 0 };
	int got = 0;
	int error = client_event(listener, SOON, &got, &resv);

	if (error || got != cmd) {
		tap_diag("%s, command %d instead of %d", errno_name(error), got, cmd);
		memset(&resv, 0, sizeof(resv));
	}
	return resv;
}

static void hear_both(int cmd, unsigned int by, const char *what)
{
	struct resv resv = event(&public, cmd);

	tap_num(resv.has & (BIT(FIRST) | PROCESS | BY), BIT(FIRST),
		"%s: nothing of processes in the public group", what);
	resv = event(&admin, cmd);
	tap_num(resv.has & (PROCESS | BY), PROCESS | by, "%s: all in the group admin", what);
	tap_ok(resv.process == (uint32_t)owner.pid && !strcmp(resv.command, COMMAND),
	       "%s: the process", what);
	if (by)
		tap_ok(resv.by_user == 0 && resv.by_process == (uint32_t)getpid() &&
		       !strcmp(resv.by_command, "the admin"), "%s: what removed it", what);
}

static bool hears_nothing(struct client *listener)
{
	struct resv resv;
	int cmd;

	return client_event(listener, IDLE, &cmd, &resv) == ETIME;
}

static int acquire_and_release(void *arg)
{
	struct portres_association block;
	int fd = udp_open(AF_INET);

	(void)arg;
	prctl(PR_SET_NAME, "releases");
	must(acquire(fd, FIRST, COUNT, &block), "cannot acquire");
	must(release(fd, block.token), "cannot release");
	return 0;
}

static void released(void)
{
	struct resv resv;

	must(as_user(OWNER_UID, acquire_and_release, NULL), "no child");
	event(&admin, PORTRES_CMD_CREATED);
	resv = event(&admin, PORTRES_CMD_DELETED);
	tap_ok((resv.has & BY) == BY && resv.by_user == OWNER_UID &&
	       resv.by_process == resv.process && !strcmp(resv.by_command, "releases"),
	       "a release tells the process that released it");
	event(&public, PORTRES_CMD_CREATED);
	event(&public, PORTRES_CMD_DELETED);
}

static void persistent(void)
{
	struct resv resv;

	must(reserve(&client, FIRST, COUNT, NULL, OWNER_UID, NULL), "cannot reserve");
	resv = event(&admin, PORTRES_CMD_CREATED);
	tap_num(resv.has & (PROCESS | BY | BIT(TOKEN)), 0,
		"a creation has no process and no token");
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	resv = event(&admin, PORTRES_CMD_DELETED);
	tap_num(resv.has & (PROCESS | BY), BY, "a deletion tells the process that deleted");
	event(&public, PORTRES_CMD_CREATED);
	resv = event(&public, PORTRES_CMD_DELETED);
	tap_num(resv.has & (BIT(FIRST) | PROCESS | BY), BIT(FIRST), "but not in the public group");
}

static void notifications(void)
{
	must(client_open(&public), "no client");
	must(client_subscribe(&public), "cannot listen");
	must(client_open(&admin), "no client");
	must(client_subscribe_admin(&admin), "cannot listen");
	prctl(PR_SET_NAME, "the admin");

	owner = child_stay(OWNER_UID, acquire_here, NULL);
	hear_both(PORTRES_CMD_CREATED, 0, "acquired");
	child_kill(&owner);
	hear_both(PORTRES_CMD_DELETED, 0, "killed");
	owner = child_stay(OWNER_UID, acquire_here, NULL);
	hear_both(PORTRES_CMD_CREATED, 0, "acquired again");
	must(unreserve_runtime(&client, FIRST, COUNT), "cannot delete");
	hear_both(PORTRES_CMD_DELETED, BY, "deleted");
	child_exit(&owner);
	released();
	persistent();
	tap_ok(hears_nothing(&public) && hears_nothing(&admin), "each is told once");
	client_close(&public);
	client_close(&admin);
}

/* Owns reservations, and has privilege besides. */
static void become_privileged_owner(void)
{
	if (prctl(PR_SET_KEEPCAPS, 1) || setresuid(OWNER_UID, OWNER_UID, OWNER_UID))
		tap_bail("cannot become a user: %s", strerror(errno));
	set_caps(1U << CAP_NET_ADMIN);
}

static unsigned int privilege_used(void)
{
	return stat_field(getpid(), 9) & SUPERPRIV;
}

static int use_own(void *arg)
{
	struct resv resv;
	struct client c;
	size_t count;

	(void)arg;
	must(client_open(&c), "no client");
	must(get_block(&c, FIRST, COUNT, &resv), "no answer");
	must(get_token(&c, resv.token, NULL), "not found by its token");
	must(dump(&c, &resv, 1, &count), "no list");
	must(associate(udp_open(AF_INET), resv.token), "cannot associate");
	return privilege_used() ? EBUSY : 0;
}

static int get_others(void *arg)
{
	struct client c;

	must(client_open(&c), "no client");
	must(get_block(&c, FIRST + 100, COUNT, NULL), "no answer");
	(void)arg;
	return privilege_used() ? EBUSY : 0;
}

/* fork() begins anew: what became the owner has used privilege already. */
static int with_own(void *arg)
{
	become_privileged_owner();
	return in_child(use_own, arg);
}

static int with_others(void *arg)
{
	become_privileged_owner();
	return in_child(get_others, arg);
}

static void privilege(void)
{
	must(reserve(&client, FIRST, COUNT, NULL, OWNER_UID, NULL), "cannot reserve");
	tap_errno(in_child(with_own, NULL), 0,
		  "an owner asks, lists and associates without its privilege being used");
	must(reserve(&client, FIRST + 100, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	tap_errno(in_child(with_others, NULL), EBUSY, "asking for another one uses it");
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	must(unreserve(&client, FIRST + 100, COUNT), "cannot delete");
}

int main(void)
{
	new_netns();
	module_load();
	must(client_open(&client), "no client");
	owner = child_stay(OWNER_UID, acquire_here, NULL);
	answers();
	child_exit(&owner);
	who_joins();
	notifications();
	privilege();
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
