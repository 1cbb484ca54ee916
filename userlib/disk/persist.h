/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What creation and change of stored reservations share. */
#ifndef PORTRES_PERSIST_H
#define PORTRES_PERSIST_H

#include "store.h"

/* A block that is wanted, and where it is looked for. */
struct portres_wanted {
	const struct portres_store *store;
	const struct portres_spec *spec;
};

/*
 * Finds the store of the handle's namespace. For a caller that may not change reservations the
 * error is about that alone. In a namespace without a store the kernel checks the permission with
 * the request, so this function does not check it.
 */
int portres_persist_home(struct portres *handle, struct portres_home *home);

/*
 * For portres_store_overlaps(), with a struct portres_wanted: -EEXIST for a stored reservation
 * that is not active, so that the kernel does not know of the conflict.
 */
int portres_persist_reject_unrestored(const struct portres_block *block, void *arg);

/*
 * -EBUSY for a block that is one half of an entry in both protocols; -ENOENT for a block in both
 * protocols that has an entry for each. store may be NULL.
 */
int portres_persist_reject_half(struct portres *handle, const struct portres_home *home,
				const struct portres_store *store,
				const struct portres_block *block);

#endif /* PORTRES_PERSIST_H */
