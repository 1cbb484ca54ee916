/* SPDX-License-Identifier: GPL-2.0-only */
/* Text of unknown origin, escaped for terminals and for JSON. */
#ifndef PORTRES_TEXT_H
#define PORTRES_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * A copy with control characters, invalid UTF-8 and characters that reorder text as \xNN, and a
 * backslash as \\. To be freed.
 */
char *safe_text(const char *raw);

/* Bytes at the beginning of a text that are ASCII and need no escape anywhere. */
size_t plain_length(const char *raw);

/* The same for a word that a message quotes, cut if it is long. To be freed. */
char *quoted_text(const char *raw);

/* A copy for a JSON string, without the quotes; invalid UTF-8 is U+FFFD. To be freed. */
char *json_text(const char *raw);

/* Columns of a safe text on a terminal. */
size_t text_width(const char *safe);

/* Formats a text, to be freed. Exits the program without memory. */
char *format_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Two texts in one, to be freed. */
char *join_text(const char *first, const char *second);

/* Writes the digits of a number to a buffer, and returns where they begin in it. */
#define NUMBER_TEXT_MAX 24
const char *number_text(char buffer[NUMBER_TEXT_MAX], uint64_t number);

/* Adds an item to a list with commas; *list is NULL at first, and to be freed. */
void append_text(char **list, const char *item);

/* Returns memory, or exits the program if it is NULL. */
void *check_alloc(void *memory);

#endif /* PORTRES_TEXT_H */
