/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A reservation in words: the grammar of the command line, of the store and of the files of
 * declarations. Pure: no I/O, no allocation, nothing is looked up.
 *
 * What is written to why has the word at fault in it as it came: escape it for a terminal.
 */
#ifndef PORTRES_WORDS_H
#define PORTRES_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORTRES_WHY_MAX 256

/* PROTOCOL RANGE name TEXT user USER, and one that is too many */
#define PORTRES_WORDS_MAX 7

/* A line with the longest name, each byte of it as four, and an owner; and a comment. */
#define PORTRES_LINE_MAX 512

typedef char portres_why[PORTRES_WHY_MAX];

struct portres_words {
	uint8_t protocol;
	uint16_t first;
	uint16_t count;
	const char *name;	/* the caller's word; NULL: none */
	const char *user;	/* the same; a number or a name */
};

/* These return whether the words make sense; if not, why is written. */
bool portres_words_range(const char *word, uint16_t *first, uint16_t *count, portres_why why);

/* PROTOCOL RANGE */
bool portres_words_block(int argc, char *const *argv, struct portres_words *words,
			 portres_why why);

/* PROTOCOL RANGE [name TEXT] [user USER] */
bool portres_words_parse(int argc, char *const *argv, struct portres_words *words,
			 portres_why why);

/* Whether the word is a number that a user can have. */
bool portres_words_number(const char *word, uint32_t *number);

/*
 * Cuts a line into words, in place: blanks between them, "quotes" around blanks, \x41 and a
 * backslash before any mark, # before a comment. Returns how many there are (never more than
 * PORTRES_WORDS_MAX are stored or counted), or -1 and why.
 */
int portres_words_split(char *line, char *argv[PORTRES_WORDS_MAX], portres_why why);

/* The line for a reservation, without its end. user is a number, or NULL. */
void portres_words_format(char line[PORTRES_LINE_MAX], const struct portres_words *words);

/*
 * Cuts a text into lines and calls take for each that is not empty: with words, or with why
 * not. text is written to and has a zero behind its len bytes. A take that returns something
 * else than 0 ends it. The last line needs no end.
 */
typedef int portres_line_fn(unsigned int line, const struct portres_words *words,
			    const char *why, void *arg);
int portres_words_each_line(char *text, size_t len, portres_line_fn *take, void *arg);

#endif /* PORTRES_WORDS_H */
