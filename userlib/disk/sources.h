/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sources of entries. These return 0 or -ENOMEM. Any other error becomes an entry. */
#ifndef PORTRES_SOURCES_H
#define PORTRES_SOURCES_H

#include "entries.h"
#include "home.h"

int portres_entries_read_store(struct portres_entries *entries,
			       const struct portres_home *home);
int portres_entries_read_declared(struct portres_entries *entries,
				  const struct portres_home *home);

/* Whether a line declares exactly that block: 1, 0, or an error. */
int portres_is_declared(struct portres *handle, const struct portres_home *home,
			const struct portres_block *block);

#endif /* PORTRES_SOURCES_H */
