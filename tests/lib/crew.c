// SPDX-License-Identifier: GPL-2.0-only
/* Processes that are disturbed. */
#include "crew.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define MAX_PLAYERS 64
#define REST 6			/* times what a turn takes */
#define LONGEST_REST 200000000	/* nanoseconds */

static pid_t pids[MAX_PLAYERS];

static void nothing(int signal)
{
	(void)signal;
}

/* System calls are cut short by it. */
static void heed_signals(void)
{
	struct sigaction action = { .sa_handler = nothing };

	sigaction(SIGUSR1, &action, NULL);
}

pid_t crew_fork(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	must(pid < 0 ? errno : 0, "cannot fork");
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

bool crew_ended_well(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && !status;
}

static long long nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

long crew_clock(void)
{
	return nanoseconds() / 1000000;
}

void crew_rest(void)
{
	static long long begin;
	long long rest = begin ? (nanoseconds() - begin) * REST : 0;
	struct timespec nap = { .tv_nsec = rest < LONGEST_REST ? rest : LONGEST_REST };

	nanosleep(&nap, NULL);
	begin = nanoseconds();
}

static void start(const struct player *players, size_t number)
{
	unsigned int seed = number + 1 + 1000 * (unsigned int)time(NULL);
	pid_t pid = crew_fork();

	if (!pid) {
		players[number].play(number, &seed);
		exit(0);
	}
	pids[number] = pid;
}

static void replace(const struct player *players, size_t number)
{
	int status;

	kill(pids[number], SIGKILL);
	if (waitpid(pids[number], &status, 0) != pids[number])
		tap_bail("a process cannot be killed");
	if (!WIFSIGNALED(status))
		tap_bail("role %zu ended before its time: %#x", number, status);
	players[number].bury(number);
	start(players, number);
}

static struct toll disturb(const struct player *players, size_t n, bool (*go_on)(void))
{
	const struct timespec moment = { .tv_nsec = 3 * 1000 * 1000 };
	struct toll toll = { 0 };
	unsigned int seed = 1;
	size_t i;

	heed_signals();
	for (i = 0; i < n; i++)
		start(players, i);
	while (go_on()) {
		nanosleep(&moment, NULL);
		i = rand_r(&seed) % n;
		if (players[i].bury && rand_r(&seed) % 4 == 0) {
			replace(players, i);
			toll.kills++;
		} else {
			kill(pids[i], SIGUSR1);
			toll.signals++;
		}
	}
	for (i = 0; i < n; i++)
		toll.failed += !crew_ended_well(pids[i]);
	return toll;
}

pid_t crew_start(const struct player *players, size_t n, bool (*go_on)(void), struct toll *toll)
{
	pid_t pid;

	if (n > MAX_PLAYERS)
		tap_bail("a crew of %zu is too large", n);
	pid = crew_fork();
	if (pid)
		return pid;
	*toll = disturb(players, n, go_on);
	_exit(0);
}
