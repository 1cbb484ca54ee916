// SPDX-License-Identifier: GPL-2.0-only
/*
 * Only an administrator loads and unloads the module. It cannot be unloaded while there are
 * associated sockets or while a dump is under way; nothing else prevents it.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
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
#define SOCKETS 5

static int refcnt(void)
{
	FILE *file = fopen("/sys/module/portres/refcnt", "re");
	int count;

	if (!file || fscanf(file, "%d", &count) != 1)
		tap_bail("no reference count of the module");
	fclose(file);
	return count;
}

/* A bound socket is freed after a grace period. */
static bool refcnt_is(void *arg)
{
	return refcnt() == *(int *)arg;
}

static void counts(int wanted, const char *when)
{
	if (!tap_ok(wait_until(refcnt_is, &wanted, 10000), "%d references %s", wanted, when))
		tap_diag("there are %d", refcnt());
}

static uint64_t begin(struct client *c)
{
	uint64_t token;

	module_load();
	must(client_open(c), "no client");
	must(reserve(c, FIRST, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	return token;
}

static void in_use(const char *when)
{
	tap_errno(module_unload(), EWOULDBLOCK, "unloading %s", when);
	tap_ok(run("rmmod portres") != 0, "rmmod %s fails", when);
	tap_ok(module_loaded(), "the module is there after it");
}

static void goes(const char *when)
{
	counts(0, when);
	tap_errno(module_unload(), 0, "unloading %s", when);
}

static int resolve(void *arg)
{
	struct client c;
	int error = client_open(&c);

	(void)arg;
	if (!error)
		client_close(&c);
	return error;
}

static void comes(void)
{
	int fd = udp_open(AF_INET);

	tap_ok(!module_loaded(), "the module is not there");
	tap_errno(associate(fd, 1), ENOPROTOOPT, "the socket option without the module");
	tap_ok(!module_loaded(), "the socket option does not load the module");
	close(fd);

	tap_errno(resolve(NULL), ENOENT, "the family without the module");
	tap_ok(!module_loaded(), "the administrator's request does not load the module");
	tap_errno(as_user(STRANGER_UID, resolve, NULL), ENOENT, "a stranger resolves the family");
	tap_ok(!module_loaded(), "that does not load the module either");
	tap_errno(as_userns_root(true, resolve, NULL), ENOENT,
		  "a namespace's root resolves the family");
	tap_ok(!module_loaded(), "nor does that");
}

static void associated_sockets(void)
{
	struct portres_association answer;
	struct client c;
	uint64_t token = begin(&c);
	int fds[SOCKETS], i, copy;

	counts(0, "with a reservation");
	for (i = 0; i < SOCKETS; i++)
		fds[i] = udp_associated(i & 1 ? AF_INET6 : AF_INET, token);
	counts(SOCKETS, "with as many associated sockets");
	must(associate(fds[0], token), "cannot associate again");
	associate(fds[0], token + 1);
	associate(fds[0], 0);
	association(fds[0], &answer);
	counts(SOCKETS, "after options that changed nothing");
	in_use("with associated sockets");
	for (i = 0; i < SOCKETS; i++)
		must(sock_bind_any(fds[i], i ? 0 : FIRST), "cannot bind");
	sock_disconnect(fds[1]);
	must(unreserve(&c, FIRST, COUNT), "cannot delete");
	counts(SOCKETS, "after the deletion");
	copy = dup(fds[0]);
	for (i = 0; i < SOCKETS; i++)
		close(fds[i]);
	counts(1, "for a descriptor that was duplicated");
	in_use("with one of them left");
	close(copy);
	client_close(&c);
	goes("without associated sockets");
}

/* A socket on its way through a UNIX socket has no descriptor. */
static void in_flight(void)
{
	struct client c;
	uint64_t token = begin(&c);
	int fd = udp_associated(AF_INET, token), via[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, via))
		tap_bail("no socket pair: %s", strerror(errno));
	send_fd(via[0], fd);
	close(fd);
	counts(1, "for a socket on its way");
	in_use("with a socket on its way");
	close(via[0]);
	close(via[1]);
	client_close(&c);
	goes("after its way has ended");
}

static void subscribed(void)
{
	struct client c, listeners[3];
	int i;

	begin(&c);
	for (i = 0; i < 3; i++) {
		must(client_open(&listeners[i]), "no client");
		must(client_subscribe(&listeners[i]), "cannot listen");
	}
	must(reserve(&c, 6000, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	goes("with listeners that have something to read");
	module_load();
	tap_errno(client_subscribe(&listeners[0]), 0, "a group of before can be asked for");
	client_close(&listeners[0]);
	client_close(&c);
	must(client_open(&c), "no client");
	must(client_subscribe(&c), "cannot listen");
	must(reserve(&c, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	client_close(&c);
	for (i = 1; i < 3; i++)
		client_close(&listeners[i]);
	goes("with reservations and without listeners");
}

static void dump_under_way(void)
{
	struct {
		struct nlmsghdr nl;
		struct genlmsghdr genl;
	} rq = { { sizeof(rq), 0, NLM_F_REQUEST | NLM_F_DUMP, 1, 0 }, { PORTRES_CMD_GET, 1, 0 } };
	struct client c;
	int i;

	begin(&c);
	for (i = 0; i < 1000; i++)
		must(reserve(&c, 6000 + i, 1, "to make it long", NO_OWNER, NULL), "cannot reserve");
	rq.nl.nlmsg_type = c.family;
	if (send(c.fd, &rq, sizeof(rq), 0) < 0)
		tap_bail("cannot send: %s", strerror(errno));
	counts(1, "while a dump is under way");
	in_use("while a dump is under way");
	client_close(&c);
	goes("after its reader has gone");
}

/* A failed acquisition must not hold the module, whatever the reason; only a block does. */
static void failed_acquisitions(void)
{
	struct client c;
	int fd = udp_open(AF_INET), user = udp_open(AF_INET6);

	begin(&c);
	must(sock_bind_any(user, 7000), "cannot bind");
	tap_errno(acquire(fd, FIRST, 1, NULL), EADDRINUSE, "an acquisition of a reserved port");
	tap_errno(acquire(fd, 7000, 1, NULL), EADDRINUSE, "of a port in use");
	tap_errno(acquire(fd, 0, 65535, NULL), EADDRINUSE, "of more than there is");
	counts(0, "for a socket on which acquisitions failed");
	must(acquire(fd, 8000, 1, NULL), "cannot acquire");
	tap_errno(acquire(fd, 7000, 1, NULL), EADDRINUSE, "a failure after a success");
	counts(1, "for a socket on which one succeeded");
	close(fd);
	close(user);
	client_close(&c);
	goes("after it was closed");
}

static void live_until_killed(uint64_t token, int ready)
{
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < SOCKETS; i++) {
		int fd = udp_associated(i & 1 ? AF_INET6 : AF_INET, token);

		if (i)
			must(sock_bind_any(fd, 0), "cannot bind");
	}
	if (write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void killed(void)
{
	struct client c;
	uint64_t token = begin(&c);
	int fds[2], status;
	char byte;
	pid_t pid;

	if (pipe(fds))
		tap_bail("no pipe: %s", strerror(errno));
	pid = fork();
	if (!pid)
		live_until_killed(token, fds[1]);
	close(fds[1]);
	if (pid < 0 || read(fds[0], &byte, 1) != 1)
		tap_bail("no child");
	close(fds[0]);
	counts(SOCKETS, "for a process");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	tap_ok(WIFSIGNALED(status), "the process was killed");
	client_close(&c);
	goes("after the process was killed");
}

int main(void)
{
	new_netns();
	comes();
	associated_sockets();
	in_flight();
	subscribed();
	dump_under_way();
	failed_acquisitions();
	killed();
	return tap_finish();
}
