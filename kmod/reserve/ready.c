// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether every bind in flight passes the hooks of its protocol. A creation depends on that: a
 * bind that entered the kernel's get_port before the hook was installed checks no table.
 *
 * After an installation a work item waits once until each task that may be in such a bind has left
 * the kernel. How long a task stays there is up to its owner, so only the work item waits for
 * all of that: a creation waits for the work item for READY_TIMEOUT, in a sleep that a fatal
 * signal ends, and then fails with -EAGAIN. The work goes on meanwhile, so a later attempt
 * succeeds.
 *
 * The hooks are installed when the module is loaded. If IPv6 is a module that is loaded later,
 * its protos are hooked when it has initialised itself, before the task that loaded it
 * continues. An IPv6 socket that another task binds in that instant does not pass the hook.
 *
 * Each installation begins an epoch. A creation is valid in one epoch only: if IPv6 was loaded
 * meanwhile, its probe may have missed IPv6 sockets.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "core/protocol.h"
#include "core/synchronize.h"
#include "ready.h"

/*
 * Short, as a netlink handler runs with genetlink's cb_lock held for reading: the registration of
 * a family waits for the handler, and all requests wait behind it.
 */
#define READY_TIMEOUT	(HZ / 40)

/* The current epoch, and the last one in which all binds pass the hooks. */
static unsigned int epoch_begun;
static unsigned int epoch_reached;
static DECLARE_WAIT_QUEUE_HEAD(ready_wait);

/* Not a system workqueue, as the wait may take minutes. */
static struct workqueue_struct *ready_workqueue;

static bool ready_is_reached(unsigned int epoch)
{
	/* Pairs with the release in ready_epoch_work(): the probe sees what those binds did. */
	return smp_load_acquire(&epoch_reached) == epoch;
}

/*
 * A copy of a proto that was being made from one that was not hooked yet may not have been there
 * for the first installation. It is when all tasks have left the kernel, so look once more.
 *
 * Return: 0, or a negative errno, then with some protos not hooked.
 */
static int ready_hook_all(void)
{
	int err = portres_protocol_install_all();

	if (err)
		return err;
	portres_synchronize_binds();
	return portres_protocol_install_all();
}

static void ready_epoch_work(struct work_struct *work)
{
	unsigned int epoch = READ_ONCE(epoch_begun);

	/* No memory: the epoch is not reached while some protos are not hooked. */
	if (ready_hook_all()) {
		queue_delayed_work(ready_workqueue, to_delayed_work(work), HZ);
		return;
	}
	/* Pairs with the acquire in ready_is_reached(). */
	smp_store_release(&epoch_reached, epoch);
	wake_up_all(&ready_wait);
}

static DECLARE_DELAYED_WORK(ready_epoch, ready_epoch_work);

/**
 * portres_ready_begin - begin an epoch: protos are about to appear that are not hooked yet
 *
 * No creation succeeds until the work of portres_ready_finish() is done.
 */
void portres_ready_begin(void)
{
	WRITE_ONCE(epoch_begun, epoch_begun + 1);
}

/**
 * portres_ready_finish - schedule the work that reaches the epoch: hook all protos, and wait for
 *	earlier binds
 */
void portres_ready_finish(void)
{
	mod_delayed_work(ready_workqueue, &ready_epoch, 0);
}

/**
 * portres_ready_epoch - get the current epoch
 */
unsigned int portres_ready_epoch(void)
{
	return READ_ONCE(epoch_begun);
}

/**
 * portres_ready_wait - wait a short time until all binds in flight pass the hooks
 * @epoch: set to the epoch in which they do, for portres_spec.epoch
 *
 * Context: process, sleeps; a fatal signal ends the wait.
 * Return: 0; -EAGAIN if a task that may be in an earlier bind has not left the kernel;
 * -EINTR.
 */
int portres_ready_wait(unsigned int *epoch)
{
	long left;

	*epoch = READ_ONCE(epoch_begun);
	if (likely(ready_is_reached(*epoch)))
		return 0;
	left = wait_event_killable_timeout(ready_wait, ready_is_reached(*epoch), READY_TIMEOUT);
	if (left > 0)
		return 0;
	return left ? -EINTR : -EAGAIN;
}

#if IS_MODULE(CONFIG_IPV6)
/* The ipv6 module cannot be unloaded once it has initialised itself. */
static int ready_module_event(struct notifier_block *block, unsigned long state, void *data)
{
	const struct module *module = data;

	if (strcmp(module->name, "ipv6"))
		return NOTIFY_DONE;
	switch (state) {
	case MODULE_STATE_COMING:
		portres_ready_begin();
		break;
	case MODULE_STATE_LIVE:
		if (portres_protocol_install_all())
			pr_alert("no memory to hook IPv6, trying again; until then IPv6 sockets can bind reserved ports\n");
		fallthrough;
	case MODULE_STATE_GOING:
		portres_ready_finish();
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block module_notifier = { .notifier_call = ready_module_event };

static int ready_register_notifier(void)
{
	return register_module_notifier(&module_notifier);
}

static void ready_unregister_notifier(void)
{
	unregister_module_notifier(&module_notifier);
}
#else
static int ready_register_notifier(void)
{
	return 0;
}

static void ready_unregister_notifier(void)
{
}
#endif

/**
 * portres_ready_init - hook all protos, now and when more appear
 *
 * Does not wait for earlier binds.
 *
 * Return: 0, or a negative errno, then with no hook installed.
 */
int portres_ready_init(void)
{
	int err;

	ready_workqueue = alloc_workqueue("portres_ready", WQ_UNBOUND, 1);
	if (!ready_workqueue)
		return -ENOMEM;
	portres_ready_begin();
	err = ready_register_notifier();
	if (err)
		goto destroy;
	err = portres_protocol_install_all();
	if (err)
		goto leave;
	portres_ready_finish();
	return 0;

leave:
	ready_unregister_notifier();
	cancel_delayed_work_sync(&ready_epoch);
	portres_protocol_remove_all();
destroy:
	destroy_workqueue(ready_workqueue);
	return err;
}

/**
 * portres_ready_fini - remove all hooks; on return no task is in one
 *
 * Context: process, sleeps for as long as holdouts stay in the kernel, without a lock held.
 */
void portres_ready_fini(void)
{
	ready_unregister_notifier();
	cancel_delayed_work_sync(&ready_epoch);
	destroy_workqueue(ready_workqueue);
	portres_protocol_remove_all();
}
