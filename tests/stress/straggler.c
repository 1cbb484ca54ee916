// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module is loaded while binds to port 0 are under way that began before, and that give way
 * to others where the kernel's search for a port says so. None of them may end up with a port
 * that was reserved meanwhile.
 *
 * The search is over all slots, for the one port that is left; and who searches hardly ever runs.
 */
#include <errno.h>
#include <pthread.h>
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

struct binder {
	pthread_t thread;
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
	binder->begun = true;
	binder->error = sock_bind_any(binder->fd, 0);
	binder->done = true;
	return NULL;
}

/* Says so just before it does. */
static bool one_has_begun(void *arg)
{
	const struct binder *binder;

	for (binder = arg; binder->cpu; binder++)
		if (binder->begun)
			return true;
	return false;
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

static void trial(int cpus)
{
	struct binder binders[MAX_BINDERS];	/* the last one has no CPU */
	int n = cpus - 1, before, i;
	struct client c;
	bool created;

	memset(binders, 0, sizeof(binders));
	load_start(0);
	for (i = 0; i < n; i++) {
		binders[i].cpu = i + 1;
		binders[i].fd = udp_open(i & 1 ? AF_INET6 : AF_INET);
		must(pthread_create(&binders[i].thread, NULL, bind_once, &binders[i]), "no thread");
	}
	wait_until(one_has_begun, binders, 20000);
	before = under_way(binders, n);
	created = !create(&c);
	seen.under_way += before;
	seen.waited_for += before - under_way(binders, n);
	load_stop();
	for (i = 0; i < n; i++)
		judge(&binders[i], created);
	client_close(&c);
	seen.trials++;
	if (!module_unloads())
		tap_bail("the module cannot be unloaded");
}

int main(int argc, char **argv)
{
	int cpus = load_cpus(), trials = argc > 1 && !strcmp(argv[1], "--full") ? 60 : 6;

	if (cpus > MAX_BINDERS)
		cpus = MAX_BINDERS;
	load_stay_on(0);
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "1024 65535"), "cannot set the range");
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "1024-%d,%d-65535", PORT - 1, PORT + 1),
	     "cannot leave one port");
	while (seen.trials < (unsigned int)trials)
		trial(cpus);
	tap_diag("covered: %lu binds under way while the module came %lu times, %lu of them over"
		 " when it stood; then %lu ports reserved, %lu in use", seen.under_way,
		 seen.trials, seen.waited_for, seen.created, seen.in_use);
	tap_num(seen.stolen, 0, "none of them got a port that was reserved meanwhile");
	tap_ok(seen.under_way > seen.trials / 3, "binds were under way");
	tap_errno(seen.error, 0, "no unexpected error");
	return tap_finish();
}
