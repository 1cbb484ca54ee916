// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network namespaces that die: with reservations, with listeners inside and
 * outside, with associated sockets of killed processes, while the module unloads.
 */
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10

/*
 * A namespace that is dead cannot be seen. But it takes its end of a pair of
 * interfaces along, and with it the other end, which is in the parent's namespace.
 */
#define TETHER "tether"

static bool tethered;

static void live_in_namespace(void)
{
	new_netns();
	if (tethered &&
	    run("ip link add inside type veth peer name " TETHER " netns %d", getppid()))
		tap_bail("cannot make a pair of interfaces");
}

static bool untied(void *arg)
{
	(void)arg;
	return !if_nametoindex(TETHER);
}

static uint64_t reserve_here(struct client *c, int blocks)
{
	uint64_t token;
	int i;

	must(client_open(c), "no client");
	must(reserve(c, FIRST, COUNT, "mortal", OWNER_UID, &token), "cannot reserve");
	for (i = 1; i < blocks; i++)
		must(reserve(c, FIRST + i * COUNT, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	return token;
}

/* A namespace is dismantled in the background, when its last user has gone. */
static void goes(const char *when)
{
	tap_ok(wait_until(module_try_unload, NULL, 15000), "the module can be unloaded %s", when);
	tap_ok(!module_loaded(), "and is gone then");
}

/* Lives and dies in a namespace of its own; 0 if all was well until the end. */
static int with_reservations(void *arg)
{
	struct client c;

	(void)arg;
	live_in_namespace();
	reserve_here(&c, 100);
	return try_port(AF_INET, FIRST) == EADDRINUSE ? 0 : EINVAL;
}

static int with_sockets(void *arg)
{
	struct client c;
	uint64_t token;
	int i;

	(void)arg;
	live_in_namespace();
	token = reserve_here(&c, 1);
	for (i = 0; i < COUNT; i++) {
		int fd = udp_associated(i & 1 ? AF_INET6 : AF_INET, token);

		must(i & 2 ? sock_bind_any(fd, 0) : 0, "cannot bind");
	}
	return 0;
}

static int with_listeners(void *arg)
{
	struct client c, listener;
	int error;

	(void)arg;
	live_in_namespace();
	must(client_open(&listener), "no client");
	must(client_subscribe(&listener), "cannot listen");
	reserve_here(&c, 2);
	/* neither reads what it is told, nor closes */
	error = unreserve(&c, FIRST, COUNT);
	return error;
}

static void live_until_killed(int ready)
{
	struct client listener;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (with_sockets(NULL) || client_open(&listener) || client_subscribe(&listener) ||
	    write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static int killed(void *arg)
{
	int fds[2];
	char byte;
	pid_t pid;

	(void)arg;
	if (pipe(fds))
		return errno;
	pid = fork();
	if (!pid)
		live_until_killed(fds[1]);
	close(fds[1]);
	if (pid < 0 || read(fds[0], &byte, 1) != 1)
		return ECHILD;
	kill(pid, SIGKILL);
	return waitpid(pid, NULL, 0) == pid ? 0 : errno;
}

/* A listener keeps its namespace; what it is told ends with the reservation, not before. */
static void listener_outside(void)
{
	struct client listener, c;
	struct resv resv;
	int home = netns_get(), cmd;

	new_netns();
	must(client_open(&listener), "no client");
	must(client_subscribe(&listener), "cannot listen");
	reserve_here(&c, 1);
	client_close(&c);
	netns_enter(home);
	close(home);
	tap_errno(client_event(&listener, 2000, &cmd, &resv), 0, "a listener outside is told");
	tap_errno(get_block(&listener, FIRST, COUNT, &resv), 0, "and keeps the namespace");
	client_close(&listener);
}

/* An associated socket keeps its namespace, and the reservation keeps its rules. */
static void socket_outside(void)
{
	int home = netns_get(), kept, there, stranger;
	struct portres_association answer;
	struct client c;
	uint64_t token;

	new_netns();
	there = netns_get();
	token = reserve_here(&c, 1);
	client_close(&c);
	kept = udp_associated(AF_INET6, token);
	stranger = udp_open(AF_INET);
	netns_enter(home);
	close(home);
	close(there);
	tap_errno(sock_bind_any(stranger, FIRST), EADDRINUSE, "a stranger's socket from there");
	close(stranger);
	tap_errno(association(kept, &answer), 0, "an associated socket from there is so still");
	tap_errno(sock_bind_any(kept, FIRST), 0, "it may bind");
	tap_errno(try_port(AF_INET, FIRST), 0, "here the port is free");
	tap_errno(module_unload(), EWOULDBLOCK, "the module is in use by it");
	close(kept);
}

/* The same ports come and go in many namespaces at once. */
static void many(void)
{
	enum { NAMESPACES = 40 };
	struct client clients[NAMESPACES];
	int home = netns_get(), sockets[NAMESPACES], i;

	for (i = 0; i < NAMESPACES; i++) {
		uint64_t token;

		new_netns();
		token = reserve_here(&clients[i], 20);
		sockets[i] = udp_associated(i & 1 ? AF_INET6 : AF_INET, token);
		must(sock_bind_any(sockets[i], FIRST), "cannot bind");
	}
	netns_enter(home);
	close(home);
	tap_ok(true, "the same blocks stand in %d namespaces", NAMESPACES);
	for (i = 0; i < NAMESPACES; i++) {
		client_close(&clients[i]);
		close(sockets[i]);
	}
}

/* While namespaces are dismantled in the background, the module goes. */
static void race(void)
{
	int i;

	for (i = 0; i < 10; i++) {
		module_load();
		must(in_child(with_reservations, NULL), "no reservations");
		must(in_child(with_sockets, NULL), "no sockets");
		if (!wait_until(module_try_unload, NULL, 15000))
			break;
	}
	tap_num(i, 10, "the module goes while namespaces die");
}

int main(void)
{
	static const struct {
		const char *name;
		int (*live)(void *arg);
	} lives[] = {
		{ "with reservations", with_reservations },
		{ "with associated sockets", with_sockets },
		{ "with a listener inside", with_listeners },
		{ "with a killed process", killed },
	};
	size_t i;

	new_netns();
	for (i = 0; i < sizeof(lives) / sizeof(*lives); i++) {
		module_load();
		tethered = true;
		tap_errno(in_child(lives[i].live, NULL), 0, "a namespace %s", lives[i].name);
		tap_ok(wait_until(untied, NULL, 15000), "a namespace %s: dies", lives[i].name);
		tethered = false;
		goes(lives[i].name);
	}
	module_load();
	listener_outside();
	socket_outside();
	many();
	goes("after all of them");
	race();
	tap_errno(try_port(AF_INET6, FIRST), 0, "nothing is reserved afterwards");
	return tap_finish();
}
