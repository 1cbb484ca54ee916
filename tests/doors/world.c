// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who works on what: two processes that share their descriptors, a few users, and the worlds, of
 * which the second one belongs to a user who is root in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "chance.h"
#include "doors.h"
#include "env.h"
#include "tap.h"

#define PAGE 4096

const uid_t users[USERS] = { 0, OWNER_UID, STRANGER_UID };

/* What the other process shall do. */
struct call {
	uid_t uid;
	long number;
	long args[5];
	long result;
};

static struct call *call;
static int ask, answer;
char *arena;

static long do_call(uid_t uid, long number, const long *args)
{
	long result;

	/* the C library would change all threads, of which there are none */
	if (uid && syscall(SYS_setresuid, -1, uid, -1))
		return -errno;
	result = syscall(number, args[0], args[1], args[2], args[3], args[4]);
	if (result < 0)
		result = -errno;
	if (uid)
		syscall(SYS_setresuid, -1, 0, -1);
	return result;
}

static void __attribute__((noreturn)) serve(int asked, int answered)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(asked, &byte, 1) == 1) {
		call->result = do_call(call->uid, call->number, call->args);
		if (write(answered, "", 1) != 1)
			break;
	}
	_exit(0);
}

/* The pages: two to write, one that is not there, one to read, one that is not there. */
static void make_arena(void)
{
	arena = mmap(NULL, 5 * PAGE, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (arena == MAP_FAILED || mprotect(arena, 2 * PAGE, PROT_READ | PROT_WRITE) ||
	    mprotect(arena + 3 * PAGE, PAGE, PROT_READ | PROT_WRITE))
		tap_bail("no memory: %s", strerror(errno));
	*(struct portres_association *)(arena + 3 * PAGE) =
		(struct portres_association){ .first = FIRST_PORT, .count = 3 };
	must(mprotect(arena + 3 * PAGE, PAGE, PROT_READ) ? errno : 0, "no memory to read");
}

void processes_start(void)
{
	struct clone_args same_files = { .flags = CLONE_FILES, .exit_signal = SIGCHLD };
	int there[2], back[2];
	pid_t pid;

	make_arena();
	call = shared_memory(sizeof(*call));
	if (pipe2(there, O_CLOEXEC) || pipe2(back, O_CLOEXEC))
		tap_bail("no pipe: %s", strerror(errno));
	fflush(stdout);
	/* the arguments of clone() have another order on s390 */
	pid = syscall(SYS_clone3, &same_files, sizeof(same_files));
	must(pid < 0 ? errno : 0, "no second process");
	if (!pid)
		serve(there[0], back[1]);
	ask = there[1];
	answer = back[0];
}

void call_begin(struct actor who, long number, long a, long b, long c, long d, long e)
{
	*call = (struct call){ who.uid, number, { a, b, c, d, e }, 0 };
	if (write(ask, "", 1) != 1)
		tap_bail("the second process does not listen");
}

long call_end(void)
{
	char byte;

	if (read(answer, &byte, 1) != 1)
		tap_bail("the second process has died");
	return call->result;
}

long call_as(struct actor who, long number, long a, long b, long c, long d, long e)
{
	const long args[5] = { a, b, c, d, e };

	if (!who.process)
		return do_call(who.uid, number, args);
	call_begin(who, number, a, b, c, d, e);
	return call_end();
}

struct actor draw_actor(void)
{
	return (struct actor){ once_in(2) ? 0 : users[draw(USERS)], once_in(4) };
}

static int pass_namespace(void *via)
{
	struct client client;
	int netns = netns_get();

	must(client_open(&client), "there is no family in the new namespace");
	send_fd(*(int *)via, netns);
	send_fd(*(int *)via, client.fd);
	return 0;
}

/* Of a user namespace that STRANGER_UID has made. */
static void make_owned_netns(struct world *world)
{
	struct client *client = &world->clients[USERS];
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends))
		tap_bail("no pair of sockets: %s", strerror(errno));
	as_userns_root(true, pass_namespace, &ends[0]);
	world->netns = recv_fd(ends[1]);
	client->fd = recv_fd(ends[1]);
	world->ways = USERS + 1;
	close(ends[0]);
	close(ends[1]);
	netns_enter(world->netns);
}

static void open_clients(struct world *world)
{
	size_t i;

	for (i = 0; i < USERS; i++) {
		must(users[i] && syscall(SYS_setresuid, -1, users[i], -1) ? errno : 0, "no user");
		must(client_open(&world->clients[i]), "there is no family");
		if (users[i])
			syscall(SYS_setresuid, -1, 0, -1);
	}
	world->clients[USERS].family = world->clients[0].family;
	must(client_open(&world->listener), "there is no family");
	must(client_subscribe(&world->listener), "cannot listen");
	must(client_open(&world->deaf), "there is no family");
	must(client_subscribe(&world->deaf), "cannot listen");
}

static void open_sysctls(struct world *world)
{
	static const char *const paths[SYSCTLS] = {
		"/proc/sys/net/portres/denied_errno", "/proc/sys/net/portres/user_max_ports",
		"/proc/sys/net/portres/user_max_reservations",
	};
	size_t i;

	for (i = 0; i < SYSCTLS; i++) {
		world->sysctls[i] = open(paths[i], O_RDWR | O_CLOEXEC);
		if (world->sysctls[i] < 0)
			tap_bail("cannot open %s: %s", paths[i], strerror(errno));
	}
	world->values[DENIED_ERRNO] = EADDRINUSE;
	world->values[USER_MAX_PORTS] = 4096;
	world->values[USER_MAX_RESERVATIONS] = 128;
}

void world_open(struct world *world, int number)
{
	size_t i;

	memset(world, 0, sizeof(*world));
	world->number = number;
	world->ways = USERS;
	if (number) {
		make_owned_netns(world);
	} else {
		new_netns();
		world->netns = netns_get();
	}
	open_clients(world);
	open_sysctls(world);
	servers_open(world);
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH), "no range");
	for (i = 0; i < SOCKS; i++)
		world->socks[i].fd = -1;
}

struct client *client_of(struct world *world, int protocol)
{
	world->clients[0].protocol = protocol;
	return &world->clients[0];
}

void world_close(struct world *world)
{
	size_t i;
	int way;

	for (i = 0; i < SYSCTLS; i++)
		close(world->sysctls[i]);
	for (way = 0; way < world->ways; way++)
		client_close(&world->clients[way]);
	client_close(&world->listener);
	client_close(&world->deaf);
	servers_close(world);
	close(world->netns);
}
