// SPDX-License-Identifier: GPL-2.0-only
/* Sets network interfaces up and down. */
#include "netif.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sock.h"

static int set_flags(const char *name, short flags)
{
	int fd = sock_open(AF_INET, SOCK_DGRAM, 0), error = 0;
	struct ifreq request = { .ifr_flags = flags };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCSIFFLAGS, &request))
		error = errno;
	close(fd);
	return error;
}

int netif_up(const char *name)
{
	return set_flags(name, IFF_UP);
}

int netif_down(const char *name)
{
	return set_flags(name, 0);
}
