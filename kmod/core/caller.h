/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The process whose request changes something, for notifications.
 */
#ifndef _PORTRES_CALLER_H
#define _PORTRES_CALLER_H

#include <linux/cred.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uidgid.h>

struct pid;

/**
 * struct portres_caller - the process whose request changes something
 * @user: effective user
 * @process: the process
 * @command: its name
 */
struct portres_caller {
	kuid_t user;
	struct pid *process;
	char command[TASK_COMM_LEN];
};

/**
 * portres_caller_init - describe the current process
 * @caller: filled in; valid as long as the current task lives
 */
static inline void portres_caller_init(struct portres_caller *caller)
{
	caller->user = current_euid();
	caller->process = task_tgid(current);
	get_task_comm(caller->command, current->group_leader);
}

#endif /* _PORTRES_CALLER_H */
