// SPDX-License-Identifier: LGPL-2.1-or-later
/* The names in a store, and where stores are. Pure. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

#define STATE "/var/lib/portres"

char *portres_store_directory(const struct portres_home *home)
{
	char *path;

	if (home->realm == PORTRES_MACHINE)
		return strdup(STATE);
	if (asprintf(&path, STATE "/netns/%s", home->name) < 0)
		return NULL;
	return path;
}

void portres_stored_name_of(portres_stored_name name, const char *prefix, uint16_t first,
			    uint16_t count)
{
	snprintf(name, PORTRES_STORED_MAX, "%sudp-%u-%u", prefix, first, first + count - 1U);
}

bool portres_stored_block(const char *name, uint16_t *first, uint16_t *count)
{
	portres_stored_name again;
	unsigned int from;
	unsigned int last;

	if (strlen(name) >= sizeof("udp-65535-65535") ||
	    sscanf(name, "udp-%5u-%5u", &from, &last) != 2 ||
	    !from || last < from || last > UINT16_MAX)
		return false;
	/* One name for one block: no leading zeros, nothing behind. */
	portres_stored_name_of(again, "", (uint16_t)from, (uint16_t)(last - from + 1));
	if (strcmp(name, again) != 0)
		return false;
	*first = (uint16_t)from;
	*count = (uint16_t)(last - from + 1);
	return true;
}

bool portres_stored_leftover(const char *name)
{
	return strncmp(name, PORTRES_NEW, strlen(PORTRES_NEW)) == 0 ||
	       strncmp(name, PORTRES_OLD, strlen(PORTRES_OLD)) == 0;
}

bool portres_stored_aside(const char *name, const struct portres_home *home)
{
	if (strcmp(name, "netns") == 0)
		return home->realm == PORTRES_MACHINE;
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	       strcmp(name, PORTRES_LOCK) == 0 || portres_stored_leftover(name);
}

int portres_disk_error(int error)
{
	switch (error) {
	case -EPERM:
		return -EACCES;
	case -ENOENT:
	case -EEXIST:
	case -EINVAL:
	case -EOPNOTSUPP:
	case -ENOSYS:
	case -EAGAIN:
		return -EIO;
	default:
		return error;
	}
}
