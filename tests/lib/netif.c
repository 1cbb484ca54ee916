// SPDX-License-Identifier: GPL-2.0-only
/* Network interfaces of a test. */
#include "netif.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "env.h"
#include "sock.h"
#include "tap.h"

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

void netif_join(int *near_net, int *far_net)
{
	new_netns();
	*far_net = netns_get();
	new_netns();
	*near_net = netns_get();
	must(run("ip link add near type veth peer name far netns /proc/%d/fd/%d", getpid(),
		 *far_net), "no interface");
}
