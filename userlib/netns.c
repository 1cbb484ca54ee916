// SPDX-License-Identifier: LGPL-2.1-or-later
/* Network namespaces: the machine's is that of process 1, names are those of ip-netns(8). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netns.h"

#define OWN "/proc/thread-self/ns/net"
#define FIRST "/proc/1/ns/net"
#define NAMES "/run/netns"

/* The initial user namespace has this number (PROC_USER_INIT_INO). */
#define INITIAL_USERS 0xeffffffdU

static int look_at(int dir, const char *path, struct portres_netns *netns)
{
	struct stat st;

	if (RETRY(fstatat(dir, path, &st, 0)) < 0)
		return -errno;
	netns->device = st.st_dev;
	netns->inode = st.st_ino;
	return 0;
}

static bool same(const struct portres_netns *a, const struct portres_netns *b)
{
	return a->device == b->device && a->inode == b->inode;
}

void portres_netns_note(struct portres_netns *netns)
{
	netns->error = look_at(AT_FDCWD, OWN, netns);
}

/* Leaves the first of its names in order; -ENOENT if it has none. */
static int find_name(const struct portres_netns *netns, char name[NAME_MAX + 1])
{
	DIR *names = opendir(NAMES);
	struct portres_netns named = { 0 };
	struct dirent *entry;
	int error = -ENOENT;

	if (!names)
		return errno == ENOENT ? -ENOENT : -errno;
	for (errno = 0; (entry = readdir(names)) || errno == EINTR; errno = 0) {
		if (!entry || entry->d_name[0] == '.')
			continue;
		if (look_at(dirfd(names), entry->d_name, &named) || !same(netns, &named))
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
 * Whether the thread is still in the namespace, and that belongs to a user namespace that is
 * not the first one: then it cannot be the machine's, whatever may not be looked at.
 */
static bool belongs_to_user(const struct portres_netns *netns)
{
	struct stat st = { 0 };
	bool is = false;
	int users;
	int fd = RETRY(open(OWN, O_RDONLY | O_CLOEXEC));

	if (fd < 0)
		return false;
	users = ioctl(fd, NS_GET_USERNS);
	if (users >= 0) {
		is = fstat(fd, &st) == 0 && st.st_ino == netns->inode &&
		     fstat(users, &st) == 0 && st.st_ino != INITIAL_USERS;
		close(users);
	}
	close(fd);
	return is;
}

static int unknown(struct portres *handle, int error, const char *path)
{
	const char *why = portres_errno_text(error);

	if (strcmp(path, FIRST) == 0 && (error == -EACCES || error == -EPERM))
		return portres_explain(handle->text, error, "only root can tell whether this "
				       "network namespace is the machine's: %s: %s", path, why);
	/* No file is not no reservation. */
	if (error == -ENOENT)
		error = -EOPNOTSUPP;
	return portres_explain(handle->text, error, "cannot tell which network namespace this "
			       "is: %s: %s", path, why);
}

int portres_find_home(struct portres *handle, struct portres_home *home)
{
	struct portres_netns machine = { 0 };
	int first;
	int error;

	if (handle->netns.error)
		return unknown(handle, handle->netns.error, OWN);
	first = look_at(AT_FDCWD, FIRST, &machine);
	if (!first && same(&handle->netns, &machine)) {
		home->realm = PORTRES_MACHINE;
		return 0;
	}
	error = find_name(&handle->netns, home->name);
	if (!error) {
		home->realm = PORTRES_NAMED;
		return 0;
	}
	if (error != -ENOENT)
		return unknown(handle, error, NAMES);
	if (first && !belongs_to_user(&handle->netns))
		return unknown(handle, first, FIRST);
	home->realm = PORTRES_NAMELESS;
	return 0;
}
