// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a runtime reservation. When the system call that ends it has returned, every task
 * finds it gone, though the kernel may keep the closed socket for a while.
 */
#include <errno.h>
#include <pthread.h>
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

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define FIRST 5000
#define COUNT 10
#define OWN_PORT 4000

static struct client client;
static int family;
static uint64_t *token;	/* shared with children */
static int bystander;	/* associated, and not bound */
static struct child child;

static const char *loopback(void)
{
	return family == AF_INET ? "127.0.0.1" : "::1";
}

static int acquire_one(void)
{
	int fd = udp_acquired(family, FIRST, COUNT, token);

	bystander = udp_open(family);
	associate(bystander, *token);
	return fd;
}

static int acquire_here(void *arg)
{
	(void)arg;
	udp_acquired(family, FIRST, COUNT, token);
	return 0;
}

static void by_release(void)
{
	int fd = acquire_one();

	must(release(fd, *token), "cannot release");
	close(fd);
}

static void by_release_elsewhere(void)
{
	int fd = acquire_one(), other = udp_open(family == AF_INET ? AF_INET6 : AF_INET);

	must(release(other, *token), "cannot release");
	close(other);
	close(fd);
}

static void by_close(void)
{
	close(acquire_one());
}

static void by_close_bound(void)
{
	int fd = acquire_one();

	must(sock_bind_any(fd, OWN_PORT), "cannot bind");
	close(fd);
}

static void by_close_in_its_block(void)
{
	int fd = acquire_one();

	must(associate(fd, *token), "cannot associate");
	must(sock_bind_any(fd, FIRST + 5), "cannot bind");
	close(fd);
}

static void by_close_unread(void)
{
	int fd = acquire_one(), sender = udp_open(family);

	must(sock_bind_any(fd, OWN_PORT), "cannot bind");
	must(sock_bind_any(sender, OWN_PORT + 1), "cannot bind");
	must(sock_connect(fd, loopback(), OWN_PORT + 1), "cannot connect");
	must(sock_sendto(sender, loopback(), OWN_PORT), "cannot send");
	close(sender);
	close(fd);
}

/* The packet holds its socket while it waits for the address of a neighbour that is missing. */
static void by_close_unsent(void)
{
	int fd = acquire_one();

	must(sock_bind_any(fd, OWN_PORT), "cannot bind");
	must(sock_sendto(fd, family == AF_INET ? "192.0.2.77" : "2001:db8::77", 9), "cannot send");
	close(fd);
}

static void by_close_of_both(void)
{
	int fd = acquire_one(), copy = dup(fd);

	close(fd);
	if (get_block(&client, FIRST, COUNT, NULL))
		tap_ok(false, "a copy of the descriptor keeps it");
	close(copy);
}

static void by_dup_over_it(void)
{
	int fd = acquire_one();

	if (dup2(bystander, fd) != fd)
		tap_bail("no descriptor: %s", strerror(errno));
	close(fd);
}

static void by_loss_on_the_way(void)
{
	int fd = acquire_one(), via[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, via))
		tap_bail("no socket pair: %s", strerror(errno));
	send_fd(via[0], fd);
	close(fd);
	close(via[0]);
	if (get_block(&client, FIRST, COUNT, NULL))
		tap_ok(false, "a descriptor on its way keeps it");
	close(via[1]);
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

/* The child inherits the descriptor, and is the last process to have it. */
static void by_end_of_heir(void)
{
	int fd = acquire_one();

	child = child_stay(0, nothing, NULL);
	close(fd);
	if (get_block(&client, FIRST, COUNT, NULL))
		tap_ok(false, "a child that inherited the socket keeps it");
	child_exit(&child);
}

static void by_exit(void)
{
	child = child_stay(STRANGER_UID, acquire_here, NULL);
	child_exit(&child);
}

static void by_kill(void)
{
	child = child_stay(STRANGER_UID, acquire_here, NULL);
	child_kill(&child);
}

static void *wait_forever(void *arg)
{
	pause();
	return arg;
}

static int acquire_with_threads(void *arg)
{
	pthread_t id;
	int i;

	acquire_here(arg);
	for (i = 0; i < 4; i++)
		if (pthread_create(&id, NULL, wait_forever, NULL))
			tap_bail("no thread");
	return 0;
}

static void by_kill_of_threads(void)
{
	child = child_stay(0, acquire_with_threads, NULL);
	child_kill(&child);
}

/* Sockets of tests are closed by exec(). The program says when it runs. */
static void by_exec(void)
{
	int fds[2];
	char byte;

	if (pipe(fds))
		tap_bail("no pipe: %s", strerror(errno));
	fflush(stdout);
	child.pid = fork();
	if (!child.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		acquire_here(NULL);
		dup2(fds[1], 1);
		execl("/bin/sh", "sh", "-c", "echo; exec sleep 600", NULL);
		_exit(1);
	}
	close(fds[1]);
	child.go = fds[0];
	if (child.pid < 0 || read(fds[0], &byte, 1) != 1)
		tap_bail("no child");
}

static const struct {
	const char *name;
	void (*end)(void);
} ways[] = {
	{ "released", by_release },
	{ "released on another socket", by_release_elsewhere },
	{ "closed", by_close },
	{ "closed, bound", by_close_bound },
	{ "closed, bound in its block", by_close_in_its_block },
	{ "closed, connected, with data not read", by_close_unread },
	{ "closed, with data not sent", by_close_unsent },
	{ "both copies closed", by_close_of_both },
	{ "another descriptor put over it", by_dup_over_it },
	{ "lost on its way to another process", by_loss_on_the_way },
	{ "its last heir ended", by_end_of_heir },
	{ "its process ended", by_exit },
	{ "its process killed", by_kill },
	{ "its process of several threads killed", by_kill_of_threads },
	{ "another program executed", by_exec },
};

static int ask_bind(void)
{
	return try_port(family, FIRST + 3);
}

/* The ephemeral range is the block. */
static int ask_port_0(void)
{
	return try_port(family, 0);
}

static int ask_acquire(unsigned int first, unsigned int count)
{
	int fd = udp_open(family), error = acquire(fd, first, count, NULL);

	close(fd);
	return error;
}

static int ask_acquire_same(void)
{
	return ask_acquire(FIRST, COUNT);
}

static int ask_acquire_over(void)
{
	return ask_acquire(FIRST - 5, COUNT + 10);
}

static int ask_acquire_any(void)
{
	return ask_acquire(0, COUNT);
}

static int ask_create(void)
{
	int error = reserve(&client, FIRST + 5, COUNT, NULL, NO_OWNER, NULL);

	if (!error)
		error = unreserve(&client, FIRST + 5, COUNT);
	return error;
}

static int ask_get(void)
{
	int error = get_block(&client, FIRST, COUNT, NULL);

	return error == ENOENT ? get_port(&client, FIRST, NULL) : error;
}

static int ask_get_token(void)
{
	return get_token(&client, *token, NULL);
}

static int ask_dump(void)
{
	size_t count;

	must(dump_whole(&client, NULL, 0, &count), "no dump");
	return count ? EEXIST : 0;
}

static int ask_associate(void)
{
	int fd = udp_open(family), error = associate(fd, *token);

	close(fd);
	return error;
}

static int ask_release(void)
{
	int fd = udp_open(family), error = release(fd, *token);

	close(fd);
	return error;
}

static int ask_bystander(void)
{
	struct portres_association answer;

	/* where another process acquired it there is none */
	if (bystander < 0)
		return EADDRNOTAVAIL;
	if (association(bystander, &answer) || answer.flags != PORTRES_ASSOCIATION_GONE)
		return EEXIST;
	return sock_bind_any(bystander, FIRST);
}

static const struct {
	const char *name;
	int (*ask)(void);
	int error;
} asks[] = {
	{ "a stranger binds", ask_bind, 0 },
	{ "a stranger binds to port 0", ask_port_0, 0 },
	{ "the block can be acquired", ask_acquire_same, 0 },
	{ "a block over it can be acquired", ask_acquire_over, 0 },
	{ "it is a gap", ask_acquire_any, 0 },
	{ "a persistent one can be made over it", ask_create, 0 },
	{ "netlink knows no such block", ask_get, ENOENT },
	{ "netlink knows no such token", ask_get_token, ENOENT },
	{ "netlink lists nothing", ask_dump, 0 },
	{ "its token is dead", ask_associate, EINVAL },
	{ "it cannot be released again", ask_release, EINVAL },
	{ "an associated socket is told, and cannot bind", ask_bystander, EADDRNOTAVAIL },
};

static void ways_to_end(void)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		for (j = 0; j < ARRAY_SIZE(asks); j++) {
			bystander = -1;
			ways[i].end();
			tap_errno(asks[j].ask(), asks[j].error, "%s: %s", ways[i].name,
				  asks[j].name);
			if (bystander >= 0)
				close(bystander);
			if (ways[i].end == by_exec)
				child_kill(&child);
		}
	}
}

int main(void)
{
	static const int families[] = { AF_INET, AF_INET6 };
	int i;

	token = shared_memory(sizeof(*token));
	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", FIRST, FIRST + COUNT - 1),
	     "cannot set the ephemeral range");
	if (run("ip link add dummy0 arp on type dummy && ip addr add 192.0.2.1/24 dev dummy0 && "
		"ip addr add 2001:db8::1/64 dev dummy0 nodad && ip link set dummy0 up arp on"))
		tap_bail("no interface");
	module_load();
	must(client_open(&client), "no client");
	for (i = 0; i < 2; i++) {
		family = families[i];
		tap_diag("%s", family == AF_INET ? "v4" : "v6");
		ways_to_end();
	}
	by_close_unsent();
	close(bystander);
	tap_errno(module_unload(), EWOULDBLOCK, "what is not sent keeps its socket and the module");
	tap_ok(module_unloads(), "the module can be unloaded afterwards");
	return tap_finish();
}
