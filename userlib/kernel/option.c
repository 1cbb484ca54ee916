// SPDX-License-Identifier: LGPL-2.1-or-later
/* Errors of the socket options. */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "option.h"

static bool is_mptcp(int fd)
{
	int protocol;
	socklen_t len = sizeof(protocol);

	return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 &&
	       protocol == IPPROTO_MPTCP;
}

/*
 * ENOPROTOOPT: no module has registered the option; or the socket is one of MPTCP, which rejects
 * options that it does not know before a module is asked.
 */
int portres_option_error(int fd)
{
	int error = errno;

	if (error != ENOPROTOOPT)
		return -error;
	return is_mptcp(fd) ? -EOPNOTSUPP : -ENOSYS;
}
