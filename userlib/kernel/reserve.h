/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests to the kernel that <portres/portres.h> does not have. */
#ifndef PORTRES_RESERVE_H
#define PORTRES_RESERVE_H

#include "handle.h"
#include "reservation.h"

/* Create and delete in the kernel, without the store. */
int portres_kernel_create(struct portres *handle, const struct portres_spec *spec,
			  uint64_t *token);
/* Changes the reservation of a token; what are PORTRES_SET_ bits. */
int portres_kernel_set(struct portres *handle, uint64_t token, const struct portres_spec *to,
		       unsigned int what);
int portres_kernel_delete(struct portres *handle, uint8_t protocol, uint16_t first,
			  uint16_t count);

/* As portres_get_block(), but also -ENOENT for a runtime reservation. */
int portres_get_persistent(struct portres *handle, uint8_t protocol, uint16_t first,
			   uint16_t count, struct portres_reservation **reservation);

/*
 * Check whether the caller may create and delete: 0, -EPERM, or the errno of a failed
 * request.
 */
int portres_may_create(struct portres *handle);

#endif /* PORTRES_RESERVE_H */
