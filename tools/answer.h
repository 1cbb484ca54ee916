/* SPDX-License-Identifier: GPL-2.0-only */
/* What "portres why" says: all of its sentences. */
#ifndef PORTRES_ANSWER_H
#define PORTRES_ANSWER_H

#include "asker.h"
#include "sentences.h"
#include "situation.h"
#include "verdict.h"

/* What is known about a port. */
void answer_facts(const struct situation *situation, struct sentences *answer);

/* Whether the asker could bind to it, and why not. */
void answer_verdict(const struct situation *situation, const struct asker *asker,
		    const struct verdict *verdict, struct sentences *answer);

/* What to do. verdict is NULL if nobody was named. */
void answer_advice(const struct situation *situation, const struct asker *asker,
		   const struct verdict *verdict, struct sentences *advice);

#endif /* PORTRES_ANSWER_H */
