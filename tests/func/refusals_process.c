// SPDX-License-Identifier: GPL-2.0-only
/*
 * The process of a refused bind as listeners and callers are told of it: in which namespace's
 * numbers its PID and its user are, and its start. In a network namespace of the host, and in one
 * that a user made.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "refused_binds.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10
#define SLOWLY 20000
#define LATER 1000	/* seconds */
/* Of /proc, in nanoseconds. */
#define TICK (1000000000 / (unsigned long)sysconf(_SC_CLK_TCK))

static struct client client;
static struct client listener;

/* What is known of the process that was refused; it is gone when it is told. */
static struct refused {
	pid_t pid;		/* in its own pid namespace */
	pid_t host_pid;
	uint64_t start;		/* in ticks */
} *refused;

/* What processes elsewhere are told. */
static struct told_refusal *told;

static void open_clients(struct client *asking, struct client *listening)
{
	must(client_open(asking), "no client");
	must(reserve(asking, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	must(client_open(listening), "no client");
	must(client_subscribe_refusals(listening), "cannot listen");
}

/* The name of the process in /proc, which is that of the host. */
static pid_t host_pid(void)
{
	char text[16] = "";

	if (readlink("/proc/self", text, sizeof(text) - 1) < 0)
		tap_bail("no /proc/self: %s", strerror(errno));
	return atoi(text);
}

static int is_refused(void *arg)
{
	(void)arg;
	refused->pid = getpid();
	refused->host_pid = host_pid();
	refused->start = stat_field(refused->host_pid, 22);
	return try_port(AF_INET, FIRST);
}

struct act {
	int (*go)(void *arg);
	void *arg;
};

static int unshare_pids(void *arg)
{
	const struct act *act = arg;

	if (unshare(CLONE_NEWPID))
		tap_bail("no pid namespace: %s", strerror(errno));
	return in_child(act->go, act->arg);
}

/* In a pid namespace of its own, as its first process. */
static int in_pid_namespace(int (*go)(void *arg), void *arg)
{
	return in_child(unshare_pids, &(struct act){ go, arg });
}

static int refused_in_pid_namespace(void *arg)
{
	return in_pid_namespace(is_refused, arg);
}

/* What the next message says of one process. */
static struct told_refusal hear_one(struct client *from)
{
	const struct told_refusal *refusals;
	size_t n = 0;

	refusals = hear_refusals(from, SLOWLY, &n, NULL);
	if (!refusals || n != 1)
		tap_bail("%zu refusals in a message", n);
	return *refusals;
}

/* What the reply says of the process that was refused last. */
static int ask(void *arg)
{
	const struct told_refusal *refusals;
	struct client asking;
	size_t n, i;

	(void)arg;
	must(client_open(&asking), "no client");
	must(get_block(&asking, FIRST, COUNT, NULL), "cannot ask");
	client_close(&asking);
	refusals = told_refusals(&n);
	memset(told, 0, sizeof(*told));
	for (i = 0; i < n; i++)
		if (refusals[i].time >= told->time)
			*told = refusals[i];
	return 0;
}

static int refused_and_asks(void *arg)
{
	return is_refused(NULL) == EADDRINUSE ? ask(arg) : -1;
}

static void of_the_host(void)
{
	struct told_refusal heard;

	tap_errno(as_user(STRANGER_UID, is_refused, NULL), EADDRINUSE, "a user is refused");
	heard = hear_one(&listener);
	ask(NULL);
	tap_ok(heard.process == (uint32_t)refused->pid && told->process == heard.process,
	       "its number");
	tap_ok(heard.user == STRANGER_UID && told->user == STRANGER_UID, "its user");
	tap_num((long long)(heard.process_start / TICK), (long long)refused->start,
		"its start is that of /proc");
	tap_ok(told->process_start == heard.process_start, "and the same in a reply");
}

static void of_a_pid_namespace(void)
{
	struct told_refusal heard;

	tap_errno(refused_in_pid_namespace(NULL), EADDRINUSE,
		  "a process in a pid namespace is refused");
	heard = hear_one(&listener);
	ask(NULL);
	tap_num(refused->pid, 1, "its own number");
	tap_num(heard.process, refused->host_pid, "the listener has the number of the host");
	tap_num(told->process, refused->host_pid, "and so has a caller in the host");
	in_pid_namespace(ask, NULL);
	tap_num(told->process, 0, "a caller in another pid namespace: none");
	tap_num(in_pid_namespace(refused_and_asks, NULL), 0, "another one is refused, and asks");
	tap_num(told->process, 1, "in its own numbers");
	tap_num(hear_one(&listener).process, refused->host_pid, "the listener: those of the host");
}

static void of_a_user_namespace(void)
{
	tap_errno(as_userns_root(false, is_refused, NULL), EADDRINUSE,
		  "root of a user namespace is refused");
	tap_num(hear_one(&listener).user, STRANGER_UID, "its user in the numbers of the host");
}

/* Root of a user namespace, which has made the network namespace. */
static int own_namespace(void *arg)
{
	struct client asking, listening;

	(void)arg;
	open_clients(&asking, &listening);
	if (refused_in_pid_namespace(NULL) != EADDRINUSE)
		return 1;
	ask(NULL);
	told[1] = hear_one(&listening);
	return 0;
}

static void of_a_users_network_namespace(void)
{
	tap_num(as_userns_root(true, own_namespace, NULL), 0,
		"a process in a pid namespace is refused in a user's network namespace");
	tap_ok(refused->pid == 1 && refused->host_pid != 1, "it has two numbers");
	tap_num(told[1].process, 1, "the listener has that of the process's own pid namespace");
	tap_num(told->process, refused->host_pid,
		"a caller in the pid namespace of the host has that of the host");
	tap_ok(!told[1].user && !told->user, "its user in the numbers of the namespace's owner");
}

static void set_boot_time(int seconds)
{
	FILE *file = fopen("/proc/self/timens_offsets", "we");

	if (!file || fprintf(file, "boottime %d 0\n", seconds) < 0 || fclose(file))
		tap_bail("cannot set the time: %s", strerror(errno));
}

static int in_time_namespace(void *arg)
{
	if (unshare(CLONE_NEWTIME))
		tap_bail("no time namespace: %s", strerror(errno));
	set_boot_time(LATER);
	return in_child(refused_and_asks, arg);
}

static void of_a_time_namespace(void)
{
	struct told_refusal heard;

	if (access("/proc/self/timens_offsets", F_OK)) {
		tap_skip("no time namespaces in this kernel", "the start in a time namespace");
		return;
	}
	tap_num(in_child(in_time_namespace, NULL), 0,
		"a process in a time namespace is refused, and asks");
	heard = hear_one(&listener);
	tap_num((long long)(told->process_start - heard.process_start), LATER * 1000000000LL,
		"it has its start by its own clock, the listener by that of the host");
}

int main(void)
{
	refused = shared_memory(sizeof(*refused));
	told = shared_memory(2 * sizeof(*told));
	new_netns();
	module_load();
	open_clients(&client, &listener);
	of_the_host();
	of_a_pid_namespace();
	of_a_user_namespace();
	of_a_users_network_namespace();
	of_a_time_namespace();
	client_close(&listener);
	client_close(&client);
	return tap_finish();
}
