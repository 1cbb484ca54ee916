// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends notifications to listeners. A task that changes a table adds complete messages (message.c)
 * to the queue of its namespace; a worker sends them in order. A broadcast visits every socket
 * that listens to any family in any namespace, and every user can open many: so it does not run
 * under the table lock.
 *
 * The queue is bounded. Messages that do not fit are counted, and listeners get ENOBUFS, after
 * earlier messages and before later ones. What is queued is charged to the memory cgroup of the
 * task that made the change.
 */
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/rwsem.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "core/changes.h"
#include "core/net.h"
#include "genl.h"
#include "notify.h"

/* Microseconds: a broadcast to few listeners, which needs no rest after it; the longest rest. */
#define NOTIFY_SHORT	1000
#define NOTIFY_REST_MAX	100000

/* Not a system workqueue, so that portres_notify_close() can flush it. */
static struct workqueue_struct *notify_workqueue;

/* Read-held by workers while they send: keeps the family registered. */
static DECLARE_RWSEM(notify_family_lock);
static bool notify_family_open = true;

/* The group of a queued message is in its control buffer. */
static unsigned int *notify_group_of(struct sk_buff *msg)
{
	BUILD_BUG_ON(sizeof(unsigned int) > sizeof_field(struct sk_buff, cb));
	return (unsigned int *)msg->cb;
}

/**
 * portres_changes_add - queue a message
 * @changes: the queue of its namespace
 * @msg: the message, or NULL if its allocation failed, which counts as a lost message
 * @group: its group, PORTRES_GENL_*
 *
 * Context: any but hard interrupts; the table may be locked.
 */
void portres_changes_add(struct portres_changes *changes, struct sk_buff *msg, unsigned int group)
{
	bool closed;

	spin_lock_bh(&changes->waiting.lock);
	closed = changes->closed;
	if (!closed && msg && skb_queue_len(&changes->waiting) < PORTRES_CHANGES_MAX) {
		*notify_group_of(msg) = group;
		__skb_queue_tail(&changes->waiting, msg);
		msg = NULL;
	} else if (!closed) {
		changes->lost++;
	}
	spin_unlock_bh(&changes->waiting.lock);
	kfree_skb(msg);
	if (!closed)
		queue_work(notify_workqueue, &changes->send);
}

/**
 * portres_changes_take - take all queued messages
 * @changes: the queue
 * @batch: list that the messages are added to
 *
 * Return: number of messages lost after them.
 */
unsigned int portres_changes_take(struct portres_changes *changes, struct sk_buff_head *batch)
{
	unsigned int lost;

	spin_lock_bh(&changes->waiting.lock);
	skb_queue_splice_tail_init(&changes->waiting, batch);
	lost = changes->lost;
	changes->lost = 0;
	spin_unlock_bh(&changes->waiting.lock);
	return lost;
}

/* Listeners hear of it with what was queued meanwhile. */
static void notify_count_loss(struct portres_changes *changes)
{
	spin_lock_bh(&changes->waiting.lock);
	changes->lost++;
	spin_unlock_bh(&changes->waiting.lock);
	queue_work(notify_workqueue, &changes->send);
}

static void notify_report_loss(struct net *net)
{
	genl_set_err(&portres_genl_family, net, 0, PORTRES_GENL_CHANGES, -ENOBUFS);
	genl_set_err(&portres_genl_family, net, 0, PORTRES_GENL_ADMIN, -ENOBUFS);
}

/*
 * A broadcast holds netlink's table for as long as it visits listeners, and those that open or
 * close a netlink socket, as every new namespace does, wait until nobody holds it. Broadcasts
 * without a pause would keep them waiting, so rest for as long as the last one took.
 */
static void notify_rest(ktime_t began)
{
	s64 took = ktime_us_delta(ktime_get(), began);

	if (took < NOTIFY_SHORT)
		cond_resched();
	else
		fsleep(min_t(s64, took, NOTIFY_REST_MAX));
}

/*
 * Sends a copy: listeners may leave a message unread for as long as they like, which is their own
 * affair, as it uses up their receive buffers, and not that of the task that made the change.
 */
static void notify_send(struct portres_changes *changes, struct net *net, struct sk_buff *msg)
{
	unsigned int group = *notify_group_of(msg);
	struct sk_buff *copy = skb_copy_expand(msg, 0, 0, GFP_KERNEL);

	kfree_skb(msg);
	if (!copy) {
		notify_count_loss(changes);
		return;
	}
	/* the group is where netlink has the credentials of the sender */
	memset(copy->cb, 0, sizeof(copy->cb));
	genlmsg_multicast_netns(&portres_genl_family, net, copy, 0, group, GFP_KERNEL);
}

/* Return: when the last broadcast began, after which there was no rest yet. */
static ktime_t notify_send_batch(struct portres_changes *changes, struct net *net,
				 struct sk_buff_head *batch)
{
	ktime_t began = ktime_get();
	struct sk_buff *msg;

	/* The exit of the namespace waits for one broadcast, not for all. */
	while (!READ_ONCE(changes->closed) && (msg = __skb_dequeue(batch))) {
		notify_send(changes, net, msg);
		if (skb_queue_empty(batch))
			break;
		notify_rest(began);
		began = ktime_get();
	}
	return began;
}

static void notify_send_work(struct work_struct *work)
{
	struct portres_changes *changes = container_of(work, struct portres_changes, send);
	struct sk_buff_head batch;
	unsigned int lost;
	ktime_t began;

	__skb_queue_head_init(&batch);
	lost = portres_changes_take(changes, &batch);
	down_read(&notify_family_lock);
	if (notify_family_open) {
		began = notify_send_batch(changes, changes->net, &batch);
		if (lost)
			notify_report_loss(changes->net);
		notify_rest(began);
	}
	up_read(&notify_family_lock);
	__skb_queue_purge(&batch);
}

/**
 * portres_notify_multicast - send a message that was not queued
 * @net: the namespace
 * @msg: the message, which is consumed
 * @group: its group, PORTRES_GENL_*
 *
 * Context: a work item, which the exit of the namespace waits for; rests after a long broadcast.
 */
void portres_notify_multicast(struct net *net, struct sk_buff *msg, unsigned int group)
{
	ktime_t began = ktime_get();

	down_read(&notify_family_lock);
	if (notify_family_open) {
		genlmsg_multicast_netns(&portres_genl_family, net, msg, 0, group, GFP_KERNEL);
		notify_rest(began);
	} else {
		nlmsg_free(msg);
	}
	up_read(&notify_family_lock);
}

/**
 * portres_notify_close_net - end the notifications of a namespace
 * @pnet: the namespace, which has no sockets of user space left
 *
 * So it has no listeners, and queued messages are dropped.
 */
void portres_notify_close_net(struct portres_net *pnet)
{
	struct portres_changes *changes = portres_net_changes(pnet);

	if (!changes)
		return;
	spin_lock_bh(&changes->waiting.lock);
	WRITE_ONCE(changes->closed, true);
	spin_unlock_bh(&changes->waiting.lock);
	cancel_work_sync(&changes->send);
	skb_queue_purge(&changes->waiting);
}

int portres_notify_init(void)
{
	portres_changes_init(notify_send_work);
	notify_workqueue = alloc_workqueue("portres_notify", WQ_UNBOUND, 0);
	return notify_workqueue ? 0 : -ENOMEM;
}

/**
 * portres_notify_close - send all queued messages, and none afterwards
 *
 * Call before the family is unregistered: another family may get its groups then.
 */
void portres_notify_close(void)
{
	flush_workqueue(notify_workqueue);
	down_write(&notify_family_lock);
	notify_family_open = false;
	up_write(&notify_family_lock);
}

/**
 * portres_notify_fini - free the workqueue, when no namespace uses it any more
 */
void portres_notify_fini(void)
{
	destroy_workqueue(notify_workqueue);
}
