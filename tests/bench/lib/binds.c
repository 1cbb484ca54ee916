// SPDX-License-Identifier: GPL-2.0-only
/* What a bind costs, of all the kinds that are measured. */
#include "binds.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "env.h"
#include "sock.h"
#include "tap.h"

static socklen_t length(int family)
{
	return family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

static int open_kind(const struct bind_kind *kind)
{
	int fd = kind->tcp ? tcp_socket(kind->family) : udp_open(kind->family);

	if (kind->token)
		must(associate(fd, kind->token), "cannot associate");
	return fd;
}

static uint64_t bind_cost(const struct bind_kind *kind, const union sock_addr *addr)
{
	int fd = open_kind(kind);
	uint64_t begin, end;
	int error;

	begin = instructions();
	error = bind(fd, &addr->any, length(kind->family));
	end = instructions();
	error = error ? errno : 0;
	if (error != kind->error)
		tap_bail("bind to port %u says %s", kind->port, errno_name(error));
	close(fd);
	return between(begin, end);
}

struct series bind_costs(const struct bind_kind *kind, size_t n)
{
	union sock_addr addr = sock_addr(kind->family, kind->family == AF_INET ? "0.0.0.0" : "::",
					 kind->port);
	struct series series = series_new(n);

	breathe();
	while (series.n < n) {
		series_add(&series, bind_cost(kind, &addr));
		/* the association of the last socket ends only now */
		if (kind->token)
			breathe();
	}
	return series;
}

uint64_t tell_bind(const struct bind_kind *kind, size_t n, const char *row, const char *variant)
{
	struct series series = bind_costs(kind, n);

	return series_tell(&series, row, kind->family, variant);
}

static int *take(int (*open)(int family), int family, unsigned int first, unsigned int count)
{
	int *fds = calloc(count, sizeof(*fds));
	unsigned int i;

	must(fds ? 0 : ENOMEM, "no memory");
	for (i = 0; i < count; i++) {
		fds[i] = open(family);
		must(sock_bind_any(fds[i], first + i), "cannot take a port");
	}
	return fds;
}

int *take_ports(int family, unsigned int first, unsigned int count)
{
	return take(udp_open, family, first, count);
}

int *take_tcp_ports(int family, unsigned int first, unsigned int count)
{
	return take(tcp_socket, family, first, count);
}

void leave_ports(int *fds, unsigned int count)
{
	while (count--)
		close(fds[count]);
	free(fds);
}

void reserve_singles(struct client *c, unsigned int have, unsigned int count)
{
	for (; have < count; have++)
		must(reserve(c, SINGLE_FIRST + have, 1, NULL, NO_OWNER, NULL), "cannot reserve");
}

void stand_elsewhere(void)
{
	int here = netns_get();
	struct client c;

	new_netns();
	must(client_open(&c), "no client");
	must(reserve(&c, BLOCK_FIRST, BLOCK_COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	/* the client stays open, and with it its namespace */
	netns_enter(here);
	close(here);
}

void raise_limit(void)
{
	const struct rlimit limit = { .rlim_cur = 110000, .rlim_max = 110000 };

	must(setrlimit(RLIMIT_NOFILE, &limit) ? errno : 0, "cannot have many descriptors");
}
