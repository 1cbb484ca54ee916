// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of the queue of notifications, which a network namespace needs from its first
 * reservation on.
 */
#include <linux/errno.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "changes.h"
#include "net.h"

static work_func_t changes_send __read_mostly;

/**
 * portres_changes_init - prepare for notifications
 * @send: work of portres_changes.send, which sends what waits
 */
void portres_changes_init(work_func_t send)
{
	changes_send = send;
}

/**
 * portres_changes_prepare - allocate the queue, if no reservation has needed it before
 * @pnet: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int portres_changes_prepare(struct portres_net *pnet)
{
	struct portres_changes *changes;

	if (portres_net_changes(pnet))
		return 0;
	changes = kzalloc(sizeof(*changes), GFP_KERNEL_ACCOUNT);
	if (!changes)
		return -ENOMEM;
	changes->net = pnet->net;
	skb_queue_head_init(&changes->waiting);
	INIT_WORK(&changes->send, changes_send);
	/* pairs with the acquire in portres_net_changes() */
	if (cmpxchg_release(&pnet->changes, NULL, changes))
		kfree(changes);
	return 0;
}

/**
 * portres_changes_fini - free the queue
 * @pnet: the namespace, which has nothing left that waits or is sent
 */
void portres_changes_fini(struct portres_net *pnet)
{
	kfree(pnet->changes);
	pnet->changes = NULL;
}
