/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes and the sockets that they have open, as /proc shows them to the caller. */
#ifndef PORTRES_PROCESS_H
#define PORTRES_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef void process_socket_fn(pid_t pid, unsigned long inode, void *arg);

/* Calls take for each socket of each process. Returns whether all processes were visible. */
bool process_for_each_socket(process_socket_fn *take, void *arg);

/* Whether a process of that number was started at that time, in nanoseconds of CLOCK_BOOTTIME. */
bool process_is_since(pid_t pid, uint64_t start);

/* Writes the command of a process, or "?". */
void process_command(pid_t pid, char *command, size_t size);

#endif /* PORTRES_PROCESS_H */
