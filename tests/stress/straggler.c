// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module comes, and the first reservation is made, while the kernel searches for a port that
 * began before: for a bind to port 0; with TCP also for a listen or a connect of a socket that is
 * not bound. The search gives way to others where it says so. The socket may not end up with a port
 * that was reserved meanwhile.
 *
 * One port is left. A search of UDP is over all slots, of which there are as many as can be; one of
 * TCP is over the ports of the range, each of which has a socket, and comes to the one that is left
 * in its second half. It begins undisturbed; once it has begun, it hardly ever runs, until the
 * reservation stands or has made clear that it is tried again.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "load.h"
#include "sock.h"
#include "tap.h"

#define LOW 32768	/* of the ports that TCP searches */
#define HIGH 65535
#define SERVER 1000
#define PORT 50000	/* even: a bind of TCP looks at odd ones first, a connect at even ones */
#define ENOUGH 2	/* searches that a reservation came upon, of each kind */
#define TRIALS 40	/* at most */
#define PATIENCE 1500	/* milliseconds, more than it takes to load a module */

static int take_by_bind(int fd)
{
	return sock_bind_any(fd, 0);
}

static int take_by_listen(int fd)
{
	return listen(fd, 1) ? errno : 0;
}

static int take_by_connect(int fd)
{
	return sock_connect(fd, sock_family(fd) == AF_INET ? "127.0.0.1" : "::1", SERVER);
}

static const struct way {
	const char *name;
	int protocol;
	int (*take)(int fd);
	unsigned int port;	/* that is left */
	int exhausted;		/* errno if it is not */
	const char *search;	/* in the name of the kernel's function */
} ways[] = {
	{ "bind of UDP", IPPROTO_UDP, take_by_bind, PORT, EADDRINUSE, "get_port" },
	{ "bind of TCP", IPPROTO_TCP, take_by_bind, PORT, EADDRINUSE, "get_port" },
	{ "listen of TCP", IPPROTO_TCP, take_by_listen, PORT, EADDRINUSE, "get_port" },
	{ "connect of TCP", IPPROTO_TCP, take_by_connect, PORT + 1, EADDRNOTAVAIL,
	  "hash_connect" },
};

struct taker {
	const struct way *way;
	pthread_t thread;
	pid_t tid;
	int fd;
	atomic_bool ready, go, begun, done;
	int error;
};

struct creator {
	const struct way *way;
	pthread_t thread;
	struct client client;
	atomic_bool done;
	int error;
};

static struct {
	unsigned int trials, under_way, waited, created, in_use, stolen;
	int error;
} seen;

static void *take_once(void *arg)
{
	struct taker *taker = arg;

	load_stay_on(1);
	load_give_way();
	taker->tid = gettid();
	taker->ready = true;
	while (!taker->go)
		;
	taker->begun = true;
	taker->error = taker->way->take(taker->fd);
	taker->done = true;
	return NULL;
}

static void *create(void *arg)
{
	struct creator *creator = arg;

	module_load_at_once();
	must(client_open(&creator->client), "no client");
	creator->client.protocol = creator->way->protocol;
	creator->error = reserve(&creator->client, creator->way->port, 1, NULL, NO_OWNER, NULL);
	creator->done = true;
	return NULL;
}

static bool is_done(void *arg)
{
	const struct creator *creator = arg;

	return creator->done;
}

/* If the module does not wait, all is done while the search is held up. Else that has to go. */
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
static void start_and_hold_up(struct taker *taker)
{
	must(pthread_create(&taker->thread, NULL, take_once, taker), "no thread");
	while (!taker->ready)
		sched_yield();
	taker->go = true;
	while (!taker->begun)
		;
	load_start();
}

/* Is the task in the kernel's search, and not before it? Not every kernel tells. */
static bool searches(const struct taker *taker)
{
	char path[64], stack[4096];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stack", taker->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true;
	len = read(fd, stack, sizeof(stack) - 1);
	close(fd);
	stack[len > 0 ? len : 0] = '\0';
	return strstr(stack, taker->way->search);
}

static void judge(const struct taker *taker, const struct creator *creator)
{
	if (taker->error && taker->error != taker->way->exhausted)
		seen.error = taker->error;
	seen.stolen += !creator->error && !taker->error;
}

static void trial(const struct way *way, int family)
{
	struct creator creator = { .way = way };
	struct taker taker = { .way = way };

	/* it inherits nothing that is opened later */
	load_prepare(1, 0);
	taker.fd = socket_of(way->protocol, family);
	start_and_hold_up(&taker);
	usleep(1000);
	if (taker.done) {
		load_stop();
	} else {
		seen.under_way += searches(&taker);
		create_meanwhile(&creator);
	}
	pthread_join(taker.thread, NULL);
	if (creator.done) {
		judge(&taker, &creator);
		client_close(&creator.client);
	}
	/* a connection would leave the port in TIME_WAIT */
	sock_drop(taker.fd);
	seen.trials++;
	if (creator.done && !module_unloads())
		tap_bail("the module cannot be unloaded");
}

static void each_trial(const struct way *way, unsigned int times)
{
	memset(&seen, 0, sizeof(seen));
	while (seen.under_way < ENOUGH * times && seen.trials < TRIALS * times)
		trial(way, seen.trials & 1 ? AF_INET6 : AF_INET);
	tap_diag("%s: covered: %u under way when the module came; %u reservations had to wait;"
		 " then %u ports reserved, %u in use", way->name, seen.under_way, seen.waited,
		 seen.created, seen.in_use);
	tap_num(seen.stolen, 0, "%s: none of them got a port that was reserved meanwhile",
		way->name);
	tap_ok(seen.under_way >= ENOUGH * times, "%s: they were under way (%u of %u trials)",
	       way->name, seen.under_way, seen.trials);
	tap_errno(seen.error, 0, "%s: no unexpected error", way->name);
}

static void leave_one_of_udp(void)
{
	/* older kernels have one table of slots for all namespaces */
	if (set_sysctl("net/ipv4/udp_child_hash_entries", "65536"))
		tap_diag("no more slots than usual");
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "1024 %d", HIGH), "cannot set the range");
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "1024-%d,%d-%d", PORT - 1, PORT + 1,
			HIGH), "cannot leave one port");
}

/* All but the two that are left in turn: a socket for each port. */
static int have_all(void *arg)
{
	const struct rlimit files = { HIGH, HIGH };
	unsigned int port;

	(void)arg;
	must(setrlimit(RLIMIT_NOFILE, &files) ? errno : 0, "no descriptors");
	for (port = LOW; port <= HIGH; port++)
		if (port != PORT && port != PORT + 1)
			must(sock_bind_any(tcp_socket(AF_INET6), port), "a port is in use");
	return 0;
}

/* What connects is never accepted. */
static void serve(void)
{
	int fd = tcp_socket(AF_INET6);

	must(sock_bind_any(fd, SERVER), "cannot bind the server");
	must(listen(fd, 4096) ? errno : 0, "cannot listen");
}

/* A process of its own has the sockets, so that no other inherits so many. */
static struct child leave_two_of_tcp(void)
{
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH),
	     "cannot set the range");
	serve();
	return child_stay(0, have_all, NULL);
}

/* The kernel's search skips the other one of the two. */
static void leave_one_of_tcp(unsigned int port)
{
	must(set_sysctl("net/ipv4/ip_local_reserved_ports", "%u", port ^ 1),
	     "cannot leave one port");
}

int main(int argc, char **argv)
{
	unsigned int times = argc > 1 && !strcmp(argv[1], "--full") ? 10 : 1;
	struct child owner;
	size_t i;

	load_stay_on(0);
	leave_one_of_udp();
	each_trial(&ways[0], times);
	owner = leave_two_of_tcp();
	for (i = 1; i < sizeof(ways) / sizeof(*ways); i++) {
		leave_one_of_tcp(ways[i].port);
		each_trial(&ways[i], times);
	}
	child_kill(&owner);
	return tap_finish();
}
