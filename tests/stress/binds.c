// SPDX-License-Identifier: GPL-2.0-only
/*
 * Very many binds of all forms, by a process for each CPU, while half of the ephemeral range is
 * reserved, and a port of the other half comes and goes, for which every second of them asks.
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

#define LOW 32768
#define RESERVED 40000	/* from here on */
#define RESERVED_COUNT 8000
#define HIGH (RESERVED + RESERVED_COUNT - 1)
#define CHANGING 36000	/* is reserved now and then */
#define MAX_BINDERS 64
#define LEAST 20

enum form { EXPLICIT, ANY, CONNECT, SENDTO, RACER, STRANGER, OWNER, FORMS };

static const char *const form_names[FORMS] = {
	"explicit", "to any", "by connect", "by sendto", "where a reservation comes and goes",
	"of strangers", "of the owner",
};

static struct {
	atomic_bool stop;
	atomic_ulong binds, forms[FORMS], wrong[FORMS], changes;
	atomic_int error;
	atomic_bool standing;	/* CHANGING is reserved */
	uint64_t token;
	unsigned long wanted;
} *shared;

static int sends(int fd)
{
	int error = sock_sendto(fd, sock_family(fd) == AF_INET ? "127.0.0.1" : "::1", 9);

	return error == ECONNREFUSED ? 0 : error;
}

static int attempt(int fd, enum form form, unsigned int number, unsigned int *seed)
{
	switch (form) {
	case EXPLICIT:
		return sock_bind_any(fd, 20000 + number);
	case CONNECT:
		return sock_connect(fd, sock_family(fd) == AF_INET ? "127.0.0.1" : "::1", 9);
	case SENDTO:
		return sends(fd);
	case RACER:
		return sock_bind_any(fd, CHANGING);
	case STRANGER:
		return sock_bind_any(fd, RESERVED + rand_r(seed) % RESERVED_COUNT);
	case OWNER:
		return associate(fd, shared->token) ? EACCES : sock_bind_any(fd, 0);
	default:
		return sock_bind_any(fd, 0);
	}
}

static bool right(enum form form, int error, unsigned int port)
{
	if (form == STRANGER || (form == RACER && error))
		return error == EADDRINUSE;
	if (error || (shared->standing && port == CHANGING))
		return false;
	return (port >= RESERVED && port <= HIGH) == (form == OWNER);
}

static void binder(unsigned int number)
{
	unsigned int seed = number + 1;
	int error;

	while (!shared->stop && shared->binds < shared->wanted) {
		int fd = udp_open(rand_r(&seed) % 2 ? AF_INET : AF_INET6);
		enum form form = rand_r(&seed) % 2 ? RACER : rand_r(&seed) % FORMS;

		error = attempt(fd, form, number, &seed);
		if (!right(form, error, sock_port(fd))) {
			shared->error = error ? error : EEXIST;
			atomic_fetch_add(&shared->wrong[form], 1);
		}
		atomic_fetch_add(&shared->forms[form], 1);
		atomic_fetch_add(&shared->binds, 1);
		close(fd);
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
	int error = reserve(c, CHANGING, 1, NULL, NO_OWNER, NULL);

	if (error && error != EADDRINUSE)
		shared->error = error;
	if (!error) {
		shared->standing = true;
		usleep(rand_r(seed) % 300);
		shared->standing = false;
		unreserve(c, CHANGING, 1);
		atomic_fetch_add(&shared->changes, 1);
	}
}

/* Some of each form at least, however long it takes. */
static bool enough(void)
{
	int form;

	for (form = 0; form < FORMS; form++)
		if (shared->forms[form] < LEAST)
			return false;
	return true;
}

static void run_for(long seconds, struct client *c)
{
	long begin = crew_clock(), taken;
	int n = load_cpus(), i, failed = 0;
	pid_t pids[MAX_BINDERS];
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
	tap_num(failed, 0, "all processes ended well");
	tap_diag("covered: %lu binds in %ld s, beside %lu reservations that came and went",
		 shared->binds, taken, shared->changes);
}

int main(int argc, char **argv)
{
	bool full = argc > 1 && !strcmp(argv[1], "--full");
	struct client c;
	int form;

	shared = shared_memory(sizeof(*shared));
	/* those that are slow find what they are built to find in fewer */
	shared->wanted = kernel_is_slow() ? 20000 : 1000000;
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH),
	     "cannot set the range");
	module_load();
	must(client_open(&c), "no client");
	must(reserve(&c, RESERVED, RESERVED_COUNT, NULL, OWNER_UID, &shared->token),
	     "cannot reserve");
	run_for(full ? 7200 : 5, &c);
	for (form = 0; form < FORMS; form++)
		tap_ok(shared->forms[form] && !shared->wrong[form], "binds %s: %lu, %lu wrong",
		       form_names[form], shared->forms[form], shared->wrong[form]);
	tap_errno(shared->error, 0, "no unexpected error");
	tap_ok(shared->binds >= shared->wanted || !full, "enough binds");
	client_close(&c);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
