// SPDX-License-Identifier: GPL-2.0-only
/* Finds the processes that hold sockets, by the inodes of what they have open. */
#include <dirent.h>
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

static void look_into(pid_t pid, struct socket_list *list)
{
	struct dirent *entry;
	char path[64];
	DIR *files;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	files = opendir(path);
	if (!files)
		return;
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
}

void sockets_find_processes(struct socket_list *list)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;

	if (!processes)
		return;
	while ((entry = readdir(processes))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (pid > 0 && !*end)
			look_into((pid_t)pid, list);
	}
	closedir(processes);
}
