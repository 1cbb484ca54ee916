// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the hook stands: as long as somebody needs it. While nothing is reserved
 * anywhere and no socket has anything of ours, UDP's protos are the kernel's own, and
 * a bind costs what it costs without us.
 *
 * These need it, and count as one each:
 *
 *	a creation		from before it looks for users of its ports
 *	a namespace		with reservations, portres_net.guarded
 *	a socket		that something of ours hangs on, be it an association with
 *				what is long gone: then its bind has to fail. The kernel's
 *				own get_port would let it have any port
 *
 * The first one puts the hook in. A bind that had entered the kernel's get_port before
 * never looks at a table; so he waits until such binds are through, and whoever comes
 * meanwhile waits with him, for the lock. Only then the number leaves 0. So whoever
 * finds another number finds the hook in place and no such bind, and all that is
 * argued in bind.c holds for him. To raise it from 0, and to take the hook out, takes
 * the lock: none of the two can come between the other.
 *
 * The last one leaves the hook standing for a while, so that those who create and
 * delete in turn do not wait each time, and nobody can make the machine do so. A bind
 * that is in the hook when it is taken out goes on in it as if it stood, and looks at
 * the table a second time; one that comes later belongs to those that the next one who
 * puts it in waits for. So taking it out waits for nobody.
 *
 * The wait cannot be interrupted, and is as long as the longest of the binds, or of the
 * system calls that cannot be told from one. So it is had before the lock of a table, or
 * of a socket. All that waits along is netlink's list of families, if somebody wants to
 * change that.
 */
#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "portres.h"

#define LINGER	(3 * HZ)

static DEFINE_MUTEX(lock);
static atomic_t needs;

/* Whoever has the lock is about to need the hook, and will be the last one again. */
static void remove_unneeded(struct work_struct *work)
{
	if (!mutex_trylock(&lock))
		return;
	if (!atomic_read(&needs))
		portres_hook_withdraw();
	mutex_unlock(&lock);
}

static DECLARE_DELAYED_WORK(removal, remove_unneeded);

/**
 * portres_guard_get - have the hook stand until portres_guard_put()
 *
 * On return every bind that is under way passes the hook.
 *
 * Context: process, without locks; sleeps if the hook does not stand.
 */
void portres_guard_get(void)
{
	might_sleep();
	if (portres_guard_try())
		return;
	mutex_lock(&lock);
	portres_hook_install();
	/* Behind the wait, as portres_guard_try() takes no lock. */
	atomic_fetch_inc_release(&needs);
	mutex_unlock(&lock);
}

/**
 * portres_guard_try - as portres_guard_get(), if the hook is needed by another already
 *
 * Context: any.
 * Return: false if nobody needs it. Then nothing is reserved.
 */
bool portres_guard_try(void)
{
	return atomic_inc_not_zero(&needs);
}

/**
 * portres_guard_keep - need the hook once more
 *
 * Context: any, the caller or somebody he keeps needs it already.
 */
void portres_guard_keep(void)
{
	WARN_ON_ONCE(!portres_guard_try());
}

/**
 * portres_guard_put - need the hook no longer
 *
 * Context: any.
 */
void portres_guard_put(void)
{
	if (atomic_dec_and_test(&needs))
		mod_delayed_work(system_wq, &removal, LINGER);
}

/**
 * portres_guard_end - take the hook out for good, when nobody can create any more
 *
 * What is still reserved guards nothing from here on. It counts as needed ever after,
 * so that the end of that starts no work.
 */
void portres_guard_end(void)
{
	mutex_lock(&lock);
	atomic_inc(&needs);
	mutex_unlock(&lock);
	cancel_delayed_work_sync(&removal);
	portres_hook_remove();
}

/**
 * portres_guard_fini - wait for work that was started at the last moment
 *
 * By a namespace that died while portres_guard_end() ran. Now none is left.
 */
void portres_guard_fini(void)
{
	cancel_delayed_work_sync(&removal);
}
