// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module comes and goes while a crowd of processes is stopped at all places of a bind for as
 * long as can be: they run when nobody else wants to, beside processes that always do. Half of
 * them search for a port in vain, and give way on the way of it; the others ask for one that is
 * in use, which takes next to no time but for the way to the module and back.
 *
 * What the module forgets to wait for runs into what is no longer there: where nothing is preempted,
 * those inside; where everything can be (preempt=full), those on the way in and out as well.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "env.h"
#include "load.h"
#include "sock.h"
#include "tap.h"

#define CROWD 24
#define TURNS 8	/* until one sleeps, without which nobody gets done with waiting for it */
#define PORT 7000
#define LEAST 3	/* rounds, if it takes longer */

static struct {
	atomic_bool stop;
	atomic_ulong searches, binds;
	atomic_int unexpected;
} *shared;

/* No threads: who is stopped while he holds a lock of their memory stops all. */
static void bind_in_vain(unsigned int number)
{
	const struct timespec nap = { .tv_nsec = 10 * 1000 * 1000 };
	bool search = number % 2;
	unsigned int turn;
	int fd = udp_open(number % 4 / 2 ? AF_INET6 : AF_INET), error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	load_stay_on(1 + number % (load_cpus() - 1));
	load_give_way();
	for (turn = 0; !shared->stop; turn++) {
		if (search || turn % TURNS == 0)
			nanosleep(&nap, NULL);
		error = sock_bind_any(fd, search ? 0 : PORT);
		if (error != EADDRINUSE)
			shared->unexpected = error ? error : EEXIST;
		atomic_fetch_add(search ? &shared->searches : &shared->binds, 1);
	}
	_exit(0);
}

static pid_t start(unsigned int number)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	must(pid < 0 ? errno : 0, "cannot fork");
	if (!pid)
		bind_in_vain(number);
	return pid;
}

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static void judge(unsigned long rounds)
{
	tap_diag("covered: %lu loads and unloads among %d processes that searched %lu times and bound"
		 " %lu times, in vain", rounds, CROWD, shared->searches, shared->binds);
	tap_ok(rounds >= LEAST, "the module came and went");
	tap_ok(shared->searches && shared->binds, "the others tried to bind");
	tap_errno(shared->unexpected, 0, "no unexpected error");
}

int main(int argc, char **argv)
{
	int seconds = argc > 1 && !strcmp(argv[1], "--full") ? 600 : 15, taken;
	unsigned long rounds = 0;
	pid_t pids[CROWD];
	int i, status, failed = 0;
	long end;

	shared = shared_memory(sizeof(*shared));
	load_stay_on(0);
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "1024 65535"), "cannot set the range");
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "1024-65535"), "cannot empty it");
	taken = udp_open(AF_INET6);
	must(sock_bind_any(taken, PORT), "cannot bind");
	load_start(10);
	for (i = 0; i < CROWD; i++)
		pids[i] = start(i);
	for (end = now() + seconds; rounds < LEAST || now() < end; rounds++) {
		module_load();
		usleep(20000);
		if (!module_unloads())
			tap_bail("the module cannot be unloaded");
	}
	shared->stop = true;
	load_stop();
	for (i = 0; i < CROWD; i++)
		failed += waitpid(pids[i], &status, 0) != pids[i] || status;
	tap_num(failed, 0, "all of the crowd ended well");
	judge(rounds);
	return tap_finish();
}
