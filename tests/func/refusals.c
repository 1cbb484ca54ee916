// SPDX-License-Identifier: GPL-2.0-only
/*
 * Refused binds are told: to the administrator as they happen, bounded however many there are, and
 * in the description of the reservation; and selections that avoided a block are counted.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "gauge.h"
#include "refused_binds.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10
#define PROCESSES 40
#define SECONDS 3
/* Milliseconds in which even a slow kernel tells what there is to tell. */
#define SLOWLY 20000

static struct client client;
static struct client listener;
static int protocol;

static int try_bind(unsigned int port)
{
	int fd = protocol == IPPROTO_UDP ? udp_open(AF_INET) :
					   sock_open(AF_INET, SOCK_STREAM, IPPROTO_TCP);
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

/* The next message about refusals, or NULL. */
static const struct told_refusal *hear(int milliseconds, size_t *n, uint32_t *lost)
{
	struct resv resv;
	int cmd;

	if (client_event(&listener, milliseconds, &cmd, &resv))
		return NULL;
	if (cmd != PORTRES_CMD_REFUSED)
		tap_bail("command %d in the group of refusals", cmd);
	if (lost)
		*lost = resv.lost;
	return told_refusals(n);
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
	tap_num(n, 2, "the administrator asks: two processes were refused");
	for (i = 0; i < n; i++)
		found |= refusals[i].process == (uint32_t)getpid() && refusals[i].times == 2;
	tap_ok(found, "this one twice");
	tap_num(as_user(STRANGER_UID, asks, &n), 0, "a stranger asks: nothing");
	tap_errno(as_user(STRANGER_UID, joins, NULL), EPERM, "a stranger listens");
}

static void flood(void)
{
	for (;;)
		try_bind(FIRST);
}

static void begin_floods(pid_t *pids)
{
	int i;

	for (i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		flood();
	}
}

static void end_floods(const pid_t *pids)
{
	int i;

	for (i = 0; i < PROCESSES; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < PROCESSES; i++)
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

static void bounds_floods(void)
{
	struct heard heard = { 0 };
	struct resv before, after;
	pid_t pids[PROCESSES];
	uint64_t refused;
	double begin;

	must(get_block(&client, FIRST, COUNT, &before), "cannot ask");
	begin = milliseconds();
	begin_floods(pids);
	while (milliseconds() < begin + 1000 * SECONDS)
		hear_more(&heard, 1000);
	end_floods(pids);
	must(get_block(&client, FIRST, COUNT, &after), "cannot ask");
	refused = after.refused - before.refused;
	while (heard.told + heard.lost < refused && hear_more(&heard, SLOWLY))
		;
	tap_num(heard.told + heard.lost, refused, "told and lost are all");
	tap_ok(heard.messages <= (milliseconds() - begin) / 100 + 2,
	       "at most ten messages a second");
	tap_ok(heard.told > 0, "some are told");
	tap_diag("%llu refused, %lu told, %lu lost, %lu messages", (unsigned long long)refused,
		 heard.told, heard.lost, heard.messages);
}

static void counts_avoided(void)
{
	struct resv resv;
	int i;

	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", FIRST, FIRST + COUNT),
	     "no range");
	must(get_block(&client, FIRST, COUNT, &resv), "cannot ask");
	tap_num(resv.avoided, 0, "nothing was avoided yet");
	for (i = 0; i < 100; i++)
		must(try_bind(0), "cannot bind to port 0");
	must(get_block(&client, FIRST, COUNT, &resv), "cannot ask");
	tap_ok(resv.avoided > 50 && resv.avoided <= 100, "most of a hundred choices avoided it");
	must(set_sysctl("net/ipv4/ip_local_port_range", "32768 60999"), "no range");
}

static void for_protocol(int number)
{
	protocol = number;
	tap_diag("protocol %d", number);
	client.protocol = number;
	must(reserve(&client, FIRST, COUNT, "told", NO_OWNER, NULL), "cannot reserve");
	counts_avoided();
	tells_one();
	again_after_a_second();
	tells_who_asks();
	bounds_floods();
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
}

static int dies_in_a_flood(void *arg)
{
	struct client own;
	pid_t pids[PROCESSES];

	(void)arg;
	new_netns();
	must(client_open(&own), "no client");
	must(reserve(&own, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	begin_floods(pids);
	usleep(300000);
	end_floods(pids);
	return 0;
}

int main(void)
{
	pid_t pids[PROCESSES];

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	must(client_open(&listener), "no client");
	must(client_subscribe_refusals(&listener), "cannot listen");
	/* on a slow kernel the floods begin long before the first message is read */
	sock_set(listener.fd, SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20);
	for_protocol(IPPROTO_UDP);
	for_protocol(IPPROTO_TCP);
	tap_num(in_child(dies_in_a_flood, NULL), 0, "a namespace ends right after a flood");
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	begin_floods(pids);
	client_close(&client);
	client_close(&listener);
	tap_ok(module_unloads(), "the module can be unloaded in a flood");
	end_floods(pids);
	return tap_finish();
}
