/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which store a network namespace has: that of the system, that of its name, or none. */
#ifndef PORTRES_HOME_H
#define PORTRES_HOME_H

#include <limits.h>

#include "kernel/handle.h"

enum portres_realm { PORTRES_REALM_SYSTEM, PORTRES_REALM_NAMED, PORTRES_REALM_UNNAMED };

struct portres_home {
	enum portres_realm realm;
	char name[NAME_MAX + 1];	/* for PORTRES_REALM_NAMED */
};

/* Identifies the namespace of a handle as of now: 0, or an error and its message. */
int portres_home_identify(struct portres *handle, struct portres_home *home);

#endif /* PORTRES_HOME_H */
