// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waits until every task that may be where it must not be has left.
 *
 * A grace period of RCU tasks is nearly that: it ends when each task has slept, has
 * given up its CPU of its own accord or has run in user mode; not with cond_resched(),
 * which the kernel's search for a port calls between any two slots. But
 *
 *	without CONFIG_TASKS_RCU it is a plain grace period, which does end there;
 *	and where tasks can be preempted, it ends anywhere
 *
 *	with CONFIG_PREEMPT_RT a task that waits for a spinlock, say that of a slot,
 *	has slept
 *
 * So here it is once more, by looking at tasks until each was seen to have left:
 *
 *	asleep	Who binds holds the socket's lock, which he may have slept for. So his
 *		state is that of a task that runs; for a spinlock of PREEMPT_RT, one of
 *		its own.
 *	nvcsw	has changed: he slept in between. Not with PREEMPT_RT, see above.
 *	in user mode, or in that of a virtual machine, when a timer interrupted him
 *
 * Each CPU has been through a memory barrier since what the caller wrote, that is
 * what the grace period is for. So whoever is seen elsewhere afterwards, or begins
 * to live, finds what was written.
 *
 * Who works in the kernel on and on, asleep never and in user mode hardly ever, is
 * waited for until he does. RCU tasks would wait as well.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/rcupdate.h>

#include "compat.h"
#include "portres.h"

#if !IS_ENABLED(CONFIG_TASKS_RCU) || IS_ENABLED(CONFIG_PREEMPT_RT)
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <asm/irq_regs.h>

#define COMPLAIN_AFTER	(10 * HZ)
#define FEW	64

/**
 * struct holdout - a task that has not been seen to have left
 * @task: the task, with a reference
 * @nvcsw: how often it had slept when it was found
 * @left: it was seen in user mode
 */
struct holdout {
	struct task_struct *task;
	unsigned long nvcsw;
	bool left;
};

/**
 * struct glance - a look at what a CPU does
 * @timer: interrupts it
 * @user: the task whose user mode was interrupted, or NULL
 */
struct glance {
	struct hrtimer timer;
	struct task_struct *user;
};

static DEFINE_PER_CPU(struct glance, glances);

static bool is_asleep(const struct task_struct *task)
{
	unsigned int state = READ_ONCE(task->__state);

	return state && !(state & (TASK_RTLOCK_WAIT | TASK_WAKING)) && !READ_ONCE(task->on_rq);
}

static bool has_left(const struct holdout *holdout)
{
	const struct task_struct *task = holdout->task;

	if (!IS_ENABLED(CONFIG_PREEMPT_RT) && READ_ONCE(task->nvcsw) != holdout->nvcsw)
		return true;
	return holdout->left || is_asleep(task);
}

/* Return: how many there are, which may be more than there was room for. */
static size_t collect(struct holdout *holdouts, size_t room)
{
	struct task_struct *process, *task;
	size_t n = 0;

	rcu_read_lock();
	for_each_process_thread(process, task) {
		if (task == current || is_asleep(task))
			continue;
		if (n < room)
			holdouts[n] = (struct holdout){
				.task = get_task_struct(task),
				.nvcsw = READ_ONCE(task->nvcsw),
			};
		n++;
	}
	rcu_read_unlock();
	return n;
}

/* Return: how many remain. */
static size_t drop(struct holdout *holdouts, size_t n, bool (*may)(const struct holdout *))
{
	size_t i, kept = 0;

	for (i = 0; i < n; i++) {
		if (may(&holdouts[i]))
			put_task_struct(holdouts[i].task);
		else
			holdouts[kept++] = holdouts[i];
	}
	return kept;
}

static bool always(const struct holdout *holdout)
{
	return true;
}

static struct holdout *find_holdouts(size_t *found)
{
	struct holdout *holdouts;
	size_t room = FEW;

	for (;;) {
		holdouts = kvmalloc_array(room, sizeof(*holdouts), GFP_KERNEL | __GFP_NOFAIL);
		*found = collect(holdouts, room);
		if (*found <= room)
			return holdouts;
		drop(holdouts, room, always);
		kvfree(holdouts);
		room = 2 * *found;
	}
}

/* A virtual machine is left for the interrupt, but is still what the task is at. */
static enum hrtimer_restart look(struct hrtimer *timer)
{
	struct glance *glance = container_of(timer, struct glance, timer);
	struct pt_regs *regs = get_irq_regs();

	if ((regs && user_mode(regs)) || current->flags & PF_VCPU)
		WRITE_ONCE(glance->user, current);
	return HRTIMER_NORESTART;
}

static void start_timer(void *unused)
{
	hrtimer_start(&this_cpu_ptr(&glances)->timer, ns_to_ktime(50 * NSEC_PER_USEC),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

static void mark(struct holdout *holdouts, size_t n, const struct task_struct *user)
{
	size_t i;

	for (i = 0; user && i < n; i++)
		holdouts[i].left |= holdouts[i].task == user;
}

/* One glance at each CPU: who is in user mode? */
static void glance_at_all(struct holdout *holdouts, size_t n)
{
	struct glance *glance;
	int cpu;

	for_each_possible_cpu(cpu) {
		glance = per_cpu_ptr(&glances, cpu);
		glance->user = NULL;
		hrtimer_setup(&glance->timer, look, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	}
	on_each_cpu(start_timer, NULL, true);
	usleep_range(300, 1000);
	for_each_possible_cpu(cpu) {
		glance = per_cpu_ptr(&glances, cpu);
		hrtimer_cancel(&glance->timer);
		mark(holdouts, n, READ_ONCE(glance->user));
	}
}

static void look_until_all_have_left(void)
{
	unsigned long complain = jiffies + COMPLAIN_AFTER;
	struct holdout *holdouts;
	size_t n;

	holdouts = find_holdouts(&n);
	while ((n = drop(holdouts, n, has_left))) {
		if (time_after(jiffies, complain)) {
			pr_info("waiting for %zu tasks, as %s (%d), to leave the kernel\n", n,
				holdouts->task->comm, task_pid_nr(holdouts->task));
			complain = jiffies + COMPLAIN_AFTER;
		}
		glance_at_all(holdouts, n);
	}
	kvfree(holdouts);
	/* and what they did there is seen by the caller */
	synchronize_rcu();
}
#else
static void look_until_all_have_left(void)
{
}
#endif

/**
 * portres_wait_for_binds - wait for every bind that is under way
 *
 * Context: process, sleeps. One caller at a time, as all of these.
 */
void portres_wait_for_binds(void)
{
	synchronize_rcu_tasks();
	if (!IS_ENABLED(CONFIG_TASKS_RCU) || IS_ENABLED(CONFIG_PREEMPT_RT))
		look_until_all_have_left();
}

/**
 * portres_wait_for_instants - wait for whoever is between two instructions where
 *	nothing can give way: no cond_resched(), no lock, nothing that sleeps
 *
 * There a plain grace period is enough, unless tasks can be preempted.
 */
void portres_wait_for_instants(void)
{
	synchronize_rcu_tasks();
	if (!IS_ENABLED(CONFIG_TASKS_RCU) && IS_ENABLED(CONFIG_PREEMPTION))
		look_until_all_have_left();
}
