// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets by the thousand that listen to the public notifications and never read: each creation
 * and deletion is told to all of them.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "attack.h"
#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FEW 4000
#define MANY 20000

/*
 * As many as there is memory for. What is not read must not fill it. Harmless ones listen to the
 * control family: to join a group and to leave it takes the longer the more are in it.
 */
static unsigned int listen_often(bool attacking)
{
	const struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	unsigned int n, wanted = attack_is_full() ? MANY : FEW;
	uint32_t group = GENL_ID_CTRL;
	struct client c;

	must(client_open(&c), "no client");
	if (attacking)
		group = c.changes;
	for (n = 0; n < wanted; n++) {
		int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

		if (fd < 0)
			break;
		sock_set(fd, SOL_SOCKET, SO_RCVBUF, 4096);
		/* one without an address of its own is passed over */
		if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) ||
		    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
			tap_bail("cannot join the group");
	}
	return n;
}

/* Many processes, but for the number of descriptors that one of them has. */
static void listeners(bool attacking)
{
	const struct rlimit limit = { MANY + 100, MANY + 100 };
	unsigned int n;

	must(setrlimit(RLIMIT_NOFILE, &limit) ? errno : 0, "no limit");
	attack_become_stranger();
	n = listen_often(attacking);
	tap_diag("%u sockets listen to %s", n, attacking ? "us" : "others");
	attack_threads(1, attack_no_harm);
}

static const struct attack crowd_of_listeners = {
	.name = "sockets that listen and do not read", .crowd = listeners,
};

int main(int argc, char **argv)
{
	attack_arguments(argc, argv);
	new_netns();
	module_load();
	attack_rows(&crowd_of_listeners);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
