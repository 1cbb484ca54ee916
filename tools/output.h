/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one way to standard output. A command puts what it knows into records, each fact
 * with its key for JSON and its label for people; how it looks is decided here.
 */
#ifndef PORTRES_OUTPUT_H
#define PORTRES_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a fact is shown to people. */
enum {
	IN_TABLE = 1,
	IN_DETAIL = 2,
	IN_WORDS = 4,
	BARE = 8,	/* without its label, except as the head of a column */
};

struct records;

struct fact {
	const char *key;	/* NULL: not in JSON */
	const char *label;
	unsigned int where;
	bool number;		/* without quotes in JSON, to the right in a column */
	char *value;		/* as it came; NULL: there is none */
	struct records *list;	/* instead of a value */
};

struct record {
	struct fact facts[24];
	size_t count;
};

struct records {
	struct record *items;
	size_t count;
};

/* Adds an empty record, valid until the next one is added. */
struct record *records_add(struct records *records);
void records_free(struct records *records);

void put_text(struct record *record, const char *key, const char *label,
	      unsigned int where, const char *value);
void put_number(struct record *record, const char *key, const char *label,
		unsigned int where, uint64_t value);

/* true or false; for JSON alone */
void put_flag(struct record *record, const char *key, bool value);

/* 64 bits in hexadecimal: JSON's numbers are too small for them, so a string. */
void put_token(struct record *record, const char *key, const char *label,
	       unsigned int where, uint64_t value);

/* Takes the records. */
void put_list(struct record *record, const char *key, const char *label,
	      unsigned int where, struct records *list);

/* As an array of objects, as a table with a head, as paragraphs. */
void print_json(const struct records *records);
void print_table(const struct records *records);
void print_details(const struct records *records);

/* As a line: an object, or words in the manner of the command line. */
void print_line(const struct record *record, bool json);

#endif /* PORTRES_OUTPUT_H */
