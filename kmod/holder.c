// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which socket holds which runtime reservations, and their end with the socket.
 *
 * A socket ends in two steps. With the last close() it is dead, but its destructor
 * comes later: a grace period, or as long as a packet of its waits to be sent. And
 * the destructor may run in softirq, where nothing can be taken out of the table.
 * So for everybody who asks the reservation is over as soon as the socket is dead
 * (portres_holder_gone()); who wants its ports ends it there and then. What nobody
 * wanted is ended by work that the destructor has queued.
 *
 * A holder keeps its namespace until behind the destructor. So at the end of a
 * namespace the work of every holder has been queued.
 */
#include <linux/errno.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "sock.h"

/* Of our own, so that the module's end can wait for all that is in it. */
static struct workqueue_struct *workqueue;

/**
 * portres_holder_add - bind a runtime reservation to the life of a socket
 * @holder: what the socket has, the socket being held by the caller
 * @runtime: the reservation, which stands nowhere yet; the table is locked
 */
void portres_holder_add(struct portres_sock *holder, struct portres_runtime *runtime)
{
	holder->holder = true;
	list_add(&runtime->held, &holder->held);
	rcu_assign_pointer(runtime->holder, holder);
}

/**
 * portres_holder_del - part a runtime reservation from its socket
 * @runtime: the reservation, dead or never alive; the table is locked
 */
void portres_holder_del(struct portres_runtime *runtime)
{
	list_del(&runtime->held);
	RCU_INIT_POINTER(runtime->holder, NULL);
}

static bool is_closed(struct portres_sock *holder)
{
	bool closed;

	spin_lock_bh(&holder->lock);
	closed = holder->gone || sock_flag(holder->sk, SOCK_DEAD);
	spin_unlock_bh(&holder->lock);
	return closed;
}

/**
 * portres_holder_gone - has the socket of a runtime reservation been closed?
 * @runtime: the reservation, kept alive by the caller
 *
 * Context: any but hard interrupts.
 */
bool portres_holder_gone(const struct portres_runtime *runtime)
{
	struct portres_sock *holder;
	bool gone;

	rcu_read_lock();
	holder = rcu_dereference(runtime->holder);
	gone = !holder || is_closed(holder);
	rcu_read_unlock();
	return gone;
}

/**
 * portres_holder_close - the socket ends
 * @holder: what the socket has; freed by the work
 * @pnet: its namespace
 *
 * Context: the socket's destructor.
 */
void portres_holder_close(struct portres_sock *holder, struct portres_net *pnet)
{
	spin_lock_bh(&holder->lock);
	holder->gone = true;
	spin_unlock_bh(&holder->lock);
	llist_add(&holder->closed, &pnet->closed);
	queue_work(workqueue, &pnet->end_held);
}

static void end_held(struct work_struct *work)
{
	struct portres_net *pnet = container_of(work, struct portres_net, end_held);
	struct portres_runtime *runtime, *next_runtime;
	struct portres_sock *holder, *next;

	mutex_lock(&pnet->table.lock);
	llist_for_each_entry_safe(holder, next, llist_del_all(&pnet->closed), closed) {
		list_for_each_entry_safe(runtime, next_runtime, &holder->held, held)
			portres_unreserve(pnet->net, &runtime->resv);
		kfree_rcu(holder, rcu);
		cond_resched();
	}
	mutex_unlock(&pnet->table.lock);
}

void portres_holder_init_net(struct portres_net *pnet)
{
	init_llist_head(&pnet->closed);
	INIT_WORK(&pnet->end_held, end_held);
}

/**
 * portres_holder_fini_net - wait until every runtime reservation has ended
 * @pnet: the namespace, without holders
 */
void portres_holder_fini_net(struct portres_net *pnet)
{
	flush_work(&pnet->end_held);
}

int portres_holder_init(void)
{
	workqueue = alloc_workqueue("portres", WQ_UNBOUND, 0);
	return workqueue ? 0 : -ENOMEM;
}

/**
 * portres_holder_fini - wait until every runtime reservation has ended, everywhere
 *
 * There is no holder any more, as each holds the module; its work may be queued.
 */
void portres_holder_fini(void)
{
	destroy_workqueue(workqueue);
}
