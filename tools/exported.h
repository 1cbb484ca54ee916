/* SPDX-License-Identifier: GPL-2.0-only */
/* The ports that were exported to ip_local_reserved_ports, kept in a file beside the store. */
#ifndef PORTRES_EXPORTED_H
#define PORTRES_EXPORTED_H

#include <portres/portres.h>
#include <stdbool.h>

#include "portset.h"

/*
 * Computes the list to be set from the one that is set: what others have set stays, and the blocks
 * take the place of what was exported last. exported: on entry what was exported last, on return
 * what has to be kept for the next time.
 */
void exported_merge(const struct portset *set, const struct portset *blocks,
		    struct portset *exported, struct portset *list);

/* Reads what was exported last: the empty set if nothing was. Returns 0 or a negative errno. */
int exported_read(struct portres *handle, struct portset *exported);

/*
 * Keeps it. Returns 0 or a negative errno; -ENOENT: the network namespace has no name, so there is
 * no place for it.
 */
int exported_write(struct portres *handle, const struct portset *exported);

#endif /* PORTRES_EXPORTED_H */
