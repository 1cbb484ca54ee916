// SPDX-License-Identifier: GPL-2.0-only
/*
 * Users' own namespaces, more of them than a workqueue has workers: in each, one thread searches
 * for ports in vain all the time, another has sockets that hold ports and closes them, so that
 * their reservations end by work that waits for whatever the search holds. Some die in the middle
 * of it and others take their place: the end of a namespace waits for its own reservations, and
 * must not for those of others.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "attack.h"
#include "crew.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define CROWD 300	/* the short form is a fifth of it: each has a share of the CPUs */
#define LOW 32768
#define HIGH 60999
#define BLOCK 4096

static atomic_uint *living;
static bool harmful;

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		tap_bail("cannot write %s: %s", path, strerror(errno));
	close(fd);
}

/* As any user may. */
static void enter_own_namespace(void)
{
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", STRANGER_UID);
	prctl(PR_SET_DUMPABLE, 1);
	if (unshare(CLONE_NEWUSER))
		tap_bail("no user namespace: %s", strerror(errno));
	write_text("/proc/self/setgroups", "deny");
	write_text("/proc/self/uid_map", map);
	new_netns();
}

static void *search_in_vain(void *arg)
{
	int fd = udp_open(AF_INET);
	unsigned int port;

	for (port = LOW + BLOCK - 1; port <= HIGH; port += BLOCK)
		must(sock_bind(udp_open(AF_INET), "127.0.0.1", port), "cannot bind");
	/* else nobody else has a CPU: what it holds it holds the longer */
	setpriority(PRIO_PROCESS, gettid(), 19);
	for (;;)
		harmful ? (void)acquire(fd, 0, BLOCK, NULL) : (void)getppid();
	return arg;
}

static void hold_and_close(void)
{
	const struct timespec nap = { .tv_nsec = 50 * 1000 * 1000 };

	for (;;) {
		int fd = udp_open(AF_INET);

		if (harmful)
			acquire(fd, 20000, 10, NULL);
		close(fd);
		nanosleep(&nap, NULL);
	}
}

static void live(void)
{
	pthread_t id;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	enter_own_namespace();
	must(pthread_create(&id, NULL, search_in_vain, NULL), "no thread");
	atomic_fetch_add(living, 1);
	hold_and_close();
}

static pid_t begin_life(void)
{
	pid_t pid = fork();

	must(pid < 0 ? errno : 0, "cannot fork");
	if (!pid)
		live();
	return pid;
}

/* A few at a time are killed and replaced. */
static void namespaces(bool attacking)
{
	static pid_t pids[CROWD];
	unsigned int i, n = attack_is_full() && !kernel_is_slow() ? CROWD : CROWD / 5;

	harmful = attacking;
	*living = 0;
	attack_become_stranger();
	for (i = 0; i < n; i++)
		pids[i] = begin_life();
	while (*living < n)
		usleep(10000);
	attack_ready();
	for (i = 0;; i = (i + 1) % n) {
		usleep(500000);
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
		pids[i] = begin_life();
	}
}

static const struct attack crowd_of_namespaces = {
	.name = "namespaces with slow holders", .crowd = namespaces,
};

int main(int argc, char **argv)
{
	attack_arguments(argc, argv);
	living = shared_memory(sizeof(*living));
	new_netns();
	module_load();
	attack_rows(&crowd_of_namespaces);
	/* the last of them are dismantled in the background */
	tap_ok(wait_until(module_try_unload, NULL, 60000), "the module can be unloaded");
	return tap_finish();
}
