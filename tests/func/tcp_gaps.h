/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An ephemeral range with reservations that leave gaps of all sizes, and the ways by which a TCP
 * socket gets a port of one of them: for the tests that take them all.
 */
#ifndef PORTRES_TESTS_TCP_GAPS_H
#define PORTRES_TESTS_TCP_GAPS_H

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define LOW 40000
#define HIGH 40199
#define PORTS (HIGH - LOW + 1)
#define DESTINATIONS 3
#define SERVER 4000	/* the first of them */
struct block {
	unsigned int first, count;
};

/* One block goes over each edge of the range. The gaps: 1, 2, 3, 8, 1, 27, 5, then 1 at the end. */
static const struct block blocks[] = {
	{ 39990, 20 }, { 40011, 9 }, { 40022, 30 }, { 40055, 20 }, { 40083, 2 }, { 40086, 14 },
	{ 40127, 3 }, { 40135, 64 }, { 40200, 10 },
};

static struct client client;
static int family;
static const char *loopback;
static int servers[DESTINATIONS];

static inline bool gaps_reserved(unsigned int port)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		if (port >= blocks[i].first && port < blocks[i].first + blocks[i].count)
			return true;
	return false;
}

static inline int gaps_left(unsigned int low, unsigned int high)
{
	unsigned int port;
	int left = 0;

	for (port = low; port <= high; port++)
		left += !gaps_reserved(port);
	return left;
}

static inline void gaps_drop(int *fds, int n)
{
	while (n)
		sock_drop(fds[--n]);
}

/* Connections come and go without being accepted, so listen anew before the backlog is full. */
static inline void gaps_serve(void)
{
	int i;

	for (i = 0; i < DESTINATIONS; i++) {
		servers[i] = tcp_socket(family);
		sock_set(servers[i], SOL_SOCKET, SO_REUSEADDR, 1);
		must(sock_bind_any(servers[i], SERVER + i), "cannot bind a server");
		must(listen(servers[i], 4000) ? errno : 0, "no server");
	}
}

static inline void gaps_serve_anew(void)
{
	gaps_drop(servers, DESTINATIONS);
	gaps_serve();
}

struct way {
	const char *name;
	int (*take)(int fd);
	int full;	/* the error if there is no port */
	bool shares;	/* with connections to other destinations */
};

static int take_any(int fd)
{
	return sock_bind_any(fd, 0);
}

static int take_loopback(int fd)
{
	return sock_bind(fd, loopback, 0);
}

static int take_reuse(int fd)
{
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	return sock_bind_any(fd, 0);
}

static int take_listen(int fd)
{
	return listen(fd, 1) ? errno : 0;
}

static int take_connect(int fd)
{
	return sock_connect(fd, loopback, SERVER);
}

static int take_connect_again(int fd)
{
	return sock_connect(fd, loopback, SERVER + 1);
}

static int take_no_port(int fd)
{
	sock_set(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	return sock_bind(fd, loopback, 0) ?: sock_connect(fd, loopback, SERVER + 2);
}

static const struct way ways[] = {
	{ "port 0", take_any, EADDRINUSE, false },
	{ "port 0 of loopback", take_loopback, EADDRINUSE, false },
	{ "port 0 with SO_REUSEADDR", take_reuse, EADDRINUSE, false },
	{ "listen", take_listen, EADDRINUSE, false },
	{ "connect", take_connect, EADDRNOTAVAIL, true },
	{ "connect elsewhere", take_connect_again, EADDRNOTAVAIL, true },
	{ "connect with IP_BIND_ADDRESS_NO_PORT", take_no_port, EADDRNOTAVAIL, true },
};

/* Takes ports until there are no more; the last error is left in @error. */
static inline int gaps_take(int *fds, int max, const struct way *way, int *error)
{
	int n = 0, fd;

	for (;;) {
		fd = tcp_socket(family);
		*error = way->take(fd);
		if (*error || n == max)
			break;
		fds[n++] = fd;
	}
	sock_drop(fd);
	return n;
}

static inline int gaps_wrong(const int *fds, int n)
{
	int i, wrong = 0;

	for (i = 0; i < n; i++) {
		unsigned int port = sock_port(fds[i]);

		wrong += port < LOW || port > HIGH || gaps_reserved(port);
	}
	return wrong;
}

static inline void gaps_reserve(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		must(reserve(&client, blocks[i].first, blocks[i].count, NULL, NO_OWNER, NULL),
		     "cannot reserve");
}

static inline void gaps_delete(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		must(unreserve(&client, blocks[i].first, blocks[i].count), "cannot delete");
}

static inline void gaps_begin(void)
{
	new_netns();
	must(set_sysctl("net/ipv4/tcp_max_syn_backlog", "4096"), "no backlog");
	must(set_sysctl("net/core/somaxconn", "4096"), "no backlog");
	module_load();
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
}

#endif
