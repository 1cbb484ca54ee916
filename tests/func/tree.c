// SPDX-License-Identifier: GPL-2.0-only
/*
 * A runtime reservation for a process tree: descendants of the process that acquired it can bind
 * explicitly to ports of the block, also orphans, and no other process can.
 */
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10
#define PORT (FIRST + 4)
#define GENERATIONS 20

/* Results of the process that acquires and of its descendants; the parent prints rows. */
static struct results {
	uint64_t token;
	int acquired, flag, both_flags, itself, thread, child, generations, session, daemon, setuid,
	    pidns, port_0, associated, release, orphan;
	bool told, has_tree;
	unsigned int port;
} *results;

static int acquire_with(int fd, unsigned int flags, struct portres_association *answer)
{
	struct portres_association block = {
		.first = FIRST, .count = COUNT, .flags = flags,
	};
	socklen_t len = sizeof(block);
	int error, attempts = 500;

	do {
		error = getsockopt(fd, SOL_IP, PORTRES_SO_ACQUIRE, &block, &len) ? errno : 0;
	} while (error == EAGAIN && --attempts && !usleep(20000));
	if (answer)
		*answer = block;
	return error;
}

static int bind_once(void *arg)
{
	(void)arg;
	return try_port(AF_INET, PORT) ?: try_port(AF_INET6, PORT);
}

static void *bind_in_thread(void *arg)
{
	*(int *)arg = bind_once(NULL);
	return NULL;
}

static int generations(void *arg)
{
	int left = *(int *)arg - 1;

	return left ? in_child(generations, &left) : bind_once(NULL);
}

static int as_session(void *arg)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		setsid();
		closefrom(3);
		_exit(bind_once(arg));
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EBADE;
}

/* Run in the child of a child that has exited. */
static int orphaned(void)
{
	int fds[2], result = EBADE;
	pid_t pid;

	must(pipe(fds) ? errno : 0, "no pipe");
	pid = fork();
	if (!pid) {
		pid_t first = getpid();

		if (fork())
			_exit(0);
		while (getppid() == first)
			usleep(1000);
		result = bind_once(NULL);
		_exit(write(fds[1], &result, sizeof(result)) != sizeof(result));
	}
	close(fds[1]);
	waitpid(pid, NULL, 0);
	if (read(fds[0], &result, sizeof(result)) != sizeof(result))
		result = EBADE;
	close(fds[0]);
	return result;
}

static int other_user(void *arg)
{
	if (setgroups(0, NULL) || setresuid(STRANGER_UID, STRANGER_UID, STRANGER_UID))
		return errno;
	return bind_once(arg);
}

static int own_pidns(void *arg)
{
	if (unshare(CLONE_NEWPID))
		return errno;
	return in_child(bind_once, arg);
}

static int associates(void *arg)
{
	int fd = udp_open(AF_INET), error;

	(void)arg;
	error = associate(fd, results->token) ?: sock_bind_any(fd, 0);
	if (!error && (sock_port(fd) < FIRST || sock_port(fd) >= FIRST + COUNT))
		error = EBADE;
	close(fd);
	return error;
}

static int releases(void *arg)
{
	(void)arg;
	return release(udp_open(AF_INET), results->token);
}

static int asks(void *arg)
{
	struct client c;
	struct resv resv;

	(void)arg;
	must(client_open(&c), "no client");
	must(get_port(&c, PORT, &resv), "no reservation");
	results->has_tree = resv.tree;
	results->told = resv.has & 1U << PORTRES_A_TOKEN && resv.token == results->token;
	client_close(&c);
	return 0;
}

static void look_from_within(void)
{
	int depth = GENERATIONS, fd;
	pthread_t thread;

	results->itself = bind_once(NULL);
	must(pthread_create(&thread, NULL, bind_in_thread, &results->thread), "no thread");
	pthread_join(thread, NULL);
	results->child = in_child(bind_once, NULL);
	results->generations = in_child(generations, &depth);
	results->session = in_child(as_session, NULL);
	results->setuid = in_child(other_user, NULL);
	results->pidns = in_child(own_pidns, NULL);
	results->orphan = orphaned();
	must(prctl(PR_SET_CHILD_SUBREAPER, 1) ? errno : 0, "no subreaper");
	results->daemon = orphaned();
	fd = udp_open(AF_INET);
	results->port_0 = sock_bind_any(fd, 0);
	results->port = sock_port(fd);
	close(fd);
	results->associated = in_child(associates, NULL);
	results->release = in_child(releases, NULL);
	in_child(asks, NULL);
}

static int holder_of_tree(void *arg)
{
	struct portres_association block;
	int fd = udp_open(AF_INET);

	results->flag = acquire_with(fd, 0x04, NULL);
	results->both_flags = acquire_with(fd, PORTRES_ACQUIRE_TREE | PORTRES_ASSOCIATION_GONE,
					   NULL);
	results->acquired = acquire_with(fd, *(unsigned int *)arg, &block);
	results->token = block.token;
	if (!results->acquired)
		look_from_within();
	return 0;
}

static void within(void)
{
	tap_errno(results->acquired, 0, "acquired");
	tap_errno(results->flag, EINVAL, "an unknown flag");
	tap_errno(results->both_flags, EINVAL, "a flag of answers");
	tap_errno(results->itself, 0, "the process itself");
	tap_errno(results->thread, 0, "its thread");
	tap_errno(results->child, 0, "its child");
	tap_errno(results->generations, 0, "%d generations below", GENERATIONS);
	tap_errno(results->session, 0, "in another session, with all descriptors closed");
	tap_errno(results->setuid, 0, "as another user");
	tap_errno(results->pidns, 0, "in a pid namespace");
	tap_errno(results->orphan, EADDRINUSE, "an orphan, which belongs to init");
	tap_errno(results->daemon, 0, "an orphan that the process adopted");
	tap_ok(!results->port_0 && (results->port < FIRST || results->port >= FIRST + COUNT),
	       "port 0 is outside of the block");
	tap_errno(results->associated, 0, "a child associates");
	tap_errno(results->release, EACCES, "a child does not release");
	tap_ok(results->told, "a child is told the token");
	tap_ok(results->has_tree, "TREE is told");
}

static void outside(void)
{
	tap_errno(bind_once(NULL), EADDRINUSE, "root outside");
	tap_errno(as_user(OWNER_UID, bind_once, NULL), EADDRINUSE, "another process of the user");
	tap_errno(associates(NULL), EACCES, "root outside does not associate");
	asks(NULL);
	tap_ok(!results->told, "and is not told the token");
}

static bool is_over(void *arg)
{
	return bind_once(arg) == 0;
}

/* The user's own limits count, as for every acquisition. */
static void with_tree(void)
{
	unsigned int flags = PORTRES_ACQUIRE_TREE;
	/* as root, to become other users; it is the process that counts */
	struct child holder = child_stay(0, holder_of_tree, &flags);

	within();
	outside();
	child_exit(&holder);
	tap_ok(wait_until(is_over, NULL, 10000), "it ends with the process");
}

static void without(void)
{
	unsigned int flags = 0;
	struct child holder = child_stay(0, holder_of_tree, &flags);

	tap_errno(results->itself, EADDRINUSE, "without the flag: the process itself");
	tap_errno(results->child, EADDRINUSE, "without the flag: its child");
	tap_errno(results->associated, EACCES, "without the flag: a child does not associate");
	tap_ok(!results->told && !results->has_tree, "without the flag: a child is told nothing");
	child_exit(&holder);
	tap_ok(wait_until(is_over, NULL, 10000), "it ends with the process");
}

static int acquires_unprivileged(void *arg)
{
	int fd = udp_open(AF_INET), error;

	(void)arg;
	error = acquire_with(fd, PORTRES_ACQUIRE_TREE, NULL);
	return error ?: bind_once(NULL) ?: in_child(bind_once, NULL);
}

int main(void)
{
	results = shared_memory(sizeof(*results));
	new_netns();
	module_load();
	with_tree();
	without();
	tap_errno(as_user(OWNER_UID, acquires_unprivileged, NULL), 0, "without privilege");
	tap_ok(wait_until(is_over, NULL, 10000), "it ends with the process");
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
