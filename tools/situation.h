/* SPDX-License-Identifier: GPL-2.0-only */
/* All that is known about a port. */
#ifndef PORTRES_SITUATION_H
#define PORTRES_SITUATION_H

#include <portres/portres.h>
#include <time.h>

#include "bindprog.h"
#include "holder.h"
#include "settings.h"

struct situation {
	uint8_t protocol;
	uint16_t port;
	struct settings settings;
	bool no_module;		/* so nothing is reserved */
	uint8_t entry_protocol;	/* of the entry that has it: may be PORTRES_BOTH */
	struct portres_reservation *reservation;	/* NULL: the port is not reserved */
	char *source;		/* the file that has it, safe to print; NULL: not known */
	time_t stored;		/* when that was written; 0: not known, or it is a declaration */
	struct holders holders;
	struct bindprogs programs;	/* at the cgroup of the task that would bind */
};

/*
 * Finds all of it out. Returns 0 or the error of the library, with its message in the handle. The
 * caller frees it in any case.
 */
int situation_find(struct portres *handle, uint8_t protocol, uint16_t port, const char *cgroup,
		   struct situation *situation);
void situation_free(struct situation *situation);

bool situation_in_use(const struct situation *situation);
bool situation_is_ephemeral(const struct situation *situation);
bool situation_is_privileged(const struct situation *situation);

#endif /* PORTRES_SITUATION_H */
