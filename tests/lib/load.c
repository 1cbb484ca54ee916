// SPDX-License-Identifier: GPL-2.0-only
/* Load on the CPUs. */
#include "load.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static pid_t hogs[CPU_SETSIZE];

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

static void burn(int cpu, int nice)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	load_stay_on(cpu);
	setpriority(PRIO_PROCESS, 0, nice);
	for (;;)
		;
}

void load_start(int nice)
{
	int cpu;

	fflush(stdout);
	for (cpu = 1; cpu < load_cpus(); cpu++) {
		hogs[cpu] = fork();
		if (!hogs[cpu])
			burn(cpu, nice);
		must(hogs[cpu] < 0 ? errno : 0, "cannot fork");
	}
}

void load_stop(void)
{
	int cpu;

	for (cpu = 1; cpu < load_cpus(); cpu++) {
		kill(hogs[cpu], SIGKILL);
		waitpid(hogs[cpu], NULL, 0);
	}
}
