// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limits of what a user may hold in runtime reservations, and their sysctls: which tasks may
 * write them, and which values.
 */
#include <errno.h>
#include <linux/capability.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define FIRST 5000
#define CROWD 100
#define CROWD_UID 5000

static struct client client;

static void bound(unsigned int ports, unsigned int reservations)
{
	must(set_sysctl("net/portres/user_max_ports", "%u", ports), "no sysctl");
	must(set_sysctl("net/portres/user_max_reservations", "%u", reservations), "no sysctl");
}

/* Acquires blocks until one is refused with EDQUOT, at most 1000; returns how many it were. */
static int fill_by(int fd, unsigned int first, unsigned int count)
{
	int n, error = 0;

	for (n = 0; n < 1000 && !error; n++)
		error = acquire(fd, first ? first + n * count : 0, count, NULL);
	return error == EDQUOT ? n - 1 : -error;
}

struct fill {
	const char *name;
	unsigned int ports, reservations;	/* the bounds */
	unsigned int first, count;		/* the blocks */
	int wanted;				/* how many of them */
};

static const struct fill fills[] = {
	{ "ports: 10 by 1", 10, 100, FIRST, 1, 10 },
	{ "ports: 10 by 1, any", 10, 100, 0, 1, 10 },
	{ "ports: 10 by 5", 10, 100, FIRST, 5, 2 },
	{ "ports: 10 by 4, not the remaining 2", 10, 100, FIRST, 4, 2 },
	{ "ports: 10 at once", 10, 100, FIRST, 10, 1 },
	{ "ports: 11 at once", 10, 100, FIRST, 11, 0 },
	{ "ports: more than any gap", 10, 100, 0, 65535, 0 },
	{ "reservations: 7", 1000, 7, FIRST, 1, 7 },
	{ "reservations: 7, any", 1000, 7, 0, 10, 7 },
	{ "reservations: 1", 1000, 1, FIRST, 500, 1 },
	{ "both at once", 30, 3, FIRST, 10, 3 },
	{ "no ports", 0, 100, FIRST, 1, 0 },
	{ "no reservations", 100, 0, FIRST, 1, 0 },
	{ "the defaults, by reservations", 4096, 128, FIRST, 1, 128 },
	{ "the defaults, by reservations of 32 ports", 4096, 128, FIRST, 32, 128 },
	{ "the defaults, by ports", 4096, 128, FIRST, 64, 64 },
};

static int fill(void *arg)
{
	const struct fill *row = arg;
	int fd = udp_open(AF_INET), n = fill_by(fd, row->first, row->count), again;

	close(fd);
	/* as much again when the socket is gone */
	fd = udp_open(AF_INET6);
	again = fill_by(fd, row->first, row->count);
	close(fd);
	return again == n ? n : -1000;
}

static void fill_rows(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fills); i++) {
		bound(fills[i].ports, fills[i].reservations);
		tap_num(as_user(STRANGER_UID, fill, (void *)&fills[i]), fills[i].wanted, "%s",
			fills[i].name);
	}
}

/* The bound is reached; what is released can be acquired again. Returns the row that fails. */
static int give_and_take(void *arg)
{
	struct portres_association blocks[3];
	int fd = udp_open(AF_INET), other = udp_open(AF_INET6), i;

	(void)arg;
	for (i = 0; i < 3; i++)
		if (acquire(fd, FIRST + i * 10, 10, &blocks[i]))
			return 1;
	if (acquire(fd, 6000, 1, NULL) != EDQUOT || acquire(other, 6000, 1, NULL) != EDQUOT)
		return 2;
	if (release(other, blocks[1].token) || acquire(other, 6000, 11, NULL) != EDQUOT)
		return 3;
	if (acquire(other, 6000, 10, &blocks[1]) || acquire(fd, 7000, 1, NULL) != EDQUOT)
		return 4;
	close(other);
	if (acquire(fd, 7000, 10, NULL) || acquire(fd, 8000, 1, NULL) != EDQUOT)
		return 5;
	/* a refusal costs nothing */
	if (release(fd, blocks[0].token) || acquire(fd, 7000, 10, NULL) != EADDRINUSE ||
	    acquire(fd, 1000, 10, NULL) != EACCES || acquire(fd, 8000, 10, NULL))
		return 6;
	return 0;
}

/* The bounds are halved while all is held; nothing ends, until there is room nothing begins. */
static int lower(void *arg)
{
	struct portres_association blocks[6];
	int fd = udp_open(AF_INET), i;

	(void)arg;
	if (seteuid(STRANGER_UID))
		return 1;
	for (i = 0; i < 6; i++)
		if (acquire(fd, FIRST + i * 10, 10, &blocks[i]))
			return 2;
	if (seteuid(0))
		return 3;
	bound(30, 100);
	if (seteuid(STRANGER_UID))
		return 4;
	for (i = 0; i < 6; i++)
		if (get_token(&client, blocks[i].token, NULL))
			return 5;
	for (i = 0; i < 3; i++)
		if (acquire(fd, 7000, 10, NULL) != EDQUOT || release(fd, blocks[i].token))
			return 6;
	if (acquire(fd, 7000, 1, NULL) != EDQUOT || release(fd, blocks[3].token))
		return 7;
	return acquire(fd, 7000, 10, NULL);
}

/* One process, two users: the one that acquires is charged, whichever it is when that ends. */
static int two_users(void *arg)
{
	struct portres_association first, second;
	int fd = udp_open(AF_INET);

	(void)arg;
	if (seteuid(STRANGER_UID) || acquire(fd, FIRST, 30, &first) ||
	    acquire(fd, 6000, 1, NULL) != EDQUOT)
		return 1;
	if (seteuid(0) || seteuid(OWNER_UID) || acquire(fd, 6000, 30, &second) ||
	    acquire(fd, 7000, 1, NULL) != EDQUOT)
		return 2;
	if (release(fd, first.token) || acquire(fd, 7000, 1, NULL) != EDQUOT)
		return 3;
	if (seteuid(0) || seteuid(STRANGER_UID) || acquire(fd, 7000, 30, NULL))
		return 4;
	return acquire(fd, 8000, 1, NULL) == EDQUOT ? 0 : 5;
}

static int acquire_31(void *arg)
{
	int fd = udp_open(AF_INET), error = acquire(fd, FIRST, 31, NULL);

	(void)arg;
	close(fd);
	return error;
}

static int without_net_admin(void *arg)
{
	set_caps(~(1U << CAP_NET_ADMIN));
	return acquire_31(arg);
}

static int net_admin_alone(void *arg)
{
	if (seteuid(STRANGER_UID))
		return errno;
	set_caps(1U << CAP_NET_ADMIN);
	return acquire_31(arg);
}

/* What is acquired with privilege must not be charged, nor given back, to anybody. */
static int privileged_then_not(void *arg)
{
	int fd = udp_open(AF_INET), other = udp_open(AF_INET);

	(void)arg;
	if (acquire(fd, FIRST, 1000, NULL))
		return 1;
	set_caps(0);
	if (fill_by(other, 7000, 10) != 3)
		return 2;
	close(fd);
	return acquire(other, 8000, 1, NULL) == EDQUOT ? 0 : 3;
}

static int own_netns(void *arg)
{
	bound(30, 3);
	return acquire_31(arg);
}

static void privileges(void)
{
	bound(30, 3);
	tap_errno(in_child(acquire_31, NULL), 0, "root: above the bound");
	tap_errno(in_child(net_admin_alone, NULL), 0, "CAP_NET_ADMIN alone: above the bound");
	tap_errno(in_child(without_net_admin, NULL), EDQUOT, "root without CAP_NET_ADMIN: bounded");
	tap_errno(as_userns_root(false, acquire_31, NULL), EDQUOT,
		  "root of a user namespace: bounded");
	tap_errno(as_userns_root(true, own_netns, NULL), 0,
		  "root of the user namespace that owns the network namespace: above the bound");
	tap_num(in_child(privileged_then_not, NULL), 0,
		"what was acquired with privilege is not charged");
}

static int fill_as_one_of_crowd(void *arg)
{
	int fd = udp_open(AF_INET);

	(void)arg;
	return fill_by(fd, 0, 10);
}

static void crowd(void)
{
	static struct child children[CROWD];
	int i, full = 0;
	size_t count;

	bound(30, 100);
	for (i = 0; i < CROWD; i++) {
		children[i] = child_stay(CROWD_UID + i, fill_as_one_of_crowd, NULL);
		full += children[i].result == 3;
	}
	tap_num(full, CROWD, "%d users at once: each as much as it may", CROWD);
	must(dump_whole(&client, NULL, 0, &count), "no dump");
	tap_num(count, 3 * CROWD, "all of it stands");
	for (i = 0; i < CROWD; i++)
		i % 2 ? child_exit(&children[i]) : child_kill(&children[i]);
	must(dump_whole(&client, NULL, 0, &count), "no dump");
	tap_num(count, 0, "all of it ends");
	for (i = full = 0; i < CROWD; i++)
		full += as_user(CROWD_UID + i, fill_as_one_of_crowd, NULL) == 3;
	tap_num(full, CROWD, "each may have as much again");
}

static int hold_all(void *arg)
{
	(void)arg;
	return acquire(udp_open(AF_INET), FIRST, 30, NULL);
}

static int hold_in_other_netns(void *arg)
{
	struct child child;
	int error;

	new_netns();
	bound(30, 3);
	child = child_stay(STRANGER_UID, hold_all, arg);
	error = child.result;
	child_exit(&child);
	return error;
}

static void per_namespace(void)
{
	struct child child;

	bound(30, 3);
	child = child_stay(STRANGER_UID, hold_all, NULL);
	tap_errno(child.result, 0, "a user holds all that it may");
	tap_num(as_user(STRANGER_UID, fill_as_one_of_crowd, NULL), 0, "its other process: nothing");
	tap_num(as_user(OWNER_UID, fill_as_one_of_crowd, NULL), 3, "another user: all");
	tap_errno(in_child(hold_in_other_netns, NULL), 0, "in another network namespace: all");
	child_exit(&child);
	tap_num(as_user(STRANGER_UID, fill_as_one_of_crowd, NULL), 3, "afterwards: all");
}

int main(void)
{
	new_netns();
	module_load();
	must(client_open(&client), "no client");
	fill_rows();
	bound(30, 100);
	tap_num(as_user(STRANGER_UID, give_and_take, NULL), 0, "released, closed, acquired again");
	bound(60, 100);
	tap_num(in_child(lower, NULL), 0, "a bound is lowered");
	bound(30, 100);
	tap_num(in_child(two_users, NULL), 0, "a process changes its effective user");
	privileges();
	crowd();
	per_namespace();
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
