// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creation and bind race for the same ports, on all CPUs: they must never both win.
 *
 *	race		for UDP
 *	race tcp	for TCP
 *
 * A binder that gets a port of the block counts a win and counts itself as live. It
 * stops being live before it closes the socket. So while a reservation is active, no
 * binder may be live or win.
 *
 * A fault shows best with few binders, with a block of one port, which is probed before
 * a bind in flight has ended, and with a pause while the reservation is active. With more
 * virtual than real CPUs it shows some times in 10,000 rounds.
 */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define BINDERS 2
/* The port, and an ephemeral range of it and another one. */
#define PORT 50001
#define LOW 50000
/* Another reservation: then the module checks binds all the time. */
#define ELSEWHERE 1000
/* Far more than a race takes; one that is not over by then has failed. */
#define SECONDS 90

struct race {
	const char *name;
	unsigned long rounds;
	bool explicit;	/* binders ask for the port, else for any */
	bool acquired;	/* it is a runtime reservation, of the port or of any */

	unsigned long created, in_use, both;
	int error;	/* the first unexpected one */
};

static uint8_t protocol = IPPROTO_UDP;
static atomic_int live;
static atomic_ulong wins, tries;
static atomic_bool stop;

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
	int fd = socket_of(protocol, v4 ? AF_INET : AF_INET6);

	if (!v4)
		sock_set(fd, SOL_IPV6, IPV6_V6ONLY, rand_r(seed) % 2);
	if (rand_r(seed) % 2)
		sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	return fd;
}

static int take_a_port(int fd, bool explicit, unsigned int *seed)
{
	if (explicit)
		return sock_bind_any(fd, PORT);
	if (rand_r(seed) % 2)
		return sock_bind_any(fd, 0);
	if (protocol == IPPROTO_TCP)
		return listen(fd, 1) ? errno : 0;
	return sock_connect(fd, sock_family(fd) == AF_INET ? "127.0.0.1" : "::1", 9);
}

static void *bind_and_close(void *arg)
{
	const struct race *race = arg;
	unsigned int seed = (unsigned int)gettid();

	while (!atomic_load(&stop)) {
		int fd = open_any_kind(&seed);

		atomic_fetch_add(&tries, 1);
		if (!take_a_port(fd, race->explicit, &seed) && sock_port(fd) == PORT) {
			atomic_fetch_add(&live, 1);
			atomic_fetch_add(&wins, 1);
			linger(&seed, 20);
			atomic_fetch_sub(&live, 1);
		}
		close(fd);
	}
	return NULL;
}

/* Checks whether a binder wins although the reservation is active. */
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

static int make(struct client *client, const struct race *race, int fd, uint64_t *token)
{
	struct portres_association block;
	int error;

	if (!race->acquired)
		return reserve(client, PORT, 1, NULL, NO_OWNER, NULL);
	error = acquire(fd, race->explicit ? PORT : 0, 1, &block);
	if (!error)
		*token = block.token;
	return error ? error : block.first == PORT ? 0 : EDOM;
}

static void one_round(struct client *client, struct race *race, int fd, unsigned int *seed)
{
	uint64_t token = 0;
	int error = make(client, race, fd, &token);

	if (error == EADDRINUSE) {
		race->in_use++;
		return;
	}
	if (!error) {
		race->created++;
		race->both += both_win(seed);
		error = race->acquired ? release(fd, token) : unreserve(client, PORT, 1);
	}
	if (error && !race->error)
		race->error = error;
}

static unsigned long run_race(struct client *client, struct race *race)
{
	pthread_t binders[BINDERS];
	double start = seconds();
	unsigned long round;
	unsigned int seed = 1;
	int fd = socket_of(protocol, AF_INET), i;

	atomic_store(&stop, false);
	for (i = 0; i < BINDERS; i++)
		if (pthread_create(&binders[i], NULL, bind_and_close, race))
			tap_bail("no thread");
	for (round = 0; round < race->rounds && seconds() < start + SECONDS; round++)
		one_round(client, race, fd, &seed);
	atomic_store(&stop, true);
	for (i = 0; i < BINDERS; i++)
		pthread_join(binders[i], NULL);
	close(fd);
	tap_diag("covered: %s: %lu creations raced %lu binds for %.1f s; %lu won, as did %lu binds,"
		 " both %lu times", race->name, round, atomic_exchange(&tries, 0),
		 seconds() - start, race->created, atomic_exchange(&wins, 0), race->both);
	return round;
}

static void judge(struct client *client, struct race *race)
{
	unsigned long round;

	if (kernel_is_slow())
		race->rounds /= 10;
	round = run_race(client, race);
	tap_num(race->both, 0, "%s: never do both win", race->name);
	tap_errno(race->error, 0, "%s: no unexpected error", race->name);
	tap_num(round, race->rounds, "%s: all rounds", race->name);
	tap_ok(race->created && race->in_use, "%s: both sides win now and then", race->name);
}

int main(int argc, char **argv)
{
	struct race races[] = {
		{ .name = "explicit port", .rounds = 15000, .explicit = true },
		{ .name = "port 0, and connect or listen", .rounds = 12000 },
	};
	/* each successful creation is the first one */
	struct race first = {
		.name = "nothing else reserved", .rounds = 3000, .explicit = true
	};
	struct race acquisitions[] = {
		{ .name = "acquired", .rounds = 15000, .explicit = true, .acquired = true },
		{ .name = "acquired, any port", .rounds = 12000, .acquired = true },
	};
	struct client client;
	int other;
	size_t i;

	if (argc > 1 && !strcmp(argv[1], "tcp"))
		protocol = IPPROTO_TCP;
	new_netns();
	if (set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, PORT))
		tap_bail("cannot set the ephemeral range");
	module_load();
	if (client_open(&client))
		tap_bail("no client");
	client.protocol = protocol;

	if (reserve(&client, ELSEWHERE, 1, NULL, NO_OWNER, NULL))
		tap_bail("cannot reserve");
	for (i = 0; i < sizeof(races) / sizeof(*races); i++)
		judge(&client, &races[i]);
	if (unreserve(&client, ELSEWHERE, 1))
		tap_bail("cannot delete");
	judge(&client, &first);
	/* then there is one port to choose */
	other = socket_of(protocol, AF_INET6);
	must(sock_bind_any(other, LOW), "cannot bind");
	for (i = 0; i < sizeof(acquisitions) / sizeof(*acquisitions); i++)
		judge(&client, &acquisitions[i]);
	close(other);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
