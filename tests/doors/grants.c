// SPDX-License-Identifier: GPL-2.0-only
/* Grants as told_grants() has them: "user 0; unit none.service; kernel". */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "env.h"
#include "message.h"

/* Returns the number of the first user from @at on, and moves @at behind it; NOBODY: no more. */
static uid_t next_user(const char **at)
{
	unsigned int uid;

	while (*at) {
		const char *grant = *at;

		*at = strstr(grant, "; ");
		if (*at)
			*at += 2;
		if (sscanf(grant, "user %u", &uid) == 1)
			return uid;
	}
	return NOBODY;
}

uid_t grants_owner(const char *grants)
{
	return next_user(&grants);
}

bool grants_have(const char *grants, uid_t uid)
{
	uid_t user;

	while ((user = next_user(&grants)) != NOBODY)
		if (user == uid)
			return true;
	return false;
}

/* Through whatever family of users, root's numbers are the machine's. */
static uid_t resolve(int way, uint32_t owner)
{
	if (way < USERS)
		return owner;
	return owner ? NOBODY : STRANGER_UID;
}

/* Appends a grant as told_grants() has it. Returns whether there may be one like that. */
static bool resolve_grant(int way, const struct wished_grant *grant,
			  char *text)
{
	static const char *const kinds[] = {
		[TO_CGROUP] = "cgroup /nowhere/at all",
		[TO_UNIT] = "unit none.service", [TO_KERNEL] = "kernel",
	};
	bool has_user = grant->kind == TO_USER || grant->kind == TO_UNIT_OF;
	uid_t uid = has_user ? resolve(way, grant->user) : 0;

	if (grant->kind > TO_KERNEL || uid == NOBODY)
		return false;
	text += strlen(text);
	if (grant->kind == TO_USER)
		sprintf(text, "user %u", uid);
	else if (grant->kind == TO_UNIT_OF)
		sprintf(text, "unit none.service of %u", uid);
	else
		strcpy(text, kinds[grant->kind]);
	return true;
}

int resolve_grants(int way, const struct wish *wish, char text[GRANTS_SIZE])
{
	struct wished_grant owner = { .kind = TO_USER, .user = wish->owner };
	unsigned int i;

	text[0] = '\0';
	if (wish->has_owner && !resolve_grant(way, &owner, text))
		return EINVAL;
	if (wish->n_grants + wish->has_owner > PORTRES_GRANTS_MAX)
		return EINVAL;
	for (i = 0; i < wish->n_grants; i++) {
		if (text[0])
			strcat(text, "; ");
		if (!resolve_grant(way, &wish->grants[i], text))
			return EINVAL;
	}
	return 0;
}
