// SPDX-License-Identifier: GPL-2.0-only
/* Runs a command until none of its descendants is left. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "message.h"
#include "supervise.h"
#include "text.h"

#define NOT_EXECUTABLE 126
#define NOT_FOUND 127
#define SIGNALLED 128

struct supervision {
	pid_t child;		/* 0: it has ended */
	int status;		/* exit status of "portres run" */
	sigset_t watched;
	sigset_t before;
	struct sigaction child_action;	/* for SIGCHLD, as it was */
};

/* Not the signals that stop a job, which stop this process as well, nor those of its own faults. */
static void fill_watched(sigset_t *watched)
{
	static const int left[] = { SIGTSTP, SIGTTIN, SIGTTOU, SIGSEGV, SIGBUS, SIGFPE, SIGILL,
				    SIGTRAP, SIGSYS, SIGABRT, SIGPIPE, SIGXCPU, SIGXFSZ };
	size_t i;

	sigfillset(watched);
	for (i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		sigdelset(watched, left[i]);
}

static void watch_signals(struct supervision *s)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };

	fill_watched(&s->watched);
	sigprocmask(SIG_BLOCK, &s->watched, &s->before);
	/* A caller that ignores it would have no child to wait for. */
	sigaction(SIGCHLD, &usual, &s->child_action);
}

static void execute(const struct supervision *s, char **command)
{
	char *shown;
	int error;

	sigaction(SIGCHLD, &s->child_action, NULL);
	sigprocmask(SIG_SETMASK, &s->before, NULL);
	execvp(command[0], command);
	error = errno;
	shown = safe_text(command[0]);
	print_error("cannot run %s: %s", shown, strerror(error));
	free(shown);
	_exit(error == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
}

static bool is_kept(int fd, const int *kept, unsigned int count)
{
	while (count)
		if (kept[--count] == fd)
			return true;
	return false;
}

/* So that readers and lockers of what the command has open need not wait for this process. */
static void close_all_but(const int *kept, unsigned int count)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	unsigned int from = STDERR_FILENO + 1;
	unsigned int i;
	int fd;

	for (fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		if (!is_kept(fd, kept, count))
			dup2(null, fd);
	for (i = 0; i < count; i++) {
		unsigned int number = (unsigned int)kept[i];

		if (number > from)
			close_range(from, number - 1, 0);
		if (number >= from)
			from = number + 1;
	}
	close_range(from, ~0U, 0);
}

/* Reaps all children that have ended. Returns whether others are left. */
static bool reap(struct supervision *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != s->child)
			continue;
		s->child = 0;
		s->status = WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status) :
						  WEXITSTATUS(status);
	}
	return pid == 0 || errno == EINTR;
}

/* Signals the processes that the command has left, which are children of this subreaper. */
static void signal_others(int number)
{
	char path[64];
	FILE *children;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	children = fopen(path, "re");
	while (children && fscanf(children, "%d", &pid) == 1)
		kill(pid, number);
	if (children)
		fclose(children);
}

static void pass_on(const struct supervision *s, const siginfo_t *info)
{
	/* A terminal has sent it to the command as well. */
	if (info->si_code == SI_KERNEL)
		return;
	if (s->child)
		kill(s->child, info->si_signo);
	else
		signal_others(info->si_signo);
}

static int wait_for_all(struct supervision *s)
{
	siginfo_t info;

	while (reap(s)) {
		if (sigwaitinfo(&s->watched, &info) < 0)
			continue;
		if (info.si_signo != SIGCHLD)
			pass_on(s, &info);
	}
	return s->status;
}

int supervise(const int *kept, unsigned int count, char **command)
{
	struct supervision s = { .status = RUN_FAILED };

	if (prctl(PR_SET_CHILD_SUBREAPER, 1)) {
		print_error("cannot adopt descendants: %s", strerror(errno));
		return RUN_FAILED;
	}
	watch_signals(&s);
	s.child = fork();
	if (!s.child)
		execute(&s, command);
	if (s.child < 0) {
		print_error("cannot fork: %s", strerror(errno));
		return RUN_FAILED;
	}
	close_all_but(kept, count);
	return wait_for_all(&s);
}
