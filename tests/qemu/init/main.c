// SPDX-License-Identifier: GPL-2.0-only
/*
 * PID 1 of the guest: runs what the plan lists, tells the host a verdict, and ends the machine.
 * The host takes nothing but this verdict and this way of ending for a success.
 *
 * The plan, /portres/plan, has a line "SECONDS NAME PATH" for each test. The kernel's command
 * line says smp=N, results=DEVICE for the line to the host, and shell=DEVICE for a shell there
 * instead of the tests.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>
#if __has_include("sys/io.h")
#include <sys/io.h>
#endif

#include "init.h"

#define PLAN "/portres/plan"
/* of PCs */
#define DEBUG_EXIT_PORT 0xf4
#define EXIT_PASS 42
#define EXIT_FAIL 43

int reap(int pid)
{
	int found = -1;
	int status;
	int ended;

	while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
		if (ended == pid)
			found = status;
	return found;
}

/* QEMU as a PC exits with twice this code plus one. Other machines have no code: it is 0. */
static void end_machine(int code)
{
	port_close();
	sync();
#if __has_include("sys/io.h")
	if (ioperm(DEBUG_EXIT_PORT, 4, 1) == 0)
		outb(code, DEBUG_EXIT_PORT);
#else
	(void)code;
#endif
	reboot(RB_POWER_OFF);
	pause();
}

static void run_shell(void)
{
	int pid = fork();

	if (pid == 0) {
		char *const argv[] = { "bash", "-l", NULL };
		char *const env[] = {
			"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
			"HOME=/root", "TERM=linux", "LANG=C.UTF-8", NULL
		};
		char name[64];
		int tty;

		setsid();
		snprintf(name, sizeof(name), "/dev/%s", getenv("shell"));
		tty = open(name, O_RDWR);
		ioctl(tty, TIOCSCTTY, 1);
		dup2(tty, 0);
		dup2(tty, 1);
		dup2(tty, 2);
		execve("/bin/bash", argv, env);
		_exit(127);
	}
	while (waitpid(-1, NULL, 0) != pid)
		;
}

/* Runs the whole plan. Returns how many tests failed, or -1 without a plan. */
static int run_plan(int *ran)
{
	FILE *plan = fopen(PLAN, "re");
	char name[128];
	char path[256];
	int failed = 0;
	int limit;

	if (!plan)
		return -1;
	while (fscanf(plan, "%d %127s %255s", &limit, name, path) == 3) {
		struct item item = { .name = name, .path = path, .limit = limit };

		failed += !runner_run(&item);
		++*ran;
	}
	fclose(plan);
	return failed;
}

int main(void)
{
	bool ready;
	int failed = -1;
	int ran = 0;

	setup_mounts();
	port_open(getenv("results"));
	ready = setup_rest();
	klog_open();
	if (getenv("shell")) {
		run_shell();
		end_machine(EXIT_PASS);
	}
	if (klog_complains()) {
		port_say("fault the kernel's log has complaints before the first test");
		ready = false;
	}
	if (ready)
		failed = run_plan(&ran);
	gcov_say();
	port_say("verdict %s ran=%d failed=%d", failed == 0 ? "pass" : "fail", ran, failed);
	end_machine(failed == 0 ? EXIT_PASS : EXIT_FAIL);
	return 1;
}
