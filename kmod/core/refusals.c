// SPDX-License-Identifier: GPL-2.0-only
/*
 * The latest refused binds of a network namespace: for each process and reservation how often, and
 * the last of them in full. For listeners, and for callers that ask about a reservation.
 *
 * Anybody can be refused as often as they like, so all is bounded: a refused bind waits for
 * nothing, allocates nothing and looks at four slots. If another CPU has the lock the refusal is
 * counted as lost. A new pair of process and reservation takes the slot of the pair that was
 * refused longest ago. A work item tells listeners of all pairs that were refused since, at most
 * ten times a second, and of each pair at most once a second.
 *
 * Every refusal looks, after it was recorded or counted, whether the work is pending, and queues it
 * if not. Work that is pending still has to begin: it clears its pending bit before that, with a
 * full barrier, and so finds what was recorded before the look.
 *
 * The memory is allocated for the first reservation of the namespace.
 */
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "background.h"
#include "net.h"
#include "refusals.h"
#include "reservation.h"

/* Slots that a pair may be in: those from its hash on. */
#define REFUSALS_WAYS	4

#define REFUSALS_DELAY	(HZ / 10)
#define REFUSALS_PAUSE	HZ

static work_func_t refusals_send __read_mostly;

/**
 * portres_refusals_init - prepare for refusals
 * @send: work of portres_refusals.send, which tells listeners by portres_refusals_take()
 */
void portres_refusals_init(work_func_t send)
{
	refusals_send = send;
}

/**
 * portres_refusals_prepare - allocate the memory, if no reservation has needed it before
 * @pnet: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int portres_refusals_prepare(struct portres_net *pnet)
{
	struct portres_refusals *refusals;

	if (READ_ONCE(pnet->refusals))
		return 0;
	refusals = kzalloc(sizeof(*refusals), GFP_KERNEL_ACCOUNT);
	if (!refusals)
		return -ENOMEM;
	refusals->pnet = pnet;
	spin_lock_init(&refusals->lock);
	INIT_DELAYED_WORK(&refusals->send, refusals_send);
	/* pairs with the acquire in portres_refusals_add() */
	if (cmpxchg_release(&pnet->refusals, NULL, refusals))
		kfree(refusals);
	return 0;
}

/**
 * portres_refusals_close - record no more refusals, when the namespace exits
 * @pnet: the namespace, in which no reservation is made any more
 *
 * Binds that still record one are through after a grace period.
 */
void portres_refusals_close(struct portres_net *pnet)
{
	if (pnet->refusals)
		WRITE_ONCE(pnet->refusals->closed, true);
}

/**
 * portres_refusals_fini - forget all refusals
 * @pnet: the namespace, a grace period after portres_refusals_close()
 *
 * No bind queues the work any more, and while it is cancelled it cannot queue itself.
 */
void portres_refusals_fini(struct portres_net *pnet)
{
	struct portres_refusals *refusals = pnet->refusals;
	unsigned int i;

	if (!refusals)
		return;
	cancel_delayed_work_sync(&refusals->send);
	for (i = 0; i < PORTRES_REFUSALS; i++)
		put_pid(refusals->slots[i].process);
	WRITE_ONCE(pnet->refusals, NULL);
	kfree_rcu(refusals, rcu);
}

/**
 * portres_refusals_queue - have the work run, at most ten times a second
 * @refusals: the refusals of a namespace
 *
 * Context: any, but not a bind after the grace period of portres_refusals_close().
 */
void portres_refusals_queue(struct portres_refusals *refusals)
{
	portres_background_queue(&refusals->send, REFUSALS_DELAY);
}

/* Return: the slot of a pair; if it has none, a slot that is not used or was used longest ago. */
static struct portres_refusal *refusals_find(struct portres_refusals *refusals,
					     const struct pid *process, u64 token)
{
	struct portres_refusal *slot, *oldest = NULL;
	u32 hash = hash_64((unsigned long)process ^ token, 32);
	unsigned int i;

	for (i = 0; i < REFUSALS_WAYS; i++) {
		slot = &refusals->slots[(hash + i) % PORTRES_REFUSALS];
		if (slot->process == process && slot->token == token)
			return slot;
		if (!oldest || slot->used < oldest->used)
			oldest = slot;
	}
	return oldest;
}

static u64 refusals_cgroup(void)
{
#ifdef CONFIG_CGROUPS
	return cgroup_id(task_dfl_cgroup(current));
#else
	return 0;
#endif
}

/* What listeners were not told of the pair that had the slot is lost. */
static void refusals_take_slot(struct portres_refusals *refusals, struct portres_refusal *slot,
			       struct pid *process, const struct portres_reservation *resv)
{
	if (slot->unsent)
		atomic_add(slot->unsent, &refusals->lost);
	put_pid(slot->process);
	*slot = (struct portres_refusal){
		.process = get_pid(process),
		.token = resv->token,
		.started = current->group_leader->start_boottime,
		.protocol = resv->protocol,
	};
}

/* exec and prctl() change it. */
static void refusals_learn_command(struct portres_refusal *slot, struct task_struct *leader)
{
	/* a change that is missed here is seen by the next refusal */
	if (data_race(memcmp(slot->command, leader->comm, sizeof(slot->command))))
		get_task_comm(slot->command, leader);
}

static void refusals_record(struct portres_refusals *refusals,
			    const struct portres_reservation *resv, u16 port, int err)
{
	struct pid *process = task_tgid(current);
	struct portres_refusal *slot = refusals_find(refusals, process, resv->token);

	if (slot->process != process || slot->token != resv->token)
		refusals_take_slot(refusals, slot, process, resv);
	slot->used = ++refusals->uses;
	slot->time = ktime_get_coarse_real_ns();
	slot->times++;
	slot->unsent++;
	slot->user = current_euid();
	slot->cgroup = refusals_cgroup();
	slot->port = port;
	slot->error = -err;
	refusals_learn_command(slot, current->group_leader);
}

static void refusals_try_record(struct portres_refusals *refusals,
				const struct portres_reservation *resv, u16 port, int err)
{
	if (spin_trylock(&refusals->lock)) {
		refusals_record(refusals, resv, port, err);
		spin_unlock(&refusals->lock);
	} else {
		/* pairs with the acquire in portres_refusals_forget() */
		atomic_fetch_inc_release(&refusals->lost);
	}
	/* what is recorded before the look at the pending bit; pairs with that of the work */
	smp_mb();
	if (!delayed_work_pending(&refusals->send))
		portres_refusals_queue(refusals);
}

/**
 * portres_refusals_add - record a refused bind of the current task
 * @pnet: the namespace
 * @resv: the reservation, kept alive by the caller
 * @port: the port
 * @err: what the caller gets, a negative errno
 *
 * Context: under RCU; maybe a BPF program that must not sleep.
 */
void portres_refusals_add(struct portres_net *pnet, const struct portres_reservation *resv,
			  u16 port, int err)
{
	/* pairs with the release in portres_refusals_prepare() */
	struct portres_refusals *refusals = smp_load_acquire(&pnet->refusals);

	if (refusals && !READ_ONCE(refusals->closed))
		refusals_try_record(refusals, resv, port, err);
}

static bool refusals_is_due(const struct portres_refusal *slot)
{
	return time_after_eq64(get_jiffies_64(), slot->sent + REFUSALS_PAUSE);
}

/**
 * portres_refusals_take - go through what listeners have not been told
 * @refusals: the refusals of a namespace
 * @put: called for each pair of which it is time to tell; returns false if it has no room. Runs
 *	under a spinlock
 * @arg: for @put
 *
 * For the work only, which is queued again if there is more.
 *
 * Return: true if @put had room for any.
 */
bool portres_refusals_take(struct portres_refusals *refusals,
			   bool (*put)(const struct portres_refusal *refusal, void *arg), void *arg)
{
	bool any = false, more = false;
	unsigned int i;

	spin_lock(&refusals->lock);
	for (i = 0; i < PORTRES_REFUSALS; i++) {
		struct portres_refusal *slot = &refusals->slots[i];

		if (!slot->unsent)
			continue;
		if (!refusals_is_due(slot) || !put(slot, arg)) {
			more = true;
			continue;
		}
		any = true;
		slot->sent = get_jiffies_64();
		slot->unsent = 0;
	}
	spin_unlock(&refusals->lock);
	if (more)
		portres_refusals_queue(refusals);
	return any;
}

/**
 * portres_refusals_forget - forget what listeners have not been told, if there are none
 * @refusals: the refusals of a namespace
 * @has_listeners: checks whether the namespace has listeners. Runs under a spinlock
 *
 * For the work only. A listener that joins is told no refusal that was forgotten before. A refusal
 * after that is not forgotten: under the lock that it was recorded with, the listener is found.
 *
 * Return: true if there are no listeners.
 */
bool portres_refusals_forget(struct portres_refusals *refusals,
			     bool (*has_listeners)(struct net *net))
{
	/* pairs with the release in refusals_try_record() */
	int lost = atomic_read_acquire(&refusals->lost);
	unsigned int i;
	bool none;

	spin_lock(&refusals->lock);
	none = !has_listeners(refusals->pnet->net);
	for (i = 0; none && i < PORTRES_REFUSALS; i++)
		refusals->slots[i].unsent = 0;
	spin_unlock(&refusals->lock);
	if (none)
		atomic_sub(lost, &refusals->lost);
	return none;
}

/**
 * portres_refusals_has - check whether anything is known of refusals of one reservation
 * @pnet: the namespace
 * @token: token of the reservation
 *
 * Every caller may ask, as often as it likes, and a bind that finds the lock taken is not recorded.
 * So this takes no lock, and is a hint.
 */
bool portres_refusals_has(struct portres_net *pnet, u64 token)
{
	/* pairs with the release in portres_refusals_prepare() */
	const struct portres_refusals *refusals = smp_load_acquire(&pnet->refusals);
	unsigned int i;

	for (i = 0; refusals && i < PORTRES_REFUSALS; i++)
		/* a slot that is being replaced belongs to either */
		if (data_race(refusals->slots[i].process && refusals->slots[i].token == token))
			return true;
	return false;
}

/**
 * portres_refusals_of - go through the refusals of one reservation
 * @pnet: the namespace
 * @token: token of the reservation
 * @put: called for each process that was refused; returns false if it has no room. Runs under a
 *	spinlock
 * @arg: for @put
 */
void portres_refusals_of(struct portres_net *pnet, u64 token,
			 bool (*put)(const struct portres_refusal *refusal, void *arg), void *arg)
{
	/* pairs with the release in portres_refusals_prepare() */
	struct portres_refusals *refusals = smp_load_acquire(&pnet->refusals);
	unsigned int i;

	if (!refusals)
		return;
	spin_lock(&refusals->lock);
	for (i = 0; i < PORTRES_REFUSALS; i++)
		if (refusals->slots[i].process && refusals->slots[i].token == token &&
		    !put(&refusals->slots[i], arg))
			break;
	spin_unlock(&refusals->lock);
}
