// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.portres.denied_errno: what a refused bind gets, and what has an errno of its own
 * whatever the sysctl says; of UDP and of TCP.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
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
#define ONLY_UDP 8000	/* reserved in one protocol */
#define ONLY_TCP (ONLY_UDP + 1)
#define TAKEN 4000

static struct client client;	/* of the protocol that is being tested */
static uint64_t token;
static int family;
static int denied = EADDRINUSE;	/* what the sysctl says */

static const char *loopback(void)
{
	return family == AF_INET ? "127.0.0.1" : "::1";
}

static bool is_tcp(void)
{
	return client.protocol == IPPROTO_TCP;
}

static int open_socket(void)
{
	return socket_of(client.protocol, family);
}

static int open_associated(uint64_t with)
{
	int fd = open_socket();

	must(associate(fd, with), "cannot associate");
	return fd;
}

static void choose(int error)
{
	must(set_sysctl("net/portres/denied_errno", "%d", error), "no sysctl");
	denied = error;
}

/* What the rows do, each with a port of its own. */
static int bind_new(unsigned int port)
{
	return try_port_of(client.protocol, family, port);
}

static int bind_at(const char *text, unsigned int port, int option)
{
	int fd = open_socket(), error;

	if (option)
		sock_set(fd, SOL_SOCKET, option, 1);
	error = sock_bind(fd, text, port);
	close(fd);
	return error;
}

static int bind_loopback(unsigned int port)
{
	return bind_at(loopback(), port, 0);
}

static int bind_mapped(unsigned int port)
{
	return bind_at(family == AF_INET ? loopback() : "::ffff:127.0.0.1", port, 0);
}

static int bind_reuse(unsigned int port)
{
	return bind_at(loopback(), port, SO_REUSEADDR) | bind_at(loopback(), port, SO_REUSEPORT);
}

static int bind_again(unsigned int port)
{
	int fd = open_socket(), error;

	sock_bind_any(fd, port);
	error = sock_bind_any(fd, port);
	close(fd);
	return error;
}

static int stranger_binds(void *arg)
{
	return bind_new(*(unsigned int *)arg);
}

static int bind_of_stranger(unsigned int port)
{
	return as_user(STRANGER_UID, stranger_binds, &port);
}

static int connects(unsigned int port)
{
	int fd = open_socket(), error = sock_connect(fd, loopback(), port);

	close(fd);
	return error;
}

static int sends_or_listens(unsigned int port)
{
	int fd = open_socket(), error;

	if (is_tcp())
		error = listen(fd, 1) ? errno : 0;
	else
		error = sock_sendto(fd, loopback(), port);
	close(fd);
	return error;
}

static int associated_bind(unsigned int port)
{
	int fd = open_associated(token), error = sock_bind_any(fd, port);

	close(fd);
	return error;
}

static int associated_taken(unsigned int port)
{
	int fd = open_associated(token), error;

	must(sock_bind_any(fd, port), "cannot bind");
	error = associated_bind(port);
	close(fd);
	return error;
}

static int associated_gone(unsigned int port)
{
	uint64_t mine;
	int fd, error;

	must(reserve(&client, port, 1, NULL, NO_OWNER, &mine), "cannot reserve");
	fd = open_associated(mine);
	must(unreserve(&client, port, 1), "cannot delete");
	error = sock_bind_any(fd, port);
	close(fd);
	return error;
}

static int acquires(unsigned int port)
{
	int fd = open_socket(), error = acquire(fd, port, 1, NULL);

	close(fd);
	return error;
}

static int creates(unsigned int port)
{
	return reserve(&client, port, 1, NULL, NO_OWNER, NULL);
}

/* The port is reserved in this protocol alone. */
static int binds_other_protocol(unsigned int port)
{
	return try_port_of(is_tcp() ? IPPROTO_UDP : IPPROTO_TCP, family, port + is_tcp());
}

#define DENIED (-1)
#define NO_CONNECT (-2)
#define NO_SEND (-3)

/* The ephemeral range is the persistent block. */
static const struct {
	const char *name;
	int (*act)(unsigned int port);
	unsigned int port;
	int error;	/* or one of those above */
} rows[] = {
	{ "bind in a persistent reservation", bind_new, FIRST + 3, DENIED },
	{ "with a loopback address", bind_loopback, FIRST, DENIED },
	{ "with a v4 address", bind_mapped, FIRST, DENIED },
	{ "with a reuse flag", bind_reuse, FIRST + COUNT - 1, DENIED },
	{ "once more with the same socket", bind_again, FIRST, DENIED },
	{ "as an unprivileged user", bind_of_stranger, FIRST + 3, DENIED },
	{ "bind in a runtime reservation", bind_new, RUNTIME_FIRST, DENIED },
	{ "port 0 where all is reserved", bind_new, 0, EADDRINUSE },
	{ "connect where all is reserved", connects, 9, NO_CONNECT },
	{ "sendto, or listen, where all is reserved", sends_or_listens, 9, NO_SEND },
	{ "bind to a port that is in use", bind_new, TAKEN, EADDRINUSE },
	{ "bind to a privileged port", bind_of_stranger, 80, EACCES },
	{ "associated, in the block", associated_bind, FIRST, 0 },
	{ "associated, outside the block", associated_bind, FIRST + COUNT, EADDRNOTAVAIL },
	{ "associated, in another reservation", associated_bind, OTHER_FIRST, EADDRNOTAVAIL },
	{ "associated, to a port that is in use", associated_taken, FIRST + 1, EADDRINUSE },
	{ "associated, the reservation is gone", associated_gone, 9000, EADDRNOTAVAIL },
	{ "acquisition of what is reserved", acquires, FIRST, EADDRINUSE },
	{ "acquisition of what is in use", acquires, TAKEN, EADDRINUSE },
	{ "creation over what is in use", creates, TAKEN, EADDRINUSE },
	{ "the other protocol", binds_other_protocol, ONLY_UDP, 0 },
};

static int expected(int error)
{
	if (error == NO_CONNECT)
		return is_tcp() ? EADDRNOTAVAIL : EAGAIN;
	if (error == NO_SEND)
		return is_tcp() ? EADDRINUSE : EAGAIN;
	return error == DENIED ? denied : error;
}

static void all_rows(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		tap_errno(rows[i].act(rows[i].port), expected(rows[i].error), "%s, %s of %s: %s",
			  errno_name(denied), family == AF_INET ? "v4" : "v6",
			  is_tcp() ? "TCP" : "UDP", rows[i].name);
}

/* By default, chosen, and back. */
static void all_errors(void)
{
	int round;

	for (round = 0; round < 3; round++) {
		family = AF_INET;
		all_rows();
		family = AF_INET6;
		all_rows();
		choose(round ? EADDRINUSE : EACCES);
	}
}

static int in_other_netns(void *arg)
{
	struct client other;

	(void)arg;
	new_netns();
	must(client_open(&other), "no client");
	other.protocol = client.protocol;
	must(reserve(&other, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	return bind_new(FIRST + 3);
}

static int in_own_netns_as_root_of_userns(void *arg)
{
	choose(EACCES);
	return in_other_netns(arg) == EADDRINUSE ? 0 : EINVAL;
}

static void namespaces(void)
{
	int home = netns_get(), fd = open_socket();

	choose(EACCES);
	tap_errno(in_child(in_other_netns, NULL), EADDRINUSE, "another namespace has its own");
	/* the sysctl is that of the socket's netns, whatever task binds it */
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
	bind_new(FIRST + 3);
	tap_num(traced(" error=-13"), 1, "the tracepoint tells EACCES");
	bind_new(RUNTIME_FIRST);
	tap_num(traced(" error=-13"), 1, "of a runtime reservation too");
	choose(EADDRINUSE);
	bind_new(FIRST + 3);
	tap_num(traced(" error=-98"), 1, "the tracepoint tells EADDRINUSE");
	choose(EACCES);
	associated_bind(FIRST + COUNT);
	tap_num(traced(" error=-99"), 1, "and EADDRNOTAVAIL where it is that");
	put(INSTANCE "/events/portres/refused/enable", "0", 0);
	if (rmdir(INSTANCE))
		tap_bail("the trace does not end: %s", strerror(errno));
}

static void of_protocol(uint8_t protocol)
{
	int taken, holder;

	client.protocol = protocol;
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	must(reserve(&client, OTHER_FIRST, 1, NULL, NO_OWNER, NULL), "cannot reserve");
	must(reserve(&client, is_tcp() ? ONLY_TCP : ONLY_UDP, 1, NULL, NO_OWNER, NULL),
	     "cannot reserve");
	family = AF_INET;
	holder = open_socket();
	must(acquire(holder, RUNTIME_FIRST, COUNT, NULL), "cannot acquire");
	family = AF_INET6;
	taken = open_socket();
	must(sock_bind_any(taken, TAKEN), "cannot bind");
	all_errors();
	namespaces();
	traces();
	choose(EADDRINUSE);
	close(holder);
	close(taken);
}

int main(void)
{
	new_netns();
	module_load();
	must(client_open(&client), "no client");
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", FIRST, FIRST + COUNT - 1),
	     "cannot set the ephemeral range");
	of_protocol(IPPROTO_TCP);
	of_protocol(IPPROTO_UDP);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
