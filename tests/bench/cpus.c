// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP binds and TCP connects per second of one, two and four threads at once, without the module,
 * with it, and with a thousand reservations of each protocol. For CPUs that run at the same time:
 * nothing is counted here, and what else the machine does is seen in it.
 */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "binds.h"
#include "connects.h"
#include "env.h"
#include "load.h"
#include "sock.h"
#include "tap.h"

#define ROUNDS 10
#define MILLISECONDS 300
#define MOST 4

enum state { NONE, IDLE, HERE, STATES };

static const char *const names[STATES] = { "none", "idle", "here" };

static void bind_a_socket(int number)
{
	must(try_port(AF_INET, FREE_PORT + number), "cannot bind");
}

static void connect_a_socket(int number)
{
	(void)number;
	connect_cost(AF_INET);
}

static const struct kind {
	const char *row;
	void (*once)(int number);
} kinds[] = { { "binds", bind_a_socket }, { "connects", connect_a_socket } };

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static double fastest[KINDS][STATES][MOST + 1];	/* calls per second, of all rounds */
static atomic_bool stop;

struct caller {
	pthread_t thread;
	int number;
	void (*once)(int number);
	unsigned long calls;
};

static void *call_on(void *arg)
{
	struct caller *me = arg;

	load_stay_on(me->number);
	while (!stop) {
		me->once(me->number);
		me->calls++;
	}
	return NULL;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void run_threads(unsigned int kind, int n, enum state state)
{
	struct caller callers[MOST] = { 0 };
	double begin = now(), seconds;
	unsigned long calls = 0;
	int i;

	stop = false;
	for (i = 0; i < n; i++) {
		callers[i].number = i;
		callers[i].once = kinds[kind].once;
		must(pthread_create(&callers[i].thread, NULL, call_on, &callers[i]), "no thread");
	}
	usleep(MILLISECONDS * 1000);
	stop = true;
	seconds = now() - begin;
	for (i = 0; i < n; i++) {
		pthread_join(callers[i].thread, NULL);
		calls += callers[i].calls;
	}
	if (calls / seconds > fastest[kind][state][n])
		fastest[kind][state][n] = calls / seconds;
}

static void run_all(enum state state)
{
	unsigned int kind;
	int n;

	for (kind = 0; kind < KINDS; kind++)
		for (n = 1; n <= MOST; n *= 2)
			run_threads(kind, n, state);
}

/* By turns, so that what disturbs meets all. It slows, if anything: the fastest round counts. */
static void one_round(void)
{
	struct client c;

	run_all(NONE);
	module_load();
	run_all(IDLE);
	must(client_open(&c), "no client");
	reserve_singles(&c, 0, 1000);
	c.protocol = IPPROTO_TCP;
	reserve_singles(&c, 0, 1000);
	run_all(HERE);
	client_close(&c);
	new_netns();
	must(module_unloads() ? 0 : EBUSY, "cannot unload the module");
}

static void tell_all(const struct kind *kind, double (*rates)[MOST + 1])
{
	int n, state;

	for (state = NONE; state < STATES; state++)
		for (n = 1; n <= MOST; n *= 2)
			tell((uint64_t)rates[state][n], with_number(kind->row, n), AF_INET,
			     names[state]);
}

int main(void)
{
	unsigned int i;

	load_cpus();
	for (i = 0; i < ROUNDS; i++) {
		new_netns();
		one_round();
	}
	for (i = 0; i < KINDS; i++)
		tell_all(&kinds[i], fastest[i]);
	tap_ok(true, "threads have bound and connected");
	return tap_finish();
}
