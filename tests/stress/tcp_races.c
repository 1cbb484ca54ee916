// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creation, change and deletion of a reservation beside processes that ask for its ports without a
 * pause, some of which hardly ever run: for TCP and UDP by explicit binds, and for TCP in every way
 * that selects a port.
 *
 * Only the owner may have a port of an active reservation: a process that has a port marks it until
 * just before the close. The owner must get each port, maybe after a moment, in which a late bind
 * is rolled back. A creation that fails must not have refused a bind.
 *
 * With explicit binds each process has a port of its own, so only a reservation can be the reason
 * of an error; the creator records the attempt in flight and how it ended. A selection of a port
 * never fails, as there are enough other ports. A creation that fails, or that adopts ports in use,
 * must undo no connection, and one that succeeds only one for which it has waited (resets.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "crew.h"
#include "env.h"
#include "load.h"
#include "resets.h"
#include "sock.h"
#include "tap.h"
#include "tcp_server.h"
#include "trials.h"

/* The block is created with the first half of its ports, and then gets the other. */
#define FIRST 40008
#define HALF 4
#define COUNT (2 * HALF)
#define HALVES 2
/* The ephemeral range; the ports outside of the block are more than there are processes. */
#define LOW 40000
#define HIGH 40039
#define SERVER 4000
#define STRANGERS COUNT
#define IDLE_ONES 2	/* of them */
#define PATIENCE 1000	/* milliseconds, for what is on its way out */
#define LONGEST_GAME 90000	/* milliseconds, where few attempts fit into the time */
#define LONGEST 5000	/* milliseconds, for a creation on a kernel that does not watch itself */

/*
 * Half and half: a port may be in use by a process that selected it, so a refusal of an explicit
 * bind proves nothing. Adopting: a socket that has a port may keep it.
 */
enum kind { EXPLICIT, SELECTED, HALF_AND_HALF, ADOPTING };

struct game {
	const char *name;
	uint8_t protocol;
	enum kind kind;
	unsigned int strangers;
};

static const struct game games[] = {
	{ "explicit ports of TCP", IPPROTO_TCP, EXPLICIT, STRANGERS },
	{ "explicit ports of UDP", IPPROTO_UDP, EXPLICIT, STRANGERS },
	{ "selected ports of TCP", IPPROTO_TCP, SELECTED, STRANGERS },
	{ "ports of TCP selected by a task that runs", IPPROTO_TCP, SELECTED, 1 },
	{ "explicit and selected ports of TCP", IPPROTO_TCP, HALF_AND_HALF, STRANGERS },
	{ "adopted ports of TCP", IPPROTO_TCP, ADOPTING, STRANGERS },
};

static struct shared {
	atomic_bool stop;
	struct trials halves[HALVES];
	atomic_int live[COUNT];		/* strangers that have the port */
	atomic_ulong wins, tries, refused;
	atomic_ulong innocents;		/* refused, and no creation has succeeded */
	atomic_ulong failures;		/* no port of all those that are free */
	atomic_int error;		/* the last of such errors */
	unsigned long created, grown, in_use, violations, late, kept;
	struct resets resets;
	unsigned long undone;		/* connections, while a creation failed */
	long longest;			/* milliseconds, that a creation took */
} *shared;

static const struct game *game;

static int open_any_family(unsigned int *seed)
{
	return socket_of(game->protocol, rand_r(seed) % 2 ? AF_INET : AF_INET6);
}

static bool in_block(unsigned int port)
{
	return port >= FIRST && port < FIRST + COUNT;
}

/* Marks the port of a socket if it is one of the block, and keeps the socket for a moment. */
static void have(int fd, unsigned int *seed)
{
	unsigned int port = sock_port(fd);
	atomic_int spins = rand_r(seed) % 5000;
	int left;

	if (!in_block(port))
		return;
	atomic_fetch_add(&shared->live[port - FIRST], 1);
	atomic_fetch_add(&shared->wins, 1);
	while ((left = atomic_load_explicit(&spins, memory_order_relaxed)))
		atomic_store_explicit(&spins, left - 1, memory_order_relaxed);
	atomic_fetch_sub(&shared->live[port - FIRST], 1);
}

static void ask_explicitly(unsigned int number, unsigned int *seed)
{
	struct trials *trials = &shared->halves[number / HALF];
	unsigned long before = trials->word, after;
	int fd = open_any_family(seed), error;

	error = sock_bind_any(fd, FIRST + number);
	after = trials->word;
	if (!error) {
		have(fd, seed);
	} else {
		atomic_fetch_add(&shared->refused, 1);
		if (error != EADDRINUSE ||
		    (game->kind == EXPLICIT &&
		     !trials_succeeded(trials, before, after, &shared->stop))) {
			shared->error = error;
			atomic_fetch_add(&shared->innocents, !shared->stop);
		}
	}
	close(fd);
}

static const char *loopback(int fd)
{
	return sock_family(fd) == AF_INET ? "127.0.0.1" : "::1";
}

static int select_port(int fd, unsigned int *seed)
{
	struct pollfd done = { .fd = fd, .events = POLLOUT };
	int error;

	switch (rand_r(seed) % 8) {
	case 0:
		return sock_bind_any(fd, 0);
	case 1:
		return listen(fd, 1) ? errno : 0;
	case 2:
		sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		return sock_bind(fd, loopback(fd), 0);
	case 3:
	case 4:
		must(fcntl(fd, F_SETFL, O_NONBLOCK) ? errno : 0, "cannot be non-blocking");
		error = sock_connect(fd, loopback(fd), SERVER);
		if (error != EINPROGRESS)
			return error;
		return poll(&done, 1, 20000) == 1 ? 0 : ETIMEDOUT;
	default:
		return sock_connect(fd, loopback(fd), SERVER);
	}
}

static void ask_for_any(unsigned int number, unsigned int *seed)
{
	int fd = open_any_family(seed), error;

	(void)number;
	error = select_port(fd, seed);
	if (!error) {
		have(fd, seed);
	} else if (!shared->stop) {
		shared->error = error;
		atomic_fetch_add(&shared->failures, 1);
	}
	sock_drop(fd);
}

static bool asks_explicitly(unsigned int number)
{
	return game->kind == EXPLICIT || (game->kind == HALF_AND_HALF && number < HALF);
}

static void stranger(unsigned int number)
{
	unsigned int seed = number + 1;

	while (!shared->stop) {
		if (asks_explicitly(number))
			ask_explicitly(number, &seed);
		else
			ask_for_any(number, &seed);
		atomic_fetch_add(&shared->tries, 1);
	}
}

static pid_t start_stranger(unsigned int number)
{
	pid_t pid = crew_fork();

	if (!pid) {
		if (game->strangers > 1 && number < IDLE_ONES)
			load_give_way();
		else if (game->strangers > 1)
			load_be_nice();
		stranger(number);
		_exit(0);
	}
	return pid;
}

/* The owner gets each port of the block; in the end, or at once. */
static void owner_binds(uint64_t token, unsigned int count)
{
	unsigned int seed = token, i;

	for (i = 0; i < count; i++) {
		long begin = crew_clock();
		int fd = open_any_family(&seed), error;

		must(associate(fd, token), "cannot associate");
		error = sock_bind_any(fd, FIRST + i);
		shared->late += !!error;
		while (error == EADDRINUSE && crew_clock() < begin + PATIENCE) {
			usleep(1000);
			error = sock_bind_any(fd, FIRST + i);
		}
		shared->kept += !!error;
		close(fd);
	}
}

/* With so many ports reserved, no stranger may have one of them, now or a moment later. */
static void judge(unsigned int count, unsigned int *seed)
{
	unsigned int i;
	int round;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < count; i++)
			shared->violations += !!shared->live[i];
		usleep(rand_r(seed) % 300);
	}
}

static bool create(struct client *c, uint64_t *token)
{
	unsigned long resets = tcp_server_resets();
	long begin = crew_clock(), taken;
	int error;

	trials_begin(&shared->halves[0]);
	error = create_for(c, FIRST, HALF, "", game->kind == ADOPTING ? ADOPT : 0, token);
	trials_end(&shared->halves[0], !error);
	taken = crew_clock() - begin;
	if (error)
		shared->undone += tcp_server_resets() - resets;
	resets_judge(&shared->resets, taken);
	shared->longest = taken > shared->longest ? taken : shared->longest;
	if (error && error != EADDRINUSE)
		tap_bail("creation: %s", strerror(error));
	shared->created += !error;
	shared->in_use += error == EADDRINUSE;
	return !error;
}

static unsigned int grow(struct client *c, uint64_t token)
{
	long begin = crew_clock();
	int error;

	trials_begin(&shared->halves[1]);
	error = set_block(c, token, FIRST, COUNT);
	trials_end(&shared->halves[1], !error);
	resets_judge(&shared->resets, crew_clock() - begin);
	if (error && error != EADDRINUSE)
		tap_bail("change: %s", strerror(error));
	shared->grown += !error;
	return error ? HALF : COUNT;
}

static void create_grow_delete(struct client *c, unsigned int *seed)
{
	unsigned int count;
	uint64_t token;

	if (!create(c, &token))
		return;
	if (game->kind == ADOPTING) {
		usleep(rand_r(seed) % 2000);
		must(unreserve(c, FIRST, HALF), "cannot delete");
		return;
	}
	judge(HALF, seed);
	count = grow(c, token);
	judge(count, seed);
	if (rand_r(seed) % 4 == 0)
		owner_binds(token, count);
	must(unreserve(c, FIRST, count), "cannot delete");
	trials_forget(&shared->halves[0]);
	trials_forget(&shared->halves[1]);
}

/* What selects a port has others, so creations need not fail beside it. */
static bool all_win(void)
{
	return shared->created && (shared->grown || game->kind == ADOPTING) && shared->wins &&
	       (shared->in_use || game->kind == SELECTED || game->kind == ADOPTING);
}

static bool is_over(long begin, long seconds)
{
	long taken = crew_clock() - begin;

	return taken >= seconds * 1000 && (all_win() || taken >= LONGEST_GAME);
}

static void tell(void)
{
	unsigned long resets = resets_total(&shared->resets);

	tap_diag("covered: %s: %lu creations, %lu changes, %lu failed, beside %lu tries, of which"
		 " %lu won and %lu were refused", game->name, shared->created, shared->grown,
		 shared->in_use, shared->tries, shared->wins, shared->refused);
	tap_diag("%lu connections undone, %lu binds of the owner too early, the longest creation"
		 " took %ld ms, %lu requests judged by their resets", resets, shared->late,
		 shared->longest, shared->resets.judged);
	tap_num(shared->violations, 0, "%s: nobody else has a port of the block", game->name);
	tap_num(shared->kept, 0, "%s: its owner gets each of them", game->name);
	tap_num(shared->innocents, 0, "%s: a creation that fails has refused nobody", game->name);
	tap_num(shared->failures, 0, "%s: there is always another port", game->name);
	tap_errno(shared->error, 0, "%s: no error without a reason", game->name);
	tap_ok(all_win(), "%s: all win now and then", game->name);
	/* in both: those that were late in spite of the wait, for a creation that has succeeded */
	tap_ok(shared->undone <= shared->in_use / 20, "%s: a creation that fails has undone nobody",
	       game->name);
	tap_num(shared->resets.baseless, 0, "%s: no connection is undone unless a wait has expired",
		game->name);
	if (game->kind == ADOPTING) {
		/* a task that got no CPU time for longer than a creation waits for it */
		tap_ok(resets <= 2, "%s: hardly any connection is undone", game->name);
		tap_num(shared->in_use, 0, "%s: no creation fails", game->name);
	} else {
		tap_ok(resets <= (shared->created + shared->grown) / 10,
		       "%s: hardly any connection is undone", game->name);
	}
	tap_ok(kernel_is_slow() || shared->longest < LONGEST,
	       "%s: each creation is answered within %d ms", game->name, LONGEST);
}

static void play(struct client *c, long seconds)
{
	long begin = crew_clock();
	pid_t pids[STRANGERS], server;
	unsigned int seed = 1, i;
	int failed = 0;

	memset(shared, 0, sizeof(*shared));
	c->protocol = game->protocol;
	server = tcp_server_start(SERVER);
	resets_begin(&shared->resets);
	for (i = 0; i < game->strangers; i++)
		pids[i] = start_stranger(i);
	do
		create_grow_delete(c, &seed);
	while (!is_over(begin, seconds));
	shared->stop = true;
	for (i = 0; i < game->strangers; i++)
		failed += !crew_ended_well(pids[i]);
	tcp_server_stop(server);
	tap_num(failed, 0, "%s: all ended well", game->name);
	tell();
}

int main(int argc, char **argv)
{
	bool full = argc > 1 && !strcmp(argv[1], "--full");
	struct client c;

	shared = shared_memory(sizeof(*shared));
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH), "no range");
	must(set_sysctl("net/core/somaxconn", "4096"), "no backlog");
	tcp_connect_first();
	module_load();
	must(client_open(&c), "no client");
	for (game = games; game < games + sizeof(games) / sizeof(*games); game++)
		play(&c, full ? 60 : 8);
	client_close(&c);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
