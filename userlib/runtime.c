// SPDX-License-Identifier: LGPL-2.1-or-later
/* Runtime reservations: blocks that a process acquires on a socket. */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "internal.h"

static int acquire(int fd, struct portres_association *block)
{
	socklen_t len = sizeof(*block);

	if (getsockopt(fd, SOL_IP, PORTRES_SO_ACQUIRE, block, &len) < 0)
		return errno == ENOPROTOOPT ? -ENOSYS : -errno;
	return len == sizeof(*block) && block->token ? 0 : -EPROTO;
}

/* Has the kernel look for the module: nobody asks it to for a socket option. */
static bool load(void)
{
	struct portres_reservation *found;
	struct portres *handle;
	int error = portres_open(&handle);

	if (error)
		return false;
	error = portres_get_port(handle, IPPROTO_UDP, 1, &found);
	if (!error)
		portres_reservation_free(found);
	portres_close(handle);
	return error != -ENOSYS;
}

int portres_acquire(int fd, uint16_t first, uint16_t count,
		    struct portres_association *acquired)
{
	struct portres_association block = { .first = first, .count = count };
	int error = acquire(fd, &block);

	if (error == -ENOSYS && load())
		error = acquire(fd, &block);
	if (!error)
		*acquired = block;
	return error;
}

int portres_release(int fd, uint64_t token)
{
	if (setsockopt(fd, SOL_IP, PORTRES_SO_RELEASE, &token, sizeof(token)) < 0)
		return errno == ENOPROTOOPT ? -ENOSYS : -errno;
	return 0;
}
