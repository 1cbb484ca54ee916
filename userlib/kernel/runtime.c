// SPDX-License-Identifier: LGPL-2.1-or-later
/* Runtime reservations: acquire and release by socket options. */
#include <errno.h>
#include <netinet/in.h>
#include <portres/portres.h>
#include <sys/socket.h>

#include "option.h"
#include "retry.h"

static int acquire_once(int fd, struct portres_association *block)
{
	socklen_t len = sizeof(*block);

	if (getsockopt(fd, SOL_IP, PORTRES_SO_ACQUIRE, block, &len) < 0)
		return portres_option_error(fd);
	return len == sizeof(*block) && block->token ? 0 : -EPROTO;
}

static int acquire(int fd, const struct portres_association *wanted,
		   struct portres_association *acquired)
{
	struct portres_association block;
	struct portres_retry retry;
	int error;

	portres_retry_begin(&retry, PORTRES_TIMEOUT);
	do {
		block = *wanted;
		error = acquire_once(fd, &block);
	} while (portres_retry_again(&retry, error));
	if (!error)
		*acquired = block;
	return error;
}

int portres_acquire(int fd, uint16_t first, uint16_t count,
		    struct portres_association *acquired)
{
	const struct portres_association wanted = { .first = first, .count = count };

	return acquire(fd, &wanted, acquired);
}

int portres_acquire_tree(int fd, uint16_t first, uint16_t count,
			 struct portres_association *acquired)
{
	const struct portres_association wanted = {
		.first = first, .count = count, .flags = PORTRES_ACQUIRE_TREE,
	};

	return acquire(fd, &wanted, acquired);
}

int portres_release(int fd, uint64_t token)
{
	if (setsockopt(fd, SOL_IP, PORTRES_SO_RELEASE, &token, sizeof(token)) < 0)
		return portres_option_error(fd);
	return 0;
}
