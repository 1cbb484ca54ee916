// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network namespaces come and go, several at a time, with reservations, associated sockets,
 * sockets that hold what they have acquired, and listeners inside, while the module comes and
 * goes and those who live in them are killed in the middle of it.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "crew.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10
#define BLOCKS 8
#define ROUND 1000	/* milliseconds */
#define PATIENCE 100000

static struct {
	atomic_bool stop;
	atomic_uint epoch;	/* even while somebody tries to unload the module */
	atomic_ulong namespaces, reservations, associated, acquired, listeners;
	atomic_ulong stolen, refused_owners;
	atomic_int error;
	struct toll toll;
} *shared;

static bool go_on(void)
{
	return !shared->stop;
}

static void fault(atomic_ulong *counter, int error)
{
	atomic_fetch_add(counter, 1);
	shared->error = error;
}

/* What @error says counts only if the module was there all the time. */
static bool stayed(unsigned int epoch)
{
	return epoch % 2 && shared->epoch == epoch;
}

static int reserve_some(struct client *c, unsigned int number, uint64_t *token)
{
	unsigned int i;
	int error = 0;

	for (i = 0; !error && i < BLOCKS; i++)
		error = reserve(c, FIRST + i * COUNT, COUNT, NULL, OWNER_UID, token);
	if (!error)
		atomic_fetch_add(&shared->reservations, BLOCKS);
	(void)number;
	return error;
}

/* All of it stays open until the process ends. */
static void use(struct client *c, unsigned int epoch, unsigned int number, unsigned int *seed)
{
	int owner = udp_open(rand_r(seed) % 2 ? AF_INET : AF_INET6);
	int holder = udp_open(rand_r(seed) % 2 ? AF_INET : AF_INET6);
	struct client listener;
	uint64_t token;
	int error;

	if (!client_open(&listener) && !client_subscribe(&listener))
		atomic_fetch_add(&shared->listeners, 1);
	if (reserve_some(c, number, &token))
		return;
	if (!try_port(AF_INET6, FIRST) && stayed(epoch))
		fault(&shared->stolen, EEXIST);
	error = associate(owner, token);
	atomic_fetch_add(&shared->associated, !error);
	if (!error)
		error = sock_bind_any(owner, 0);
	if (error && stayed(epoch))
		fault(&shared->refused_owners, error);
	error = acquire(holder, 0, COUNT, NULL);
	atomic_fetch_add(&shared->acquired, !error);
	if (error && stayed(epoch))
		fault(&shared->refused_owners, error);
	if (rand_r(seed) % 2)
		unreserve(c, FIRST, COUNT);
}

static void live_and_die(unsigned int number, unsigned int *seed)
{
	unsigned int epoch = shared->epoch;
	struct client c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	new_netns();
	atomic_fetch_add(&shared->namespaces, 1);
	if (!module_loaded() || client_open(&c))
		return;
	use(&c, epoch, number, seed);
	if (rand_r(seed) % 2)
		client_close(&c);
	if (rand_r(seed) % 4 == 0)
		usleep(rand_r(seed) % 20000);
}

/* A process for each namespace, which ends by itself, is killed, or dies with its parent. */
static void generations(unsigned int number, unsigned int *seed)
{
	while (go_on()) {
		int status;
		pid_t pid = fork();

		must(pid < 0 ? errno : 0, "cannot fork");
		*seed += 1;
		if (!pid) {
			live_and_die(number, seed);
			_exit(0);
		}
		if (rand_r(seed) % 3 == 0) {
			usleep(rand_r(seed) % 30000);
			kill(pid, SIGKILL);
		}
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		crew_rest();
	}
}

static void nothing(unsigned int number)
{
	(void)number;
}

static const struct player players[] = {
	{ generations, nothing }, { generations, nothing }, { generations, nothing },
	{ generations, NULL }, { generations, NULL }, { generations, NULL },
};

static bool all_was_inside(void)
{
	return shared->namespaces && shared->associated && shared->acquired && shared->listeners;
}

/* Returns how often the module went: it is in use most of the time. */
static unsigned long come_and_go(long seconds)
{
	long begin = crew_clock();
	unsigned long gone = 0;

	do {
		if (!module_loaded())
			module_load();
		usleep(ROUND * 1000);
		atomic_fetch_add(&shared->epoch, 1);
		gone += wait_until(module_try_unload, NULL, ROUND);
		atomic_fetch_add(&shared->epoch, 1);
	} while (crew_clock() < begin + 1000 * seconds ||
		 (!all_was_inside() && crew_clock() < begin + PATIENCE));
	return gone;
}

int main(int argc, char **argv)
{
	long seconds = argc > 1 && !strcmp(argv[1], "--full") ? 900 : 7;
	unsigned long gone;
	pid_t crew;

	shared = shared_memory(sizeof(*shared));
	shared->epoch = 1;
	module_load();
	crew = crew_start(players, sizeof(players) / sizeof(*players), go_on, &shared->toll);
	gone = come_and_go(seconds);
	shared->stop = true;
	tap_ok(crew_ended_well(crew), "the crew ended well");
	tap_diag("covered: %lu namespaces with %lu reservations, %lu associated, %lu acquiring"
		 " sockets, %lu listeners; %lu signals, %lu kills, %lu unloads in between",
		 shared->namespaces, shared->reservations, shared->associated, shared->acquired,
		 shared->listeners, shared->toll.signals, shared->toll.kills, gone);
	tap_num(shared->toll.failed, 0, "all processes ended well");
	tap_num(shared->stolen, 0, "no stranger gets a reserved port");
	tap_num(shared->refused_owners, 0, "no owner is refused");
	tap_errno(shared->error, 0, "no unexpected error");
	tap_ok(all_was_inside(), "all was inside");
	/* the last namespaces are dismantled in the background */
	tap_ok(!module_loaded() || wait_until(module_try_unload, NULL, 60000),
	       "the module can be unloaded when they are gone");
	return tap_finish();
}
