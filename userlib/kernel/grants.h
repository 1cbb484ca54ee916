/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of grants: the tasks that may bind to a reservation without an association. */
#ifndef PORTRES_GRANT_LIST_H
#define PORTRES_GRANT_LIST_H

#include <portres/portres.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct portres_grant {
	enum portres_grant_kind kind;
	bool has_user;
	uint32_t user;	/* the user; for a unit, the user whose manager runs it */
	char *text;	/* the name of a unit, the path of a cgroup */
};

/* All grants of a reservation, in the order in which they were added. */
struct portres_grants {
	unsigned int count;
	struct portres_grant items[PORTRES_GRANTS_MAX];
};

/*
 * Adds a copy of a grant, unless the same one is there already: 0, -E2BIG if there are
 * PORTRES_GRANTS_MAX, or if the texts are longer than PORTRES_GRANTS_TEXT_MAX, or -ENOMEM.
 */
int portres_grants_add(struct portres_grants *grants, const struct portres_grant *grant);

/* Adds copies of all grants of another list. */
int portres_grants_add_all(struct portres_grants *grants, const struct portres_grants *more);

/* Frees the texts and leaves an empty list. */
void portres_grants_clear(struct portres_grants *grants);

/* Whether two lists have the same grants, in any order. */
bool portres_grants_equal(const struct portres_grants *a, const struct portres_grants *b);

/* The first user grant; false if there is none. */
bool portres_grants_user(const struct portres_grants *grants, uint32_t *user);

#endif /* PORTRES_GRANT_LIST_H */
