// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notifications about runtime reservations to listeners of the group admin: one for each
 * acquisition and one for each removal, in order, whatever the reason; and how bound sockets, the
 * module and network namespaces affect the removal.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define BIT(attr) (1U << PORTRES_A_##attr)
#define TOLD (BIT(PROTOCOL) | BIT(FIRST) | BIT(COUNT) | BIT(REFUSED) | BIT(AVOIDED) | \
	      BIT(SOCKETS) | \
	      BIT(RUNTIME) | BIT(PROCESS) | BIT(COMMAND) | BIT(PROCESS_START) | BIT(OWNER))
#define BY (BIT(BY_USER) | BIT(BY_PROCESS) | BIT(BY_COMMAND))

#define FIRST 5000
#define COUNT 10
#define SOON 5000	/* milliseconds */
#define COMMAND "is listened to"

static struct client client, listener;

/* Waits for the next message, and checks that it is that one. */
static bool hears(int cmd, unsigned int first, unsigned int count, struct resv *resv)
{
	struct resv own;
	int got = 0, error;

	resv = resv ? resv : &own;
	memset(resv, 0, sizeof(*resv));
	error = client_event(&listener, SOON, &got, resv);
	if (!error && got == cmd && resv->first == first && resv->count == count)
		return true;
	tap_diag("got %s, command %d, %u ports from %u on; wanted command %d, %u from %u on",
		 errno_name(error), got, resv->count, resv->first, cmd, count, first);
	return false;
}

static bool hears_nothing(void)
{
	struct resv resv;
	int cmd;

	return client_event(&listener, 50, &cmd, &resv) == ETIME;
}

static bool is_whole(const struct resv *resv, pid_t process, uid_t user)
{
	if ((resv->has & ~BY) == TOLD && resv->runtime && resv->process == (uint32_t)process &&
	    resv->owner == user && resv->protocol == IPPROTO_UDP && !resv->sockets &&
	    !strcmp(resv->command, COMMAND))
		return true;
	tap_diag("attributes %#x, process %u, user %u, command \"%s\", %u sockets", resv->has,
		 resv->process, resv->owner, resv->command, resv->sockets);
	return false;
}

static int acquire_here(void *arg)
{
	(void)arg;
	udp_acquired(AF_INET6, FIRST, COUNT, NULL);
	return 0;
}

static void tells(void)
{
	struct portres_association block;
	int fd = udp_open(AF_INET);
	struct resv resv;

	must(acquire(fd, FIRST, COUNT, &block), "cannot acquire");
	tap_ok(hears(PORTRES_CMD_CREATED, FIRST, COUNT, &resv), "an acquisition is told");
	tap_ok(is_whole(&resv, getpid(), 0) && !resv.refused, "with all but the token");
	try_port(AF_INET6, FIRST);
	acquire(fd, FIRST, COUNT, NULL);
	acquire(fd, 0, 65535, NULL);
	release(fd, block.token + 1);
	unreserve(&client, FIRST, COUNT);
	tap_ok(hears_nothing(), "what fails is not told");
	must(release(fd, block.token), "cannot release");
	tap_ok(hears(PORTRES_CMD_DELETED, FIRST, COUNT, &resv), "a release is told");
	tap_ok(is_whole(&resv, getpid(), 0), "with all but the token");
	tap_num(resv.refused, 1, "with what was refused");
	tap_ok(hears_nothing(), "it is told once");
	close(fd);
	tap_ok(hears_nothing(), "the end of the socket is not another one");
}

static void ends(void)
{
	struct child child;
	struct resv resv;
	int fd, copy;

	fd = udp_acquired(AF_INET, FIRST, COUNT, NULL);
	copy = dup(fd);
	hears(PORTRES_CMD_CREATED, FIRST, COUNT, NULL);
	close(fd);
	tap_ok(hears_nothing(), "a socket that has another descriptor does not end");
	close(copy);
	tap_ok(hears(PORTRES_CMD_DELETED, FIRST, COUNT, &resv), "closed");
	tap_ok(is_whole(&resv, getpid(), 0), "closed: with all but the token");

	child = child_stay(STRANGER_UID, acquire_here, NULL);
	hears(PORTRES_CMD_CREATED, FIRST, COUNT, &resv);
	tap_ok(is_whole(&resv, child.pid, STRANGER_UID), "acquired by a user: all is told");
	child_exit(&child);
	tap_ok(hears(PORTRES_CMD_DELETED, FIRST, COUNT, &resv), "its process ended");
	tap_ok(is_whole(&resv, child.pid, STRANGER_UID), "its process ended: all is told");

	child = child_stay(STRANGER_UID, acquire_here, NULL);
	hears(PORTRES_CMD_CREATED, FIRST, COUNT, NULL);
	child_kill(&child);
	tap_ok(hears(PORTRES_CMD_DELETED, FIRST, COUNT, &resv), "its process killed");
	tap_ok(is_whole(&resv, child.pid, STRANGER_UID), "its process killed: all is told");
	tap_ok(hears_nothing(), "each is told once");
}

/* A reservation of the same ports must not be told before the removal of the one before. */
static void in_order(void)
{
	int i;

	for (i = 0; i < 100; i++) {
		int fd = udp_acquired(i & 1 ? AF_INET : AF_INET6, FIRST, COUNT, NULL);

		must(i & 2 ? sock_bind_any(fd, 0) : 0, "cannot bind");
		close(fd);
		if (i % 3)
			continue;
		must(reserve(&client, FIRST + 1, 1, NULL, NO_OWNER, NULL), "cannot reserve");
		must(unreserve(&client, FIRST + 1, 1), "cannot delete");
	}
	for (i = 0; i < 100; i++) {
		if (!hears(PORTRES_CMD_CREATED, FIRST, COUNT, NULL) ||
		    !hears(PORTRES_CMD_DELETED, FIRST, COUNT, NULL))
			break;
		if (i % 3)
			continue;
		if (!hears(PORTRES_CMD_CREATED, FIRST + 1, 1, NULL) ||
		    !hears(PORTRES_CMD_DELETED, FIRST + 1, 1, NULL))
			break;
	}
	tap_num(i, 100, "the same ports by and by: all is told, in order");
	tap_ok(hears_nothing(), "and nothing else");
}

static void many_of_one_socket(void)
{
	int fd = udp_open(AF_INET), i, cmd, created = 0, deleted = 0;
	struct resv resv;
	uint64_t seen = 0;

	for (i = 0; i < 50; i++)
		must(acquire(fd, FIRST + i, 1, NULL), "cannot acquire");
	for (i = 0; i < 50; i++)
		created += hears(PORTRES_CMD_CREATED, FIRST + i, 1, NULL);
	tap_num(created, 50, "many blocks on one socket: each is told");
	close(fd);
	while (deleted < 50 && !client_event(&listener, SOON, &cmd, &resv)) {
		deleted += cmd == PORTRES_CMD_DELETED && !(seen & 1ULL << (resv.first - FIRST));
		seen |= 1ULL << (resv.first - FIRST);
	}
	tap_num(deleted, 50, "closed: the end of each is told once");
	tap_ok(hears_nothing(), "and nothing else");
}

static int in_pid_namespace(void *arg)
{
	(void)arg;
	if (unshare(CLONE_NEWPID))
		tap_bail("no pid namespace: %s", strerror(errno));
	return in_child(acquire_here, NULL);
}

/* Listens and acquires in a network namespace of its own. */
static int in_user_namespace(void *arg)
{
	struct resv resv;

	(void)arg;
	must(client_open(&listener), "no client");
	must(client_subscribe_admin(&listener), "cannot listen");
	acquire_here(NULL);
	return hears(PORTRES_CMD_CREATED, FIRST, COUNT, &resv) && is_whole(&resv, getpid(), 0) ?
	       0 : EBADMSG;
}

static void namespaces(void)
{
	struct resv resv;

	must(in_child(in_pid_namespace, NULL), "no child");
	tap_ok(hears(PORTRES_CMD_CREATED, FIRST, COUNT, &resv) && is_whole(&resv, 1, 0),
	       "in a pid namespace: the process is told by its own number");
	tap_ok(hears(PORTRES_CMD_DELETED, FIRST, COUNT, &resv) && is_whole(&resv, 1, 0),
	       "in a pid namespace: its end too");
	tap_errno(as_userns_root(true, in_user_namespace, NULL), 0,
		  "in a user namespace with a network namespace: its root is told as user 0");
	tap_ok(hears_nothing(), "what is acquired there is told there alone");
}

/* The reservation is removed; a socket that is bound to a port of it stays. */
static void bound_sockets(int family)
{
	uint64_t token;
	int holder = udp_acquired(family, FIRST, COUNT, &token);
	int user = udp_associated(family, token), waiting = udp_associated(family, token);
	struct portres_association answer;

	must(sock_bind_any(user, FIRST + 2), "cannot bind");
	close(holder);
	tap_num(sock_port(user), FIRST + 2, "ended: a bound socket keeps its port");
	tap_errno(try_port(family, FIRST + 2), EADDRINUSE, "ended: that is in use");
	tap_errno(try_port(family, FIRST + 3), 0, "ended: the next is free");
	tap_ok(!association(user, &answer) && answer.flags == PORTRES_ASSOCIATION_GONE &&
	       answer.token == token && answer.first == FIRST, "ended: the bound socket is told");
	tap_errno(sock_bind_any(waiting, FIRST + 3), EADDRNOTAVAIL,
		  "ended: an associated socket cannot bind");
	holder = udp_open(family);
	tap_errno(acquire(holder, FIRST, COUNT, NULL), EADDRINUSE,
		  "ended: the block is not free with the port in use");
	close(user);
	tap_errno(acquire(holder, FIRST, COUNT, &answer), 0, "the port is free: it is");
	tap_ok(answer.token != token, "it has another token");
	tap_errno(sock_bind_any(waiting, FIRST + 3), EADDRNOTAVAIL,
		  "the socket of before still cannot");
	close(waiting);
	close(holder);
}

static int acquire_in_netns(void *arg)
{
	uint64_t token;
	int i;

	(void)arg;
	new_netns();
	for (i = 0; i < 50; i++) {
		int fd = udp_acquired(i & 1 ? AF_INET : AF_INET6, FIRST + i * COUNT, COUNT, &token);

		must(associate(fd, token), "cannot associate");
		must(i & 2 ? sock_bind_any(fd, 0) : 0, "cannot bind");
	}
	return 0;
}

/* A network namespace goes with the acquiring sockets in it. */
static void dying_namespaces(void)
{
	struct child child;
	int i;

	for (i = 0; i < 5; i++) {
		must(in_child(acquire_in_netns, NULL), "no namespace");
		child = child_stay(0, acquire_in_netns, NULL);
		child_kill(&child);
	}
	tap_ok(wait_until(module_try_unload, NULL, 15000),
	       "the module can be unloaded when namespaces have died");
}

static void module_in_use(void)
{
	struct portres_association block;
	int fd = udp_open(AF_INET);

	must(acquire(fd, FIRST, COUNT, &block), "cannot acquire");
	tap_errno(module_unload(), EWOULDBLOCK, "no unloading under a runtime reservation");
	tap_ok(run("rmmod portres") != 0, "rmmod fails");
	tap_errno(try_port(AF_INET, FIRST), EADDRINUSE, "after that its ports are reserved");
	close(fd);
	client_close(&listener);
	client_close(&client);
	tap_ok(module_unloads(), "unloading after the end of its socket");
	module_load();
	must(client_open(&client), "no client");
	tap_errno(get_block(&client, FIRST, COUNT, NULL), ENOENT, "loaded again: nothing is left");
	fd = udp_acquired(AF_INET, FIRST, COUNT, NULL);
	close(fd);
	client_close(&client);
}

int main(void)
{
	prctl(PR_SET_NAME, COMMAND);
	new_netns();
	module_load();
	must(client_open(&client), "no client");
	must(client_open(&listener), "no client");
	sock_set(listener.fd, SOL_SOCKET, SO_RCVBUFFORCE, 1 << 20);
	must(client_subscribe_admin(&listener), "cannot listen");
	tells();
	ends();
	in_order();
	many_of_one_socket();
	namespaces();
	bound_sockets(AF_INET);
	bound_sockets(AF_INET6);
	module_in_use();
	dying_namespaces();
	return tap_finish();
}
