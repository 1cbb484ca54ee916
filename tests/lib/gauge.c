// SPDX-License-Identifier: GPL-2.0-only
/* How long things take that are done over and over. */
#include "gauge.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crew.h"
#include "env.h"
#include "tap.h"

/* Written by the process; in nanoseconds. */
struct gauge_times {
	atomic_ulong turns;
	atomic_ullong begin;	/* of the turn that has begun; 0: none has */
	atomic_ullong total;
	atomic_ullong worst;
};

static unsigned long long nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

double milliseconds(void)
{
	return nanoseconds() / 1e6;
}

static void time_turn(struct gauge_times *times, void (*turn)(void))
{
	unsigned long long took;

	times->begin = nanoseconds();
	turn();
	took = nanoseconds() - times->begin;
	times->begin = 0;
	times->total += took;
	if (took > times->worst)
		times->worst = took;
	times->turns++;
}

void gauge_start(struct gauge *gauge, void (*turn)(void))
{
	gauge->times = shared_memory(sizeof(*gauge->times));
	gauge->pid = crew_fork();
	if (gauge->pid) {
		setpgid(gauge->pid, gauge->pid);
		return;
	}
	setpgid(0, 0);
	for (;;)
		time_turn(gauge->times, turn);
}

struct reading gauge_read(const struct gauge *gauge)
{
	unsigned long long begin = gauge->times->begin;
	struct reading reading = {
		.turns = gauge->times->turns,
		.total = gauge->times->total / 1e6,
		.worst = gauge->times->worst / 1e6,
		.running = begin ? (nanoseconds() - begin) / 1e6 : 0,
	};

	if (reading.running > reading.worst)
		reading.worst = reading.running;
	/* what has just begun says nothing of the mean */
	if (reading.turns && reading.running < reading.total / reading.turns) {
		reading.mean = reading.total / reading.turns;
		return reading;
	}
	reading.total += reading.running;
	reading.mean = reading.total / (reading.turns + 1);
	return reading;
}

bool gauge_failed(const struct gauge *gauge)
{
	siginfo_t info = { .si_pid = 0 };

	return !waitid(P_PID, gauge->pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid;
}

static double wait_for_end(pid_t pid, bool (*gone)(pid_t pid), double patience)
{
	const struct timespec pause = { .tv_nsec = 2 * 1000 * 1000 };
	double begin = milliseconds();

	while (!gone(pid)) {
		if (milliseconds() > begin + FOR_GOOD)
			tap_bail("process %d does not end though it was killed", pid);
		if (milliseconds() > begin + patience)
			break;
		nanosleep(&pause, NULL);
	}
	return milliseconds() - begin;
}

static bool child_is_gone(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG);
}

static bool group_is_gone(pid_t group)
{
	while (waitpid(-group, NULL, WNOHANG) > 0)
		;
	return kill(-group, 0) && errno == ESRCH;
}

double gauge_stop(struct gauge *gauge, double patience)
{
	/* and what it has started */
	kill(-gauge->pid, SIGKILL);
	return wait_for_end(gauge->pid, child_is_gone, patience);
}

double kill_group(pid_t group)
{
	kill(-group, SIGKILL);
	return wait_for_end(group, group_is_gone, FOR_GOOD + 1);
}
