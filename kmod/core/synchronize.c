// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waits for tasks that are in code which no counter protects: in the kernel's own get_port, or on
 * the way into or out of a hook.
 *
 * A grace period of RCU tasks nearly does that: it ends when each task has slept, has yielded
 * its CPU voluntarily or has run in user mode; but not with cond_resched(), which the kernel's
 * search for a port calls between hash slots. There are two exceptions:
 *
 *	without CONFIG_TASKS_RCU it is a plain grace period, which does end in cond_resched(),
 *	and anywhere if tasks can be preempted
 *
 *	with CONFIG_PREEMPT_RT a task that waits for a spinlock, for example of a hash slot,
 *	has slept
 *
 * In these cases the holdouts are collected here, and observed until each has been seen outside:
 *
 *	asleep	A task in get_port does not sleep, except for a PREEMPT_RT spinlock, which
 *		has a state of its own (TASK_RTLOCK_WAIT). Any other sleeping task is outside.
 *	nvcsw	A changed count means that the task slept. Not with PREEMPT_RT, see above.
 *	in user mode, or in that of a virtual machine, when a timer interrupted it
 *
 * The preceding grace period orders the caller's stores before anything that a task does after
 * it was seen outside, or created.
 *
 * A task that stays in the kernel, never asleep and hardly ever in user mode, is a holdout for as
 * long, as for RCU tasks. So only a work item and the unloading of the module wait here, and
 * neither holds a lock meanwhile.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_wait.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <asm/irq_regs.h>

#include "compat.h"
#include "synchronize.h"

#define REPORT_INTERVAL	(10 * HZ)
#define HOLDOUTS_INITIAL	64

/**
 * struct holdout - a task that has not been seen outside yet
 * @task: the task, with a reference
 * @nvcsw: its count of voluntary context switches when it was found
 * @left: it was seen in user mode
 */
struct holdout {
	struct task_struct *task;
	unsigned long nvcsw;
	bool left;
};

/**
 * struct cpu_sample - what a CPU was running
 * @timer: interrupts the CPU
 * @user: task that was interrupted in user mode, or NULL
 */
struct cpu_sample {
	struct hrtimer timer;
	struct task_struct *user;
};

static DEFINE_PER_CPU(struct cpu_sample, cpu_samples);

static bool holdout_is_asleep(const struct task_struct *task)
{
	unsigned int state = READ_ONCE(task->__state);

	return state && !(state & (TASK_RTLOCK_WAIT | TASK_WAKING)) && !READ_ONCE(task->on_rq);
}

static bool holdout_has_left(const struct holdout *holdout)
{
	const struct task_struct *task = holdout->task;

	if (!IS_ENABLED(CONFIG_PREEMPT_RT) && READ_ONCE(task->nvcsw) != holdout->nvcsw)
		return true;
	return holdout->left || holdout_is_asleep(task);
}

/**
 * struct holdout_list - holdouts that are being collected
 * @holdouts: the array
 * @room: its size
 * @n: number of holdouts found, which may be more
 */
struct holdout_list {
	struct holdout *holdouts;
	size_t room;
	size_t n;
};

static void holdouts_add(struct holdout_list *list, struct task_struct *task)
{
	if (task == current || holdout_is_asleep(task))
		return;
	if (list->n < list->room)
		list->holdouts[list->n] = (struct holdout){
			.task = get_task_struct(task),
			.nvcsw = READ_ONCE(task->nvcsw),
		};
	list->n++;
}

/* for_each_thread() uses tasklist_lock with CONFIG_PROVE_RCU, which is not exported. */
static size_t holdouts_collect(struct holdout *holdouts, size_t room)
{
	struct holdout_list list = { .holdouts = holdouts, .room = room };
	struct task_struct *process, *task;

	rcu_read_lock();
	for_each_process(process)
		list_for_each_entry_rcu(task, &process->signal->thread_head, thread_node)
			holdouts_add(&list, task);
	rcu_read_unlock();
	return list.n;
}

/* Drops the holdouts for which @may is true. Return: how many remain. */
static size_t holdouts_prune(struct holdout *holdouts, size_t n,
			     bool (*may)(const struct holdout *))
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

static bool holdout_is_any(const struct holdout *holdout)
{
	return true;
}

static struct holdout *holdouts_find(size_t *found)
{
	struct holdout *holdouts;
	size_t room = HOLDOUTS_INITIAL;

	for (;;) {
		holdouts = kvmalloc_array(room, sizeof(*holdouts), GFP_KERNEL | __GFP_NOFAIL);
		*found = holdouts_collect(holdouts, room);
		if (*found <= room)
			return holdouts;
		holdouts_prune(holdouts, room, holdout_is_any);
		kvfree(holdouts);
		room = 2 * *found;
	}
}

/*
 * The interrupt of a running guest arrives in kernel mode with PF_VCPU set: treat that as user
 * mode.
 */
static enum hrtimer_restart sample_timer_fn(struct hrtimer *timer)
{
	struct cpu_sample *sample = container_of(timer, struct cpu_sample, timer);
	struct pt_regs *regs = get_irq_regs();

	if ((regs && user_mode(regs)) || current->flags & PF_VCPU)
		WRITE_ONCE(sample->user, current);
	return HRTIMER_NORESTART;
}

static void sample_start(void *unused)
{
	hrtimer_start(&this_cpu_ptr(&cpu_samples)->timer, ns_to_ktime(50 * NSEC_PER_USEC),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

static void holdouts_mark(struct holdout *holdouts, size_t n, const struct task_struct *user)
{
	size_t i;

	for (i = 0; user && i < n; i++)
		holdouts[i].left |= holdouts[i].task == user;
}

/* Takes a sample of each CPU, and marks the tasks that were in user mode. */
static void sample_cpus(struct holdout *holdouts, size_t n)
{
	struct cpu_sample *sample;
	int cpu;

	for_each_possible_cpu(cpu) {
		sample = per_cpu_ptr(&cpu_samples, cpu);
		sample->user = NULL;
		hrtimer_setup(&sample->timer, sample_timer_fn, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_PINNED_HARD);
	}
	on_each_cpu(sample_start, NULL, true);
	usleep_range(300, 1000);
	for_each_possible_cpu(cpu) {
		sample = per_cpu_ptr(&cpu_samples, cpu);
		hrtimer_cancel(&sample->timer);
		holdouts_mark(holdouts, n, READ_ONCE(sample->user));
	}
}

static void holdouts_report(const struct holdout *holdouts, size_t n)
{
	if (n)
		pr_info("waiting for %zu tasks to leave the kernel, among them %s (%d)\n", n,
			holdouts->task->comm, task_pid_nr(holdouts->task));
}

static void wait_for_holdouts(void)
{
	unsigned long next_report = jiffies + REPORT_INTERVAL;
	struct holdout *holdouts;
	size_t n;

	holdouts = holdouts_find(&n);
	while ((n = holdouts_prune(holdouts, n, holdout_has_left))) {
		if (time_after(jiffies, next_report)) {
			holdouts_report(holdouts, n);
			next_report = jiffies + REPORT_INTERVAL;
		}
		sample_cpus(holdouts, n);
	}
	kvfree(holdouts);
	/* orders what the holdouts did before what the caller does next */
	synchronize_rcu();
}

/* RCU tasks does not name its holdouts: report those that were not seen outside. */
static void report_until_done(struct completion *done)
{
	struct holdout *holdouts;
	size_t n;

	holdouts = holdouts_find(&n);
	while (!wait_for_completion_timeout(done, REPORT_INTERVAL)) {
		sample_cpus(holdouts, n);
		n = holdouts_prune(holdouts, n, holdout_has_left);
		holdouts_report(holdouts, n);
	}
	holdouts_prune(holdouts, n, holdout_is_any);
	kvfree(holdouts);
}

/*
 * As synchronize_rcu_tasks(), but wakes up periodically: to log what it waits for, and because
 * khungtaskd reports a task that sleeps for minutes.
 */
static void synchronize_tasks(void)
{
	struct rcu_synchronize rcu;

	init_rcu_head_on_stack(&rcu.head);
	init_completion(&rcu.completion);
	call_rcu_tasks(&rcu.head, wakeme_after_rcu);
	if (!wait_for_completion_timeout(&rcu.completion, REPORT_INTERVAL))
		report_until_done(&rcu.completion);
	destroy_rcu_head_on_stack(&rcu.head);
}

/**
 * portres_synchronize_binds - wait for every bind in flight
 *
 * Context: process, sleeps, as long as tasks stay in the kernel.
 */
void portres_synchronize_binds(void)
{
	synchronize_tasks();
	if (!IS_ENABLED(CONFIG_TASKS_RCU) || IS_ENABLED(CONFIG_PREEMPT_RT))
		wait_for_holdouts();
}

/**
 * portres_synchronize_entry_exit - wait for every task on the entry or exit path of a hook
 *
 * These paths do not reschedule, take no lock and do not sleep, so a plain grace period is
 * enough unless tasks can be preempted.
 *
 * Context: process, sleeps.
 */
void portres_synchronize_entry_exit(void)
{
	synchronize_tasks();
	if (!IS_ENABLED(CONFIG_TASKS_RCU) && IS_ENABLED(CONFIG_PREEMPTION))
		wait_for_holdouts();
}

/**
 * portres_sum_counts - add up a count of all CPUs
 * @count: the counts, which may change meanwhile
 */
long portres_sum_counts(const long __percpu *count)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(count, cpu));
	return sum;
}

/**
 * portres_has_tasks - check whether tasks are inside of code that counts them
 * @count: the counts of all CPUs
 *
 * Only the sum is valid: a task that migrated decrements the count of another CPU. When no task can
 * enter any more the sum only falls, and 0 means that the last one has left. While tasks come and
 * go it is a hint.
 */
bool portres_has_tasks(const long __percpu *count)
{
	return portres_sum_counts(count);
}
