// SPDX-License-Identifier: GPL-2.0-only
/* Gives a test a store of its own, and looks into it without the library. */
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "env.h"
#include "stage.h"
#include "tap.h"

void new_store(const char *options)
{
	mkdir("/var/lib", 0755);
	mkdir(STATE_DIR, 0755);
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", STATE_DIR, "tmpfs", 0, options) || chmod(STATE_DIR, 0755))
		tap_bail("no store of our own: %s", strerror(errno));
	mptcp_leave_out();
}

void change_store(const char *options)
{
	unsigned long flags = MS_REMOUNT;

	if (strcmp(options, "ro") == 0)
		flags |= MS_RDONLY;
	if (mount("none", STATE_DIR, "tmpfs", flags, flags & MS_RDONLY ? NULL : options))
		tap_bail("cannot mount the store with %s: %s", options, strerror(errno));
}

size_t stored_ports(uint8_t ports[65536])
{
	DIR *files = opendir(STATE_DIR);
	struct dirent *entry;
	size_t count = 0;

	memset(ports, 0, 65536);
	while (files && (entry = readdir(files))) {
		unsigned int first, last;

		if (sscanf(entry->d_name, "udp-%u-%u", &first, &last) != 2)
			continue;
		count++;
		for (; first <= last && last < 65536; first++)
			ports[first]++;
	}
	if (files)
		closedir(files);
	return count;
}
