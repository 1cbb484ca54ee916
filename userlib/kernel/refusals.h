/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Refused binds: what each process was refused of a reservation. */
#ifndef PORTRES_REFUSAL_LIST_H
#define PORTRES_REFUSAL_LIST_H

#include <portres/portres.h>
#include <stdint.h>

#include "reservation.h"

/* The most that are kept of one message; the kernel has 32 for each namespace. */
#define PORTRES_REFUSALS_MAX 64

struct portres_attribute;

struct portres_refusal {
	uint32_t has;	/* a bit for each attribute that the kernel sent */
	uint8_t protocol;
	uint16_t first;	/* with count, 0: the reservation is gone */
	uint16_t count;
	uint16_t port;
	uint16_t error;
	uint32_t user;
	uint32_t process;
	uint64_t process_start;
	uint64_t cgroup;
	uint64_t time;
	uint64_t times;
	char name[PORTRES_NAME_MAX + 1];
	char command[PORTRES_COMMAND_MAX + 1];
};

struct portres_refusals {
	unsigned int count;
	uint32_t lost;
	struct portres_refusal items[PORTRES_REFUSALS_MAX];
};

/*
 * Reads a nest: 0, or -EPROTO if it makes no sense. Attributes that a newer kernel may add are
 * passed over. What is too much counts as lost.
 */
int portres_refusals_add(struct portres_refusals *refusals, const struct portres_attribute *nest);

#endif /* PORTRES_REFUSAL_LIST_H */
