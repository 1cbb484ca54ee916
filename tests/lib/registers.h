/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers of a traced child that stands at a system call. */
#ifndef PORTRES_TESTS_REGISTERS_H
#define PORTRES_TESTS_REGISTERS_H

#include <sys/types.h>

/* Before the call: the kernel shall not do it. */
void registers_skip_call(pid_t pid);

/* Behind the call: what it has returned. */
void registers_set_result(pid_t pid, long result);

#endif
