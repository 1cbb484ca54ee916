/* SPDX-License-Identifier: GPL-2.0-only */
/* Text of unknown origin, made safe for terminals and for JSON. */
#ifndef PORTRES_TEXT_H
#define PORTRES_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * A copy in which control characters, invalid UTF-8 and what reorders text are \xNN, and
 * a backslash is \\. To be freed.
 */
char *safe_text(const char *raw);

/* A copy as it stands between the quotes of JSON; invalid UTF-8 is U+FFFD. */
char *json_text(const char *raw);

/* Columns that a safe text takes on a terminal. */
size_t text_width(const char *safe);

/* A copy of a formatted text, to be freed. Ends the program if there is no memory. */
char *format_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As malloc() and free(), but ends the program if there is no memory. */
void *need(void *memory);

#endif /* PORTRES_TEXT_H */
