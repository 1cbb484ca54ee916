/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands share: how they are called, and how they refuse. */
#ifndef PORTRES_COMMAND_H
#define PORTRES_COMMAND_H

#include <portres/portres.h>
#include <stdbool.h>

/* Exit statuses */
#define DONE		0
#define FAILED		1	/* refused, or nothing there */
#define WRONG_USAGE	2

/* One command on its way: the words after its name, without the options. */
struct call {
	bool json;
	bool dry_run;
	const char *root;	/* before the names of files, or NULL */
	int argc;
	char **argv;
};

int cmd_add(const struct call *call);
int cmd_del(const struct call *call);
int cmd_show(const struct call *call);
int cmd_monitor(const struct call *call);
int cmd_restore(const struct call *call);
int cmd_check(const struct call *call);

/* Prints what the last of the words may become, one a line. */
int complete(int argc, char **argv);

/* The names of the commands, by number; NULL after the last. */
const char *command_name(unsigned int number);

/* A sentence on standard error. Returns FAILED. */
int refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What is put before the sentences of refuse() from now on; NULL: nothing. */
void blame(const char *place);

/* Not a refusal, but something that the caller should know. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a call that makes no sense. Returns WRONG_USAGE. */
int misuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* PORTRES_COMMAND_H */
