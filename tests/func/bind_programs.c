// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF programs at bind4 and bind6, as systemd's SocketBindDeny= has them: an associated socket
 * gets no port of its block, and a process acquires none, that bind() to it would be refused.
 */
#include <errno.h>
#include <unistd.h>

#include "bindprog.h"
#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define FIRST 5000
#define COUNT 4
#define LAST (FIRST + COUNT - 1)
#define SINGLE 5100		/* a reservation of one port */
#define FREE 5200		/* nothing is reserved from here on */
#define LOW_PORT 53

enum way { ZERO, ZERO_LOOPBACK, CONNECT, SENDTO, WAYS };

static const char *const way_names[WAYS] = {
	"port 0", "port 0 of loopback", "connect", "sendto"
};

static struct client client;
static uint64_t token, single_token, low_token;
static int family;
static const char *loopback;

static int attempt(int fd, enum way way)
{
	switch (way) {
	case ZERO:
		return sock_bind_any(fd, 0);
	case ZERO_LOOPBACK:
		return sock_bind(fd, loopback, 0);
	case CONNECT:
		return sock_connect(fd, loopback, 9);
	default:
		return sock_sendto(fd, loopback, 9);
	}
}

/* Whatever an implicit bind fails with, the kernel says EAGAIN. */
static int told(enum way way, int error)
{
	return error && (way == CONNECT || way == SENDTO) ? EAGAIN : error;
}

static unsigned long long refusals(unsigned int first, unsigned int count)
{
	struct resv resv;

	must(get_block(&client, first, count, &resv), "no reservation");
	return resv.refused;
}

static size_t reservations(void)
{
	struct resv resvs[16];
	size_t count;

	must(dump(&client, resvs, ARRAY_SIZE(resvs), &count), "cannot dump");
	return count;
}

static const struct {
	struct bindprog prog;
	int error;
	bool counted;		/* portres has refused it, not the kernel itself */
} rows[] = {
	{ { "refuses everything", ALL_PORTS, REFUSE, 0 }, EPERM, false },
	{ { "refuses all but port 0", NAMED_PORTS, REFUSE, 0 }, EPERM, true },
	{ { "refuses with an error of its own", NAMED_PORTS, REFUSE_BY_EXDEV, 0 }, EXDEV, true },
	{ { "changes the port", NAMED_PORTS, CHANGE_PORT, 0 }, EPERM, true },
	{ { "changes the address", NAMED_PORTS, CHANGE_ADDRESS, 0 }, EPERM, true },
	{ { "refuses another port", ONE_PORT, REFUSE, FREE + COUNT }, 0, false },
	{ { "exempts from the capability", ALL_PORTS, EXEMPT, 0 }, 0, false },
};

static void try_ways(const struct bindprog *prog, int error, bool counted)
{
	int way;

	for (way = 0; way < WAYS; way++) {
		unsigned long long before = refusals(FIRST, COUNT);
		int fd = udp_associated(family, token);

		tap_errno(attempt(fd, way), told(way, error), "%s: %s", prog->name, way_names[way]);
		tap_ok(!error == !!sock_port(fd), "%s: %s: the socket has %s port", prog->name,
		       way_names[way], error ? "no" : "a");
		if (error && (counted || way == CONNECT || way == SENDTO))
			tap_num(refusals(FIRST, COUNT), before + 1, "%s: %s: counted once",
				prog->name, way_names[way]);
		close(fd);
	}
}

/* The socket holds what it has acquired until the end, so that it can be counted. */
static void try_acquire(const struct bindprog *prog, int error)
{
	size_t before = reservations();
	int fd = udp_open(family);

	tap_errno(acquire(fd, FREE, COUNT, NULL), error, "%s: acquire", prog->name);
	tap_errno(acquire(fd, 0, COUNT, NULL), error, "%s: acquire anywhere", prog->name);
	tap_num(reservations(), before + (error ? 0 : 2), "%s: acquire: what is reserved",
		prog->name);
	close(fd);
}

static void each_program(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		bindprog_attach(&rows[i].prog, family);
		try_ways(&rows[i].prog, rows[i].error, rows[i].counted);
		try_acquire(&rows[i].prog, rows[i].error);
		bindprog_detach(family);
	}
}

/* What is at bind4 is not asked for an IPv6 socket, be its address v4-mapped; and vice versa. */
static void other_family(void)
{
	static const struct bindprog deny = { "the other family's", ALL_PORTS, REFUSE, 0 };
	int other = family == AF_INET ? AF_INET6 : AF_INET;
	int fd = udp_associated(family, token);

	bindprog_attach(&deny, other);
	try_ways(&deny, 0, false);
	try_acquire(&deny, 0);
	bindprog_detach(other);
	if (family == AF_INET6) {
		bindprog_attach(&deny, AF_INET);
		tap_errno(sock_connect(fd, "::ffff:127.0.0.1", 9), 0, "v4-mapped: not bind4");
		bindprog_detach(AF_INET);
	}
	close(fd);
}

/* One port of the block is refused: it is left out, and the others are given. */
static void one_port_chosen(void)
{
	static const struct bindprog deny = { "refuses one port", ONE_PORT, REFUSE, FIRST + 1 };
	unsigned long long before = refusals(FIRST, COUNT);
	unsigned int seen = 0, port;
	int fds[COUNT], i, error = 0;

	bindprog_attach(&deny, family);
	for (i = 0; i < COUNT; i++)
		fds[i] = udp_associated(family, token);
	for (i = 0; i < COUNT - 1 && !error; i++) {
		error = attempt(fds[i], i % WAYS);
		port = sock_port(fds[i]);
		if (port >= FIRST && port <= LAST)
			seen |= 1U << (port - FIRST);
	}
	tap_errno(error, 0, "one port is refused: the others can be had");
	tap_num(seen, 0xd, "one port is refused: each of them once, that one never");
	tap_errno(sock_bind_any(fds[COUNT - 1], 0), EADDRINUSE, "the others are in use: port 0");
	tap_num(refusals(FIRST, COUNT), before, "the others are in use: no refusal");
	for (i = 0; i < COUNT; i++)
		close(fds[i]);
	bindprog_detach(family);
}

static void only_port(void)
{
	static const struct bindprog deny = { "refuses one port", ONE_PORT, REFUSE, SINGLE };
	unsigned long long before = refusals(SINGLE, 1);
	int fd = udp_associated(family, single_token);

	bindprog_attach(&deny, family);
	tap_errno(sock_bind_any(fd, 0), EPERM, "the only port is refused: port 0");
	tap_num(refusals(SINGLE, 1), before + 1, "the only port is refused: counted");
	bindprog_detach(family);
	tap_errno(sock_bind_any(fd, 0), 0, "the program is gone: port 0");
	tap_num(sock_port(fd), SINGLE, "the program is gone: the port");
	close(fd);
}

static void one_port_acquired(void)
{
	static const struct bindprog deny = { "refuses one port", ONE_PORT, REFUSE, FREE + 10 };
	static const struct {
		const char *name;
		unsigned int first;
		int error;
	} blocks[] = {
		{ "its first port is refused", FREE + 10, EPERM },
		{ "its last port is refused", FREE + 10 - COUNT + 1, EPERM },
		{ "the port behind it is refused", FREE + 10 - COUNT, 0 },
		{ "the port before it is refused", FREE + 11, 0 },
	};
	size_t i;

	bindprog_attach(&deny, family);
	for (i = 0; i < ARRAY_SIZE(blocks); i++) {
		int fd = udp_open(family);

		tap_errno(acquire(fd, blocks[i].first, COUNT, NULL), blocks[i].error,
			  "acquire: %s", blocks[i].name);
		close(fd);
	}
	bindprog_detach(family);
}

/* A gap that is not the first: behind a reservation and a socket. */
static void gap_acquired(void)
{
	static const struct bindprog deny = { "refuses one port", ONE_PORT, REFUSE, FREE + 12 };
	struct portres_association block;
	int fd = udp_open(family), user = udp_open(family);

	must(reserve(&client, FREE, 8, NULL, NO_OWNER, NULL), "cannot reserve");
	must(sock_bind_any(user, FREE + 9), "cannot bind");
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", FREE, FREE + 20), "no range");
	bindprog_attach(&deny, family);
	tap_errno(acquire(fd, 0, 3, NULL), EPERM, "acquire: a port of the lowest gap is refused");
	tap_errno(acquire(fd, 0, 2, &block), 0, "acquire: none of a smaller gap is");
	tap_num(block.first, FREE + 10, "acquire: the smaller gap");
	bindprog_detach(family);
	close(fd);
	close(user);
	must(unreserve(&client, FREE, 8), "cannot delete");
	must(set_sysctl("net/ipv4/ip_local_port_range", "32768 60999"), "cannot set the range");
}

static int low_port_by_choice(void *arg)
{
	int fd = udp_associated(family, low_token);
	int error = attempt(fd, *(enum way *)arg);

	return error ?: sock_port(fd) == LOW_PORT ? 0 : EBADE;
}

static int low_port_acquired(void *arg)
{
	return acquire(udp_open(family), *(unsigned int *)arg, 2, NULL);
}

/* BIND_NO_CAP_NET_BIND_SERVICE: of one port, or of all. */
static void exempt(void)
{
	static const struct bindprog all = { "exempts", ALL_PORTS, EXEMPT, 0 };
	static const struct bindprog one = { "exempts one port", ONE_PORT, EXEMPT, 80 };
	unsigned int first = 80;
	enum way way;

	bindprog_attach(&one, family);
	tap_errno(as_user(OWNER_UID, low_port_acquired, &first), EACCES,
		  "acquire: one of two low ports is exempt");
	bindprog_detach(family);
	bindprog_attach(&all, family);
	tap_errno(as_user(OWNER_UID, low_port_acquired, &first), 0, "acquire: both are exempt");
	for (way = 0; way < WAYS; way++)
		tap_errno(as_user(OWNER_UID, low_port_by_choice, &way), 0,
			  "a low port that is exempt: %s", way_names[way]);
	bindprog_detach(family);
}

int main(void)
{
	static const int families[] = { AF_INET, AF_INET6 };
	size_t i;

	new_netns();
	module_load();
	bindprog_enter_group();
	must(client_open(&client), "no client");
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	must(reserve(&client, SINGLE, 1, NULL, NO_OWNER, &single_token), "cannot reserve");
	must(reserve(&client, LOW_PORT, 1, NULL, OWNER_UID, &low_token), "cannot reserve");

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		family = families[i];
		loopback = family == AF_INET ? "127.0.0.1" : "::1";
		tap_diag("%s", family == AF_INET ? "v4" : "v6");
		each_program();
		other_family();
		one_port_chosen();
		only_port();
		one_port_acquired();
		gap_acquired();
		exempt();
	}
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	bindprog_leave_group();
	return tap_finish();
}
