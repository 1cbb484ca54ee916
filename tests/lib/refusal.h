/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Refused requests: the errno, the attribute at fault, the text for people, and
 * that after it everything is as before.
 */
#ifndef PORTRES_TESTS_REFUSAL_H
#define PORTRES_TESTS_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "client.h"
#include "tap.h"

/* No matter which attribute is pointed to, if any. */
#define ANY_ATTR (-1)

struct refusal {
	int error;
	int bad;	/* attribute that the offset points to, 0 for none, or ANY_ATTR */
	int missing;	/* attribute that is told to be missing, 0 for none */
	bool silent;	/* needs no text: the netlink core refuses it by itself */
};

/* A fingerprint of the whole dump. */
uint64_t state_of(struct client *c);

/* Was @rq refused as wanted, and is the dump as before? Remembers what is wrong with @what. */
bool refused(struct client *c, const struct request *rq, const struct refusal *wanted,
	     const char *what);

/* A row about one or more refusals, with what was wrong with them. */
void tap_refused(bool ok, const char *fmt, ...) __printf(2, 3);

/* "FIRST" */
const char *attr_name(int attr);

#endif
