// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creation, change and deletion of a reservation beside processes that ask for its ports without a
 * pause, some of which hardly ever run: of TCP and of UDP, by explicit binds, and of TCP by all
 * that selects a port.
 *
 * Nobody but the owner may have a port of a reservation that stands: whoever has one says so until
 * just before the close. The owner must get each of them, maybe after a moment, in which a bind
 * that came too late is undone. And a creation that fails may have refused nobody. With explicit
 * binds each process has a port of its own, so that nothing but a reservation can be the reason of
 * an error; the creator writes down which attempt was under way, and how it ended. What selects a
 * port has enough of others, so it never fails. A connection that is undone after its first packet
 * leaves a request of the server that is reset, which the kernel counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "crew.h"
#include "env.h"
#include "load.h"
#include "sock.h"
#include "tap.h"
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
#define RING 65536

struct game {
	const char *name;
	uint8_t protocol;
	bool explicit;
};

static const struct game games[] = {
	{ "explicit ports of TCP", IPPROTO_TCP, true },
	{ "explicit ports of UDP", IPPROTO_UDP, true },
	{ "selected ports of TCP", IPPROTO_TCP, false },
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
	long longest;			/* milliseconds, that a creation took */
} *shared;

static const struct game *game;

static int open_any_family(unsigned int *seed)
{
	bool tcp = game->protocol == IPPROTO_TCP;

	return sock_open(rand_r(seed) % 2 ? AF_INET : AF_INET6, tcp ? SOCK_STREAM : SOCK_DGRAM,
			 game->protocol);
}

static bool in_block(unsigned int port)
{
	return port >= FIRST && port < FIRST + COUNT;
}

/* The socket has got a port: tells so if it is one of the block, and stays for a moment. */
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
		    !trials_succeeded(trials, before, after, &shared->stop)) {
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

static void stranger(unsigned int number)
{
	unsigned int seed = number + 1;

	while (!shared->stop) {
		if (game->explicit)
			ask_explicitly(number, &seed);
		else
			ask_for_any(number, &seed);
		atomic_fetch_add(&shared->tries, 1);
	}
}

/* A connection is not closed before its other end, whose port would be free again. */
static void serve(int listener)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };
	int poll_fd = epoll_create1(EPOLL_CLOEXEC), fd;

	epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		if (epoll_wait(poll_fd, &event, 1, -1) != 1)
			continue;
		fd = event.data.fd;
		if (fd != listener) {
			sock_drop(fd);
			continue;
		}
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		event = (struct epoll_event){ .events = EPOLLIN | EPOLLRDHUP, .data.fd = fd };
		if (fd >= 0)
			epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
	}
}

static pid_t start_server(void)
{
	int fd = tcp_socket(AF_INET6);
	pid_t pid;

	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	must(sock_bind_any(fd, SERVER), "cannot bind the server");
	must(listen(fd, 4096) ? errno : 0, "no server");
	pid = crew_fork();
	if (!pid)
		serve(fd);
	close(fd);
	return pid;
}

static pid_t start_stranger(unsigned int number)
{
	pid_t pid = crew_fork();

	if (!pid) {
		if (number < IDLE_ONES)
			load_give_way();
		else
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

/* The reservation of so many ports stands: nobody may have one of them, now or a moment later. */
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
	long begin = crew_clock(), taken;
	int error;

	trials_begin(&shared->halves[0]);
	error = reserve(c, FIRST, HALF, NULL, NO_OWNER, token);
	trials_end(&shared->halves[0], !error);
	taken = crew_clock() - begin;
	shared->longest = taken > shared->longest ? taken : shared->longest;
	if (error && error != EADDRINUSE)
		tap_bail("creation: %s", strerror(error));
	shared->created += !error;
	shared->in_use += error == EADDRINUSE;
	return !error;
}

static unsigned int grow(struct client *c, uint64_t token)
{
	int error;

	trials_begin(&shared->halves[1]);
	error = set_block(c, token, FIRST, COUNT);
	trials_end(&shared->halves[1], !error);
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
	judge(HALF, seed);
	count = grow(c, token);
	judge(count, seed);
	if (rand_r(seed) % 4 == 0)
		owner_binds(token, count);
	must(unreserve(c, FIRST, count), "cannot delete");
	trials_forget(&shared->halves[0]);
	trials_forget(&shared->halves[1]);
}

/* Requests of connections that were reset, in this namespace. */
static unsigned long count_resets(void)
{
	char names[8192], values[8192], *name_at, *value_at, *name, *value;
	FILE *stats = fopen("/proc/net/netstat", "re");
	unsigned long resets = 0;

	if (!stats || !fgets(names, sizeof(names), stats) || !fgets(values, sizeof(values), stats))
		tap_bail("no statistics");
	fclose(stats);
	name = strtok_r(names, "\n ", &name_at);
	value = strtok_r(values, "\n ", &value_at);
	while (name && value) {
		if (!strcmp(name, "EmbryonicRsts"))
			resets = strtoul(value, NULL, 10);
		name = strtok_r(NULL, "\n ", &name_at);
		value = strtok_r(NULL, "\n ", &value_at);
	}
	return resets;
}

static void tell(unsigned long resets)
{
	tap_diag("covered: %s: %lu creations, %lu changes, %lu failed, beside %lu tries, of which"
		 " %lu won and %lu were refused", game->name, shared->created, shared->grown,
		 shared->in_use, shared->tries, shared->wins, shared->refused);
	tap_diag("%lu connections undone, %lu binds of the owner too early, the longest creation"
		 " took %ld ms", resets, shared->late, shared->longest);
	tap_num(shared->violations, 0, "%s: nobody else has a port of the block", game->name);
	tap_num(shared->kept, 0, "%s: its owner gets each of them", game->name);
	tap_num(shared->innocents, 0, "%s: a creation that fails has refused nobody", game->name);
	tap_num(shared->failures, 0, "%s: there is always another port", game->name);
	tap_errno(shared->error, 0, "%s: no error without a reason", game->name);
	/* what selects a port has others, so creations need not fail beside it */
	tap_ok(shared->created && shared->grown && shared->wins &&
	       (shared->in_use || !game->explicit), "%s: all win now and then", game->name);
	/* only those that were late in spite of the wait, for a creation that has succeeded */
	tap_ok(resets <= (shared->created + shared->grown) / 10,
	       "%s: hardly any connection is undone", game->name);
}

static void play(struct client *c, long seconds)
{
	unsigned long resets = count_resets();
	long begin = crew_clock();
	pid_t pids[STRANGERS], server;
	unsigned int seed = 1;
	int i, failed = 0;

	memset(shared, 0, sizeof(*shared));
	c->protocol = game->protocol;
	server = start_server();
	for (i = 0; i < STRANGERS; i++)
		pids[i] = start_stranger(i);
	do
		create_grow_delete(c, &seed);
	while (crew_clock() < begin + seconds * 1000);
	shared->stop = true;
	for (i = 0; i < STRANGERS; i++)
		failed += !crew_ended_well(pids[i]);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	tap_num(failed, 0, "%s: all ended well", game->name);
	tell(count_resets() - resets);
}

int main(int argc, char **argv)
{
	bool full = argc > 1 && !strcmp(argv[1], "--full");
	struct client c;

	shared = shared_memory(sizeof(*shared));
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH), "no range");
	must(set_sysctl("net/core/somaxconn", "4096"), "no backlog");
	module_load();
	must(client_open(&c), "no client");
	for (game = games; game < games + sizeof(games) / sizeof(*games); game++)
		play(&c, full ? 60 : 8);
	client_close(&c);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
