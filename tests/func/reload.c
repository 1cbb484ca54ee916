// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module is loaded and unloaded, over and over, while threads bind in all
 * forms, manage reservations, associate sockets and use a sockmap. Binds of ports
 * that nobody reserves never notice.
 *
 * The threads are in a process of their own: what modprobe inherits from its
 * parent until it is executed would keep ports that a thread has closed.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "sockmap.h"
#include "tap.h"

#define SECONDS 10
#define ROUNDS 2	/* at least, if it takes longer */
#define HOLD 50		/* turns for the others while the block is reserved */
#define FIRST 5000
#define COUNT 10

/* What the two processes share. */
static struct {
	atomic_bool stop, rest;
	atomic_ulong binds, failures, refusals, given, creations, associations, in_block, searches;
	atomic_int failure;
} *shared;

static atomic_ullong token;	/* of the block while it is reserved, maybe of before */

/* A port that is free as nobody else uses it: nothing may go wrong. */
static void harmless(int error)
{
	atomic_fetch_add(&shared->binds, 1);
	if (!error)
		return;
	atomic_store(&shared->failure, error);
	atomic_fetch_add(&shared->failures, 1);
}

/*
 * Unloading waits until each task has once gone to sleep or yielded; one that never
 * does would let the module come and go too seldom.
 */
static bool go_on(void)
{
	sched_yield();
	return !shared->stop;
}

static const char *loopback(int family)
{
	return family == AF_INET ? "127.0.0.1" : "::1";
}

static int bind_here(int fd, int family, unsigned int port)
{
	(void)family;
	return sock_bind_any(fd, port);
}

static int bind_anywhere(int fd, int family, unsigned int port)
{
	(void)port;
	(void)family;
	return sock_bind_any(fd, 0);
}

static int connects(int fd, int family, unsigned int port)
{
	(void)port;
	return sock_connect(fd, loopback(family), 9);
}

static int sends(int fd, int family, unsigned int port)
{
	int error = sock_sendto(fd, loopback(family), 9);

	(void)port;
	return error == ECONNREFUSED ? 0 : error;
}

/* Bind with each, then once more after disconnecting, in both families. */
static void *bind_free(void *arg)
{
	static int (*const ways[])(int, int, unsigned int) = {
		bind_here, bind_anywhere, connects, sends,
	};
	unsigned int port = (uintptr_t)arg;
	unsigned int i;

	for (i = 0; go_on(); i++) {
		int family = i & 1 ? AF_INET6 : AF_INET;
		int fd = udp_open(family);

		harmless(ways[i / 2 % 4](fd, family, port));
		sock_disconnect(fd);
		if (!sock_port(fd))
			harmless(ways[(i / 2 + 1) % 4](fd, family, port));
		close(fd);
	}
	return NULL;
}

static void *bind_reserved(void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; go_on(); i++) {
		int error = try_port(i & 1 ? AF_INET6 : AF_INET, FIRST + i % COUNT);

		if (error == EADDRINUSE)
			atomic_fetch_add(&shared->refusals, 1);
		else if (!error)
			atomic_fetch_add(&shared->given, 1);
		else
			harmless(error);
	}
	return NULL;
}

/* Creates and deletes while there is a module to ask. */
static void *manage(void *arg)
{
	struct client c;
	uint64_t new;
	int i;

	(void)arg;
	while (go_on()) {
		if (!module_loaded() || client_open(&c))
			continue;
		while (go_on() && module_loaded()) {
			int error = reserve(&c, FIRST, COUNT, NULL, NO_OWNER, &new);

			if (error == ENOENT)
				break;
			if (error)
				continue;
			atomic_fetch_add(&shared->creations, 1);
			atomic_store(&token, new);
			for (i = 0; i < HOLD && go_on(); i++)
				;
			unreserve(&c, FIRST, COUNT);
		}
		client_close(&c);
	}
	return NULL;
}

static bool in_block(unsigned int port)
{
	return port >= FIRST && port < FIRST + COUNT;
}

/* The token may be of a reservation that is gone, the option of a module that is gone. */
static void *associate_sockets(void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; go_on(); i++) {
		int fd;

		if (shared->rest)
			continue;
		fd = udp_open(i & 1 ? AF_INET6 : AF_INET);
		if (!associate(fd, token)) {
			atomic_fetch_add(&shared->associations, 1);
			if (!sock_bind_any(fd, 0) && in_block(sock_port(fd)))
				atomic_fetch_add(&shared->in_block, 1);
		}
		close(fd);
	}
	return NULL;
}

/*
 * In a namespace where no ephemeral port is left a search goes over all of them, and
 * gives way to others on the way. Such a task is nearly always inside.
 */
static void *search_in_vain(void *arg)
{
	unsigned int i;

	(void)arg;
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "1024 65535"), "cannot set the range");
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "1024-65535"),
	     "cannot empty the range");
	for (i = 0; go_on(); i++) {
		int error = try_port(i & 1 ? AF_INET6 : AF_INET, 0);

		if (error == EADDRINUSE)
			atomic_fetch_add(&shared->searches, 1);
		else
			harmless(error ? error : EEXIST);
	}
	return NULL;
}

static void *use_sockmap(void *arg)
{
	int map = sockmap_make(1);
	unsigned int i;

	(void)arg;
	for (i = 0; go_on(); i++) {
		int family = i & 1 ? AF_INET6 : AF_INET;
		int fd = udp_open(family);

		harmless(sock_connect(fd, loopback(family), 9));
		sockmap_put(map, 0, fd);
		sock_disconnect(fd);
		harmless(sock_bind_any(fd, 0));
		sock_disconnect(fd);
		harmless(sock_bind_any(fd, 7100));
		close(fd);
	}
	close(map);
	return NULL;
}

static bool over(const struct timespec *begin)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - begin->tv_sec >= SECONDS;
}

struct use {
	unsigned long refusals, in_block;
};

/* Otherwise it would be gone before the threads have noticed it. */
static bool used(void *arg)
{
	const struct use *before = arg;

	return shared->refusals != before->refusals && shared->in_block != before->in_block;
}

/*
 * Under associated sockets there is no unloading, and that of one is hardly gone when
 * the next one is there: with luck it goes in between, otherwise they have to rest.
 */
static void unload(void)
{
	bool gone = wait_until(module_try_unload, NULL, 500);

	shared->rest = !gone;
	if (!gone && !wait_until(module_try_unload, NULL, 30000))
		tap_bail("the module could not be unloaded for 30 seconds");
	shared->rest = false;
}

/* How often the module came and went. */
static int reload(void)
{
	struct timespec begin;
	int rounds = 0;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (rounds < ROUNDS || !over(&begin)) {
		struct use before = { shared->refusals, shared->in_block };

		module_load();
		wait_until(used, &before, 20000);
		unload();
		rounds++;
	}
	return rounds;
}

/* Runs the threads until they are told to stop. */
static void run_threads(void)
{
	static const struct {
		void *(*run)(void *arg);
		uintptr_t port;
	} tasks[] = {
		{ bind_free, 7001 }, { bind_free, 7002 }, { bind_reserved, 0 },
		{ manage, 0 }, { associate_sockets, 0 }, { use_sockmap, 0 },
		{ search_in_vain, 0 },
	};
	enum { TASKS = sizeof(tasks) / sizeof(*tasks) };
	pthread_t threads[TASKS];
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < TASKS; i++)
		must(pthread_create(&threads[i], NULL, tasks[i].run, (void *)tasks[i].port),
		     "cannot start a thread");
	for (i = 0; i < TASKS; i++)
		pthread_join(threads[i], NULL);
}

int main(void)
{
	int rounds, status;
	pid_t pid;

	new_netns();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		tap_bail("no memory: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		run_threads();
		_exit(0);
	}
	rounds = reload();
	shared->stop = true;
	tap_ok(pid > 0 && waitpid(pid, &status, 0) == pid && !status, "the threads ended well");

	tap_ok(rounds >= ROUNDS, "the module came and went %d times", rounds);
	tap_ok(!shared->failures, "%lu binds of free ports, %lu failed", shared->binds,
	       shared->failures);
	if (shared->failures)
		tap_diag("the last of them with %s", errno_name(shared->failure));
	tap_ok(shared->refusals && shared->given,
	       "reserved ports: %lu refusals, %lu binds in between", shared->refusals,
	       shared->given);
	tap_ok(shared->searches, "%lu searches for a free port in vain", shared->searches);
	tap_ok(shared->creations, "%lu reservations were made", shared->creations);
	tap_ok(shared->associations && shared->in_block,
	       "%lu sockets were associated, %lu got a port of the block", shared->associations,
	       shared->in_block);
	/* a late look-up of the family may have loaded it once more */
	tap_ok(!module_loaded() || wait_until(module_try_unload, NULL, 5000),
	       "the module can be unloaded at last");
	tap_errno(try_port(AF_INET6, FIRST), 0, "nothing is reserved afterwards");
	return tap_finish();
}
