/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the guest's PID 1 know of each other. */
#ifndef PORTRES_TESTS_INIT_H
#define PORTRES_TESTS_INIT_H

#include <stdbool.h>
#include <stddef.h>

/* One line of the plan: what to run, and for how many seconds at most. */
struct item {
	const char *name;
	const char *path;
	int limit;
};

/* port.c: the line to the host, a device by its name in /dev */
void port_open(const char *device);
void port_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void port_relay(const char *text, size_t len);
void port_close(void);

/* setup.c: the guest before the first test */
void setup_mounts(void);
bool setup_rest(void);

/* klog.c: the kernel's log */
void klog_open(void);
/* Tells the host each line logged since the last call, if one is a complaint of the kernel. */
bool klog_complains(void);
/* Reads what there is, which the kernel would forget otherwise when it logs much. */
void klog_keep_up(void);

/* race.c: reports of data races in it */
enum race {
	RACE_NONE,	/* the line has nothing to do with one */
	RACE_PART,	/* it is a part of one that goes on, or is over and not the module's */
	RACE_OURS,	/* it ended one of the module's */
};

enum race race_take(const char *line);
/* that one, to be written into */
char *race_report(void);
/* how many others there were since the last call */
int race_others(void);

/* gcov.c: what was run; programs that count leave their files in a directory */
#define GCOV_FILES "/run/gcov"
void gcov_say(void);

/* runner.c: one test */
bool runner_run(const struct item *item);

/* Waits for any child; returns the status of child pid, or -1 if it has not ended. */
int reap(int pid);

/* Writes text to an existing file; false if that failed. */
bool put_text(const char *path, const char *text);

#endif
