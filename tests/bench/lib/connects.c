// SPDX-License-Identifier: GPL-2.0-only
/* What a TCP connect costs that chooses its port. */
#include "connects.h"

#include <errno.h>
#include <unistd.h>

#include "env.h"
#include "measure.h"
#include "sock.h"
#include "tap.h"

#define NOBODY 9	/* the port where nobody listens */

uint64_t connect_cost(int family)
{
	const char *text = family == AF_INET ? "127.0.0.1" : "::1";
	union sock_addr addr = sock_addr(family, text, NOBODY);
	socklen_t len = family == AF_INET ? sizeof(addr.v4) : sizeof(addr.v6);
	int fd = tcp_socket(family), error;
	uint64_t begin, end;

	begin = instructions();
	error = connect(fd, &addr.any, len);
	end = instructions();
	if (!error || errno != ECONNREFUSED)
		tap_bail("connect says %s", errno_name(error ? errno : 0));
	close(fd);
	return between(begin, end);
}

uint64_t tell_connect(int family, size_t n, const char *row, const char *variant)
{
	struct series series = series_new(n);

	breathe();
	while (series.n < n)
		series_add(&series, connect_cost(family));
	return series_tell(&series, row, family, variant);
}
