/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of sentences, for people and as JSON. */
#ifndef PORTRES_SENTENCES_H
#define PORTRES_SENTENCES_H

#include <stddef.h>

#include "record.h"

struct sentences {
	char **items;
	size_t count;
};

/* Adds one. What is from elsewhere has to be safe to print already. */
void say(struct sentences *sentences, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* All of them in one, with a word between any two. To be freed. */
char *sentences_join(const struct sentences *sentences, const char *between);

/* Print each on a line; add them to a record as an array. */
void sentences_print(const struct sentences *sentences);
void sentences_put(struct record *record, const char *key, const struct sentences *sentences);

void sentences_free(struct sentences *sentences);

#endif /* PORTRES_SENTENCES_H */
