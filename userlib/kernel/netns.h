/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Identity of a network namespace: device and inode. */
#ifndef PORTRES_NETNS_H
#define PORTRES_NETNS_H

#include <stdbool.h>
#include <sys/types.h>

/* The link to the network namespace of the calling thread. */
#define PORTRES_NETNS_OWN "/proc/thread-self/ns/net"

struct portres_netns {
	dev_t device;
	ino_t inode;
	int error;	/* negative errno if the identity is unknown, or 0 */
};

/* Identifies the network namespace of the calling thread. */
void portres_netns_current(struct portres_netns *netns);

/* Identifies the network namespace of a file: 0 or a negative errno. dir as in fstatat(). */
int portres_netns_stat(int dir, const char *path, struct portres_netns *netns);

bool portres_netns_equal(const struct portres_netns *a, const struct portres_netns *b);

#endif /* PORTRES_NETNS_H */
