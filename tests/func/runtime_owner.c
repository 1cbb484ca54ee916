// SPDX-License-Identifier: GPL-2.0-only
/*
 * A runtime reservation belongs to the process that acquired it, with all its threads and
 * through exec(), and to no other process, whatever descriptors or privilege that has.
 *
 * With arguments, the program runs after an exec() of itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define BIT(attr) (1U << PORTRES_A_##attr)

#define FIRST 5000
#define COUNT 10
#define PERSISTENT 6000

static struct client client;
static int via[2];	/* to pass a descriptor by */

/* What is acquired; in memory shared with children, as a child may acquire it. */
static struct acquired {
	int family, fd;
	uint64_t token;
} *acquired;

/* What a process could do, as bits. */
enum {
	ASSOCIATES = 1, BINDS = 2, IS_TOLD = 4, IS_TOLD_BY_PORT = 8, IS_TOLD_BY_TOKEN = 16,
	IS_TOLD_BY_DUMP = 32, RELEASES = 64, ALL = 127
};

static int told(struct client *c)
{
	struct resv resv, resvs[4];
	size_t count, i;
	int got = 0;

	must(get_block(c, FIRST, COUNT, &resv), "no answer for the block");
	got |= resv.has & BIT(TOKEN) && resv.token == acquired->token ? IS_TOLD : 0;
	must(get_port(c, FIRST + 1, &resv), "no answer for a port");
	got |= resv.has & BIT(TOKEN) ? IS_TOLD_BY_PORT : 0;
	must(get_token(c, acquired->token, &resv), "no answer for the token");
	got |= resv.has & BIT(TOKEN) ? IS_TOLD_BY_TOKEN : 0;
	must(dump_whole(c, resvs, 4, &count), "no dump");
	for (i = 0; i < count; i++)
		got |= resvs[i].has & BIT(TOKEN) && resvs[i].runtime ? IS_TOLD_BY_DUMP : 0;
	return got;
}

/*
 * Tries everything, the release last; only EACCES may deny it. A result above ALL has another
 * errno.
 */
static int try_all(void *arg)
{
	int fd = udp_open(acquired->family), got, error;
	struct client c;

	(void)arg;
	must(client_open(&c), "no client");
	got = told(&c);
	error = associate(fd, acquired->token);
	if (!error)
		got |= ASSOCIATES | (sock_bind_any(fd, 0) ? 0 : BINDS);
	else if (error != EACCES)
		return 1000 + error;
	close(fd);
	fd = udp_open(acquired->family);
	error = release(fd, acquired->token);
	if (!error)
		got |= RELEASES;
	else if (error != EACCES)
		return 2000 + error;
	close(fd);
	client_close(&c);
	return got;
}

static void acquire_here(void)
{
	acquired->fd = udp_acquired(acquired->family, FIRST, COUNT, &acquired->token);
}

static int release_held(void *arg)
{
	(void)arg;
	return release(acquired->fd, acquired->token);
}

static int release_received(void *arg)
{
	(void)arg;
	return release(recv_fd(via[1]), acquired->token);
}

static void stands(const char *what)
{
	tap_errno(get_block(&client, FIRST, COUNT, NULL), 0, "%s: it stands", what);
	tap_errno(try_port(acquired->family, FIRST), EADDRINUSE, "%s: its ports are refused", what);
}

static void others(void)
{
	acquire_here();
	tap_num(in_child(try_all, NULL), 0, "a forked child, of root: nothing");
	tap_num(as_user(STRANGER_UID, try_all, NULL), 0, "a stranger: nothing");
	tap_num(as_userns_root(false, try_all, NULL), 0, "root of a user namespace: nothing");
	tap_errno(in_child(release_held, NULL), EACCES, "a child releases on the very socket");
	send_fd(via[0], acquired->fd);
	tap_errno(in_child(release_received, NULL), EACCES,
		  "a process releases on the very socket, which was sent to it");
	stands("after all of them");
	tap_num(try_all(NULL), ALL, "the process itself: all");
	close(acquired->fd);
}

static void *thread(void *arg)
{
	int *got = arg;

	*got = try_all(NULL);
	return NULL;
}

static void *acquire_thread(void *arg)
{
	(void)arg;
	acquire_here();
	return NULL;
}

static void in_thread(void *(*run_it)(void *arg), void *arg)
{
	pthread_t id;

	if (pthread_create(&id, NULL, run_it, arg) || pthread_join(id, NULL))
		tap_bail("no thread");
}

static void threads(void)
{
	int got = 0;

	acquire_here();
	in_thread(thread, &got);
	tap_num(got, ALL, "another thread: all");
	close(acquired->fd);
	in_thread(acquire_thread, NULL);
	stands("acquired by a thread that has ended");
	tap_num(in_child(try_all, NULL), 0, "acquired by a thread: a child can do nothing");
	tap_num(try_all(NULL), ALL, "acquired by a thread: the process can do all");
	close(acquired->fd);
}

/* Acquires as a user without privilege, and stays. */
static int acquire_and_stay(void *arg)
{
	(void)arg;
	acquire_here();
	return in_child(try_all, NULL);
}

static void of_a_stranger(void)
{
	struct child child = child_stay(STRANGER_UID, acquire_and_stay, NULL);

	tap_num(child.result, 0, "acquired by a stranger: its own child can do nothing");
	tap_num(try_all(NULL), 0, "acquired by a stranger: root can do nothing");
	tap_num(as_user(STRANGER_UID, try_all, NULL), 0,
		"acquired by a stranger: another process of that user can do nothing");
	stands("acquired by a stranger");
	child_exit(&child);
}

/* A clone that shares the memory is another process all the same. */
static int clone_main(void *arg)
{
	*(int *)arg = try_all(NULL);
	_exit(0);
}

static void shared_address_space(void)
{
	static char stack[256 * 1024] __attribute__((aligned(16)));
	int got = -1, status;
	pid_t pid;

	acquire_here();
	pid = clone(clone_main, stack + sizeof(stack), CLONE_VM | CLONE_FILES | SIGCHLD, &got);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		tap_bail("no clone");
	tap_num(got, 0, "a process with the same memory and descriptors: nothing");
	close(acquired->fd);
}

/* What the program does after exec: FAMILY TOKEN, and the status is what it could. */
static int after_exec(char **argv)
{
	acquired = shared_memory(sizeof(*acquired));
	acquired->family = atoi(argv[1]);
	acquired->token = strtoull(argv[2], NULL, 0);
	return try_all(NULL);
}

static void *exec_self(void *arg)
{
	char number[16], token[32];

	(void)arg;
	snprintf(number, sizeof(number), "%d", acquired->family);
	snprintf(token, sizeof(token), "%#llx", (unsigned long long)acquired->token);
	execl("/proc/self/exe", "runtime_owner", number, token, NULL);
	_exit(255);
}

enum { BY_LEADER, BY_THREAD };

static void acquire_and_exec(int who)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	acquire_here();
	if (fcntl(acquired->fd, F_SETFD, 0))
		_exit(254);
	if (who == BY_THREAD)
		in_thread(exec_self, NULL);
	exec_self(NULL);
}

static void execs(int who, const char *what)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		acquire_and_exec(who);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		tap_bail("no child to execute a program");
	tap_num(WEXITSTATUS(status), ALL, "after exec %s: all", what);
}

static int stay_acquired(void *arg)
{
	(void)arg;
	prctl(PR_SET_NAME, "by its name");
	acquire_here();
	prctl(PR_SET_NAME, "another name");
	return 0;
}

static int process_told(void *arg)
{
	struct client c;
	struct resv resv;

	(void)arg;
	must(client_open(&c), "no client");
	must(get_block(&c, FIRST, COUNT, &resv), "no answer");
	client_close(&c);
	return resv.has & BIT(PROCESS) ? (int)resv.process : -1;
}

/* The child of this one is number 1 of a new pid namespace. */
static int in_pid_namespace(void *arg)
{
	int (*act)(void *) = arg;

	if (unshare(CLONE_NEWPID))
		tap_bail("no pid namespace: %s", strerror(errno));
	return in_child(act, NULL);
}

static int acquire_and_ask(void *arg)
{
	acquire_here();
	return process_told(arg) == getpid() ? try_all(NULL) : -process_told(arg);
}

static int acquire_as_1(void *arg)
{
	struct child child;
	int difference;

	(void)arg;
	if (unshare(CLONE_NEWPID))
		tap_bail("no pid namespace: %s", strerror(errno));
	child = child_stay(0, stay_acquired, NULL);
	difference = process_told(NULL) - child.pid;
	child_exit(&child);
	return difference;
}

static void pid_namespaces(void)
{
	struct child child = child_stay(0, stay_acquired, NULL);
	struct resv resv;

	must(get_block(&client, FIRST, COUNT, &resv), "no answer");
	tap_num(resv.process, child.pid, "the process is told");
	tap_ok(!strcmp(resv.command, "by its name"), "what it was called then is told");
	tap_num(as_user(STRANGER_UID, process_told, NULL), -1, "a stranger is not told");
	tap_num(in_child(in_pid_namespace, process_told), 0,
		"in a pid namespace without it there is no number");
	child_exit(&child);
	tap_num(in_child(in_pid_namespace, acquire_and_ask), ALL,
		"acquired in a pid namespace: its number inside, and all can be done");
	tap_num(in_child(acquire_as_1, NULL), 0,
		"acquired in a pid namespace: its number outside");
}

static int acquire_and_send(void *arg)
{
	(void)arg;
	acquire_here();
	send_fd(via[0], acquired->fd);
	return 0;
}

/* Another process has the descriptor when the process ends. */
static void receiver_keeps_it(void)
{
	struct child child = child_stay(0, acquire_and_send, NULL);
	int fd = recv_fd(via[1]);

	child_exit(&child);
	stands("its socket was sent to another process, its own has ended");
	tap_num(try_all(NULL), 0, "nobody can use it any more");
	close(fd);
	tap_errno(get_block(&client, FIRST, COUNT, NULL), ENOENT, "ends with the last descriptor");
}

/* Privilege deletes persistent reservations; this kind is told apart in words. */
static void by_netlink(void)
{
	struct answer answer = { 0 };
	struct request rq;

	acquire_here();
	request_init(&rq, PORTRES_CMD_DELETE, 0);
	request_u8(&rq, PORTRES_A_PROTOCOL, IPPROTO_UDP);
	request_u16(&rq, PORTRES_A_FIRST, FIRST);
	request_u16(&rq, PORTRES_A_COUNT, COUNT);
	tap_errno(client_call(&client, &rq, &answer), ENOENT, "it cannot be deleted");
	tap_ok(strstr(answer.text, "runtime"), "and it is said why: \"%s\"", answer.text);
	stands("after the attempt to delete it");
	close(acquired->fd);
}

int main(int argc, char **argv)
{
	static const int families[] = { AF_INET, AF_INET6 };
	int i;

	if (argc == 3)
		return after_exec(argv);
	acquired = shared_memory(sizeof(*acquired));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, via))
		tap_bail("no socket pair: %s", strerror(errno));
	new_netns();
	module_load();
	must(client_open(&client), "no client");
	must(reserve(&client, PERSISTENT, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	for (i = 0; i < 2; i++) {
		acquired->family = families[i];
		tap_diag("%s", families[i] == AF_INET ? "v4" : "v6");
		others();
		threads();
		of_a_stranger();
		shared_address_space();
		execs(BY_LEADER, "by its first thread");
		execs(BY_THREAD, "by another thread");
		pid_namespaces();
		receiver_keeps_it();
		by_netlink();
	}
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
