/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A reservation as a caller specifies it, and as the kernel describes it. */
#ifndef PORTRES_RESERVATION_H
#define PORTRES_RESERVATION_H

#include <portres/portres.h>
#include <stdbool.h>
#include <stdint.h>

#include "grants.h"

/* More than any kernel's TASK_COMM_LEN. */
#define PORTRES_COMMAND_MAX 63

struct portres_refusals;

/* A block of a protocol, or of PORTRES_BOTH. */
struct portres_block {
	uint8_t protocol;
	uint16_t first;
	uint16_t count;
};

struct portres_spec {
	uint8_t protocol;
	uint16_t first;
	uint16_t count;
	bool has_owner;
	uint32_t owner;
	char *name;
	bool adopt;	/* ports in use are no obstacle */
	struct portres_grants grants;	/* besides the owner */
};

struct portres_reservation {
	uint32_t has;	/* a bit for each attribute that the kernel sent */
	uint8_t protocol;
	uint16_t first;
	uint16_t count;
	uint32_t owner;
	uint32_t sockets;
	uint32_t process;
	uint64_t process_start;
	uint64_t refused;
	uint64_t avoided;
	uint64_t token;
	uint32_t by_user;
	uint32_t by_process;
	uint16_t was_first;
	uint16_t was_count;
	char name[PORTRES_NAME_MAX + 1];
	char command[PORTRES_COMMAND_MAX + 1];
	char by_command[PORTRES_COMMAND_MAX + 1];
	struct portres_grants *grants;	/* NULL: none */
	struct portres_refusals *refusals;	/* NULL: none */
};

static inline struct portres_block portres_spec_block(const struct portres_spec *spec)
{
	return (struct portres_block){ spec->protocol, spec->first, spec->count };
}

static inline bool portres_block_equal(const struct portres_block *a, const struct portres_block *b)
{
	return a->protocol == b->protocol && a->first == b->first && a->count == b->count;
}

/* Makes the spec that describes a reservation: 0 or -ENOMEM. It is to be cleared in any case. */
int portres_spec_describe(struct portres_spec *spec, const struct portres_reservation *found);

/* All grants of a spec, with the owner as the first one. grants is to be cleared. */
int portres_spec_list_grants(const struct portres_spec *spec, struct portres_grants *grants);

/* Frees what the texts and grants of a spec take, and leaves it empty. */
void portres_spec_clear(struct portres_spec *spec);

/* Frees what belongs to a reservation, but not itself. */
void portres_reservation_clear(struct portres_reservation *reservation);

/* In what a reservation differs from a spec: PORTRES_SET_ bits. */
unsigned int portres_reservation_differs(const struct portres_reservation *reservation,
					 const struct portres_spec *spec);

/* The grants, which may be none. */
const struct portres_grants *
portres_reservation_list(const struct portres_reservation *reservation);

#define PORTRES_HAS(reservation, attr) ((reservation)->has & (1U << (attr)))

#endif /* PORTRES_RESERVATION_H */
