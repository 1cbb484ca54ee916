// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lists of grants, and the accessors of a grant. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grants.h"

/* With the terminating zero, as the kernel counts. */
static size_t text_length(const struct portres_grant *grant)
{
	return grant->text ? strlen(grant->text) + 1 : 0;
}

static bool is_same_grant(const struct portres_grant *a, const struct portres_grant *b)
{
	return a->kind == b->kind && a->has_user == b->has_user &&
	       (!a->has_user || a->user == b->user) && !a->text == !b->text &&
	       (!a->text || strcmp(a->text, b->text) == 0);
}

static bool has_grant(const struct portres_grants *grants, const struct portres_grant *grant)
{
	unsigned int i;

	for (i = 0; i < grants->count; i++)
		if (is_same_grant(&grants->items[i], grant))
			return true;
	return false;
}

int portres_grants_add(struct portres_grants *grants, const struct portres_grant *grant)
{
	size_t len = text_length(grant);
	struct portres_grant copy = *grant;
	unsigned int i;

	if (has_grant(grants, grant))
		return 0;
	for (i = 0; i < grants->count; i++)
		len += text_length(&grants->items[i]);
	if (grants->count == PORTRES_GRANTS_MAX || len > PORTRES_GRANTS_TEXT_MAX)
		return -E2BIG;
	if (grant->text) {
		copy.text = strdup(grant->text);
		if (!copy.text)
			return -ENOMEM;
	}
	grants->items[grants->count++] = copy;
	return 0;
}

int portres_grants_add_all(struct portres_grants *grants, const struct portres_grants *more)
{
	unsigned int i;
	int error = 0;

	for (i = 0; !error && i < more->count; i++)
		error = portres_grants_add(grants, &more->items[i]);
	return error;
}

void portres_grants_clear(struct portres_grants *grants)
{
	while (grants->count)
		free(grants->items[--grants->count].text);
}

bool portres_grants_equal(const struct portres_grants *a, const struct portres_grants *b)
{
	unsigned int i;

	/* No list has a grant twice. */
	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (!has_grant(b, &a->items[i]))
			return false;
	return true;
}

bool portres_grants_user(const struct portres_grants *grants, uint32_t *user)
{
	unsigned int i;

	for (i = 0; i < grants->count; i++) {
		if (grants->items[i].kind != PORTRES_GRANT_USER)
			continue;
		*user = grants->items[i].user;
		return true;
	}
	return false;
}

enum portres_grant_kind portres_grant_kind(const struct portres_grant *grant)
{
	return grant->kind;
}

int portres_grant_user(const struct portres_grant *grant, uid_t *user)
{
	if (!grant->has_user)
		return -ENOENT;
	*user = grant->user;
	return 0;
}

const char *portres_grant_unit(const struct portres_grant *grant)
{
	return grant->kind == PORTRES_GRANT_UNIT ? grant->text : NULL;
}

const char *portres_grant_cgroup(const struct portres_grant *grant)
{
	return grant->kind == PORTRES_GRANT_CGROUP ? grant->text : NULL;
}
