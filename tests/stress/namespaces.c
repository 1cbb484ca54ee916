// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network namespaces come and go, several at a time, with reservations, associated sockets,
 * sockets that hold what they have acquired, and listeners inside, while the module comes and
 * goes and the processes in them are killed in the middle of it.
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
#define PATIENCE 300000	/* milliseconds */
#define LOOK 1000	/* how long it is tried to unload the module */

static struct {
	atomic_ulong namespaces, reservations, associated, acquired, listeners;
	atomic_ulong stolen, refused_owners;
} *shared;

static int reserve_some(struct client *c, uint64_t *token)
{
	unsigned int i;
	int error = 0;

	for (i = 0; !error && i < BLOCKS; i++)
		error = reserve(c, FIRST + i * COUNT, COUNT, NULL, OWNER_UID, token);
	if (!error)
		atomic_fetch_add(&shared->reservations, BLOCKS);
	return error;
}

/*
 * The sockets stay open until the process ends. An error counts only if the module was loaded all
 * the time.
 */
static void use(struct client *c, unsigned int epoch, unsigned int *seed)
{
	int owner = udp_open(rand_r(seed) % 2 ? AF_INET : AF_INET6);
	int holder = udp_open(rand_r(seed) % 2 ? AF_INET : AF_INET6);
	struct client listener;
	uint64_t token;
	int error;

	if (!client_open(&listener) && !client_subscribe(&listener))
		atomic_fetch_add(&shared->listeners, 1);
	if (reserve_some(c, &token))
		return;
	if (!try_port(AF_INET6, FIRST) && crew_stayed(epoch))
		crew_fault(&shared->stolen, EEXIST);
	error = associate(owner, token);
	atomic_fetch_add(&shared->associated, !error);
	if (!error)
		error = sock_bind_any(owner, 0);
	if (error && crew_stayed(epoch))
		crew_fault(&shared->refused_owners, error);
	error = acquire(holder, 0, COUNT, NULL);
	atomic_fetch_add(&shared->acquired, !error);
	if (error && crew_stayed(epoch))
		crew_fault(&shared->refused_owners, error);
	if (rand_r(seed) % 2)
		unreserve(c, FIRST, COUNT);
}

static void live_and_die(unsigned int *seed)
{
	unsigned int epoch = crew_epoch();
	struct client c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	new_netns();
	atomic_fetch_add(&shared->namespaces, 1);
	if (!module_loaded() || client_open(&c))
		return;
	use(&c, epoch, seed);
	if (rand_r(seed) % 2)
		client_close(&c);
	if (rand_r(seed) % 4 == 0)
		usleep(rand_r(seed) % 20000);
}

/* A process for each namespace, which ends by itself, is killed, or dies with its parent. */
static void generations(unsigned int number, unsigned int *seed)
{
	(void)number;
	while (crew_goes_on()) {
		int status;
		pid_t pid = fork();

		must(pid < 0 ? errno : 0, "cannot fork");
		*seed += 1;
		if (!pid) {
			live_and_die(seed);
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

/*
 * Returns how often the module went: it is in use most of the time. It stays longer than the
 * first reservation of a namespace takes.
 */
static unsigned long come_and_go(long seconds)
{
	unsigned int stay = kernel_is_slow() ? 10 : 1;
	long begin = crew_clock();
	unsigned long gone = 0;

	do {
		if (!module_loaded())
			module_load();
		sleep(stay);
		crew_next_epoch();
		gone += wait_until(module_try_unload, NULL, LOOK);
		crew_next_epoch();
	} while (crew_clock() < begin + 1000 * seconds ||
		 (!all_was_inside() && crew_clock() < begin + PATIENCE));
	return gone;
}

int main(int argc, char **argv)
{
	long seconds = argc > 1 && !strcmp(argv[1], "--full") ? 60 : 7;
	unsigned long gone;
	struct toll toll;

	shared = shared_memory(sizeof(*shared));
	module_load();
	crew_start(players, sizeof(players) / sizeof(*players));
	gone = come_and_go(seconds);
	toll = crew_end();
	tap_diag("covered: %lu namespaces with %lu reservations, %lu associated, %lu acquiring"
		 " sockets, %lu listeners; %lu signals, %lu kills, %lu unloads in between",
		 shared->namespaces, shared->reservations, shared->associated, shared->acquired,
		 shared->listeners, toll.signals, toll.kills, gone);
	tap_num(shared->stolen, 0, "no stranger gets a reserved port");
	tap_num(shared->refused_owners, 0, "no owner is refused");
	tap_ok(all_was_inside(), "all was inside");
	/* the last namespaces are dismantled in the background */
	tap_ok(!module_loaded() || wait_until(module_try_unload, NULL, 60000),
	       "the module can be unloaded when they are gone");
	return tap_finish();
}
