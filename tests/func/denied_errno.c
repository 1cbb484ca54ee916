// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.portres.denied_errno: what a refused bind gets, and what has an errno of its own
 * whatever the sysctl says.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define INSTANCE "/sys/kernel/tracing/instances/denied-test"

#define FIRST 5000
#define COUNT 10
#define RUNTIME_FIRST 6000
#define OTHER_FIRST 7000
#define TAKEN 4000

static struct client client;
static uint64_t token;
static int family;
static int denied;	/* what the sysctl says */

static const char *loopback(void)
{
	return family == AF_INET ? "127.0.0.1" : "::1";
}

static void choose(int error)
{
	must(set_sysctl("net/portres/denied_errno", "%d", error), "no sysctl");
	denied = error;
}

static int bind_in_block(void)
{
	return try_port(family, FIRST + 3);
}

static int bind_at(const char *text, unsigned int port, int option)
{
	int fd = udp_open(family), error;

	if (option)
		sock_set(fd, SOL_SOCKET, option, 1);
	error = sock_bind(fd, text, port);
	close(fd);
	return error;
}

static int bind_loopback(void)
{
	return bind_at(loopback(), FIRST, 0);
}

static int bind_mapped(void)
{
	return family == AF_INET ? bind_loopback() : bind_at("::ffff:127.0.0.1", FIRST, 0);
}

static int bind_reuse(void)
{
	return bind_at(loopback(), FIRST + COUNT - 1, SO_REUSEADDR) |
	       bind_at(loopback(), FIRST + COUNT - 1, SO_REUSEPORT);
}

static int bind_in_runtime(void)
{
	return try_port(family, RUNTIME_FIRST);
}

static int bind_again(void)
{
	int fd = udp_open(family), error;

	sock_bind_any(fd, FIRST);
	error = sock_bind_any(fd, FIRST);
	close(fd);
	return error;
}

static int bind_as_stranger(void *arg)
{
	(void)arg;
	return bind_in_block();
}

static int bind_of_stranger(void)
{
	return as_user(STRANGER_UID, bind_as_stranger, NULL);
}

static int bind_zero(void)
{
	return try_port(family, 0);
}

static int connects(void)
{
	int fd = udp_open(family), error = sock_connect(fd, loopback(), 9);

	close(fd);
	return error;
}

static int sends(void)
{
	int fd = udp_open(family), error = sock_sendto(fd, loopback(), 9);

	close(fd);
	return error;
}

static int bind_taken(void)
{
	return try_port(family, TAKEN);
}

static int bind_privileged(void *arg)
{
	(void)arg;
	return try_port(family, 80);
}

static int bind_privileged_as_stranger(void)
{
	return as_user(STRANGER_UID, bind_privileged, NULL);
}

static int associated_bind(unsigned int port)
{
	int fd = udp_associated(family, token), error = sock_bind_any(fd, port);

	close(fd);
	return error;
}

static int associated_outside(void)
{
	return associated_bind(FIRST + COUNT);
}

static int associated_elsewhere(void)
{
	return associated_bind(OTHER_FIRST);
}

static int associated_inside(void)
{
	return associated_bind(FIRST);
}

static int associated_taken(void)
{
	int fd = udp_associated(family, token), error;

	must(sock_bind_any(fd, FIRST + 1), "cannot bind");
	error = associated_bind(FIRST + 1);
	close(fd);
	return error;
}

static int associated_gone(void)
{
	uint64_t mine;
	int fd, error;

	must(reserve(&client, 9000, 1, NULL, NO_OWNER, &mine), "cannot reserve");
	fd = udp_associated(family, mine);
	must(unreserve(&client, 9000, 1), "cannot delete");
	error = sock_bind_any(fd, 9000);
	close(fd);
	return error;
}

static int acquires_reserved(void)
{
	int fd = udp_open(family), error = acquire(fd, FIRST, 1, NULL);

	close(fd);
	return error;
}

static int acquires_taken(void)
{
	int fd = udp_open(family), error = acquire(fd, TAKEN, 1, NULL);

	close(fd);
	return error;
}

static int creates_taken(void)
{
	return reserve(&client, TAKEN, 1, NULL, NO_OWNER, NULL);
}

static int binds_tcp(void)
{
	int fd = sock_open(family, SOCK_STREAM, 0), error = sock_bind_any(fd, FIRST);

	close(fd);
	return error;
}

#define DENIED (-1)

/* The ephemeral range is the persistent block. */
static const struct {
	const char *name;
	int (*act)(void);
	int error;	/* or DENIED */
} rows[] = {
	{ "bind in a persistent reservation", bind_in_block, DENIED },
	{ "with a loopback address", bind_loopback, DENIED },
	{ "with a v4 address", bind_mapped, DENIED },
	{ "with a reuse flag", bind_reuse, DENIED },
	{ "once more with the same socket", bind_again, DENIED },
	{ "as an unprivileged user", bind_of_stranger, DENIED },
	{ "bind in a runtime reservation", bind_in_runtime, DENIED },
	{ "port 0 where all is reserved", bind_zero, EADDRINUSE },
	{ "connect where all is reserved", connects, EAGAIN },
	{ "sendto where all is reserved", sends, EAGAIN },
	{ "bind to a port that is in use", bind_taken, EADDRINUSE },
	{ "bind to a privileged port", bind_privileged_as_stranger, EACCES },
	{ "associated, in the block", associated_inside, 0 },
	{ "associated, outside the block", associated_outside, EADDRNOTAVAIL },
	{ "associated, in another reservation", associated_elsewhere, EADDRNOTAVAIL },
	{ "associated, to a port that is in use", associated_taken, EADDRINUSE },
	{ "associated, the reservation is gone", associated_gone, EADDRNOTAVAIL },
	{ "acquisition of what is reserved", acquires_reserved, EADDRINUSE },
	{ "acquisition of what is in use", acquires_taken, EADDRINUSE },
	{ "creation over what is in use", creates_taken, EADDRINUSE },
	{ "TCP", binds_tcp, 0 },
};

static void all_rows(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		tap_errno(rows[i].act(), rows[i].error == DENIED ? denied : rows[i].error,
			  "%s, %s: %s", errno_name(denied), family == AF_INET ? "v4" : "v6",
			  rows[i].name);
}

static int in_other_netns(void *arg)
{
	struct client other;

	(void)arg;
	new_netns();
	must(client_open(&other), "no client");
	must(reserve(&other, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	return bind_in_block();
}

static int in_own_netns_as_root_of_userns(void *arg)
{
	choose(EACCES);
	return in_other_netns(arg) == EADDRINUSE ? 0 : EINVAL;
}

static void namespaces(void)
{
	int home = netns_get(), fd = udp_open(family);

	choose(EACCES);
	tap_errno(in_child(in_other_netns, NULL), EADDRINUSE, "another namespace has its own");
	/* what counts is where the socket is, not who binds it */
	new_netns();
	tap_errno(sock_bind_any(fd, FIRST), EACCES, "a socket of this one, used from there");
	netns_enter(home);
	close(home);
	close(fd);
	tap_errno(as_userns_root(true, in_own_netns_as_root_of_userns, NULL), 0,
		  "what its owner chooses in one is not so in the next");
}

static void put(const char *path, const char *text, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		tap_bail("cannot write \"%s\" to %s: %s", text, path, strerror(errno));
	close(fd);
}

static int traced(const char *what)
{
	FILE *trace = fopen(INSTANCE "/trace", "re");
	char line[1024];
	int count = 0;

	if (!trace)
		tap_bail("no trace: %s", strerror(errno));
	while (fgets(line, sizeof(line), trace))
		count += line[0] != '#' && strstr(line, what);
	fclose(trace);
	put(INSTANCE "/trace", "", O_TRUNC);
	return count;
}

static void traces(void)
{
	if (mkdir(INSTANCE, 0700))
		tap_bail("no trace instance: %s", strerror(errno));
	put(INSTANCE "/events/portres/refused/enable", "1", 0);
	choose(EACCES);
	bind_in_block();
	tap_num(traced(" error=-13"), 1, "the tracepoint tells EACCES");
	bind_in_runtime();
	tap_num(traced(" error=-13"), 1, "of a runtime reservation too");
	choose(EADDRINUSE);
	bind_in_block();
	tap_num(traced(" error=-98"), 1, "the tracepoint tells EADDRINUSE");
	choose(EACCES);
	associated_outside();
	tap_num(traced(" error=-99"), 1, "and EADDRNOTAVAIL where it is that");
	put(INSTANCE "/events/portres/refused/enable", "0", 0);
	if (rmdir(INSTANCE))
		tap_bail("the trace does not end: %s", strerror(errno));
}

int main(void)
{
	int taken, holder, round;

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", FIRST, FIRST + COUNT - 1),
	     "cannot set the ephemeral range");
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	must(reserve(&client, OTHER_FIRST, 1, NULL, NO_OWNER, NULL), "cannot reserve");
	holder = udp_acquired(AF_INET, RUNTIME_FIRST, COUNT, NULL);
	taken = udp_open(AF_INET6);
	must(sock_bind_any(taken, TAKEN), "cannot bind");

	/* by default, chosen, and back */
	denied = EADDRINUSE;
	for (round = 0; round < 3; round++) {
		family = AF_INET;
		all_rows();
		family = AF_INET6;
		all_rows();
		choose(round ? EADDRINUSE : EACCES);
	}
	namespaces();
	traces();
	close(holder);
	close(taken);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
