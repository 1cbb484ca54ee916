// SPDX-License-Identifier: LGPL-2.1-or-later
/* Identifies network namespaces by device and inode. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "interrupt.h"
#include "netns.h"

int portres_netns_stat(int dir, const char *path, struct portres_netns *netns)
{
	struct stat st;

	if (RETRY(fstatat(dir, path, &st, 0)) < 0)
		return -errno;
	netns->device = st.st_dev;
	netns->inode = st.st_ino;
	return 0;
}

bool portres_netns_equal(const struct portres_netns *a, const struct portres_netns *b)
{
	return a->device == b->device && a->inode == b->inode;
}

void portres_netns_current(struct portres_netns *netns)
{
	netns->error = portres_netns_stat(AT_FDCWD, PORTRES_NETNS_OWN, netns);
}
