// SPDX-License-Identifier: GPL-2.0-only
/*
 * Very many binds of all forms, each of UDP or TCP, by a process for each CPU, while half of the
 * ephemeral range is reserved in both protocols, and a port of the other half comes and goes in one
 * of them, for which every second of them asks.
 * The long form makes a million of them.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "crew.h"
#include "env.h"
#include "load.h"
#include "sock.h"
#include "tap.h"
#include "tcp_server.h"

#define LOW 32768
#define RESERVED 40000	/* from here on */
#define RESERVED_COUNT 8000
#define HIGH (RESERVED + RESERVED_COUNT - 1)
#define CHANGING 36000	/* is reserved now and then */
#define SERVER 4000
#define MAX_BINDERS 64
#define LEAST 20

enum form { EXPLICIT, ANY, CONNECT, USE, RACER, STRANGER, OWNER, FORMS };

static const char *const form_names[FORMS] = {
	"explicit", "to any", "by connect", "by sendto or listen",
	"where a reservation comes and goes", "of strangers", "of the owner",
};

struct protocol {
	atomic_ulong forms[FORMS], wrong[FORMS];
	atomic_bool standing;	/* CHANGING is reserved */
	uint64_t token;
};

enum { UDP, TCP, PROTOCOLS };

static const int numbers[PROTOCOLS] = { IPPROTO_UDP, IPPROTO_TCP };

static struct {
	atomic_bool stop;
	atomic_ulong binds, changes;
	struct protocol protocols[PROTOCOLS];
	atomic_int error;
	unsigned long wanted;
} *shared;

static const char *loopback(int fd)
{
	return sock_family(fd) == AF_INET ? "127.0.0.1" : "::1";
}

/* Gets a port in passing. */
static int use(int fd, int protocol)
{
	int error;

	if (protocol == TCP)
		return listen(fd, 1) ? errno : 0;
	error = sock_sendto(fd, loopback(fd), 9);
	return error == ECONNREFUSED ? 0 : error;
}

static int attempt(int fd, int protocol, enum form form, unsigned int number, unsigned int *seed)
{
	switch (form) {
	case EXPLICIT:
		return sock_bind_any(fd, 20000 + number);
	case CONNECT:
		return sock_connect(fd, loopback(fd), SERVER);
	case USE:
		return use(fd, protocol);
	case RACER:
		return sock_bind_any(fd, CHANGING);
	case STRANGER:
		return sock_bind_any(fd, RESERVED + rand_r(seed) % RESERVED_COUNT);
	case OWNER:
		return associate(fd, shared->protocols[protocol].token) ? EACCES :
									 sock_bind_any(fd, 0);
	default:
		return sock_bind_any(fd, 0);
	}
}

static bool right(const struct protocol *protocol, enum form form, int error, unsigned int port)
{
	if (form == STRANGER || (form == RACER && error))
		return error == EADDRINUSE;
	if (error || (protocol->standing && port == CHANGING))
		return false;
	return (port >= RESERVED && port <= HIGH) == (form == OWNER);
}

static void binder(unsigned int number)
{
	unsigned int seed = number + 1;
	int error;

	while (!shared->stop && shared->binds < shared->wanted) {
		int which = rand_r(&seed) % PROTOCOLS;
		struct protocol *protocol = &shared->protocols[which];
		int fd = socket_of(numbers[which], rand_r(&seed) % 2 ? AF_INET : AF_INET6);
		enum form form = rand_r(&seed) % 2 ? RACER : rand_r(&seed) % FORMS;

		error = attempt(fd, which, form, number, &seed);
		if (!right(protocol, form, error, sock_port(fd))) {
			shared->error = error ? error : EEXIST;
			atomic_fetch_add(&protocol->wrong[form], 1);
		}
		atomic_fetch_add(&protocol->forms[form], 1);
		atomic_fetch_add(&shared->binds, 1);
		sock_drop(fd);
	}
}

static pid_t start(unsigned int number)
{
	pid_t pid = crew_fork();

	if (!pid) {
		load_be_nice();
		binder(number);
		_exit(0);
	}
	return pid;
}

static void change(struct client *c, unsigned int *seed)
{
	int which = rand_r(seed) % PROTOCOLS, error;

	c->protocol = numbers[which];
	error = reserve(c, CHANGING, 1, NULL, NO_OWNER, NULL);
	if (error && error != EADDRINUSE)
		shared->error = error;
	if (!error) {
		shared->protocols[which].standing = true;
		usleep(rand_r(seed) % 300);
		shared->protocols[which].standing = false;
		unreserve(c, CHANGING, 1);
		atomic_fetch_add(&shared->changes, 1);
	}
}

/* Some of each form at least, however long it takes. */
static bool enough(void)
{
	int which, form;

	for (which = 0; which < PROTOCOLS; which++)
		for (form = 0; form < FORMS; form++)
			if (shared->protocols[which].forms[form] < LEAST)
				return false;
	return true;
}

static void run_for(long seconds, struct client *c)
{
	long begin = crew_clock(), taken;
	int n = load_cpus(), i, failed = 0;
	pid_t pids[MAX_BINDERS], server = tcp_server_start(SERVER);
	unsigned int seed = 1;

	for (i = 0; i < n && i < MAX_BINDERS; i++)
		pids[i] = start(i);
	do {
		change(c, &seed);
		taken = (crew_clock() - begin) / 1000;
	} while (shared->binds < shared->wanted && (taken < seconds || !enough()));
	shared->stop = true;
	for (i = 0; i < n && i < MAX_BINDERS; i++)
		failed += !crew_ended_well(pids[i]);
	tcp_server_stop(server);
	tap_num(failed, 0, "all processes ended well");
	tap_diag("covered: %lu binds in %ld s, beside %lu reservations that came and went",
		 shared->binds, taken, shared->changes);
}

static void reserve_half(struct client *c)
{
	int which;

	for (which = 0; which < PROTOCOLS; which++) {
		c->protocol = numbers[which];
		must(reserve(c, RESERVED, RESERVED_COUNT, NULL, OWNER_UID,
			     &shared->protocols[which].token), "cannot reserve");
	}
}

static void tell(const char *name, const struct protocol *protocol)
{
	int form;

	for (form = 0; form < FORMS; form++)
		tap_ok(protocol->forms[form] && !protocol->wrong[form],
		       "binds of %s %s: %lu, %lu wrong", name, form_names[form],
		       protocol->forms[form], protocol->wrong[form]);
}

int main(int argc, char **argv)
{
	bool full = argc > 1 && !strcmp(argv[1], "--full");
	struct client c;

	shared = shared_memory(sizeof(*shared));
	/* those that are slow find what they are built to find in fewer */
	shared->wanted = kernel_is_slow() ? 20000 : 1000000;
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH),
	     "cannot set the range");
	must(set_sysctl("net/core/somaxconn", "4096"), "no backlog");
	tcp_connect_first();
	module_load();
	must(client_open(&c), "no client");
	reserve_half(&c);
	run_for(full ? 7200 : 5, &c);
	tell("UDP", &shared->protocols[UDP]);
	tell("TCP", &shared->protocols[TCP]);
	tap_errno(shared->error, 0, "no unexpected error");
	tap_ok(shared->binds >= shared->wanted || !full, "enough binds");
	client_close(&c);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
