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

#include "env.h"
#include "tap.h"

#define MAX_PLAYERS 64
#define REST 6			/* times what a turn takes */
#define LONGEST_REST 200000000	/* nanoseconds */

static struct {
	atomic_bool stop;
	atomic_uint epoch;
	atomic_int error;	/* the last one that was not expected */
	struct toll toll;
	int failed;		/* players that did not end well by themselves */
} *shared;

static pid_t crew, pids[MAX_PLAYERS];

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

/* Milliseconds. If it is too short, a player is dead before it has done anything. */
static long moment_length(void)
{
	return kernel_is_slow() ? 30 : 3;
}

static void disturb(const struct player *players, size_t n)
{
	const struct timespec moment = { .tv_nsec = moment_length() * 1000000 };
	unsigned int seed = 1;
	size_t i;

	heed_signals();
	for (i = 0; i < n; i++)
		start(players, i);
	while (crew_goes_on()) {
		nanosleep(&moment, NULL);
		i = rand_r(&seed) % n;
		if (players[i].bury && rand_r(&seed) % 4 == 0) {
			replace(players, i);
			shared->toll.kills++;
		} else {
			kill(pids[i], SIGUSR1);
			shared->toll.signals++;
		}
	}
	for (i = 0; i < n; i++)
		shared->failed += !crew_ended_well(pids[i]);
}

void crew_start(const struct player *players, size_t n)
{
	if (n > MAX_PLAYERS)
		tap_bail("a crew of %zu is too large", n);
	shared = shared_memory(sizeof(*shared));
	shared->epoch = 1;
	crew = crew_fork();
	if (crew)
		return;
	disturb(players, n);
	_exit(0);
}

bool crew_goes_on(void)
{
	return !shared->stop;
}

void crew_fault(atomic_ulong *counter, int error)
{
	atomic_fetch_add(counter, 1);
	shared->error = error;
}

unsigned int crew_epoch(void)
{
	return shared->epoch;
}

void crew_next_epoch(void)
{
	atomic_fetch_add(&shared->epoch, 1);
}

bool crew_stayed(unsigned int epoch)
{
	return epoch % 2 && shared->epoch == epoch;
}

struct toll crew_end(void)
{
	shared->stop = true;
	tap_ok(crew_ended_well(crew), "the crew ended well");
	tap_num(shared->failed, 0, "all processes ended well");
	tap_errno(shared->error, 0, "no unexpected error");
	return shared->toll;
}
