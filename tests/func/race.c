// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creation and bind race for the same ports, on all CPUs: they must never both win.
 *
 * A binder that got a port of the block counts itself as live, and counts its win,
 * before it goes on, and is not live any more before it closes the socket. So once
 * a creation has succeeded, and as long as the reservation stands, nobody may be
 * live, and nobody may win. A plain race notices little: what notices is to wait a
 * moment under the reservation, with more threads than there are real CPUs.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define MAX_BINDERS 16
/* The block is the upper half of the ephemeral range. */
#define LOW 50000
#define FIRST 50004
#define COUNT 4
#define HIGH 50007
/* Another reservation: then the module guards all the time. */
#define ELSEWHERE 1000

static atomic_int live;
static atomic_ulong wins, tries;
static atomic_bool stop;

struct outcomes {
	unsigned long rounds, created, in_use, both;
	int error;	/* the first unexpected one */
};

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Burns a while of up to @max microseconds. */
static void linger(unsigned int *seed, unsigned int max)
{
	double end = seconds() + rand_r(seed) % max / 1e6;

	while (seconds() < end)
		;
}

static int open_any_kind(unsigned int *seed)
{
	int v4 = rand_r(seed) % 2;
	int fd = udp_open(v4 ? AF_INET : AF_INET6);

	if (!v4)
		sock_set(fd, SOL_IPV6, IPV6_V6ONLY, rand_r(seed) % 2);
	if (rand_r(seed) % 2)
		sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	return fd;
}

static int take_a_port(int fd, unsigned int *seed)
{
	switch (rand_r(seed) % 4) {
	case 0:
		return sock_bind_any(fd, 0);
	case 1:
		return sock_connect(fd, sock_family(fd) == AF_INET ? "127.0.0.1" : "::1", 9);
	default:
		return sock_bind_any(fd, FIRST + rand_r(seed) % COUNT);
	}
}

static void *bind_and_close(void *arg)
{
	unsigned int seed = (uintptr_t)arg;

	while (!atomic_load(&stop)) {
		int fd = open_any_kind(&seed);

		atomic_fetch_add(&tries, 1);
		if (!take_a_port(fd, &seed) && sock_port(fd) >= FIRST) {
			atomic_fetch_add(&live, 1);
			atomic_fetch_add(&wins, 1);
			linger(&seed, 20);
			atomic_fetch_sub(&live, 1);
		}
		close(fd);
	}
	return NULL;
}

/* The reservation stands: does anybody win all the same? */
static bool both_win(unsigned int *seed)
{
	unsigned long before = atomic_load(&wins);

	if (atomic_load(&live))
		return true;
	linger(seed, 100);
	if (rand_r(seed) % 4 == 0)
		sched_yield();
	return atomic_load(&wins) != before || atomic_load(&live);
}

static void one_round(struct client *client, struct outcomes *out, unsigned int *seed)
{
	int error = reserve(client, FIRST, COUNT, NULL, NO_OWNER, NULL);

	out->rounds++;
	if (error == EADDRINUSE) {
		out->in_use++;
		return;
	}
	if (!error) {
		out->created++;
		out->both += both_win(seed);
		error = unreserve(client, FIRST, COUNT);
	}
	if (error && !out->error)
		out->error = error;
}

static void race(struct client *client, struct outcomes *out, unsigned long rounds, double limit)
{
	int n = 2 * sysconf(_SC_NPROCESSORS_ONLN), i;
	pthread_t binders[MAX_BINDERS];
	double start = seconds();
	unsigned int seed = 1;

	n = n < MAX_BINDERS ? n : MAX_BINDERS;
	atomic_store(&stop, false);
	for (i = 0; i < n; i++)
		if (pthread_create(&binders[i], NULL, bind_and_close, (void *)(uintptr_t)(i + 2)))
			tap_bail("no thread");
	while (out->rounds < rounds && seconds() < start + limit)
		one_round(client, out, &seed);
	atomic_store(&stop, true);
	for (i = 0; i < n; i++)
		pthread_join(binders[i], NULL);
	tap_diag("%.1f s, %d binders: %lu creations, %lu succeeded, %lu met a socket",
		 seconds() - start, n, out->rounds, out->created, out->in_use);
	tap_diag("%lu binds, %lu in the block; both won %lu times", atomic_exchange(&tries, 0),
		 atomic_exchange(&wins, 0), out->both);
}

static void judge(const struct outcomes *out, const char *what)
{
	tap_num(out->both, 0, "%s: never do both win", what);
	tap_errno(out->error, 0, "%s: no unexpected error", what);
	tap_ok(out->created && out->in_use, "%s: both sides win now and then", what);
}

int main(void)
{
	struct outcomes guarded = { 0 }, idle = { 0 };
	struct client client;

	new_netns();
	if (set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH))
		tap_bail("cannot set the ephemeral range");
	module_load();
	if (client_open(&client))
		tap_bail("no client");

	if (reserve(&client, ELSEWHERE, 1, NULL, NO_OWNER, NULL))
		tap_bail("cannot reserve");
	race(&client, &guarded, 100000, 20);
	judge(&guarded, "guarding");
	tap_ok(guarded.rounds >= 10000, "guarding: at least 10,000 rounds");

	if (unreserve(&client, ELSEWHERE, 1))
		tap_bail("cannot delete");
	race(&client, &idle, 10000, 5);
	judge(&idle, "nothing else reserved");
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
