// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracked sockets that listen.
 *
 * The kernel copies the destructor of a listening socket to each socket that accept() returns, so
 * that of a tracked socket would run once for each connection, and the module could not be unloaded
 * while one lives. So the socket gets its own destructor back before it listens, and its close is
 * noticed by a work item, which looks at all such sockets every SWEEP_INTERVAL.
 *
 * A socket stays in the list until it is closed, also if it does not listen any more.
 */
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "core/background.h"
#include "core/sock.h"
#include "listener.h"

#define SWEEP_INTERVAL	(HZ / 2)

/* Only the sweep removes entries. */
static LIST_HEAD(listeners);
static DEFINE_SPINLOCK(listeners_lock);

/* Nobody has the socket open any more, and it is in none of the kernel's tables. */
static bool listener_is_closed(const struct sock *sk)
{
	return sock_flag(sk, SOCK_DEAD) && READ_ONCE(sk->sk_state) == TCP_CLOSE;
}

static void listener_sweep_list(struct list_head *list)
{
	struct portres_sock *ps, *next;

	list_for_each_entry_safe(ps, next, list, listener) {
		if (listener_is_closed(ps->sk)) {
			list_del(&ps->listener);
			portres_sock_end_detached(ps);
		}
		cond_resched();
	}
}

static void listener_sweep(struct work_struct *work)
{
	LIST_HEAD(list);
	bool more;

	/* users decide how many there are: do not look at all of them under the lock */
	spin_lock(&listeners_lock);
	list_splice_init(&listeners, &list);
	spin_unlock(&listeners_lock);
	listener_sweep_list(&list);
	spin_lock(&listeners_lock);
	list_splice(&list, &listeners);
	more = !list_empty(&listeners);
	spin_unlock(&listeners_lock);
	if (more)
		portres_background_queue(to_delayed_work(work), SWEEP_INTERVAL);
}

static DECLARE_DELAYED_WORK(listener_work, listener_sweep);

/**
 * portres_tcp_listener_add - prepare a tracked socket for listening
 * @sk: the socket, locked; no connection can come in yet
 * @ps: its state
 *
 * Return: 0; -EBUSY if another module has replaced our destructor.
 */
int portres_tcp_listener_add(struct sock *sk, struct portres_sock *ps)
{
	int err;

	if (ps->detached)
		return 0;
	err = portres_sock_detach(sk, ps);
	if (err)
		return err;
	spin_lock(&listeners_lock);
	list_add(&ps->listener, &listeners);
	spin_unlock(&listeners_lock);
	portres_background_queue(&listener_work, SWEEP_INTERVAL);
	return 0;
}

/**
 * portres_tcp_listener_fini - wait for the sweep
 *
 * Each entry has a reference to the module, so there is none.
 */
void portres_tcp_listener_fini(void)
{
	cancel_delayed_work_sync(&listener_work);
}
