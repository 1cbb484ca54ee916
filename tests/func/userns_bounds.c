// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limits of a user that has many user ids: by a user namespace, which maps a range of
 * subordinate ids as newuidmap does, by one nested in that, by being root of it. A block is also
 * charged to the user that made the namespace, and so on up to the namespace that owns the network.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10	/* ports of a block */
#define ROOM 3		/* blocks that a user may hold */
#define IDS 50		/* that a user namespace maps */
#define SUBORDINATE 100000

static struct client client;

static void bound(unsigned int ports, unsigned int reservations)
{
	must(set_sysctl("net/portres/user_max_ports", "%u", ports), "no sysctl");
	must(set_sysctl("net/portres/user_max_reservations", "%u", reservations), "no sysctl");
}

static int write_map(pid_t pid, const char *name, const char *map)
{
	char path[64];
	int fd, error = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, map, strlen(map)) < 0)
		error = errno;
	close(fd);
	return error;
}

/* newuidmap: a process of the caller's privileges. */
static void map_when_told(int told, const char *map)
{
	char byte;

	if (read(told, &byte, 1) != 1 || write_map(getppid(), "uid_map", map) ||
	    write_map(getppid(), "gid_map", "0 0 1"))
		_exit(1);
	_exit(0);
}

/* The caller becomes @maker, makes a user namespace that maps as @map says, and is its root. */
static void enter_userns(uid_t maker, const char *map)
{
	int tell[2], status;
	pid_t helper;

	if (pipe2(tell, O_CLOEXEC))
		tap_bail("no pipe: %s", strerror(errno));
	helper = fork();
	if (!helper)
		map_when_told(tell[0], map);
	if (helper < 0 || setresuid(maker, maker, maker) || prctl(PR_SET_DUMPABLE, 1) ||
	    unshare(CLONE_NEWUSER))
		tap_bail("no user namespace: %s", strerror(errno));
	if (write(tell[1], "", 1) != 1 || waitpid(helper, &status, 0) != helper || status)
		tap_bail("a user namespace without ids");
	if (setresuid(0, 0, 0))
		tap_bail("no root of a user namespace: %s", strerror(errno));
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(tell[0]);
	close(tell[1]);
}

/* Ids 0 to IDS - 1, of which the first is the user and the others belong to it. */
static void enter_many(uid_t maker)
{
	char map[64];

	snprintf(map, sizeof(map), "0 %u 1\n1 %u %u\n", maker, SUBORDINATE, IDS - 1);
	enter_userns(maker, map);
}

static int acquire_as(uid_t uid, unsigned int first)
{
	int fd = udp_open(AF_INET), error;

	if (seteuid(uid))
		tap_bail("cannot become user %u: %s", uid, strerror(errno));
	error = acquire(fd, first, COUNT, NULL);
	if (seteuid(0))
		tap_bail("cannot become root again: %s", strerror(errno));
	if (error)
		close(fd);
	return error;
}

/* A block for each id; returns how many of them were acquired. */
static int fill_by_all(unsigned int first)
{
	int n = 0, error;
	uid_t uid;

	for (uid = 0; uid < IDS; uid++) {
		error = acquire_as(uid, first + uid * COUNT);
		if (error && error != EDQUOT)
			return -error;
		n += !error;
	}
	return n;
}

static int fill_in_userns(void *arg)
{
	enter_many(*(uid_t *)arg);
	return fill_by_all(FIRST);
}

static int fill_as_root_of_userns(void *arg)
{
	int n;

	enter_many(*(uid_t *)arg);
	for (n = 0; n < IDS; n++)
		if (acquire_as(0, FIRST + n * COUNT))
			break;
	return n;
}

/* One of those ids makes a user namespace of its own, in which there are others. */
static int fill_in_nested(void *arg)
{
	char map[32];

	enter_many(*(uid_t *)arg);
	snprintf(map, sizeof(map), "0 5 1\n1 10 %u\n", IDS - 20);
	enter_userns(5, map);
	for (int n = 0; n < IDS - 20; n++) {
		int error = acquire_as(n, FIRST + n * COUNT);

		if (error)
			return error == EDQUOT ? n : -error;
	}
	return IDS;
}

/* Many namespaces of one user, side by side; what their processes hold stays. */
static int fill_in_several(void *arg)
{
	struct child children[10];
	int i, n = 0;

	for (i = 0; i < 10; i++) {
		children[i] = child_stay(0, i % 2 ? fill_in_userns : fill_in_nested, arg);
		n += children[i].result;
	}
	for (i = 0; i < 10; i++)
		i % 2 ? child_exit(&children[i]) : child_kill(&children[i]);
	return n;
}

static int fill_directly(void *arg)
{
	int n;

	(void)arg;
	for (n = 0; n < IDS; n++)
		if (acquire(udp_open(AF_INET), FIRST + 2000 + n * COUNT, COUNT, NULL))
			break;
	return n;
}

/* What one id releases another may have, and no more. Returns the row that fails. */
static int give_and_take(void *arg)
{
	struct portres_association block;
	int fd, i;

	enter_many(*(uid_t *)arg);
	fd = udp_open(AF_INET);
	if (acquire(fd, FIRST, COUNT, &block))
		return 1;
	for (i = 1; i < ROOM; i++)
		if (acquire_as(i, FIRST + i * COUNT))
			return 2;
	if (acquire_as(ROOM, FIRST + ROOM * COUNT) != EDQUOT)
		return 3;
	if (release(fd, block.token) || acquire_as(ROOM, FIRST + ROOM * COUNT))
		return 4;
	/* a refusal charges no user, whichever user's limit of the chain was reached */
	for (i = 0; i < 20; i++)
		if (acquire(fd, FIRST, 1, &block) != EDQUOT || acquire_as(9, FIRST) != EDQUOT)
			return 5;
	close(fd);
	return 0;
}

/* The user namespace owns the network namespace: users above it are not charged. */
static int own_network(void *arg)
{
	uid_t uid;
	int n = 0;

	enter_many(*(uid_t *)arg);
	new_netns();
	bound(ROOM * COUNT, 100);
	for (uid = 1; uid <= 2; uid++)
		for (int i = 0; i < IDS; i++)
			n += !acquire_as(uid, FIRST + (uid * IDS + i) * COUNT);
	return n;
}

static int nested_in_own_network(void *arg)
{
	int n = 0;
	uid_t uid;

	enter_many(*(uid_t *)arg);
	new_netns();
	bound(ROOM * COUNT, 100);
	enter_userns(5, "0 5 1\n1 10 10\n");
	for (uid = 0; uid < 10; uid++)
		n += !acquire_as(uid, FIRST + uid * COUNT);
	return n;
}

static void totals(void)
{
	uid_t user = STRANGER_UID, other = OWNER_UID;
	size_t count;

	bound(ROOM * COUNT, 100);
	tap_num(in_child(fill_in_userns, &user), ROOM,
		"ports: all ids of a user namespace together");
	tap_num(in_child(fill_in_userns, &user), ROOM,
		"ports: as many again when those have ended");
	tap_num(in_child(fill_as_root_of_userns, &user), ROOM,
		"ports: root of a user namespace is charged once");
	tap_num(in_child(fill_in_nested, &user), ROOM, "ports: all ids of a nested one together");
	tap_num(in_child(fill_in_several, &user), ROOM, "ports: all namespaces of a user together");
	bound(10000, ROOM);
	tap_num(in_child(fill_in_userns, &user), ROOM, "reservations: all ids together");
	tap_num(in_child(fill_in_nested, &user), ROOM, "reservations: all ids of a nested one");
	bound(ROOM * COUNT, 100);
	tap_num(in_child(give_and_take, &user), 0, "what one id releases another may have");
	tap_num(in_child(fill_in_userns, &other), ROOM, "another user has as much");
	must(dump_whole(&client, NULL, 0, &count), "no dump");
	tap_num(count, 0, "all of it has ended");
}

static void both_ways(void)
{
	uid_t user = STRANGER_UID;
	struct child child = child_stay(0, fill_in_userns, &user);

	tap_num(as_user(STRANGER_UID, fill_directly, NULL), ROOM - child.result,
		"the user, while its namespace holds all: nothing");
	tap_num(as_user(OWNER_UID, fill_directly, NULL), ROOM, "another user meanwhile: all");
	child_kill(&child);
	tap_num(as_user(STRANGER_UID, fill_directly, NULL), ROOM, "the user afterwards: all");
	child = child_stay(STRANGER_UID, fill_directly, NULL);
	tap_num(child.result, ROOM, "the user holds all");
	tap_num(in_child(fill_in_userns, &user), 0, "its namespaces meanwhile: nothing");
	child_exit(&child);
	tap_num(in_child(fill_in_userns, &user), ROOM, "its namespaces afterwards: all");
}

int main(void)
{
	uid_t user = STRANGER_UID;

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	totals();
	both_ways();
	tap_num(in_child(own_network, &user), 2 * ROOM,
		"in a network of its own: each id as much, and the maker is not charged");
	tap_num(in_child(nested_in_own_network, &user), ROOM,
		"and all ids of a namespace in it together");
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
