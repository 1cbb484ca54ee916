/* SPDX-License-Identifier: GPL-2.0-only */
/* The port space of a protocol: what is reserved, bound and set for each port. */
#ifndef PORTRES_SPACE_H
#define PORTRES_SPACE_H

#include <portres/portres.h>

#include "settings.h"

struct space_block {
	struct range range;
	char *name;		/* NULL: none */
	char *process;		/* that acquired it; NULL: it is persistent */
};

struct space {
	uint8_t protocol;
	struct portset reserved;
	struct portset runtime;		/* the part of reserved that processes acquired */
	struct portset bound;
	struct settings settings;
	struct space_block *blocks;	/* in ascending order of ports */
	size_t count;
};

/*
 * Reads all of it. Returns 0 or the error of the library, with its message in the handle. The
 * caller frees it in any case.
 */
int space_read(struct portres *handle, uint8_t protocol, struct space *space);
void space_free(struct space *space);

/* "5000-5009 RTP relay", "40000-40015 of viewer[812]"; safe to print. To be freed. */
char *space_block_text(const struct space_block *block);

#endif /* PORTRES_SPACE_H */
