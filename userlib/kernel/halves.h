/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests for a block of any protocol. For PORTRES_BOTH there is one for each half, and what fails
 * for one of them is rolled back for the other.
 */
#ifndef PORTRES_HALVES_H
#define PORTRES_HALVES_H

#include "handle.h"
#include "protocol.h"
#include "reservation.h"

/* Creates in the kernel, without the store. *token: of the last half, which is UDP. */
int portres_halves_create(struct portres *handle, const struct portres_spec *spec,
			  uint64_t *token);

/* Deletes from the kernel. -ENOENT: there was no half. */
int portres_halves_delete(struct portres *handle, const struct portres_block *block);

/*
 * Gets the persistent reservations of all halves: their number, or an error. -ENOENT: one is
 * missing. The caller frees each.
 */
int portres_halves_get(struct portres *handle, const struct portres_block *block,
		       struct portres_reservation *found[PORTRES_HALVES]);

#endif /* PORTRES_HALVES_H */
