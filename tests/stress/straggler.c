// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module is loaded while binds to port 0 are under way that began before, and that give way
 * to others where the kernel's search for a port says so. None of them may end up with a port
 * that was reserved meanwhile.
 *
 * The search is over all slots, of which there are more than usual, for the one port that is
 * left. It begins undisturbed; once it has begun, who searches hardly ever runs.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "load.h"
#include "sock.h"
#include "tap.h"

#define PORT 50000
#define MAX_BINDERS 8
#define ENOUGH 6	/* binds that the module came upon */
#define TRIALS 30	/* at most */

struct binder {
	pthread_t thread;
	pthread_barrier_t *ready;
	int cpu;
	int fd;
	atomic_bool begun, done;
	int error;
};

static struct {
	unsigned long trials, under_way, waited_for, created, in_use, stolen;
	int error;
} seen;

static void *bind_once(void *arg)
{
	struct binder *binder = arg;

	load_stay_on(binder->cpu);
	load_give_way();
	pthread_barrier_wait(binder->ready);
	binder->begun = true;
	binder->error = sock_bind_any(binder->fd, 0);
	binder->done = true;
	return NULL;
}

static int under_way(const struct binder *binders, int n)
{
	int i, sum = 0;

	for (i = 0; i < n; i++)
		sum += binders[i].begun && !binders[i].done;
	return sum;
}

static int create(struct client *c)
{
	int error;

	module_load();
	must(client_open(c), "no client");
	error = reserve(c, PORT, 1, NULL, NO_OWNER, NULL);
	seen.created += !error;
	seen.in_use += error == EADDRINUSE;
	if (error && error != EADDRINUSE)
		seen.error = error;
	return error;
}

/* The load is gone, the reservation stands. */
static void judge(struct binder *binder, bool created)
{
	pthread_join(binder->thread, NULL);
	if (binder->error && binder->error != EADDRINUSE)
		seen.error = binder->error;
	if (created && !binder->error)
		seen.stolen++;
	close(binder->fd);
}

static void start(struct binder *binders, int n, pthread_barrier_t *ready)
{
	int i;

	for (i = 0; i < n; i++) {
		binders[i] = (struct binder){ .ready = ready, .cpu = i + 1 };
		binders[i].fd = udp_open(i & 1 ? AF_INET6 : AF_INET);
		must(pthread_create(&binders[i].thread, NULL, bind_once, &binders[i]), "no thread");
	}
}

/* No more than an instant after they have begun: the search is over in some milliseconds. */
static void hold_up(const struct binder *binders, int n, pthread_barrier_t *ready)
{
	int i;

	pthread_barrier_wait(ready);
	for (i = 0; i < n; i++)
		while (!binders[i].begun)
			sched_yield();
	load_start();
}

static void trial(int n)
{
	struct binder binders[MAX_BINDERS];
	pthread_barrier_t ready;
	struct client c;
	int before, i;
	bool created;

	pthread_barrier_init(&ready, NULL, n + 1);
	load_prepare(0);
	start(binders, n, &ready);
	hold_up(binders, n, &ready);
	before = under_way(binders, n);
	created = !create(&c);
	seen.under_way += before;
	seen.waited_for += before - under_way(binders, n);
	load_stop();
	for (i = 0; i < n; i++)
		judge(&binders[i], created);
	pthread_barrier_destroy(&ready);
	client_close(&c);
	seen.trials++;
	if (!module_unloads())
		tap_bail("the module cannot be unloaded");
}

int main(int argc, char **argv)
{
	unsigned int times = argc > 1 && !strcmp(argv[1], "--full") ? 10 : 1;
	int binders = load_cpus() - 1;

	if (binders > MAX_BINDERS)
		binders = MAX_BINDERS;
	load_stay_on(0);
	/* older kernels have one table of slots for all namespaces */
	if (set_sysctl("net/ipv4/udp_child_hash_entries", "16384"))
		tap_diag("no more slots than usual");
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "1024 65535"), "cannot set the range");
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "1024-%d,%d-65535", PORT - 1, PORT + 1),
	     "cannot leave one port");
	while (seen.under_way < ENOUGH * times && seen.trials < TRIALS * times)
		trial(binders);
	tap_diag("covered: %lu binds under way while the module came %lu times, %lu of them over"
		 " when it stood; then %lu ports reserved, %lu in use", seen.under_way,
		 seen.trials, seen.waited_for, seen.created, seen.in_use);
	tap_num(seen.stolen, 0, "none of them got a port that was reserved meanwhile");
	tap_ok(seen.under_way >= ENOUGH * times, "binds were under way");
	tap_errno(seen.error, 0, "no unexpected error");
	return tap_finish();
}
