// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waits of a creation or change for tasks that are in the middle of a bind or connect. Each is
 * bounded, as a user can slow down a task as much as they like.
 */
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "core/probe.h"
#include "wait.h"

/*
 * With READY_TIMEOUT 50 ms until a block is decided; and LEAVERS_TIMEOUT after that, once for each
 * side on which a block grows.
 */
#define CHOICES_TIMEOUT	(HZ / 40)
#define LEAVERS_TIMEOUT	(HZ / 50)

/**
 * portres_wait_choices - wait for ports that were selected before a block was inserted
 * @protocol: protocol of the block
 *
 * Otherwise the second look would undo some of them, which is visible from outside: a connection is
 * undone after its first packet. The wait is bounded. What it misses is undone, so that the block
 * has all of its ports in any case.
 *
 * Return: false if it did not wait for all.
 */
bool portres_wait_choices(const struct portres_protocol *protocol)
{
	return !protocol->wait_choices || protocol->wait_choices(jiffies + CHOICES_TIMEOUT);
}

/**
 * portres_wait_leavers - wait for sockets that give back a port of a committed block
 * @probe: a probe of its namespace
 * @first: first port
 * @last: last port
 *
 * A socket that the probe has missed may be about to find that the block is committed. Until it has
 * given its port back, a bind of the owner would fail. Called where portres_wait_choices() did not
 * wait for all, or where a port of the block was selected after it, as the last resort. Binds are
 * not waited for: one that finds the block committed gives its port back before it returns.
 */
void portres_wait_leavers(struct portres_probe *probe, u16 first, u16 last)
{
	unsigned long end = jiffies + LEAVERS_TIMEOUT;

	while (portres_probe_look(probe, first, last) && time_before(jiffies, end) &&
	       !fatal_signal_pending(current))
		schedule_timeout_uninterruptible(1);
}
