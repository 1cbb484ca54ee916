/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether somebody could bind to a port, and what would stop it. */
#ifndef PORTRES_VERDICT_H
#define PORTRES_VERDICT_H

#include "asker.h"
#include "sentences.h"
#include "situation.h"

struct verdict {
	bool known;			/* false: nothing can be said from here */
	struct sentences stops;		/* each for itself stops the bind */
	struct sentences conditions;	/* "as user relay": the bind succeeds if all are true */
};

void verdict_find(const struct situation *situation, const struct asker *asker,
		  struct verdict *verdict);
void verdict_free(struct verdict *verdict);

#endif /* PORTRES_VERDICT_H */
