// SPDX-License-Identifier: GPL-2.0-only
/* Loads the module, which the kernel does not load on demand. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"
#include "text.h"

/* The sysctl with the path of the program that loads modules. */
#define HELPER "/proc/sys/kernel/modprobe"

bool has_capability(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	return data[capability / 32].effective & 1U << capability % 32;
}

/* Reads the path of the helper program; empty: the system loads no modules. */
static void find_helper(char *path, size_t size)
{
	FILE *file = fopen(HELPER, "re");

	snprintf(path, size, "/sbin/modprobe");
	if (!file)
		return;
	if (fgets(path, (int)size, file))
		path[strcspn(path, "\n")] = '\0';
	fclose(file);
}

/* Runs it with what it says in a pipe, whose end for reading is left in *output. */
static int helper_start(const char *helper, pid_t *child, int *output)
{
	/* The environment that the kernel gives to the helper, nothing of the caller's. */
	static const char *const environment[] = { "HOME=/", "TERM=linux",
		"PATH=/sbin:/usr/sbin:/bin:/usr/bin", NULL };
	const char *const argv[] = { helper, "--", "portres", NULL };
	posix_spawn_file_actions_t actions;
	int ends[2];
	int error;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	error = posix_spawn_file_actions_init(&actions);
	if (!error) {
		error = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
		if (!error)
			error = posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
		if (!error)
			error = posix_spawn(child, helper, &actions, NULL, (char **)(uintptr_t)argv,
					    (char **)(uintptr_t)environment);
		posix_spawn_file_actions_destroy(&actions);
	}
	close(ends[1]);
	if (error)
		close(ends[0]);
	*output = ends[0];
	return -error;
}

/* The first line of what it says, safe to print; all is read. To be freed, or NULL. */
static char *helper_read(int output)
{
	FILE *file = fdopen(output, "r");
	char first[256] = "";
	char rest[256];

	if (!file) {
		close(output);
		return NULL;
	}
	if (fgets(first, sizeof(first), file))
		while (fgets(rest, sizeof(rest), file))
			;
	fclose(file);
	first[strcspn(first, "\n")] = '\0';
	return *first ? safe_text(first) : NULL;
}

static int helper_wait(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

bool load_module(char **reason)
{
	char helper[256];
	char *output;
	pid_t child = 0;
	int status;
	int error;
	int pipe = -1;

	find_helper(helper, sizeof(helper));
	if (!*helper) {
		*reason = check_alloc(strdup("this system loads no modules: " HELPER " is empty"));
		return false;
	}
	error = helper_start(helper, &child, &pipe);
	if (error) {
		*reason = format_text("%s: %s", helper, strerror(-error));
		return false;
	}
	output = helper_read(pipe);
	status = helper_wait(child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		free(output);
		return true;
	}
	*reason = output ? output :
			   format_text("%s exited with status %#x", helper, (unsigned int)status);
	return false;
}
