// SPDX-License-Identifier: GPL-2.0-only
/*
 * Binds per second of one, two and four threads at once, without the module, with it, and with a
 * thousand reservations. For CPUs that run at the same time: nothing is counted here, and what
 * else the machine does is seen in it.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "binds.h"
#include "env.h"
#include "load.h"
#include "sock.h"
#include "tap.h"

#define ROUNDS 10
#define MILLISECONDS 300
#define MOST 4

enum state { NONE, IDLE, HERE, STATES };

static const char *const names[STATES] = { "none", "idle", "here" };
static double fastest[STATES][MOST + 1];	/* binds per second, of all rounds */
static atomic_bool stop;

struct binder {
	pthread_t thread;
	int number;
	unsigned long binds;
};

static void *bind_on(void *arg)
{
	struct binder *me = arg;

	load_stay_on(me->number);
	while (!stop) {
		must(try_port(AF_INET, FREE_PORT + me->number), "cannot bind");
		me->binds++;
	}
	return NULL;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void run_threads(int n, enum state state)
{
	struct binder binders[MOST] = { 0 };
	double begin = now(), seconds;
	unsigned long binds = 0;
	int i;

	stop = false;
	for (i = 0; i < n; i++) {
		binders[i].number = i;
		must(pthread_create(&binders[i].thread, NULL, bind_on, &binders[i]), "no thread");
	}
	usleep(MILLISECONDS * 1000);
	stop = true;
	seconds = now() - begin;
	for (i = 0; i < n; i++) {
		pthread_join(binders[i].thread, NULL);
		binds += binders[i].binds;
	}
	if (binds / seconds > fastest[state][n])
		fastest[state][n] = binds / seconds;
}

static void run_all(enum state state)
{
	int n;

	for (n = 1; n <= MOST; n *= 2)
		run_threads(n, state);
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
	run_all(HERE);
	client_close(&c);
	new_netns();
	must(module_unloads() ? 0 : EBUSY, "cannot unload the module");
}

int main(void)
{
	int i, n, state;

	load_cpus();
	for (i = 0; i < ROUNDS; i++) {
		new_netns();
		one_round();
	}
	for (state = NONE; state < STATES; state++)
		for (n = 1; n <= MOST; n *= 2)
			tell((uint64_t)fastest[state][n], with_number("binds", n), AF_INET,
			     names[state]);
	tap_ok(true, "threads have bound");
	return tap_finish();
}
