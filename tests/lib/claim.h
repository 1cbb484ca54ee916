/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a process of a crew claims in shared memory: that a reservation is active. It drops the
 * claim before it deletes the reservation, and a change of the crew's epoch makes the claim void.
 */
#ifndef PORTRES_TESTS_CLAIM_H
#define PORTRES_TESTS_CLAIM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct claim {
	atomic_uint epoch;	/* in which the reservation was made; 0: there is none */
	atomic_int protocol;
	atomic_ullong token;	/* written after the protocol and read before it */
};

void claim_make(struct claim *claim, unsigned int epoch, int protocol, uint64_t token);
void claim_drop(struct claim *claim);

/* Does the claim of @epoch to the reservation with @token hold? */
bool claim_holds(const struct claim *claim, unsigned int epoch, uint64_t token);

/* Does a claim hold to a reservation of @protocol, whichever it is? */
bool claim_holds_now(const struct claim *claim, int protocol);

#endif
