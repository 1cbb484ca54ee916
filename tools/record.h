/* SPDX-License-Identifier: GPL-2.0-only */
/* Records: facts, each with a key for JSON and a label for display. */
#ifndef PORTRES_RECORD_H
#define PORTRES_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a fact is displayed. */
enum {
	IN_TABLE = 1,
	IN_DETAIL = 2,
	IN_WORDS = 4,
	BARE = 8,	/* without its label, except as the head of a column */
	AS_TYPED = 16,	/* as it is, with its keywords, and not in the head of a paragraph */
};

struct records;

enum fact_kind {
	FACT_NONE,		/* no value: null, or "-" */
	FACT_TEXT,
	FACT_NUMBER,
	FACT_FLAG,		/* true or false, in JSON only */
	FACT_TOKEN,		/* a hexadecimal string */
	FACT_LIST,
};

struct fact {
	const char *key;	/* NULL: not in JSON */
	const char *label;
	unsigned int where;
	enum fact_kind kind;
	union {
		char *text;	/* not escaped */
		uint64_t number;
		struct records *list;
	};
};

/* What a record is for: other facts are not added, and need not be computed. */
enum record_use { FOR_ANY, FOR_JSON, FOR_TABLE, FOR_WORDS };

struct record {
	struct fact facts[40];
	size_t count;
	enum record_use use;
};

struct records {
	struct record *items;
	size_t count;
	size_t room;
};

/* Begins a record by itself; record_clear() ends it. */
void record_begin(struct record *record, enum record_use use);

/* Adds an empty record, valid until the next one is added. */
struct record *records_add(struct records *records);
void records_free(struct records *records);

/* Frees what belongs to a record, which is empty then. */
void record_clear(struct record *record);

/* The value of a fact as text, not escaped; to be freed. NULL: none. */
char *fact_value(const struct fact *fact);

void put_text(struct record *record, const char *key, const char *label,
	      unsigned int where, const char *value);
void put_number(struct record *record, const char *key, const char *label,
		unsigned int where, uint64_t value);

void put_flag(struct record *record, const char *key, bool value);

/* A hexadecimal string: a JSON number does not hold 64 bits exactly. */
void put_token(struct record *record, const char *key, const char *label,
	       unsigned int where, uint64_t value);

/* Takes ownership of the records. */
void put_list(struct record *record, const char *key, const char *label,
	      unsigned int where, struct records *list);

#endif /* PORTRES_RECORD_H */
