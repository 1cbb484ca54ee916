// SPDX-License-Identifier: GPL-2.0-only
/* Lists the sockets of processes by the inodes of their descriptors in /proc. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"

void process_command(pid_t pid, char *command, size_t size)
{
	char path[64];
	FILE *file;

	snprintf(command, size, "?");
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(command, (int)size, file))
		command[strcspn(command, "\n")] = '\0';
	fclose(file);
}

/* Returns false if the caller may not list the descriptors of the process. */
static bool read_descriptors(pid_t pid, process_socket_fn *take, void *arg)
{
	struct dirent *entry;
	char path[64];
	DIR *files;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	files = opendir(path);
	if (!files)
		return errno != EACCES && errno != EPERM;
	while ((entry = readdir(files))) {
		unsigned long inode;
		char target[64];
		ssize_t len = readlinkat(dirfd(files), entry->d_name, target,
					 sizeof(target) - 1);

		if (len < 0)
			continue;
		target[len] = '\0';
		if (sscanf(target, "socket:[%lu]", &inode) == 1 && inode)
			take(pid, inode, arg);
	}
	closedir(files);
	return true;
}

/* Check whether /proc shows all processes, not only those of a pid namespace. */
static bool sees_all_processes(void)
{
	static const char initial[] = "pid:[4026531836]";
	char target[64];
	ssize_t len = readlink("/proc/self/ns/pid", target, sizeof(target));

	return len == sizeof(initial) - 1 && !memcmp(target, initial, sizeof(initial) - 1);
}

bool process_for_each_socket(process_socket_fn *take, void *arg)
{
	DIR *processes = opendir("/proc");
	bool all = processes && sees_all_processes();
	struct dirent *entry;

	while (processes && (entry = readdir(processes))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (pid > 0 && !*end && !read_descriptors((pid_t)pid, take, arg))
			all = false;
	}
	if (processes)
		closedir(processes);
	return all;
}

/* Field 22 of /proc/PID/stat. The command, the second one, may contain anything. */
#define FIELDS_BEFORE_START 19

static bool read_start(FILE *file, uint64_t *ticks)
{
	char line[1024];
	const char *at = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	int i;

	for (i = 0; at && i <= FIELDS_BEFORE_START; i++)
		at = strchr(at + 1, ' ');
	if (at)
		*ticks = strtoull(at, NULL, 10);
	return at;
}

bool process_is_since(pid_t pid, uint64_t start)
{
	uint64_t tick = 1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK);
	uint64_t ticks;
	char path[64];
	FILE *file;
	bool is;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	is = file && read_start(file, &ticks) && ticks == start / tick;
	if (file)
		fclose(file);
	return is;
}
