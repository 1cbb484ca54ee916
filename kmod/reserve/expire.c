// SPDX-License-Identifier: GPL-2.0-only
/*
 * Removes the runtime reservations of holder sockets that were closed.
 *
 * A socket ends in two steps. close() marks it dead, and its reservations have expired: see
 * portres_runtime_is_expired(). The destructor runs later, by a grace period or by as long as
 * a packet of the socket waits to be sent, and maybe in softirq, where nothing can be removed
 * from the table: it queues the work that does. A creation that needs the ports of an expired
 * reservation removes it at once (overlap.c).
 *
 * A holder keeps its namespace until its destructor has returned. So when a namespace exits the
 * work of every holder has been queued.
 */
#include <linux/errno.h>
#include <linux/llist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "core/assoc.h"
#include "core/net.h"
#include "core/reservation.h"
#include "core/sock.h"
#include "expire.h"
#include "remove.h"

/* Not a system workqueue: destroy_workqueue() waits for all work at module exit. */
static struct workqueue_struct *expire_workqueue;

/**
 * struct portres_expired - holder sockets of a namespace that were destroyed
 * @pnet: the namespace
 * @holders: their states
 * @remove: removes what they held
 */
struct portres_expired {
	struct portres_net *pnet;
	struct llist_head holders;
	struct work_struct remove;
};

static void expire_holder(struct portres_sock *holder, struct portres_expired *expired)
{
	llist_add(&holder->closed, &expired->holders);
	queue_work(expire_workqueue, &expired->remove);
}

/**
 * portres_expire_sock - end and free the state of a socket, see portres_sock_init()
 * @ps: the state; that of a holder is freed by the work
 * @net: network namespace of the socket, kept alive by a holder only
 *
 * Context: the socket's destructor.
 */
void portres_expire_sock(struct portres_sock *ps, struct net *net)
{
	portres_assoc_end(ps);
	portres_sock_set_gone(ps);
	if (ps->holder)
		/* pairs with the release in portres_expire_prepare() */
		expire_holder(ps, smp_load_acquire(&portres_net_of(net)->expired));
	else
		kfree_rcu(ps, rcu);
}

/* Return: false if the holder has none left. */
static bool expire_remove_one(struct portres_net *pnet, struct portres_sock *holder)
{
	struct portres_runtime *runtime;

	spin_lock_bh(&pnet->lock);
	runtime = list_first_entry_or_null(&holder->held, struct portres_runtime, held);
	if (runtime)
		portres_unreserve(pnet->net, &runtime->resv);
	spin_unlock_bh(&pnet->lock);
	return runtime;
}

/* One removal for each time that the lock is taken: users control how many there are. */
static void expire_work(struct work_struct *work)
{
	struct portres_expired *expired = container_of(work, struct portres_expired, remove);
	struct portres_sock *holder, *next;

	llist_for_each_entry_safe(holder, next, llist_del_all(&expired->holders), closed) {
		while (expire_remove_one(expired->pnet, holder))
			cond_resched();
		kfree_rcu(holder, rcu);
		cond_resched();
	}
}

/**
 * portres_expire_prepare - allocate what a holder socket needs when it is destroyed
 * @pnet: the namespace, before it has the holder
 *
 * A destructor can neither wait for memory nor fail.
 *
 * Return: 0 or -ENOMEM.
 */
int portres_expire_prepare(struct portres_net *pnet)
{
	struct portres_expired *expired;

	if (READ_ONCE(pnet->expired))
		return 0;
	expired = kzalloc(sizeof(*expired), GFP_KERNEL_ACCOUNT);
	if (!expired)
		return -ENOMEM;
	expired->pnet = pnet;
	init_llist_head(&expired->holders);
	INIT_WORK(&expired->remove, expire_work);
	/* pairs with the acquire in portres_expire_sock() */
	if (cmpxchg_release(&pnet->expired, NULL, expired))
		kfree(expired);
	return 0;
}

/**
 * portres_expire_flush - wait until what destroyed sockets held is removed
 * @pnet: the namespace
 */
void portres_expire_flush(struct portres_net *pnet)
{
	if (pnet->expired)
		flush_work(&pnet->expired->remove);
}

/**
 * portres_expire_fini_net - wait until every runtime reservation is removed
 * @pnet: the namespace, without holders
 */
void portres_expire_fini_net(struct portres_net *pnet)
{
	portres_expire_flush(pnet);
	kfree(pnet->expired);
	pnet->expired = NULL;
}

int portres_expire_init(void)
{
	expire_workqueue = alloc_workqueue("portres", WQ_UNBOUND, 0);
	return expire_workqueue ? 0 : -ENOMEM;
}

/**
 * portres_expire_fini - wait until every runtime reservation is removed, in all namespaces
 *
 * No holder exists any more, as each holds a module reference; its work may still be queued.
 */
void portres_expire_fini(void)
{
	destroy_workqueue(expire_workqueue);
}
