/* SPDX-License-Identifier: GPL-2.0-only */
/* What must be answered whatever users do: turns for a gauge, by root. */
#ifndef PORTRES_TESTS_ANSWERS_H
#define PORTRES_TESTS_ANSWERS_H

#include "client.h"

enum {
	ADMINISTRATOR,	/* creates and deletes, and tries again when the kernel says so */
	CONTROL,	/* asks for a netlink family that there is not */
	NAMESPACES,	/* makes a network namespace and waits until it has ended */
	FAMILIES,	/* loads and unloads a module with a netlink family of its own */
	ANSWERS
};

/* Of what the administrator creates: UDP if nothing is set before the turns begin. */
extern int answers_protocol;

extern const char *const answer_names[ANSWERS];
extern void (*const answer_turns[ANSWERS])(void);

/* Two seconds, in milliseconds; more on kernels that watch themselves. */
double answer_limit(void);

/* One request and what the kernel says of it, without trying again. */
int reserve_once(struct client *c, unsigned int first, unsigned int count, struct answer *answer);

#endif
