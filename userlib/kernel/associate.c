// SPDX-License-Identifier: LGPL-2.1-or-later
/* Associating sockets with reservations. */
#include <errno.h>
#include <netinet/in.h>
#include <portres/portres.h>
#include <sys/socket.h>

#include "option.h"

int portres_associate(int fd, uint64_t token)
{
	if (setsockopt(fd, SOL_IP, PORTRES_SO_ASSOCIATE, &token, sizeof(token)) < 0)
		return portres_option_error(fd);
	return 0;
}

int portres_get_association(int fd, struct portres_association *association)
{
	socklen_t len = sizeof(*association);

	if (getsockopt(fd, SOL_IP, PORTRES_SO_ASSOCIATE, association, &len) < 0)
		return portres_option_error(fd);
	return len == sizeof(*association) ? 0 : -EPROTO;
}
