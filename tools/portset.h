/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of ports, and lists of them as the kernel writes them: "5000-5009,8080". */
#ifndef PORTRES_PORTSET_H
#define PORTRES_PORTSET_H

#include <stdbool.h>
#include <stdint.h>

#include "range.h"

#define PORTS 65536
#define PORTSET_WORDS (PORTS / 64)

/* A bit for each port. Port 0 is in no set. */
struct portset {
	uint64_t words[PORTSET_WORDS];
};

void portset_add(struct portset *set, const struct range *range);
bool portset_has(const struct portset *set, unsigned int port);
unsigned int portset_count(const struct portset *set);

/* Whether the set has a port from first to last. */
bool portset_has_any(const struct portset *set, unsigned int first, unsigned int last);

/* Adds, removes or keeps only the ports of the other set. */
void portset_add_all(struct portset *set, const struct portset *other);
void portset_remove_all(struct portset *set, const struct portset *other);
void portset_keep_all(struct portset *set, const struct portset *other);

/* Finds the first run of consecutive ports with none before from. Returns whether there is one. */
bool portset_next_run(const struct portset *set, unsigned int from, struct range *run);

/* Finds the first run of ports that are not in the set. */
bool portset_next_gap(const struct portset *set, unsigned int from, struct range *gap);

/* "5000-5009,8080", "" for the empty set. To be freed. */
char *portset_text(const struct portset *set);

/* Adds the ports of such a list. Returns false if it is none; the set has some of it then. */
bool portset_parse(struct portset *set, const char *list);

#endif /* PORTRES_PORTSET_H */
