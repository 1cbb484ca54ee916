/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which network namespace this is: the machine's own, one with a name, or one without. */
#ifndef PORTRES_NETNS_H
#define PORTRES_NETNS_H

#include <limits.h>

#include "internal.h"

enum portres_realm { PORTRES_MACHINE, PORTRES_NAMED, PORTRES_NAMELESS };

struct portres_home {
	enum portres_realm realm;
	char name[NAME_MAX + 1];	/* if it is PORTRES_NAMED */
};

/* Notes the namespace of the calling thread. */
void portres_netns_note(struct portres_netns *netns);

/* Finds out about the namespace of a handle, as it is now: 0, or an error with its text. */
int portres_find_home(struct portres *handle, struct portres_home *home);

#endif /* PORTRES_NETNS_H */
