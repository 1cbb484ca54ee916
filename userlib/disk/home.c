// SPDX-License-Identifier: LGPL-2.1-or-later
/* The system namespace is that of process 1. Names of others are those of ip-netns(8). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "home.h"
#include "kernel/interrupt.h"

#define NETNS_OF_INIT "/proc/1/ns/net"
#define NETNS_NAMES "/run/netns"

/* The inode of the initial user namespace (PROC_USER_INIT_INO). */
#define INITIAL_USERS 0xeffffffdU

/* Writes the first name in alphabetical order; -ENOENT if the namespace has none. */
static int find_name(const struct portres_netns *netns, char name[NAME_MAX + 1])
{
	DIR *names = opendir(NETNS_NAMES);
	struct portres_netns named = { 0 };
	struct dirent *entry;
	int error = -ENOENT;

	if (!names)
		return errno == ENOENT ? -ENOENT : -errno;
	for (errno = 0; (entry = readdir(names)) || errno == EINTR; errno = 0) {
		if (!entry || entry->d_name[0] == '.')
			continue;
		if (portres_netns_stat(dirfd(names), entry->d_name, &named) ||
		    !portres_netns_equal(netns, &named))
			continue;
		if (error || strcmp(entry->d_name, name) < 0)
			strcpy(name, entry->d_name);
		error = 0;
	}
	if (errno)
		error = -errno;
	closedir(names);
	return error;
}

/*
 * Check whether the thread is still in the namespace and another user namespace than the initial
 * one owns it. Then it is not the system namespace, even if /proc/1 cannot be read.
 */
static bool belongs_to_user(const struct portres_netns *netns)
{
	struct stat st = { 0 };
	bool is = false;
	int users;
	int fd = RETRY(open(PORTRES_NETNS_OWN, O_RDONLY | O_CLOEXEC));

	if (fd < 0)
		return false;
	users = ioctl(fd, NS_GET_USERNS);
	if (users >= 0) {
		is = RETRY(fstat(fd, &st)) == 0 && st.st_ino == netns->inode &&
		     RETRY(fstat(users, &st)) == 0 && st.st_ino != INITIAL_USERS;
		close(users);
	}
	close(fd);
	return is;
}

static int home_error(struct portres *handle, int error, const char *path)
{
	const char *reason = portres_errno_text(error);

	if (strcmp(path, NETNS_OF_INIT) == 0 && (error == -EACCES || error == -EPERM))
		return portres_set_error(handle->text, error,
					 "only root can tell whether this is the system network "
					 "namespace: %s: %s",
					 path, reason);
	/* ENOENT means 'no such reservation' to callers: report a missing file as EOPNOTSUPP. */
	if (error == -ENOENT)
		error = -EOPNOTSUPP;
	return portres_set_error(handle->text, error,
				 "cannot identify the network namespace: %s: %s", path, reason);
}

int portres_home_identify(struct portres *handle, struct portres_home *home)
{
	struct portres_netns machine = { 0 };
	int first;
	int error;

	if (handle->netns.error)
		return home_error(handle, handle->netns.error, PORTRES_NETNS_OWN);
	first = portres_netns_stat(AT_FDCWD, NETNS_OF_INIT, &machine);
	if (!first && portres_netns_equal(&handle->netns, &machine)) {
		home->realm = PORTRES_REALM_SYSTEM;
		return 0;
	}
	error = find_name(&handle->netns, home->name);
	if (!error) {
		home->realm = PORTRES_REALM_NAMED;
		return 0;
	}
	if (error != -ENOENT)
		return home_error(handle, error, NETNS_NAMES);
	if (first && !belongs_to_user(&handle->netns))
		return home_error(handle, first, NETNS_OF_INIT);
	home->realm = PORTRES_REALM_UNNAMED;
	return 0;
}
