// SPDX-License-Identifier: GPL-2.0-only
/* Counts the system calls of a child by ptrace(2), and interferes with one of them. */
#include "steps.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "registers.h"
#include "tap.h"

#define LIMIT 60
#define STRIDE 5	/* of the bounded form */
#define AT_CALL (SIGTRAP | 0x80)

static const struct {
	long call;
	const char *name;
} names[] = {
#define CALL(name) { SYS_##name, #name }
	CALL(bind), CALL(brk), CALL(clock_gettime), CALL(close), CALL(exit_group), CALL(fchmod),
	CALL(fcntl), CALL(flock), CALL(fstat), CALL(fsync), CALL(getdents64), CALL(getpid),
	CALL(getrandom), CALL(getsockname), CALL(getsockopt), CALL(ioctl), CALL(linkat),
	CALL(lseek), CALL(mkdirat), CALL(mprotect), CALL(mremap), CALL(munmap), CALL(openat),
	CALL(ppoll), CALL(pread64), CALL(read), CALL(recvmsg), CALL(renameat), CALL(renameat2),
	CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(sendmsg), CALL(sendto), CALL(setsockopt),
	CALL(socket), CALL(statx), CALL(unlinkat), CALL(write),
	/* of some architectures */
#ifdef SYS_mmap
	CALL(mmap),
#endif
#ifdef SYS_mmap2
	CALL(mmap2),
#endif
#ifdef SYS_newfstatat
	CALL(newfstatat),
#endif
#ifdef SYS_poll
	CALL(poll),
#endif
#ifdef SYS_socketcall
	CALL(socketcall),
#endif
#ifdef SYS_time
	CALL(time),
#endif
#undef CALL
};

const char *call_name(long call)
{
	static char number[24];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].call == call)
			return names[i].name;
	snprintf(number, sizeof(number), "call %ld", call);
	return number;
}

static void trace(int request, pid_t pid, unsigned long data)
{
	if (ptrace(request, pid, NULL, data))
		tap_bail("ptrace request %d: %s", request, strerror(errno));
}

static pid_t start(int (*act)(void *arg), void *arg)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		tap_bail("cannot fork: %s", strerror(errno));
	if (!pid) {
		alarm(LIMIT);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		kill(getpid(), SIGSTOP);
		_exit(act(arg));
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		tap_bail("the child does not stop");
	trace(PTRACE_SETOPTIONS, pid, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	return pid;
}

/* Lets it run up to the next call, or to the end of the call it is in. False: it has ended. */
static bool next(pid_t pid, int *status)
{
	unsigned long pass = 0;

	for (;;) {
		trace(PTRACE_SYSCALL, pid, pass);
		if (waitpid(pid, status, 0) != pid)
			tap_bail("cannot wait: %s", strerror(errno));
		if (!WIFSTOPPED(*status))
			return false;
		if (WSTOPSIG(*status) == AT_CALL)
			return true;
		pass = (unsigned long)WSTOPSIG(*status);
	}
}

static long number_of_call(pid_t pid)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0)
		tap_bail("cannot tell the call: %s", strerror(errno));
	return (long)info.entry.nr;
}

static void end(pid_t pid, int *status)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) == pid && WIFSTOPPED(*status))
		;
}

/* The child is stopped before the call. */
static void interfere(pid_t pid, const struct step *step, int *status)
{
	switch (step->what) {
	case KILL_AFTER:
		if (!next(pid, status))
			return;
		/* fallthrough */
	case KILL_BEFORE:
		end(pid, status);
		return;
	case FAIL:
		registers_skip_call(pid);
		if (next(pid, status))
			registers_set_result(pid, -step->error);
		/* fallthrough */
	case LEAVE:
		break;
	}
	trace(PTRACE_SETOPTIONS, pid, PTRACE_O_EXITKILL);
	trace(PTRACE_CONT, pid, 0);
	while (waitpid(pid, status, 0) == pid && WIFSTOPPED(*status))
		trace(PTRACE_CONT, pid, (unsigned long)WSTOPSIG(*status));
}

struct outcome run_step(int (*act)(void *arg), void *arg, const struct step *step)
{
	struct outcome outcome = { 0 };
	pid_t pid = start(act, arg);
	unsigned int number = 0;

	while (next(pid, &outcome.status)) {
		if (++number == step->number) {
			outcome.reached = true;
			outcome.call = number_of_call(pid);
			interfere(pid, step, &outcome.status);
			break;
		}
		if (!next(pid, &outcome.status))
			break;
	}
	return outcome;
}

static bool full;

void steps_arguments(int argc, char **argv)
{
	full = argc > 1 && !strcmp(argv[1], "--full");
}

/* Interference of another kind comes to another call: each call meets some of them. */
unsigned int steps_first(void)
{
	static unsigned int times;

	return times++ % steps_stride() + 1;
}

unsigned int steps_stride(void)
{
	return full ? 1 : STRIDE;
}

const char *steps_which(void)
{
	return full ? "each" : "one in five";
}

void steps_of_all_kinds(void (*try)(const void *scene, struct step step, const char *kind),
			const void *scene, bool few)
{
	static const int errors[] = { EIO, EINTR, ENOSPC, EROFS, EACCES };
	size_t i, n = few ? 2 : sizeof(errors) / sizeof(errors[0]);
	char kind[32];

	try(scene, (struct step){ KILL_BEFORE, 0, 0 }, "before");
	try(scene, (struct step){ KILL_AFTER, 0, 0 }, "after");
	for (i = 0; i < n; i++) {
		snprintf(kind, sizeof(kind), "%s from", errno_name(errors[i]));
		try(scene, (struct step){ FAIL, 0, errors[i] }, kind);
	}
}

void steps_stay_on_one_cpu(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first))
		tap_bail("cannot stay on a CPU: %s", strerror(errno));
}
