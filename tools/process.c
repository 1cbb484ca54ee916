// SPDX-License-Identifier: GPL-2.0-only
/* Finds the processes that hold sockets, by the inodes of what they have open. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sockets.h"

static void read_command(pid_t pid, char *command, size_t size)
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

/* The first process that is seen to hold a socket is told. */
static void note(struct socket_list *list, unsigned long inode, pid_t pid)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct bound_socket *socket = &list->items[i];

		if (socket->inode != inode || socket->pid)
			continue;
		socket->pid = pid;
		read_command(pid, socket->command, sizeof(socket->command));
	}
}

/* Returns false if the process may not be looked into. */
static bool look_into(pid_t pid, struct socket_list *list)
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
			note(list, inode, pid);
	}
	closedir(files);
	return true;
}

/* Whether /proc is about all processes of the machine, not of a namespace of them. */
static bool see_all(void)
{
	static const char initial[] = "pid:[4026531836]";
	char target[64];
	ssize_t len = readlink("/proc/self/ns/pid", target, sizeof(target));

	return len == sizeof(initial) - 1 && !memcmp(target, initial, sizeof(initial) - 1);
}

void sockets_find_processes(struct socket_list *list)
{
	DIR *processes = opendir("/proc");
	bool all = processes && see_all();
	struct dirent *entry;
	size_t i;

	while (processes && (entry = readdir(processes))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (pid > 0 && !*end && !look_into((pid_t)pid, list))
			all = false;
	}
	if (processes)
		closedir(processes);
	for (i = 0; i < list->count; i++)
		list->items[i].hidden = !all;
}
