/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The surroundings of a functional test: module, network namespace, users,
 * commands. What says "or bails" ends the test, as nothing after it would
 * make sense; the rest returns 0 or an errno.
 */
#ifndef PORTRES_TESTS_ENV_H
#define PORTRES_TESTS_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tap.h"

/* Users that mean nothing to the guest. */
#define OWNER_UID	4000
#define STRANGER_UID	4001

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Loads the module or bails, and waits until a creation need not be tried again. What is loaded
 * goes when the test ends, however it ends.
 */
void module_load(void);
/* The same without the wait. */
void module_load_at_once(void);
bool module_loaded(void);

/* One attempt; and as many as it takes sockets that were closed to be gone. */
int module_unload(void);
bool module_unloads(void);

/* For wait_until(): one attempt, which bails if it is refused for another reason than use. */
bool module_try_unload(void *arg);

/*
 * Enters a network namespace of its own with lo up, or bails. Acts on the calling thread. TCP ports
 * can be reserved in it: see mptcp_leave_out().
 */
void new_netns(void);

/* Can the module guard MPTCP on this architecture, in a kernel that has it? */
bool mptcp_is_guarded(void);

/*
 * Where it cannot, TCP ports can be reserved only if MPTCP is off: switches it off there, in the
 * network namespace of the calling thread.
 */
void mptcp_leave_out(void);

/* A descriptor of the thread's network namespace, and the way (back) into it; or bail. */
int netns_get(void);
void netns_enter(int fd);

/* The exit status of a shell command; its output becomes comments of ours. */
int run(const char *fmt, ...) __printf(1, 2);

/* Writes /proc/sys/@path, for example "net/ipv4/ip_local_port_range". */
int set_sysctl(const char *path, const char *fmt, ...) __printf(2, 3);

/*
 * Run @act(@arg) in a child process and return what it returned; they bail if
 * the child died. What it changes in memory is lost.
 */
int in_child(int (*act)(void *arg), void *arg);
/* with this user and group id, no further groups and no capabilities */
int as_user(uid_t uid, int (*act)(void *arg), void *arg);
/* as root of a new user namespace, in the same network namespace or in one of its own */
int as_userns_root(bool own_netns, int (*act)(void *arg), void *arg);

/* Sets the effective and permitted capabilities, a bit for each of 0 to 31, or bails. */
void set_caps(uint32_t caps);

/*
 * A child process that stays when @act(@arg) has returned, with all that it has opened, until
 * it is told to go; as root if @uid is 0. They bail where that fails.
 */
struct child {
	pid_t pid;
	int go;
	int result;	/* what @act returned */
};

struct child child_stay(uid_t uid, int (*act)(void *arg), void *arg);
/* by exit(), by SIGKILL; when they return it is gone */
void child_exit(struct child *child);
void child_kill(struct child *child);

/* A number in /proc/@pid/stat, counted as in proc(5), from the third on; or bails. */
unsigned long long stat_field(pid_t pid, int field);

/* The number in a line of a file, behind the word with which the line begins; or bails. */
long line_number(const char *path, const char *word);

/* Memory that is shared with children, zeroed; or bails. */
void *shared_memory(size_t size);

/* Polls until @cond(@arg) holds or the time is over; returns what it said last. */
bool wait_until(bool (*cond)(void *arg), void *arg, int milliseconds);

/* Pass a descriptor over a UNIX socket; or bail. */
void send_fd(int via, int fd);
int recv_fd(int via);

/* Kernel release of at least @major.@minor? */
bool kernel_at_least(int major, int minor);

/* One that watches itself, in which everything takes several times as long? */
bool kernel_is_slow(void);

#ifdef __cplusplus
}
#endif

#endif
