// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user stops tasks of its own in the middle of an acquisition for as long as possible: they run
 * with the lowest priority on a busy CPU, or their cgroup has used up its CPU time. A lock that
 * such a task holds stays held for as long.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attack.h"
#include "env.h"
#include "load.h"
#include "sock.h"
#include "tap.h"

#define GROUP "/sys/fs/cgroup/attack"
#define BUSY 4		/* beside the one that is to be stopped */
#define BLOCK 4096
#define CPU 1

static __thread int own;
static unsigned int attackers;
static bool harmful, pinned;

/* Searches, acquires, releases: whatever changes the table or looks for something in it. */
static void acquire_and_release(void)
{
	struct portres_association block;

	if (!own)
		own = udp_open(AF_INET);
	if (!acquire(own, 0, BLOCK, &block))
		release(own, block.token);
	if (!acquire(own, 20000, BLOCK, &block))
		release(own, block.token);
}

static void turn(unsigned int number)
{
	static __thread bool begun;
	unsigned int i;

	if (!begun && pinned) {
		load_stay_on(CPU);
		if (!number)
			load_give_way();
	}
	begun = true;
	if (number < attackers && harmful)
		acquire_and_release();
	else
		for (i = 0; i < 100000; i++)
			asm("");	/* else there would be nothing to do */
}

/* The first one gives way to the others. */
static void one_among_busy(bool attacking)
{
	attackers = 1;
	pinned = true;
	harmful = attacking;
	attack_become_stranger();
	attack_threads(1 + BUSY, turn);
}

static int write_group(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return error;
}

/* 10 ms of CPU time in each second; the rest of the time all are stopped where they are. */
static int take_time(void)
{
	return write_group(GROUP "/cpu.max", "10000 1000000");
}

/* A task that is killed needs CPU time to exit: without a limit the crowd has some. */
static void give_time(void)
{
	must(write_group(GROUP "/cpu.max", "max"), "cannot give the group its time back");
}

static int make_group(void)
{
	int error = write_group("/sys/fs/cgroup/cgroup.subtree_control", "+cpu");

	if (error || (mkdir(GROUP, 0755) && errno != EEXIST))
		return error ? error : errno;
	return take_time();
}

static void throttled(bool attacking)
{
	must(take_time(), "cannot take the group's time");
	must(write_group(GROUP "/cgroup.procs", "0"), "cannot join the group");
	attackers = 2;
	harmful = attacking;
	attack_become_stranger();
	attack_threads(attackers, turn);
}

static const struct attack idle = {
	.name = "an idle task among busy ones", .crowd = one_among_busy,
};

static const struct attack out_of_time = {
	.name = "tasks of a group without time", .crowd = throttled, .let_go = give_time,
};

int main(int argc, char **argv)
{
	attack_arguments(argc, argv);
	new_netns();
	module_load();
	attack_rows(&idle);
	if (make_group()) {
		tap_skip("this kernel does not limit the time of groups", "%s", out_of_time.name);
	} else {
		attack_rows(&out_of_time);
		rmdir(GROUP);
	}
	write_group("/sys/fs/cgroup/cgroup.subtree_control", "-cpu");
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
