// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs one test: in a cgroup of its own, with a time-out, its output relayed to the host. What
 * it leaves behind (processes, a loaded module, complaints in the kernel's log) is a failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define GROUP "/sys/fs/cgroup/test"
#define MODULE "portres"

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void run_child(const struct item *item, int output)
{
	char *const argv[] = { (char *)item->path, NULL };
	char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "HOME=/root",
		"LANG=C.UTF-8", "TERM=dumb", "PYTHONDONTWRITEBYTECODE=1",
		/* what has no right to the files is not counted, and must not say so */
		"GCOV_PREFIX=" GCOV_FILES, "GCOV_ERROR_FILE=/dev/null", NULL
	};
	int null = open("/dev/null", O_RDWR);

	put_text(GROUP "/cgroup.procs", "0");
	setsid();
	dup2(null, 0);
	dup2(output, 1);
	dup2(output, 2);
	closefrom(3);
	chdir("/tmp");
	execve(item->path, argv, env);
	dprintf(2, "cannot run %s: %s\n", item->path, strerror(errno));
	_exit(127);
}

/* Relays what there is to read; false when nobody can write any more. */
static bool relay(int output, int wait_ms)
{
	struct pollfd ready = { .fd = output, .events = POLLIN };
	char text[4096];
	ssize_t len;

	if (poll(&ready, 1, wait_ms) <= 0)
		return true;
	len = read(output, text, sizeof(text));
	if (len > 0)
		port_relay(text, len);
	return len > 0;
}

/* Kills what the test left running. Its output ends when the last of it is gone. */
static void end_group(int output)
{
	double end = now() + 10;

	put_text(GROUP "/cgroup.kill", "1");
	while (relay(output, 100) && now() < end)
		reap(-1);
	while (rmdir(GROUP) && errno == EBUSY && now() < end) {
		reap(-1);
		usleep(10000);
	}
}

static bool module_is_left(void)
{
	if (access("/sys/module/" MODULE, F_OK))
		return false;
	port_say("fault the module is still loaded");
	if (syscall(SYS_delete_module, MODULE, O_NONBLOCK))
		port_say("fault and cannot be unloaded: %s", strerror(errno));
	return true;
}

/* Returns the status of the child, or -1 after a time-out. */
static int watch(int pid, int output, double end)
{
	int status;

	while ((status = reap(pid)) < 0) {
		if (now() > end)
			return -1;
		relay(output, 50);
		klog_keep_up();
	}
	while (relay(output, 0)) {
		struct pollfd more = { .fd = output, .events = POLLIN };

		if (poll(&more, 1, 0) <= 0)
			break;
	}
	return status;
}

static bool judge(const struct item *item, int status, double start)
{
	bool ok = status == 0;
	int races;

	if (status < 0)
		port_say("fault no end after %d s: killed", item->limit);
	else if (WIFSIGNALED(status))
		port_say("fault killed by signal %d", WTERMSIG(status));
	ok = !module_is_left() && ok;
	if (klog_complains()) {
		port_say("fault the kernel's log has complaints");
		ok = false;
	}
	races = race_others();
	if (races)
		port_say("races %d", races);
	port_say("end %s status=%d seconds=%.1f", item->name,
		 status < 0 ? 255 : WIFEXITED(status) ? WEXITSTATUS(status) : 128, now() - start);
	return ok;
}

bool runner_run(const struct item *item)
{
	double start = now();
	int ends[2];
	int status;
	int pid;

	port_say("start %s %d", item->name, item->limit);
	mkdir(GROUP, 0755);
	if (pipe2(ends, O_CLOEXEC)) {
		port_say("fault no pipe: %s", strerror(errno));
		return false;
	}
	pid = fork();
	if (pid == 0)
		run_child(item, ends[1]);
	close(ends[1]);
	status = watch(pid, ends[0], start + item->limit);
	end_group(ends[0]);
	close(ends[0]);
	return judge(item, status, start);
}
