/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queue of notifications of one network namespace: allocated in changes.c, all else is in
 * user/notify.c.
 */
#ifndef _PORTRES_CHANGES_H
#define _PORTRES_CHANGES_H

#include <linux/skbuff.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct net;
struct portres_net;

/**
 * struct portres_changes - notifications of a namespace that wait to be sent
 * @net: the namespace
 * @waiting: messages in the order of the changes; its lock protects this struct
 * @lost: number of messages dropped for lack of room or memory since @waiting was emptied
 * @closed: the namespace exits, nothing is sent any more; set once, read without the lock
 * @send: sends them
 */
struct portres_changes {
	struct net *net;
	struct sk_buff_head waiting;
	unsigned int lost;
	bool closed;
	struct work_struct send;
};

void portres_changes_init(work_func_t send);
int portres_changes_prepare(struct portres_net *pnet);
void portres_changes_fini(struct portres_net *pnet);

#endif /* _PORTRES_CHANGES_H */
