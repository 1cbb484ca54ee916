// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several processes acquire, use, release, close and are killed, while others bind, list and
 * listen. No port may have two owners at a time, no owner may be refused its own.
 *
 * A process that has a port, by a reservation or by bind(), writes it down in shared memory after
 * it got it, and strikes it out before it gives it back.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define LOW 40000
#define PORTS 400
/* Ports of processes that are killed; no other process asks for them. */
#define MORTAL_FIRST 50000
#define MORTAL_COUNT 10

#define SECONDS 12
/* Acquisitions; an idle machine does some ten times as many. */
#define LEAST 1000
#define LEAST_WHERE_SLOW 100

static struct {
	atomic_bool stop;
	atomic_int owner[PORTS];
	atomic_ulong acquisitions, binds, refusals, kills, dumps, events, lost;
	/* faults */
	atomic_ulong overlaps, refused_owners, failed_acquisitions, failed_binds, left_by_killed,
		wrong_dumps, wrong_events;
	atomic_int error;	/* an errno that was not expected */
} *shared;

static bool go_on(void)
{
	return !atomic_load(&shared->stop);
}

static void count(atomic_ulong *counter)
{
	atomic_fetch_add(counter, 1);
}

static void fault(atomic_ulong *counter, int error)
{
	count(counter);
	atomic_store(&shared->error, error);
}

static void write_down(unsigned int first, unsigned int ports)
{
	unsigned int i;
	int nobody;

	for (i = first - LOW; i < first - LOW + ports; i++) {
		nobody = 0;
		if (!atomic_compare_exchange_strong(&shared->owner[i], &nobody, getpid()))
			count(&shared->overlaps);
	}
}

static void strike_out(unsigned int first, unsigned int ports)
{
	unsigned int i;

	for (i = first - LOW; i < first - LOW + ports; i++)
		atomic_store(&shared->owner[i], 0);
}

static int any_family(unsigned int *seed)
{
	return rand_r(seed) % 2 ? AF_INET : AF_INET6;
}

/* Binds some sockets in the block. */
static void use(const struct portres_association *block, unsigned int *seed)
{
	int fd = udp_open(any_family(seed)), error = associate(fd, block->token);

	if (!error)
		error = sock_bind_any(fd, rand_r(seed) % 2 ? 0 : block->first);
	if (error)
		fault(&shared->refused_owners, error);
	close(fd);
}

static void give_back(int fd, const struct portres_association *block, unsigned int *seed)
{
	int other, error = 0;

	switch (rand_r(seed) % 4) {
	case 0:
		error = release(fd, block->token);
		break;
	case 1:
		other = udp_open(any_family(seed));
		error = release(other, block->token);
		close(other);
		break;
	case 2:
		error = associate(fd, block->token);
		if (!error)
			error = sock_bind_any(fd, 0);
	}
	if (error)
		fault(&shared->refused_owners, error);
	close(fd);
}

static void acquirer(unsigned int *seed)
{
	struct portres_association block;

	while (go_on()) {
		int fd = udp_open(any_family(seed));
		int error = acquire(fd, 0, 1 + rand_r(seed) % 20, &block);

		if (error) {
			fault(&shared->failed_acquisitions, error);
			close(fd);
			continue;
		}
		count(&shared->acquisitions);
		write_down(block.first, block.count);
		if (rand_r(seed) % 2)
			use(&block, seed);
		if (rand_r(seed) % 4 == 0)
			sched_yield();
		strike_out(block.first, block.count);
		give_back(fd, &block, seed);
	}
}

static void poor_acquirer(unsigned int *seed)
{
	if (setresuid(STRANGER_UID, STRANGER_UID, STRANGER_UID))
		_exit(1);
	acquirer(seed);
}

static void binder(unsigned int *seed)
{
	while (go_on()) {
		int fd = udp_open(any_family(seed));
		unsigned int port = rand_r(seed) % 2 ? LOW + rand_r(seed) % PORTS : 0;
		int error = sock_bind_any(fd, port);

		count(&shared->binds);
		if (!error) {
			write_down(sock_port(fd), 1);
			strike_out(sock_port(fd), 1);
		} else if (port && error == EADDRINUSE) {
			count(&shared->refusals);
		} else {
			fault(&shared->failed_binds, error);
		}
		close(fd);
	}
}

static void acquire_until_killed(unsigned int seed, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int fd = udp_open(any_family(&seed));

		if (acquire(fd, MORTAL_FIRST, MORTAL_COUNT, NULL))
			_exit(1);
		if (rand_r(&seed) % 2 && sock_bind_any(fd, 3000))
			_exit(1);
		if (ready >= 0 && write(ready, "", 1) != 1)
			_exit(1);
		close(ready);
		ready = -1;
		close(fd);
	}
}

/* When a killed process has been waited for, its ports are free. */
static void killer(unsigned int *seed)
{
	while (go_on()) {
		struct timespec pause = { .tv_nsec = rand_r(seed) % 2000000 };
		int fds[2], status, error, fd;
		char byte;
		pid_t pid;

		if (pipe(fds))
			_exit(1);
		pid = fork();
		if (!pid)
			acquire_until_killed(rand_r(seed), fds[1]);
		close(fds[1]);
		if (pid < 0 || read(fds[0], &byte, 1) != 1)
			_exit(1);
		close(fds[0]);
		if (rand_r(seed) % 2)
			nanosleep(&pause, NULL);
		kill(pid, SIGKILL);
		if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
			_exit(1);
		count(&shared->kills);
		fd = udp_open(any_family(seed));
		error = acquire(fd, MORTAL_FIRST, MORTAL_COUNT, NULL);
		if (error)
			fault(&shared->left_by_killed, error);
		close(fd);
	}
}

static void dumper(unsigned int *seed)
{
	static struct resv resvs[64];
	struct client c;
	size_t n, i;

	(void)seed;
	must(client_open(&c), "no client");
	while (go_on()) {
		int error = dump(&c, resvs, 64, &n);

		count(&shared->dumps);
		if (error && error != EINTR)
			fault(&shared->wrong_dumps, error);
		for (i = 0; i < n && i < 64; i++) {
			/* of others' one that came while it was listed has no process */
			if (!resvs[i].runtime ||
			    (!error && (!resvs[i].process || !resvs[i].command[0])))
				fault(&shared->wrong_dumps, EBADMSG);
			/* one that is interrupted may tell what stood before and after */
			if (!error && i && resvs[i].first < resvs[i - 1].first + resvs[i - 1].count)
				fault(&shared->wrong_dumps, EEXIST);
		}
	}
}

/* Checks that no port has two reservations at a time, by the events. */
static void judge_event(uint8_t *reserved, int cmd, const struct resv *resv)
{
	bool wanted = cmd == PORTRES_CMD_DELETED;
	unsigned int i;

	for (i = resv->first; i < resv->first + resv->count; i++) {
		if (reserved[i] != wanted)
			fault(&shared->wrong_events, cmd == PORTRES_CMD_CREATED ? EEXIST : ENOENT);
		reserved[i] = !wanted;
	}
	count(&shared->events);
}

static void listener(unsigned int *seed)
{
	static uint8_t reserved[65536];
	struct resv resv;
	struct client c;
	int cmd, error;

	(void)seed;
	must(client_open(&c), "no client");
	sock_set(c.fd, SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20);
	must(client_subscribe(&c), "cannot listen");
	/* the others begin when it listens */
	count(&shared->events);
	while (!(error = client_event(&c, go_on() ? 100 : 0, &cmd, &resv)) || error == ETIME ||
	       error == ENOBUFS) {
		if (error == ETIME && !go_on())
			break;
		if (error == ENOBUFS)
			count(&shared->lost);
		if (!error && !atomic_load(&shared->lost))
			judge_event(reserved, cmd, &resv);
	}
	if (error != ETIME)
		fault(&shared->wrong_events, error);
}

static void (*const roles[])(unsigned int *seed) = {
	listener, acquirer, acquirer, poor_acquirer, binder, binder, killer, dumper,
};

#define ROLES (sizeof(roles) / sizeof(*roles))

static bool listens(void *arg)
{
	(void)arg;
	return atomic_load(&shared->events);
}

static pid_t start(size_t role)
{
	unsigned int seed = role + 1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		tap_bail("cannot fork: %s", strerror(errno));
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		roles[role](&seed);
		_exit(0);
	}
	return pid;
}

static void run_roles(void)
{
	pid_t pids[ROLES];
	int status, failed = 0;
	size_t i;

	for (i = 0; i < ROLES; i++) {
		pids[i] = start(i);
		if (!i && !wait_until(listens, NULL, 10000))
			tap_bail("nobody listens");
	}
	sleep(SECONDS);
	atomic_store(&shared->stop, true);
	for (i = ROLES; i--;)
		failed += waitpid(pids[i], &status, 0) != pids[i] || status;
	tap_num(failed, 0, "all processes have done their part");
	tap_diag("covered: %lu acquisitions, %lu binds, %lu refused, %lu killed, %lu dumps,"
		 " %lu events", shared->acquisitions, shared->binds, shared->refusals,
		 shared->kills, shared->dumps, shared->events);
	if (shared->lost)
		tap_diag("the listener was too slow %lu times", shared->lost);
}

static int fill(void *arg)
{
	int fd = udp_open(AF_INET), n = 0;

	(void)arg;
	while (n < 1000 && !acquire(fd, 0, 1, NULL))
		n++;
	return n;
}

static void nothing_is_left(void)
{
	struct client c;
	size_t left;

	must(client_open(&c), "no client");
	must(dump_whole(&c, NULL, 0, &left), "no dump");
	client_close(&c);
	tap_num(left, 0, "nothing is reserved at the end");
	tap_num(as_user(STRANGER_UID, fill, NULL), 128, "nothing is charged at the end");
	tap_ok(module_unloads(), "the module can be unloaded");
}

int main(void)
{
	unsigned long least;
	uint64_t token;
	int fd;

	shared = shared_memory(sizeof(*shared));
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, LOW + PORTS - 1),
	     "cannot set the ephemeral range");
	module_load();
	/* a socket that has held something: the first acquisition need not wait for binds */
	fd = udp_acquired(AF_INET, 0, 1, &token);
	must(release(fd, token), "cannot release");
	run_roles();
	close(fd);
	tap_num(shared->overlaps, 0, "no port has two owners");
	tap_num(shared->refused_owners, 0, "no owner is refused its own");
	tap_num(shared->failed_acquisitions, 0, "an acquisition finds one of many gaps");
	tap_num(shared->failed_binds, 0, "so does a bind to port 0");
	tap_num(shared->left_by_killed, 0, "a killed process leaves nothing");
	tap_num(shared->wrong_dumps, 0, "no dump tells two reservations of one port");
	tap_num(shared->wrong_events, 0, "no listener is told two reservations of one port");
	tap_errno(shared->error, 0, "no unexpected error");
	least = kernel_is_slow() ? LEAST_WHERE_SLOW : LEAST;
	tap_ok(shared->acquisitions >= least && shared->binds && shared->refusals &&
	       shared->kills && shared->dumps > 1 && shared->events > 1,
	       "all have done enough");
	nothing_is_left();
	return tap_finish();
}
