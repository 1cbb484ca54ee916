// SPDX-License-Identifier: GPL-2.0-only
/* Measures how long others wait beside a crowd. */
#include "attack.h"

#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crew.h"
#include "env.h"
#include "gauge.h"
#include "tap.h"

#define TIMES 20	/* the administrator may wait as many times as long */
#define LEAST 5		/* milliseconds: less is not compared */
#define TURNS 2		/* that each answer is asked for */
#define LONGEST 60000	/* milliseconds beside the harmless crowd */

struct result {
	struct reading readings[ANSWERS];
	double kill_administrator, kill_crowd;
	unsigned long strikes;
};

static struct {
	atomic_bool ready;
	atomic_ulong strikes;
} *shared;

static bool full;

void attack_arguments(int argc, char **argv)
{
	full = argc > 1 && !strcmp(argv[1], "--full");
	shared = shared_memory(sizeof(*shared));
}

bool attack_is_full(void)
{
	return full;
}

double attack_limit(double harmless)
{
	double limit = answer_limit();

	return limit > 5 * harmless ? limit : 5 * harmless;
}

void attack_become_stranger(void)
{
	if (setgroups(0, NULL) || setresgid(STRANGER_UID, STRANGER_UID, STRANGER_UID) ||
	    setresuid(STRANGER_UID, STRANGER_UID, STRANGER_UID))
		tap_bail("cannot become a stranger: %s", strerror(errno));
	/* which a change of the user has undone */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

void attack_ready(void)
{
	shared->ready = true;
}

struct thread {
	unsigned int number;
	void (*turn)(unsigned int number);
};

static void *go_on(void *arg)
{
	const struct thread *thread = arg;

	for (;;) {
		thread->turn(thread->number);
		atomic_fetch_add(&shared->strikes, 1);
	}
	return NULL;
}

void attack_threads(unsigned int n, void (*turn)(unsigned int number))
{
	static struct thread threads[1024];
	pthread_attr_t attr;
	pthread_t id;
	unsigned int i;

	if (n > sizeof(threads) / sizeof(*threads))
		tap_bail("a crowd of %u is too large", n);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 * 1024);
	for (i = 0; i < n; i++) {
		threads[i] = (struct thread){ i, turn };
		must(pthread_create(&id, &attr, go_on, &threads[i]), "no thread");
	}
	attack_ready();
	for (;;)
		pause();
}

void attack_no_harm(unsigned int number)
{
	(void)number;
	getppid();
}

static bool is_ready(void *arg)
{
	(void)arg;
	return shared->ready;
}

pid_t attack_begin(const struct attack *attack, bool attacking)
{
	pid_t pid;

	shared->ready = false;
	shared->strikes = 0;
	pid = crew_fork();
	if (!pid) {
		setpgid(0, 0);
		attack->crowd(attacking);
		_exit(1);
	}
	setpgid(pid, pid);
	if (!wait_until(is_ready, NULL, 120000))
		tap_bail("%s: no crowd", attack->name);
	/* that all of them have begun */
	usleep(300000);
	return pid;
}

static int answers_of(const struct attack *attack)
{
	return attack->families ? ANSWERS : ANSWERS - 1;
}

static double limit_of(const struct reading *harmless, int answer)
{
	double mean = harmless[answer].mean;

	if (answer == ADMINISTRATOR)
		return TIMES * (mean > LEAST ? mean : LEAST);
	return attack_limit(harmless[answer].worst);
}

static unsigned int rounds(void)
{
	return full ? 200 : 20;
}

/* Has it been asked often enough, or has it taken too long already? */
static bool is_through(const struct reading *reading, int answer, const struct reading *harmless)
{
	unsigned int turns = answer == ADMINISTRATOR ? rounds() : TURNS;

	if (reading->turns >= turns || !harmless)
		return reading->turns >= turns;
	return reading->total > turns * limit_of(harmless, answer);
}

static void ask(int first, int end, struct gauge *gauges, struct reading *readings,
		const struct reading *harmless)
{
	double begin = milliseconds();
	bool through;
	int i;

	for (i = first; i < end; i++)
		gauge_start(&gauges[i], answer_turns[i]);
	do {
		through = true;
		usleep(50000);
		for (i = first; i < end; i++) {
			if (gauge_failed(&gauges[i]))
				tap_bail("%s: failed", answer_names[i]);
			readings[i] = gauge_read(&gauges[i]);
			through &= is_through(&readings[i], i, harmless);
		}
		if (!harmless && milliseconds() > begin + LONGEST)
			break;
	} while (!through);
}

/* A gauge may have left its netlink family loaded. */
static void take_family_out(void)
{
	run("for i in 1 2 3 4 5; do"
	    " test ! -e /sys/module/wireguard/initstate || modprobe -q -r wireguard; done");
}

void attack_ask_others(struct reading readings[ANSWERS], const struct reading *harmless)
{
	struct gauge gauges[ANSWERS];
	int i;

	ask(CONTROL, ANSWERS, gauges, readings, harmless);
	for (i = CONTROL; i < ANSWERS; i++)
		gauge_stop(&gauges[i], FOR_GOOD + 1);
	take_family_out();
}

static struct result measure(const struct attack *attack, const struct result *harmless)
{
	struct gauge gauges[ANSWERS];
	struct result result;
	pid_t crowd = attack_begin(attack, harmless);
	int i;

	ask(ADMINISTRATOR, answers_of(attack), gauges, result.readings,
	    harmless ? harmless->readings : NULL);
	result.kill_administrator = gauge_stop(&gauges[ADMINISTRATOR], harmless ?
		2 * attack_limit(harmless->kill_administrator) : FOR_GOOD + 1);
	if (attack->let_go)
		attack->let_go();
	result.kill_crowd = kill_group(crowd);
	for (i = ADMINISTRATOR; i < answers_of(attack); i++)
		gauge_stop(&gauges[i], FOR_GOOD + 1);
	result.strikes = shared->strikes;
	return result;
}

void attack_compare(const char *name, int answer, const struct reading *readings,
		    const struct reading *harmless)
{
	const struct reading *was = &harmless[answer], *is = &readings[answer];
	double limit = limit_of(harmless, answer);

	if (answer == ADMINISTRATOR)
		tap_ok(is->turns + 1 >= rounds() && is->mean <= limit,
		       "%s: create and delete take at most %d times as long", name, TIMES);
	else
		tap_ok(is->worst <= limit, "%s: %s: answers in time", name, answer_names[answer]);
	tap_diag("%s: %.1f ms, at worst %.1f, instead of %.1f and %.1f; %lu times",
		 answer_names[answer], is->mean, is->worst, was->mean, was->worst, is->turns);
}

static void ends_in_time(const struct attack *attack, const char *who, double was, double is)
{
	tap_ok(is <= attack_limit(was), "%s: SIGKILL ends %s in time", attack->name, who);
	tap_diag("%s: ended after %.0f ms, instead of %.0f", who, is, was);
}

void attack_rows(const struct attack *attack)
{
	struct result harmless, result;
	int i;

	answers_protocol = attack->protocol ? attack->protocol : IPPROTO_UDP;
	harmless = measure(attack, NULL);
	sleep(attack->settle);
	result = measure(attack, &harmless);
	for (i = 0; i < answers_of(attack); i++)
		attack_compare(attack->name, i, result.readings, harmless.readings);
	ends_in_time(attack, "the administrator", harmless.kill_administrator,
		     result.kill_administrator);
	ends_in_time(attack, "the crowd", harmless.kill_crowd, result.kill_crowd);
	tap_diag("%s: %lu strikes", attack->name, result.strikes);
	if (attack->families)
		take_family_out();
}
