// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracepoint portres:refused: one event for each refused bind, with the task,
 * the port and the reservation. Read in a trace instance.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bindprog.h"
#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define INSTANCE "/sys/kernel/tracing/instances/portres-test"
#define EVENT INSTANCE "/events/portres/refused"
#define COMM "refused one"

#define FIRST 5000
#define COUNT 10
#define OTHER_FIRST 6000

static void put(const char *path, const char *text, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		tap_bail("cannot write \"%s\" to %s: %s", text, path, strerror(errno));
	close(fd);
}

struct event {
	char comm[32], family[16], protocol[8], name[80];
	int pid, error;
	unsigned int netns, port, first, last;
};

/* Copies what is between two words of a line. */
static bool between(const char *line, const char *before, const char *behind, char *to, size_t size)
{
	const char *begin = strstr(line, before), *end;

	if (!begin)
		return false;
	begin += strlen(before);
	end = strstr(begin, behind);
	if (!end || (size_t)(end - begin) >= size)
		return false;
	memcpy(to, begin, end - begin);
	to[end - begin] = '\0';
	return true;
}

static bool parse(const char *line, struct event *event)
{
	const char *at = strstr(line, ": refused: "), *netns = strstr(line, " netns=");
	const char *error = strstr(line, "\" error=");

	memset(event, 0, sizeof(*event));
	return at && netns && error &&
	       sscanf(at, ": refused: pid=%d", &event->pid) == 1 &&
	       between(at, " comm=", " netns=", event->comm, sizeof(event->comm)) &&
	       sscanf(netns, " netns=%u family=%15s protocol=%7s port=%u reservation=%u-%u",
		      &event->netns, event->family, event->protocol, &event->port, &event->first,
		      &event->last) == 6 &&
	       between(at, " name=\"", "\" error=", event->name, sizeof(event->name)) &&
	       sscanf(error, "\" error=%d", &event->error) == 1;
}

/* Reads and clears the trace: counts the events, and keeps the last. */
static int take_events(struct event *last)
{
	FILE *trace = fopen(INSTANCE "/trace", "re");
	char line[1024];
	int count = 0;

	if (!trace)
		tap_bail("no trace: %s", strerror(errno));
	while (fgets(line, sizeof(line), trace)) {
		if (line[0] == '#')
			continue;
		if (!parse(line, last))
			tap_bail("cannot read: %s", line);
		count++;
	}
	fclose(trace);
	put(INSTANCE "/trace", "", O_TRUNC);
	return count;
}

static void traced(const char *what, const struct event *wanted)
{
	struct event event;
	int count = take_events(&event);

	tap_num(count, 1, "%s: one event", what);
	if (count != 1)
		return;
	tap_num(event.pid, getpid(), "%s: the process", what);
	tap_ok(!strcmp(event.comm, COMM), "%s: the name of the process", what);
	tap_num(event.netns, wanted->netns, "%s: the network namespace", what);
	tap_ok(!strcmp(event.family, wanted->family), "%s: the family", what);
	tap_ok(!strcmp(event.protocol, wanted->protocol), "%s: the protocol", what);
	tap_num(event.port, wanted->port, "%s: the port", what);
	tap_ok(event.first == wanted->first && event.last == wanted->last,
	       "%s: the reservation", what);
	tap_ok(!strcmp(event.name, wanted->name), "%s: its name", what);
	tap_num(event.error, wanted->error, "%s: the error", what);
}

static void not_traced(const char *what)
{
	struct event event;

	tap_num(take_events(&event), 0, "%s: no event", what);
}

static unsigned int netns_number(void)
{
	struct stat st;

	if (stat("/proc/thread-self/ns/net", &st))
		tap_bail("no network namespace: %s", strerror(errno));
	return st.st_ino;
}

static void refusals(uint64_t token)
{
	struct event wanted = {
		.netns = netns_number(), .family = "inet", .protocol = "udp", .port = FIRST,
		.first = FIRST, .last = FIRST + COUNT - 1, .name = "traced", .error = -EADDRINUSE,
	};
	int fd;

	try_port(AF_INET, FIRST);
	traced("IPv4", &wanted);
	strcpy(wanted.family, "inet6");
	wanted.port = FIRST + COUNT - 1;
	try_port(AF_INET6, FIRST + COUNT - 1);
	traced("IPv6", &wanted);
	fd = udp_open(AF_INET6);
	sock_bind(fd, "::ffff:127.0.0.1", FIRST + COUNT - 1);
	traced("IPv4 on an IPv6 socket", &wanted);
	close(fd);

	strcpy(wanted.family, "inet");
	wanted.port = 7000;
	wanted.error = -EADDRNOTAVAIL;
	fd = udp_associated(AF_INET, token);
	sock_bind_any(fd, 7000);
	traced("associated, outside of the block", &wanted);
	close(fd);

	wanted.port = OTHER_FIRST;
	wanted.first = OTHER_FIRST;
	wanted.last = OTHER_FIRST;
	wanted.error = -EADDRINUSE;
	wanted.name[0] = '\0';
	try_port(AF_INET, OTHER_FIRST);
	traced("a reservation without a name", &wanted);
}

/* The same ports of TCP. */
static void refused_tcp(void)
{
	struct client client;
	struct event wanted = {
		.netns = netns_number(), .family = "inet6", .protocol = "tcp", .port = FIRST + 1,
		.first = FIRST, .last = FIRST + COUNT - 1, .name = "streams", .error = -EADDRINUSE,
	};
	int fd = tcp_socket(AF_INET6);

	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
	must(reserve(&client, FIRST, COUNT, "streams", NO_OWNER, NULL), "cannot reserve");
	sock_bind_any(fd, FIRST + 1);
	traced("TCP", &wanted);
	close(fd);
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	client_close(&client);
}

/* bind() to the port would be refused: one event for the whole choice, with the first such port. */
static void refused_choice(uint64_t token)
{
	static const struct bindprog deny = { "refuses all but port 0", NAMED_PORTS, REFUSE, 0 };
	struct event wanted = {
		.family = "inet6", .protocol = "udp", .port = FIRST, .first = FIRST,
		.last = FIRST + COUNT - 1, .name = "traced", .error = -EPERM,
		.netns = netns_number(),
	};
	int fd = udp_associated(AF_INET6, token);

	bindprog_attach(&deny, AF_INET6);
	tap_errno(sock_bind_any(fd, 0), EPERM, "each port is refused: port 0");
	traced("each port is refused: port 0", &wanted);
	tap_errno(sock_connect(fd, "::1", 9), EAGAIN, "each port is refused: connect");
	traced("each port is refused: connect", &wanted);
	bindprog_detach(AF_INET6);
	close(fd);
}

static void no_refusals(uint64_t token)
{
	int fd, taken;

	try_port(AF_INET, FIRST - 1);
	try_port(AF_INET6, FIRST + COUNT);
	not_traced("a free port");
	try_port(AF_INET6, 0);
	not_traced("port 0");
	fd = udp_associated(AF_INET, token);
	must(sock_bind_any(fd, FIRST), "cannot bind");
	close(fd);
	not_traced("an associated socket in the block");
	taken = udp_open(AF_INET);
	must(sock_bind_any(taken, 7000), "cannot bind");
	try_port(AF_INET, 7000);
	not_traced("a port that a socket has");
	close(taken);
	fd = sock_open(AF_INET, SOCK_STREAM, 0);
	must(sock_bind_any(fd, FIRST), "cannot bind TCP");
	close(fd);
	not_traced("TCP");
}

/* Automatic port selection skips reserved ports without a refusal. */
static void choice(void)
{
	struct event event;
	int i, fd;

	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", FIRST, FIRST + COUNT),
	     "cannot set the range");
	for (i = 0; i < 10; i++) {
		fd = udp_open(AF_INET6);
		must(sock_bind_any(fd, 0), "cannot bind");
		close(fd);
	}
	tap_num(take_events(&event), 0, "port 0 beside a reservation: no event");
	must(set_sysctl("net/ipv4/ip_local_port_range", "32768 60999"), "cannot set the range");
}

struct filter {
	const char *text;
	int events;	/* of a refusal of IPv4 at FIRST and one of IPv6 at the next port */
};

static void filters(void)
{
	static const struct filter rows[] = {
		{ "port == 5000", 1 },
		{ "port == 4999", 0 },
		{ "first <= 5001 && last >= 5001", 2 },
		{ "family == 10", 1 },
		{ "protocol == 17", 2 },
		{ "protocol == 6", 0 },
		{ "error == -98", 2 },
		{ "comm == \"" COMM "\"", 2 },
		{ "comm == \"another\"", 0 },
		{ "name == \"traced\"", 2 },
		{ "pid == 1", 0 },
		{ "netns == 1", 0 },
	};
	const struct filter *row;
	struct event event;

	for (row = rows; row < rows + sizeof(rows) / sizeof(*rows); row++) {
		put(EVENT "/filter", row->text, 0);
		try_port(AF_INET, FIRST);
		try_port(AF_INET6, FIRST + 1);
		tap_num(take_events(&event), row->events, "filter %s", row->text);
	}
	put(EVENT "/filter", "0", 0);
}

int main(void)
{
	struct client client;
	uint64_t token;

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	must(reserve(&client, FIRST, COUNT, "traced", NO_OWNER, &token), "cannot reserve");
	must(reserve(&client, OTHER_FIRST, 1, NULL, NO_OWNER, NULL), "cannot reserve");
	client_close(&client);
	prctl(PR_SET_NAME, COMM);
	if (mkdir(INSTANCE, 0700))
		tap_bail("no trace instance: %s", strerror(errno));

	try_port(AF_INET, FIRST);
	not_traced("before it is enabled");
	put(EVENT "/enable", "1", 0);
	refusals(token);
	refused_tcp();
	bindprog_enter_group();
	refused_choice(token);
	bindprog_leave_group();
	no_refusals(token);
	choice();
	filters();
	try_port(AF_INET, FIRST);
	tap_errno(module_unload(), 0, "the module can be unloaded while it is traced");
	tap_ok(access(EVENT, F_OK) != 0, "the event goes with the module");
	tap_errno(rmdir(INSTANCE) ? errno : 0, 0, "the trace can be ended afterwards");
	return tap_finish();
}
