// SPDX-License-Identifier: GPL-2.0-only
/* Load on the CPUs. */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crew.h"
#include "tap.h"

static pid_t hogs[CPU_SETSIZE];	/* the last one is followed by 0 */
static int go[2];

int load_cpus(void)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (cpus < 2)
		tap_bail("there is but one CPU");
	return cpus;
}

void load_stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	must(sched_setaffinity(0, sizeof(set), &set) ? errno : 0, "cannot stay on a CPU");
}

void load_give_way(void)
{
	const struct sched_param param = { 0 };

	must(sched_setscheduler(0, SCHED_IDLE, &param) ? errno : 0, "cannot give way to others");
}

void load_be_nice(void)
{
	must(setpriority(PRIO_PROCESS, 0, 10) ? errno : 0, "cannot be nice");
}

/* The pipe has nothing to read until its last writer is gone. */
static void burn(int cpu, int nice)
{
	char nothing;

	load_stay_on(cpu);
	setpriority(PRIO_PROCESS, 0, nice);
	close(go[1]);
	(void)!read(go[0], &nothing, 1);
	for (;;)
		;
}

void load_prepare(int last, int nice)
{
	int cpu;

	must(pipe2(go, O_CLOEXEC) ? errno : 0, "no pipe");
	for (cpu = 1; cpu <= last; cpu++) {
		hogs[cpu] = crew_fork();
		if (!hogs[cpu])
			burn(cpu, nice);
	}
	close(go[0]);
}

void load_start(void)
{
	close(go[1]);
}

void load_stop(void)
{
	int cpu;

	for (cpu = 1; hogs[cpu]; cpu++) {
		kill(hogs[cpu], SIGKILL);
		waitpid(hogs[cpu], NULL, 0);
		hogs[cpu] = 0;
	}
}
