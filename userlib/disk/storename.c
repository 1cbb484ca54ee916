// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names in a store and directories of stores. No I/O. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/protocol.h"
#include "store.h"

#define STATE "/var/lib/portres"

char *portres_store_directory(const struct portres_home *home)
{
	char *path;

	if (home->realm == PORTRES_REALM_SYSTEM)
		return strdup(STATE);
	if (asprintf(&path, STATE "/netns/%s", home->name) < 0)
		return NULL;
	return path;
}

void portres_stored_name_format(portres_stored_name name, const char *prefix,
				const struct portres_block *block)
{
	snprintf(name, PORTRES_STORED_MAX, "%s%s-%u-%u", prefix,
		 portres_protocol_word(block->protocol), block->first,
		 block->first + block->count - 1U);
}

/* Parses a port without leading zeros. Returns what is behind it, or NULL. */
static const char *parse_port(const char *at, unsigned int *port)
{
	if (*at < '1' || *at > '9')
		return NULL;
	for (*port = 0; *at >= '0' && *at <= '9'; at++) {
		*port = *port * 10 + (unsigned int)(*at - '0');
		if (*port > UINT16_MAX)
			return NULL;
	}
	return at;
}

/* Each block has one name. It is parsed for each comparison of a sort: by hand. */
bool portres_stored_name_parse(const char *name, struct portres_block *block)
{
	const char *at = strchr(name, '-');
	struct portres_block found;
	unsigned int from;
	unsigned int last;

	if (!at || !portres_protocol_find(name, (unsigned int)(at - name), &found.protocol))
		return false;
	at = parse_port(at + 1, &from);
	if (!at || *at != '-')
		return false;
	at = parse_port(at + 1, &last);
	if (!at || *at || last < from)
		return false;
	found.first = (uint16_t)from;
	found.count = (uint16_t)(last - from + 1);
	*block = found;
	return true;
}

static bool has_prefix(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

bool portres_stored_is_unfinished(const char *name, struct portres_block *block)
{
	size_t len = has_prefix(name, PORTRES_ADD) ? strlen(PORTRES_ADD) :
		     has_prefix(name, PORTRES_OLD) ? strlen(PORTRES_OLD) : 0;

	return len && portres_stored_name_parse(name + len, block) &&
	       block->protocol == PORTRES_BOTH;
}

bool portres_stored_is_leftover(const char *name)
{
	return has_prefix(name, PORTRES_NEW) || has_prefix(name, PORTRES_OLD) ||
	       has_prefix(name, PORTRES_ADD);
}

bool portres_stored_is_internal(const char *name, const struct portres_home *home)
{
	if (strcmp(name, "netns") == 0)
		return home->realm == PORTRES_REALM_SYSTEM;
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	       strcmp(name, PORTRES_LOCK) == 0 ||
	       strncmp(name, PORTRES_EXPORTED, strlen(PORTRES_EXPORTED)) == 0 ||
	       portres_stored_is_leftover(name);
}

int portres_disk_error(int error)
{
	switch (error) {
	case -EPERM:
		return -EACCES;
	case -ENOENT:
	case -EBUSY:
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
