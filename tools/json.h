/* SPDX-License-Identifier: GPL-2.0-only */
/* Records as JSON. */
#ifndef PORTRES_JSON_H
#define PORTRES_JSON_H

#include <stdio.h>

#include "record.h"

/* Sets whether what follows is indented, with a key on a line of its own. */
void json_set_pretty(bool pretty);

/* Write an object or an array of objects without a newline behind it. */
void json_write_object(FILE *file, const struct record *record);
void json_write_array(FILE *file, const struct records *records);

/*
 * Write an array of objects, each on a line, one by one: json_write_item() for each, with how many
 * there were before; then json_write_end() with the number of all.
 */
void json_write_item(FILE *file, const struct record *record, size_t before);
void json_write_end(FILE *file, size_t count);

#endif /* PORTRES_JSON_H */
