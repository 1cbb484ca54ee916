// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module comes, and the first reservation is made, while a bind to port 0 is under way that
 * began before, and that gives way to others where the kernel's search for a port says so. It may
 * not end up with a port that was reserved meanwhile.
 *
 * The search is over all slots, of which there are as many as can be, for the one port that is
 * left. It begins undisturbed; once it has begun, it hardly ever runs, until the reservation
 * stands or has made clear that it is tried again.
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
#define ENOUGH 4	/* binds that a reservation came upon */
#define TRIALS 40	/* at most */
#define PATIENCE 1500	/* milliseconds, more than it takes to load a module */

struct binder {
	pthread_t thread;
	int fd;
	atomic_bool ready, go, begun, done;
	int error;
};

struct creator {
	pthread_t thread;
	struct client client;
	atomic_bool done;
	int error;
};

static struct {
	unsigned int trials, under_way, waited, created, in_use, stolen;
	int error;
} seen;

static void *bind_once(void *arg)
{
	struct binder *binder = arg;

	load_stay_on(1);
	load_give_way();
	binder->ready = true;
	while (!binder->go)
		;
	binder->begun = true;
	binder->error = sock_bind_any(binder->fd, 0);
	binder->done = true;
	return NULL;
}

static void *create(void *arg)
{
	struct creator *creator = arg;

	module_load_at_once();
	must(client_open(&creator->client), "no client");
	creator->error = reserve(&creator->client, PORT, 1, NULL, NO_OWNER, NULL);
	creator->done = true;
	return NULL;
}

static bool is_done(void *arg)
{
	const struct creator *creator = arg;

	return creator->done;
}

/* If the module does not wait, all is done while the bind is held up. Else that has to go. */
static void create_meanwhile(struct creator *creator)
{
	must(pthread_create(&creator->thread, NULL, create, creator), "no thread");
	seen.waited += !wait_until(is_done, creator, PATIENCE);
	load_stop();
	pthread_join(creator->thread, NULL);
	seen.created += !creator->error;
	seen.in_use += creator->error == EADDRINUSE;
	if (creator->error && creator->error != EADDRINUSE)
		seen.error = creator->error;
}

/* An instant after it has begun: the search is over in some milliseconds. */
static void start_and_hold_up(struct binder *binder)
{
	must(pthread_create(&binder->thread, NULL, bind_once, binder), "no thread");
	while (!binder->ready)
		sched_yield();
	binder->go = true;
	while (!binder->begun)
		;
	load_start();
}

static void judge(const struct binder *binder, const struct creator *creator)
{
	if (binder->error && binder->error != EADDRINUSE)
		seen.error = binder->error;
	seen.stolen += !creator->error && !binder->error;
}

static void trial(int family)
{
	struct creator creator = { 0 };
	struct binder binder = { 0 };

	/* it inherits nothing that is opened later */
	load_prepare(1, 0);
	binder.fd = udp_open(family);
	start_and_hold_up(&binder);
	usleep(1000);
	if (binder.done) {
		load_stop();
	} else {
		seen.under_way++;
		create_meanwhile(&creator);
	}
	pthread_join(binder.thread, NULL);
	if (creator.done) {
		judge(&binder, &creator);
		client_close(&creator.client);
	}
	close(binder.fd);
	seen.trials++;
	if (creator.done && !module_unloads())
		tap_bail("the module cannot be unloaded");
}

int main(int argc, char **argv)
{
	unsigned int times = argc > 1 && !strcmp(argv[1], "--full") ? 10 : 1;

	load_stay_on(0);
	/* older kernels have one table of slots for all namespaces */
	if (set_sysctl("net/ipv4/udp_child_hash_entries", "65536"))
		tap_diag("no more slots than usual");
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "1024 65535"), "cannot set the range");
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "1024-%d,%d-65535", PORT - 1, PORT + 1),
	     "cannot leave one port");
	while (seen.under_way < ENOUGH * times && seen.trials < TRIALS * times)
		trial(seen.trials & 1 ? AF_INET6 : AF_INET);
	tap_diag("covered: %u binds under way when the module came; %u reservations had to wait;"
		 " then %u ports reserved, %u in use", seen.under_way, seen.waited, seen.created,
		 seen.in_use);
	tap_num(seen.stolen, 0, "none of them got a port that was reserved meanwhile");
	tap_ok(seen.under_way >= ENOUGH * times, "binds were under way (%u of %u trials)",
	       seen.under_way, seen.trials);
	tap_errno(seen.error, 0, "no unexpected error");
	return tap_finish();
}
