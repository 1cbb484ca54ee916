// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last reservation of a namespace comes and goes while other tasks search the table: dumps,
 * binds to port 0 that find nothing, acquisitions. A table that has just become empty is a special
 * case for a task that reads it without the lock.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define SECONDS 3
/* Longer only until each search has had its turn; one that has none until then has hung. */
#define PATIENCE 120
#define LOW 50000
#define PORTS 2

static atomic_bool stop;
static atomic_ulong dumps, binds, refused, acquisitions, gets;
static atomic_int error;	/* the first unexpected one */

static void expect(int got, int other)
{
	int none = 0;

	if (got && got != other)
		atomic_compare_exchange_strong(&error, &none, got);
}

static void *dumps_all(void *arg)
{
	struct client c;
	size_t count;

	must(client_open(&c), "no client");
	while (!atomic_load(&stop)) {
		expect(dump(&c, NULL, 0, &count), EINTR);
		atomic_fetch_add(&dumps, 1);
		expect(get_port(&c, LOW, NULL), ENOENT);
		atomic_fetch_add(&gets, 1);
	}
	client_close(&c);
	return arg;
}

static void *binds_to_any(void *arg)
{
	while (!atomic_load(&stop)) {
		int got = try_port(AF_INET6, 0);

		atomic_fetch_add(&binds, 1);
		atomic_fetch_add(&refused, got == EADDRINUSE);
		expect(got, EADDRINUSE);
	}
	return arg;
}

static void *acquires(void *arg)
{
	while (!atomic_load(&stop)) {
		int fd = udp_open(AF_INET), got = acquire(fd, 0, PORTS, NULL);

		expect(got, EADDRINUSE);
		atomic_fetch_add(&acquisitions, !got);
		close(fd);
	}
	return arg;
}

static bool goes_on(const struct timespec *begin, const atomic_ulong *turns)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec < begin->tv_sec + (atomic_load(turns) ? SECONDS : PATIENCE);
}

/* The look has had its turn when it has raised @turns. */
static void look_and_change(void *(*looks)(void *arg), const atomic_ulong *turns, bool acquired,
			    const char *what)
{
	struct timespec begin;
	unsigned long rounds = 0;
	struct client c;
	pthread_t id;

	atomic_store(&stop, false);
	must(client_open(&c), "no client");
	if (pthread_create(&id, NULL, looks, NULL))
		tap_bail("no thread");
	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		int fd = udp_open(AF_INET), got;

		if (acquired) {
			expect(acquire(fd, LOW, PORTS, NULL), EADDRINUSE);
		} else {
			got = reserve(&c, LOW, PORTS, NULL, NO_OWNER, NULL);
			expect(got == EEXIST ? 0 : got, EADDRINUSE);
			if (!got)
				expect(unreserve(&c, LOW, PORTS), 0);
		}
		close(fd);
		rounds++;
	} while (goes_on(&begin, turns));
	atomic_store(&stop, true);
	pthread_join(id, NULL);
	client_close(&c);
	tap_diag("%s: %lu rounds; %lu dumps, %lu binds, %lu of them refused, %lu acquisitions",
		 what, rounds, dumps, binds, refused, acquisitions);
	tap_errno(atomic_exchange(&error, 0), 0, "%s: no unexpected error", what);
}

int main(void)
{
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, LOW + PORTS - 1),
	     "cannot set the ephemeral range");
	module_load();
	look_and_change(dumps_all, &gets, false, "dumps, the last one is deleted");
	look_and_change(binds_to_any, &refused, true, "binds, the last one ends with its socket");
	look_and_change(acquires, &acquisitions, false, "acquisitions, the last one is deleted");
	tap_ok(dumps && binds && refused && acquisitions && gets, "each had its turn");
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
