// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user stops tasks of its own in the middle of an acquisition, or of the selection of a port by
 * connect(), for as long as possible: they run with the lowest priority on a busy CPU, or their
 * cgroup has used up its CPU time. A lock that such a task holds stays held for as long, and so
 * does an SRCU section that the creation of a TCP block waits for.
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
#include "tcp_server.h"

#define GROUP "/sys/fs/cgroup/attack"
#define BUSY 4		/* beside the one that is to be stopped */
#define BLOCK 4096
#define CPU 1
#define LOW 40000	/* where the attackers look for a port, and have all of them */
#define PORTS 256
#define SERVER 9	/* is never asked */

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

static __thread int own;
static unsigned int attackers;
static bool pinned;
static void (*harm)(void);	/* what the attackers do; NULL: no harm */

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

/* A task is stopped where the search reschedules, which it does behind each port in use. */
static void take_ports(void)
{
	unsigned int port;

	for (port = LOW; port < LOW + PORTS; port++)
		must(sock_bind_any(tcp_socket(AF_INET), port), "cannot bind");
}

static void connect_in_vain(void)
{
	if (!own) {
		own = tcp_socket(AF_INET);
		sock_set(own, IPPROTO_IP, IP_LOCAL_PORT_RANGE, (LOW + PORTS - 1U) << 16 | LOW);
	}
	must(sock_connect(own, "127.0.0.1", SERVER) == EADDRNOTAVAIL ? 0 : EPROTO,
	     "a connection has a port");
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
	if (number < attackers && harm)
		harm();
	else
		for (i = 0; i < 100000; i++)
			asm("");	/* else there would be nothing to do */
}

static void become(void (*does)(void))
{
	harm = does;
	attack_become_stranger();
	if (does == connect_in_vain)
		take_ports();
}

/* The first one gives way to the others. */
static void one_among_busy(void (*does)(void))
{
	attackers = 1;
	pinned = true;
	become(does);
	attack_threads(1 + BUSY, turn);
}

static void one_acquires(bool attacking)
{
	one_among_busy(attacking ? acquire_and_release : NULL);
}

static void one_connects(bool attacking)
{
	one_among_busy(attacking ? connect_in_vain : NULL);
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

static void throttled(void (*does)(void))
{
	must(take_time(), "cannot take the group's time");
	must(write_group(GROUP "/cgroup.procs", "0"), "cannot join the group");
	attackers = 2;
	become(does);
	attack_threads(attackers, turn);
}

static void throttled_acquire(bool attacking)
{
	throttled(attacking ? acquire_and_release : NULL);
}

static void throttled_connect(bool attacking)
{
	throttled(attacking ? connect_in_vain : NULL);
}

static const struct attack idle[] = {
	{ .name = "an idle task among busy ones", .crowd = one_acquires },
	{ .name = "an idle task that connects, among busy ones", .crowd = one_connects,
	  .protocol = IPPROTO_TCP },
};

static const struct attack out_of_time[] = {
	{ .name = "tasks of a group without time", .crowd = throttled_acquire,
	  .let_go = give_time },
	{ .name = "tasks that connect, of a group without time", .crowd = throttled_connect,
	  .protocol = IPPROTO_TCP, .let_go = give_time },
};

int main(int argc, char **argv)
{
	attack_arguments(argc, argv);
	new_netns();
	tcp_connect_first();
	module_load();
	attack_rows(&idle[0]);
	attack_rows(&idle[1]);
	if (make_group()) {
		tap_skip("this kernel does not limit the time of groups", "%s",
			 out_of_time[0].name);
	} else {
		attack_rows(&out_of_time[0]);
		attack_rows(&out_of_time[1]);
		rmdir(GROUP);
	}
	write_group("/sys/fs/cgroup/cgroup.subtree_control", "-cpu");
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
