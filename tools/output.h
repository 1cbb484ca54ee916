/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints records to standard output. All output of commands passes here. */
#ifndef PORTRES_OUTPUT_H
#define PORTRES_OUTPUT_H

#include "record.h"

/* Print an array of objects, a table with a header, or paragraphs. */
void print_json(const struct records *records);
void print_table(const struct records *records);
void print_details(const struct records *records);

/* Print such an array item by item, with how many there were before; and its end. */
void print_item(const struct record *record, size_t before);
void print_end(size_t count);

/*
 * Prints a line: an object, or words as on the command line. It is written with other output, at
 * the latest before a message on standard error or at the end.
 */
void print_line(const struct record *record, bool json);

/* Flushes the output. Returns 0 or the errno of the first write that failed. */
int print_flush(void);

#endif /* PORTRES_OUTPUT_H */
