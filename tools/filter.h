/* SPDX-License-Identifier: GPL-2.0-only */
/* Which reservations are shown. */
#ifndef PORTRES_FILTER_H
#define PORTRES_FILTER_H

#include <portres/portres.h>

#include "parse.h"

struct filter_sockets;

struct filter {
	struct block_args grantees;	/* for: one of these, or the user that acquired it */
	const char *name;		/* a pattern; NULL: any name, or none */
	bool bound;
	struct filter_sockets *sockets;	/* where sockets are bound, once that was asked for */
};

/* Returns how many words come before the first keyword of a filter. */
int filter_find(int argc, char *const *argv);

/*
 * [for GRANTEE]... [name GLOB] [bound]. Returns false and writes reason if the words are invalid.
 * The words stay in use.
 */
bool filter_parse(int argc, char **argv, struct filter *filter, parse_reason reason);

bool filter_has(struct filter *filter, const struct portres_reservation *reservation);
void filter_free(struct filter *filter);

#endif /* PORTRES_FILTER_H */
