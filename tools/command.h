/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands: their arguments and exit statuses. */
#ifndef PORTRES_COMMAND_H
#define PORTRES_COMMAND_H

#include <stdbool.h>

/* Exit statuses */
#define DONE		0
#define FAILED		1	/* or nothing found */
#define WRONG_USAGE	2
#define RUN_FAILED	125	/* run: failed before the command ran */
#define ALREADY_EXISTS		3	/* add: exactly that was reserved before */

/* The arguments of a command: the words after its name, and the options. */
struct call {
	bool json;
	bool pretty;		/* JSON on several lines */
	bool dry_run;
	bool journal;		/* monitor: not to standard output */
	const char *root;	/* before the names of files, or NULL */
	const char *udp;	/* run: number or range of ports */
	const char *tcp;
	const char *wrong;	/* an unknown option, or one without its value */
	int argc;
	char **argv;
	int before_end;		/* number of words before "--"; -1: no "--" */
};

int cmd_add(const struct call *call);
int cmd_set(const struct call *call);
int cmd_replace(const struct call *call);
int cmd_run(const struct call *call);
int cmd_del(const struct call *call);
int cmd_show(const struct call *call);
int cmd_monitor(const struct call *call);
int cmd_restore(const struct call *call);
int cmd_check(const struct call *call);
int cmd_map(const struct call *call);
int cmd_room(const struct call *call);
int cmd_export(const struct call *call);
int cmd_metrics(const struct call *call);
int cmd_why(const struct call *call);

#endif /* PORTRES_COMMAND_H */
