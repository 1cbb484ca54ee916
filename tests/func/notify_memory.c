// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose memory queued notifications are: that of the cgroup whose task made the changes, until they
 * are sent, and not longer if listeners do not read them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "group.h"
#include "sock.h"
#include "tap.h"

#define FIRST 20000
#define COUNT 10
#define GROUP "/pmemory"
#define LISTENERS 4000	/* a broadcast to them takes much longer than a change */
#define CHANGES 1500	/* more than a queue takes, each with grants of 2 KB */
#define MUCH 2000000	/* bytes; a full queue has more */
#define LITTLE 500000

static struct client client;
static uint64_t token;
static char grants[GRANTS_TEXT_MAX];

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return error;
}

static long charged(void)
{
	return line_number(GROUP_ROOT GROUP "/memory.stat", "slab ");
}

static void make_grants(void)
{
	char *at = grants;
	int i;

	for (i = 0; i < 8; i++)
		at += sprintf(at, "%scgroup /%0240d", i ? "; " : "", i);
}

/* The process stays in the cgroup, so that its own memory is in each measurement. */
static int change_often(void *arg)
{
	struct client own;
	char name[16];
	int i;

	(void)arg;
	must(group_enter(GROUP), "cannot enter");
	must(client_open(&own), "no client");
	for (i = 0; i < CHANGES; i++) {
		snprintf(name, sizeof(name), "%d", i);
		must(set_name(&own, token, name), "cannot change the name");
	}
	return 0;
}

/* What else changes charge, such as names that wait for a grace period, is in each measurement. */
static long measure_changes(const char *text)
{
	struct child child = child_stay(0, change_often, NULL);
	long after = charged();

	child_exit(&child);
	tap_diag("%s: %ld bytes are charged", text, after);
	return after;
}

/* A socket without an address of its own is passed over. */
static int listen_to(uint32_t group, int room)
{
	const struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0)
		tap_bail("no socket: %s", strerror(errno));
	sock_set(fd, SOL_SOCKET, SO_RCVBUFFORCE, room);
	if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		tap_bail("cannot join the group");
	return fd;
}

/* One has room for all that is sent; the others cost time. Returns that one. */
static int listen_often(void)
{
	const struct rlimit limit = { LISTENERS + 100, LISTENERS + 100 };
	int i, patient;

	must(setrlimit(RLIMIT_NOFILE, &limit) ? errno : 0, "no limit");
	patient = listen_to(client.changes, 64 << 20);
	for (i = 1; i < LISTENERS; i++)
		listen_to(client.changes, 1);
	return patient;
}

static int count_unread(int fd)
{
	char message[8192];
	int n = 0;

	/* that some were lost is told as ENOBUFS */
	while (recv(fd, message, sizeof(message), MSG_DONTWAIT) > 0 || errno == ENOBUFS)
		n++;
	return n;
}

static bool is_little(void *before)
{
	return charged() < *(long *)before + LITTLE;
}

static bool has_memory_controller(void)
{
	return !write_file(GROUP_ROOT "/cgroup.subtree_control", "+memory");
}

int main(void)
{
	long before, alone, queued;
	int patient, unread;

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	if (!has_memory_controller()) {
		tap_skip("this kernel has no memory cgroups", "the queue");
		return tap_finish();
	}
	make_grants();
	group_make(GROUP);
	must(create_for(&client, FIRST, COUNT, grants, 0, &token), "cannot reserve");

	before = charged();
	alone = measure_changes("without listeners");
	patient = listen_often();
	queued = measure_changes("with listeners");
	tap_ok(queued - alone > MUCH, "what is queued is charged to the cgroup of its cause");
	tap_ok(wait_until(is_little, &before, 120000),
	       "and no longer when it was sent, though nobody reads it");
	unread = count_unread(patient);
	if (!tap_ok(unread > CHANGES / 2, "all that time it was unread"))
		tap_diag("%d messages", unread);
	client_close(&client);
	group_remove(GROUP);
	return tap_finish();
}
