/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the library share: the objects behind the public header. */
#ifndef PORTRES_INTERNAL_H
#define PORTRES_INTERNAL_H

#include <portres/portres.h>
#include <stdbool.h>
#include <stddef.h>

#define PORTRES_TEXT_MAX 256

struct portres_link;

struct portres {
	struct portres_link *link;
	char text[PORTRES_TEXT_MAX];
};

struct portres_spec {
	uint8_t protocol;
	uint16_t first;
	uint16_t count;
	bool has_owner;
	uint32_t owner;
	char *name;
};

struct portres_reservation {
	uint32_t has;	/* a bit for each attribute that was told */
	uint8_t protocol;
	uint16_t first;
	uint16_t count;
	uint32_t owner;
	uint32_t sockets;
	uint64_t refused;
	uint64_t token;
	char name[PORTRES_NAME_MAX + 1];
};

#define PORTRES_HAS(reservation, attr) ((reservation)->has & (1U << (attr)))

/* Leaves the text of an error in text; a NULL format: the usual one. Returns error. */
int portres_explain(char text[PORTRES_TEXT_MAX], int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Asks for the privilege to create and delete, and nothing else: 0 or -EPERM, or
 * why that cannot be known.
 */
int portres_may_create(struct portres *handle);

#endif /* PORTRES_INTERNAL_H */
