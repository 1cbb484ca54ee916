// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module is in for a moment and out again, round after round, on two CPUs that have more to do
 * than they can: some bind without a pause, one creates, associates and deletes, one makes
 * namespaces with reservations and associated sockets and lets them die. A round that does not
 * end is a wait that starves: the stacks of all tasks are told then.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "crew.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10
#define BINDERS 3
#define STAY 400000	/* microseconds */
#define LONG 60		/* seconds: a round that takes as long is told of, each time again */
#define TOO_LONG 240
#define LEAST 5		/* rounds, if it takes longer */

static struct {
	atomic_bool stop;
	atomic_ulong binds, creations, associations, namespaces;
	atomic_long begin;	/* of a round, crew_clock() */
	atomic_ulong rounds;
} *shared;

static void bind_on_and_on(unsigned int number)
{
	unsigned int turn;

	for (turn = 0; !shared->stop; turn++) {
		int fd = udp_open(turn % 2 ? AF_INET : AF_INET6);

		sock_bind_any(fd, turn % 3 ? 0 : FIRST + COUNT + number);
		close(fd);
		atomic_fetch_add(&shared->binds, 1);
	}
}

/* The module may go at any time, and then nothing of it succeeds. */
static void create_associate_delete(unsigned int number)
{
	struct client c;
	uint64_t token;
	int fd;

	(void)number;
	while (!shared->stop) {
		if (!module_loaded() || client_open(&c)) {
			usleep(1000);
			continue;
		}
		fd = udp_open(AF_INET);
		if (!reserve(&c, FIRST, COUNT, NULL, NO_OWNER, &token)) {
			atomic_fetch_add(&shared->creations, 1);
			if (!associate(fd, token) && !sock_bind_any(fd, 0))
				atomic_fetch_add(&shared->associations, 1);
			unreserve(&c, FIRST, COUNT);
		}
		close(fd);
		client_close(&c);
	}
}

/* What is open stays so until the namespace dies. */
static void live_in_namespace(void)
{
	struct client c;
	uint64_t token;
	int i;

	new_netns();
	if (!module_loaded() || client_open(&c))
		return;
	for (i = 0; i < 4; i++)
		if (!reserve(&c, FIRST + i * COUNT, COUNT, NULL, NO_OWNER, &token))
			associate(udp_open(i % 2 ? AF_INET : AF_INET6), token);
}

static void make_namespaces(unsigned int number)
{
	(void)number;
	while (!shared->stop) {
		pid_t pid = fork();

		must(pid < 0 ? errno : 0, "cannot fork");
		if (!pid) {
			live_in_namespace();
			_exit(0);
		}
		waitpid(pid, NULL, 0);
		atomic_fetch_add(&shared->namespaces, 1);
	}
}

static void tell_file(const char *title, const char *path)
{
	char line[256];
	FILE *file = fopen(path, "re");

	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		tap_diag("%s %s", title, line);
	}
	if (file)
		fclose(file);
}

static void tell_task(const char *pid, const char *tid)
{
	char path[512], stat[256] = "", title[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/task/%s/stat", pid, tid);
	file = fopen(path, "re");
	if (!file)
		return;
	(void)!fgets(stat, sizeof(stat), file);
	fclose(file);
	tap_diag("task %.60s", stat);
	snprintf(path, sizeof(path), "/proc/%s/task/%s/stack", pid, tid);
	snprintf(title, sizeof(title), "    %.32s", tid);
	tell_file(title, path);
}

static void tell_process(const char *pid)
{
	char path[512];
	struct dirent *entry;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks)))
		if (entry->d_name[0] != '.')
			tell_task(pid, entry->d_name);
	if (tasks)
		closedir(tasks);
}

/* What runs has no stack here: the CPUs' are in the kernel's log. */
static void tell_all(long seconds)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	int trigger = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	tap_diag("round %lu has not ended after %ld s", shared->rounds, seconds);
	while (processes && (entry = readdir(processes)))
		if (strspn(entry->d_name, "0123456789"))
			tell_process(entry->d_name);
	if (processes)
		closedir(processes);
	(void)!write(trigger, "l", 1);
	close(trigger);
	tell_file("interrupts", "/proc/stat");
}

/* Runs before all others, as it may be for want of a CPU that nothing goes on. */
static void watch(unsigned int number)
{
	const struct sched_param param = { .sched_priority = 10 };
	long told = 0, seconds;
	unsigned long round = 0;

	(void)number;
	sched_setscheduler(0, SCHED_FIFO, &param);
	while (!shared->stop) {
		sleep(1);
		if (round != shared->rounds)
			told = 0;
		round = shared->rounds;
		seconds = (crew_clock() - shared->begin) / 1000;
		if (shared->begin && seconds >= told + LONG) {
			tell_all(seconds);
			told = seconds;
		}
		if (shared->begin && seconds > TOO_LONG)
			tap_bail("a round does not end");
	}
}

static const struct role {
	void (*play)(unsigned int number);
	int players;
} roles[] = {
	{ watch, 1 },
	{ bind_on_and_on, BINDERS },
	{ create_associate_delete, 1 },
	{ make_namespaces, 1 },
};

#define PLAYERS (BINDERS + 3)

static void start_all(pid_t pids[PLAYERS])
{
	unsigned int i, n = 0;
	int j;

	for (i = 0; i < sizeof(roles) / sizeof(*roles); i++)
		for (j = 0; j < roles[i].players; j++, n++) {
			pids[n] = crew_fork();
			if (!pids[n]) {
				roles[i].play(n);
				_exit(0);
			}
		}
}

static bool come_and_go(void)
{
	shared->begin = crew_clock();
	module_load();
	usleep(STAY);
	if (!wait_until(module_try_unload, NULL, 1000 * TOO_LONG))
		return false;
	shared->begin = 0;
	shared->rounds++;
	return true;
}

int main(int argc, char **argv)
{
	long seconds = argc > 1 && !strcmp(argv[1], "--full") ? 400 : 15, longest = 0, took;
	pid_t pids[PLAYERS];
	int i, failed = 0;
	bool good = true;
	long begin;

	shared = shared_memory(sizeof(*shared));
	begin = crew_clock();
	start_all(pids);
	while (good && (shared->rounds < LEAST || crew_clock() < begin + 1000 * seconds)) {
		took = crew_clock();
		good = come_and_go();
		took = crew_clock() - took;
		if (took > longest)
			longest = took;
	}
	shared->stop = true;
	for (i = 0; i < PLAYERS; i++)
		failed += !crew_ended_well(pids[i]);
	tap_diag("covered: %lu rounds, the longest of %ld ms, among %lu binds,"
		 " %lu creations, %lu associated sockets, %lu namespaces", shared->rounds, longest,
		 shared->binds, shared->creations, shared->associations, shared->namespaces);
	tap_ok(good && longest < 1000 * LONG, "no round takes a minute");
	tap_ok(shared->rounds >= LEAST, "the module came and went");
	tap_ok(shared->binds && shared->creations && shared->associations && shared->namespaces,
	       "all was going on");
	tap_num(failed, 0, "all processes ended well");
	/* the last namespaces are dismantled in the background */
	return tap_finish();
}
