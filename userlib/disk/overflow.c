// SPDX-License-Identifier: LGPL-2.1-or-later
/* Users that the caller's user namespace does not have. */
#include <stdint.h>
#include <stdio.h>

#include "overflow.h"

/* The overflow uid of a kernel that does not report it. */
#define OVERFLOW_UID 65534

static uint32_t overflow_uid(void)
{
	FILE *file = fopen("/proc/sys/kernel/overflowuid", "re");
	uint32_t uid = OVERFLOW_UID;

	if (!file)
		return uid;
	if (fscanf(file, "%u", &uid) != 1)
		uid = OVERFLOW_UID;
	fclose(file);
	return uid;
}

/* The map of the initial user namespace is one line, with every number but the invalid one. */
static bool has_all_users(void)
{
	FILE *file = fopen("/proc/self/uid_map", "re");
	uint32_t inside = 1;
	uint32_t outside;
	uint32_t count = 0;
	bool all;

	if (!file)
		return true;
	all = fscanf(file, "%u %u %u", &inside, &outside, &count) == 3 &&
	      inside == 0 && count == UINT32_MAX;
	fclose(file);
	return all;
}

bool portres_grants_overflow(const struct portres_grants *grants)
{
	uint32_t overflow = overflow_uid();
	unsigned int i;

	for (i = 0; i < grants->count; i++)
		if (grants->items[i].has_user && grants->items[i].user == overflow)
			return !has_all_users();
	return false;
}
