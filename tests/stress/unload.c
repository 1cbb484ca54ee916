// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module comes and goes while a crowd of processes is stopped at all places of a bind or a
 * connect for as long as possible: they run only when no other process wants the CPU, beside
 * processes that always do. Most of them search for a port in vain, and reschedule during the
 * search. Others ask for a port in use, which takes little more than the way into the module and
 * back. Some connect where ports are free but no socket listens.
 *
 * A task that the module forgets to wait for runs into freed code: without preemption only a task
 * inside the hook; with preempt=full also a task on the entry and exit paths.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "crew.h"
#include "env.h"
#include "load.h"
#include "sock.h"
#include "tap.h"
#include "tcp_server.h"

#define ACTS 7
#define CROWD (2 * ACTS)	/* one of each family */
#define TURNS 8	/* until one sleeps: a wait for it ends only then */
#define PORT 7000
#define RESERVED 7001
#define NOBODY 9	/* a port that is not listened on */
#define LEAST 3	/* rounds, if it takes longer */

static struct {
	atomic_bool stop;
	atomic_ulong turns[ACTS];
	atomic_int unexpected;
} *shared;

static int bind_taken(int fd)
{
	return sock_bind_any(fd, PORT);
}

static int bind_any(int fd)
{
	return sock_bind_any(fd, 0);
}

static int listen_unbound(int fd)
{
	return listen(fd, 1) ? errno : 0;
}

static int connect_to_nobody(int fd)
{
	return sock_connect(fd, sock_family(fd) == AF_INET ? "127.0.0.1" : "::1", NOBODY);
}

/* All fail, so that the socket can try again. */
static const struct act {
	const char *name;
	int protocol;
	int (*go)(int fd);
	int error;
	bool search;
	bool free;	/* in a namespace where all ports are */
} acts[ACTS] = {
	{ "UDP searches", IPPROTO_UDP, bind_any, EADDRINUSE, true, false },
	{ "UDP binds", IPPROTO_UDP, bind_taken, EADDRINUSE, false, false },
	{ "TCP searches", IPPROTO_TCP, bind_any, EADDRINUSE, true, false },
	{ "TCP binds", IPPROTO_TCP, bind_taken, EADDRINUSE, false, false },
	{ "listens", IPPROTO_TCP, listen_unbound, EADDRINUSE, true, false },
	{ "connects in vain", IPPROTO_TCP, connect_to_nobody, EADDRNOTAVAIL, true, false },
	{ "refused connects", IPPROTO_TCP, connect_to_nobody, ECONNREFUSED, false, true },
};

/* No threads: one that is stopped while it holds a lock of their memory stops all. */
static void try_in_vain(unsigned int number)
{
	const struct timespec nap = { .tv_nsec = 10 * 1000 * 1000 };
	const struct act *act = &acts[number % ACTS];
	unsigned int turn;
	int fd, error;

	if (act->free)
		new_netns();
	fd = socket_of(act->protocol, number / ACTS ? AF_INET6 : AF_INET);
	load_stay_on(1 + number % (load_cpus() - 1));
	load_give_way();
	for (turn = 0; !shared->stop; turn++) {
		if (act->search || turn % TURNS == 0)
			nanosleep(&nap, NULL);
		error = act->go(fd);
		if (error != act->error)
			shared->unexpected = error ? error : EEXIST;
		atomic_fetch_add(&shared->turns[act - acts], 1);
	}
	_exit(0);
}

static pid_t start(unsigned int number)
{
	pid_t pid = crew_fork();

	if (!pid)
		try_in_vain(number);
	return pid;
}

static void judge(unsigned long rounds)
{
	int i;

	tap_diag("covered: %lu loads and unloads among %d processes", rounds, CROWD);
	tap_ok(rounds >= LEAST, "the module came and went");
	for (i = 0; i < ACTS; i++) {
		tap_diag("covered: %s: %lu, without success", acts[i].name, shared->turns[i]);
		tap_ok(shared->turns[i], "meanwhile: %s", acts[i].name);
	}
	tap_errno(shared->unexpected, 0, "no unexpected error");
}

static void reserve_one(struct client *c, uint8_t protocol, bool for_good)
{
	c->protocol = protocol;
	must(reserve(c, RESERVED, 1, NULL, NO_OWNER, NULL), "cannot reserve");
	if (!for_good)
		must(unreserve(c, RESERVED, 1), "cannot take it back");
}

/* The first reservation makes the module check binds, even if it is deleted at once. */
static void guard(bool for_good)
{
	struct client c;

	must(client_open(&c), "no client");
	reserve_one(&c, IPPROTO_UDP, for_good);
	reserve_one(&c, IPPROTO_TCP, for_good);
	client_close(&c);
}

/* Returns how often. */
static unsigned long come_and_go(long seconds)
{
	long begin = crew_clock();
	unsigned long rounds;

	for (rounds = 0; rounds < LEAST || crew_clock() < begin + 1000 * seconds; rounds++) {
		module_load();
		guard(rounds % 2);
		usleep(20000);
		if (!module_unloads())
			tap_bail("the module cannot be unloaded");
	}
	return rounds;
}

/* Loading and unloading wait for all searches: a slow kernel gets less to search. */
static void enter_namespace(void)
{
	bool slow = kernel_is_slow();

	if (slow)
		must(set_sysctl("net/ipv4/udp_child_hash_entries", "256"), "cannot have few slots");
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "1024 %d", slow ? 4095 : 65535),
	     "cannot set the range");
}

int main(int argc, char **argv)
{
	bool full = argc > 1 && !strcmp(argv[1], "--full");
	int i, taken, taken_tcp, failed = 0;
	unsigned long rounds;
	pid_t pids[CROWD];

	shared = shared_memory(sizeof(*shared));
	load_stay_on(0);
	enter_namespace();
	tcp_connect_first();
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "1024-65535"), "cannot empty it");
	taken = udp_open(AF_INET6);
	must(sock_bind_any(taken, PORT), "cannot bind");
	taken_tcp = tcp_socket(AF_INET6);
	must(sock_bind_any(taken_tcp, PORT), "cannot bind");
	load_prepare(load_cpus() - 1, 19);
	load_start();
	for (i = 0; i < CROWD; i++)
		pids[i] = start(i);
	rounds = come_and_go(full ? 60 : 5);
	shared->stop = true;
	load_stop();
	for (i = 0; i < CROWD; i++)
		failed += !crew_ended_well(pids[i]);
	tap_num(failed, 0, "all of the crowd ended well");
	judge(rounds);
	return tap_finish();
}
