// SPDX-License-Identifier: GPL-2.0-only
/* Counts the system calls of a child by ptrace(2), and interferes with one of them. */
#include "steps.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define LIMIT 60
#define AT_CALL (SIGTRAP | 0x80)

static const struct {
	long call;
	const char *name;
} names[] = {
#define CALL(name) { SYS_##name, #name }
	CALL(bind), CALL(brk), CALL(clock_gettime), CALL(close), CALL(exit_group), CALL(fchmod),
	CALL(fcntl), CALL(flock), CALL(fstat), CALL(fsync), CALL(getdents64), CALL(getpid),
	CALL(getrandom), CALL(getsockname), CALL(getsockopt), CALL(ioctl), CALL(linkat),
	CALL(lseek), CALL(mkdirat), CALL(mmap), CALL(mprotect), CALL(mremap), CALL(munmap),
	CALL(newfstatat), CALL(openat), CALL(poll), CALL(pread64), CALL(read), CALL(recvmsg),
	CALL(renameat), CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(sendmsg), CALL(sendto),
	CALL(setsockopt), CALL(socket), CALL(time), CALL(unlinkat), CALL(write),
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

static long peek(pid_t pid, size_t offset)
{
	return ptrace(PTRACE_PEEKUSER, pid, offset, NULL);
}

static void poke(pid_t pid, size_t offset, long value)
{
	if (ptrace(PTRACE_POKEUSER, pid, offset, value))
		tap_bail("cannot change a register: %s", strerror(errno));
}

static void end(pid_t pid, int *status)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) == pid && WIFSTOPPED(*status))
		;
}

/* It stands before the call. */
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
		poke(pid, offsetof(struct user, regs.orig_rax), -1);
		if (next(pid, status))
			poke(pid, offsetof(struct user, regs.rax), -step->error);
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
			outcome.call = peek(pid, offsetof(struct user, regs.orig_rax));
			interfere(pid, step, &outcome.status);
			break;
		}
		if (!next(pid, &outcome.status))
			break;
	}
	return outcome;
}
