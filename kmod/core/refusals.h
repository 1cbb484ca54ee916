/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The latest refused binds of a network namespace, see refusals.c.
 */
#ifndef _PORTRES_REFUSALS_H
#define _PORTRES_REFUSALS_H

#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>

#include "protocol.h"

struct net;
struct pid;
struct portres_net;
struct portres_reservation;

#define PORTRES_REFUSALS	32

/**
 * struct portres_refusal - what a process was refused of a reservation
 * @process: the process, with a reference; NULL in a slot that is not used
 * @token: token of the reservation
 * @started: start of @process in nanoseconds of CLOCK_BOOTTIME
 * @cgroup: id of its cgroup, 0 without cgroups
 * @used: @uses of the namespace at the last refusal: the order of refusals, whatever the clock does
 * @time: time of the last refusal, in nanoseconds of CLOCK_REALTIME_COARSE
 * @times: number of refusals since the slot was taken
 * @unsent: number of them that listeners have not been told
 * @sent: when they were told last, as get_jiffies_64(), or 0
 * @user: effective user of the task that was refused last
 * @protocol: protocol of the reservation
 * @port: the port that was refused last
 * @error: the errno of that
 * @command: name of the process at that time
 */
struct portres_refusal {
	struct pid *process;
	u64 token;
	u64 started;
	u64 cgroup;
	u64 used;
	u64 time;
	u64 times;
	u64 unsent;
	u64 sent;
	kuid_t user;
	const struct portres_protocol *protocol;
	u16 port;
	u16 error;
	char command[TASK_COMM_LEN];
};

/**
 * struct portres_refusals - the latest refused binds of a namespace
 * @pnet: the namespace
 * @lock: protects @slots and @uses; only ever tried by a bind, which is never in a softirq
 * @closed: the namespace exits, nothing is recorded any more; set once, read under RCU
 * @uses: number of refusals that were recorded
 * @slots: by a hash of process and reservation, see refusals_find()
 * @lost: number of refusals that were not recorded since listeners were told
 * @send: tells listeners
 * @rcu: frees it when binds are through
 */
struct portres_refusals {
	struct portres_net *pnet;
	spinlock_t lock;	/* slots */
	bool closed;
	u64 uses;
	struct portres_refusal slots[PORTRES_REFUSALS];
	atomic_t lost;
	struct delayed_work send;
	struct rcu_head rcu;
};

void portres_refusals_init(work_func_t send);
int portres_refusals_prepare(struct portres_net *pnet);
void portres_refusals_close(struct portres_net *pnet);
void portres_refusals_fini(struct portres_net *pnet);
void portres_refusals_queue(struct portres_refusals *refusals);
void portres_refusals_add(struct portres_net *pnet, const struct portres_reservation *resv,
			  u16 port, int err);
bool portres_refusals_take(struct portres_refusals *refusals,
			   bool (*put)(const struct portres_refusal *refusal, void *arg),
			   void *arg);
bool portres_refusals_forget(struct portres_refusals *refusals,
			     bool (*has_listeners)(struct net *net));
bool portres_refusals_has(struct portres_net *pnet, u64 token);
void portres_refusals_of(struct portres_net *pnet, u64 token,
			 bool (*put)(const struct portres_refusal *refusal, void *arg), void *arg);

#endif /* _PORTRES_REFUSALS_H */
