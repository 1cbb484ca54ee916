// SPDX-License-Identifier: GPL-2.0-only
/*
 * Refused binds are told: to the administrator as they happen, bounded however many there are, and
 * in the description of the reservation.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "crew.h"
#include "env.h"
#include "gauge.h"
#include "refused_binds.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10
#define PROCESSES 40
#define SECONDS 3
#define NAMESPACES 5
/* Kilobytes; a few bytes for each refusal of a flood are more. */
#define MUCH 1000
/* Milliseconds in which even a slow kernel tells what there is to tell. */
#define SLOWLY 20000

static struct client client;
static struct client listener;
static int protocol;

static int open_socket(void)
{
	return protocol == IPPROTO_UDP ? udp_open(AF_INET) : tcp_socket(AF_INET);
}

static int try_bind(unsigned int port)
{
	int fd = open_socket();
	int error = sock_bind_any(fd, port);

	close(fd);
	return error;
}

static int stranger_binds(void *arg)
{
	int i;

	(void)arg;
	prctl(PR_SET_NAME, "stranger");
	for (i = 0; i < 3; i++)
		try_bind(FIRST + i);
	return getpid() & 0xff;
}

static const struct told_refusal *hear(int milliseconds, size_t *n, uint32_t *lost)
{
	return hear_refusals(&listener, milliseconds, n, lost);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static void tells_one(void)
{
	int low = as_user(STRANGER_UID, stranger_binds, NULL);
	const struct told_refusal *refusal;
	size_t n = 0;

	refusal = hear(SLOWLY, &n, NULL);
	tap_ok(refusal && n == 1, "one message, one process");
	if (!refusal)
		return;
	tap_num(refusal->times, 3, "three times");
	tap_num(refusal->port, FIRST + 2, "the last port");
	tap_num(refusal->error, EADDRINUSE, "the errno");
	tap_num(refusal->user, STRANGER_UID, "the user");
	tap_num(refusal->process & 0xff, low, "the process");
	tap_ok(!strcmp(refusal->command, "stranger"), "its name");
	tap_num(refusal->protocol, protocol, "the protocol");
	tap_ok(refusal->first == FIRST && refusal->count == COUNT, "the block");
	tap_ok(!strcmp(refusal->name, "told"), "the name of the reservation");
	tap_ok(refusal->time <= now() && now() - refusal->time < 60000000000ULL, "the time");
	tap_ok(!hear(500, &n, NULL), "and no more of it");
}

static void again_after_a_second(void)
{
	double began = milliseconds(), first, second;
	size_t n;

	try_bind(FIRST);
	tap_ok(hear(SLOWLY, &n, NULL), "another process is told");
	first = milliseconds();
	try_bind(FIRST);
	tap_ok(hear(SLOWLY, &n, NULL), "it is told again");
	second = milliseconds();
	tap_ok(second - first >= 900, "a second later at the earliest");
	tap_diag("after %.0f ms, and %.0f ms later", first - began, second - first);
}

static int changes_its_name(void *arg)
{
	(void)arg;
	prctl(PR_SET_NAME, "before");
	try_bind(FIRST);
	prctl(PR_SET_NAME, "after");
	try_bind(FIRST);
	return 0;
}

static void tells_the_last_name(void)
{
	const struct told_refusal *refusal;
	size_t n = 0;

	in_child(changes_its_name, NULL);
	refusal = hear(SLOWLY, &n, NULL);
	tap_ok(refusal && n == 1 && refusal->times == 2 && !strcmp(refusal->command, "after"),
	       "a process that changed its name has the last one");
}

static void begin_to_listen(void)
{
	must(client_open(&listener), "no client");
	must(client_subscribe_refusals(&listener), "cannot listen");
	/* on a slow kernel the floods begin long before the first message is read */
	sock_set(listener.fd, SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20);
}

/* The second one comes within a second of the first one, when it would not be told yet. */
static void tells_nothing_from_before(void)
{
	const struct told_refusal *refusal;
	size_t n = 0;

	client_close(&listener);
	try_bind(FIRST);
	usleep(200000);
	try_bind(FIRST);
	usleep(700000);
	begin_to_listen();
	tap_ok(!hear(1500, &n, NULL), "a listener that joins is told nothing from before");
	try_bind(FIRST);
	refusal = hear(SLOWLY, &n, NULL);
	tap_ok(refusal && n == 1 && refusal->times == 1, "and what comes later");
}

static int asks(void *arg)
{
	size_t *n = arg;
	struct client other;

	must(client_open(&other), "no client");
	other.protocol = protocol;
	must(get_block(&other, FIRST, COUNT, NULL), "cannot ask");
	told_refusals(n);
	return *n;
}

static int joins(void *arg)
{
	struct client other;

	(void)arg;
	must(client_open(&other), "no client");
	return client_subscribe_refusals(&other);
}

static void tells_who_asks(void)
{
	const struct told_refusal *refusals;
	bool found = false;
	size_t n, i;

	must(get_block(&client, FIRST, COUNT, NULL), "cannot ask");
	refusals = told_refusals(&n);
	tap_num(n, 3, "the administrator asks: three processes were refused");
	for (i = 0; i < n; i++)
		found |= refusals[i].process == (uint32_t)getpid() && refusals[i].times == 2;
	tap_ok(found, "this one twice");
	tap_num(as_user(STRANGER_UID, asks, &n), 0, "a stranger asks: nothing");
	tap_errno(as_user(STRANGER_UID, joins, NULL), EPERM, "a stranger listens");
}

static void flood(pid_t parent)
{
	while (getppid() == parent)
		try_bind(FIRST);
	_exit(0);
}

/* On a slow kernel forty take minutes to begin and to end. */
static int processes(void)
{
	return kernel_is_slow() ? PROCESSES / 4 : PROCESSES;
}

static void begin_floods(pid_t *pids)
{
	pid_t parent = getpid();
	int i;

	for (i = 0; i < processes(); i++) {
		pids[i] = crew_fork();
		if (!pids[i])
			flood(parent);
	}
}

static void end_floods(const pid_t *pids)
{
	int i;

	for (i = 0; i < processes(); i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < processes(); i++)
		waitpid(pids[i], NULL, 0);
}

/* What a listener is told during floods and after them, until it was told of all or of nothing. */
struct heard {
	unsigned long told, lost, messages;
};

static bool hear_more(struct heard *heard, int milliseconds)
{
	const struct told_refusal *refusals;
	uint32_t missing;
	size_t n, i;

	refusals = hear(milliseconds, &n, &missing);
	if (!refusals)
		return false;
	heard->messages++;
	heard->lost += missing;
	for (i = 0; i < n; i++)
		heard->told += refusals[i].times;
	return true;
}

static void hear_until(double end, struct heard *heard)
{
	while (milliseconds() < end)
		hear_more(heard, 1000);
}

/* Kilobytes of the kernel's slabs. */
static long slabs(void)
{
	return line_number("/proc/meminfo", "Slab:");
}

static void needs_no_memory(long grown)
{
	if (kernel_is_slow()) {
		tap_skip("this kernel keeps memory that was freed", "the flood needs no memory");
		return;
	}
	tap_ok(grown < MUCH, "the flood needs no memory, the longer it takes: %ld kB", grown);
}

static void bounds_floods(void)
{
	struct heard heard = { 0 };
	struct resv before, after;
	pid_t pids[PROCESSES];
	uint64_t refused;
	double begin;
	long first, grown;

	must(get_block(&client, FIRST, COUNT, &before), "cannot ask");
	begin = milliseconds();
	begin_floods(pids);
	hear_until(begin + 1000, &heard);
	first = slabs();
	hear_until(begin + 1000 * SECONDS, &heard);
	grown = slabs() - first;
	end_floods(pids);
	must(get_block(&client, FIRST, COUNT, &after), "cannot ask");
	refused = after.refused - before.refused;
	while (heard.told + heard.lost < refused && hear_more(&heard, SLOWLY))
		;
	tap_num(heard.told + heard.lost, refused, "told and lost are all");
	tap_ok(heard.messages <= (milliseconds() - begin) / 100 + 2,
	       "at most ten messages a second");
	needs_no_memory(grown);
	/* fewer processes than the ring has slots lose only what meets in its lock */
	tap_ok(heard.told > 0 && (heard.lost > 0 || processes() < PROCESSES),
	       "some are told, some are lost");
	tap_diag("%llu refused, %lu told, %lu lost, %lu messages", (unsigned long long)refused,
		 heard.told, heard.lost, heard.messages);
}

static void for_protocol(int number)
{
	protocol = number;
	tap_diag("protocol %d", number);
	client.protocol = number;
	must(reserve(&client, FIRST, COUNT, "told", NO_OWNER, NULL), "cannot reserve");
	tells_one();
	again_after_a_second();
	tells_the_last_name();
	tells_who_asks();
	tells_nothing_from_before();
	bounds_floods();
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
}

/* Ends with a listener, and a flood of which it is told: with this process all of it is killed. */
static int dies_in_a_flood(void *arg)
{
	struct client own;
	pid_t pids[PROCESSES];
	size_t n;

	new_netns();
	must(client_open(&own), "no client");
	own.protocol = protocol;
	must(reserve(&own, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	begin_to_listen();
	begin_floods(pids);
	must(hear(SLOWLY, &n, NULL) ? 0 : ETIME, "the listener is told nothing");
	usleep(*(int *)arg);
	return 0;
}

static void namespaces_end(void)
{
	int i, delay, ended = 0;

	for (i = 0; i < NAMESPACES; i++) {
		/* of the tenth of a second after which the next message comes */
		delay = 100000 / NAMESPACES * i;
		ended += !in_child(dies_in_a_flood, &delay);
	}
	tap_num(ended, NAMESPACES, "namespaces end in floods that listeners are told of");
}

static void module_goes(void)
{
	pid_t pids[PROCESSES];
	size_t n;

	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	begin_floods(pids);
	tap_ok(hear(SLOWLY, &n, NULL), "a flood is told of");
	tap_ok(module_unloads(), "the module can be unloaded in it");
	end_floods(pids);
	while (hear(100, &n, NULL))
		;
}

int main(void)
{
	new_netns();
	module_load();
	must(client_open(&client), "no client");
	begin_to_listen();
	for_protocol(IPPROTO_UDP);
	for_protocol(IPPROTO_TCP);
	namespaces_end();
	module_goes();
	return tap_finish();
}
