/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The grammar of the command line, of the store and of declarations. No I/O, no allocation, no
 * lookup of names.
 *
 * A reason quotes the rejected word unchanged: escape it for a terminal.
 */
#ifndef PORTRES_WORDS_H
#define PORTRES_WORDS_H

#include <portres/portres.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for a quoted word, each byte escaped as four, and the longest reason. */
#define PORTRES_REASON_MAX 384

/* Limit of the bytes that are quoted of a word, which leaves room for the reason. */
#define PORTRES_QUOTED_MAX 40

/*
 * PROTOCOL RANGE name TEXT user USER, PORTRES_GRANTS_MAX times "for unit NAME of USER", adopt, was
 * RANGE; and one more, to detect too many
 */
#define PORTRES_WORDS_MAX (6 + 5 * PORTRES_GRANTS_MAX + 3 + 1)

/* A line with the longest name and the longest grants, each byte of them as four. */
#define PORTRES_LINE_MAX (384 + 4 * PORTRES_GRANTS_TEXT_MAX + 32 * PORTRES_GRANTS_MAX)

typedef char portres_reason[PORTRES_REASON_MAX];
typedef char portres_quoted[PORTRES_QUOTED_MAX + sizeof("...")];

/* One "for". The words are the caller's; the name of a unit may lack its suffix. */
struct portres_words_grant {
	enum portres_grant_kind kind;
	const char *text;	/* of a unit or a cgroup */
	const char *user;	/* a number or a name; of a unit, NULL: the system's manager */
};

struct portres_words {
	uint8_t protocol;	/* IPPROTO_UDP, IPPROTO_TCP or PORTRES_BOTH */
	uint16_t first;
	uint16_t count;
	const char *name;	/* the caller's word; NULL: none */
	bool adopt;
	bool nobody;		/* set: "for nobody", removes all grants */
	uint16_t other_first;	/* set: the new block; in the store, the one that was replaced */
	uint16_t other_count;	/* 0: none */
	bool user_word;		/* one of the grants is by the keyword user alone */
	unsigned int grants_count;
	struct portres_words_grant grants[PORTRES_GRANTS_MAX];
};

/* Where words come from, which decides what is valid. */
enum portres_grammar { PORTRES_GRAMMAR_DECLARE, PORTRES_GRAMMAR_SET, PORTRES_GRAMMAR_STORE };

/* Decodes a character of UTF-8. Returns its length, 0 if the bytes are not valid. */
size_t portres_words_decode(const char *at, uint32_t *character);

/* Check for control characters, which a terminal interprets: C0, DEL, C1. */
bool portres_words_is_control(uint32_t character);

/*
 * Copies a word for a message. After PORTRES_QUOTED_MAX bytes "..." replaces the rest, without
 * splitting a character of UTF-8. Returns quoted.
 */
const char *portres_words_quote(portres_quoted quoted, const char *word);

/* These return false and write reason if the words are invalid. */
bool portres_words_range(const char *word, uint16_t *first, uint16_t *count, portres_reason reason);

/* PROTOCOL RANGE */
bool portres_words_block(int argc, char *const *argv, struct portres_words *words,
			 portres_reason reason);

/*
 * PROTOCOL RANGE [name TEXT] [user USER] [for GRANTEE]..., and then [adopt], for a change [range
 * RANGE] or "for nobody" as the one grant, and in the store [was RANGE] besides
 */
bool portres_words_parse(int argc, char *const *argv, enum portres_grammar grammar,
			 struct portres_words *words, portres_reason reason);

/*
 * Parses the words after "for": user USER, unit NAME [of USER], cgroup PATH, kernel, nobody.
 * Returns how many words it used; 0 with reason written if they are invalid.
 */
int portres_words_parse_grant(int argc, char *const *argv, enum portres_grammar grammar,
			      struct portres_words *words, portres_reason reason);

/* Check for valid UTF-8 without control characters. what: its name, for reason. */
bool portres_words_check_text(const char *what, const char *word, portres_reason reason);

/* Writes reason, with word quoted for the only %s of format. Returns false. */
bool portres_words_fail(portres_reason reason, const char *format, const char *word)
	__attribute__((format(printf, 2, 0)));

/* Parses the number of a user. */
bool portres_words_number(const char *word, uint32_t *number);

/*
 * Splits a line into words in place: blanks separate them, "quotes" enclose blanks, \x41 and a
 * backslash before any mark are escapes, # begins a comment. Returns the number of words, at most
 * PORTRES_WORDS_MAX, or -1 with reason written.
 */
int portres_words_split(char *line, char *argv[PORTRES_WORDS_MAX], portres_reason reason);

/* Writes the line of a reservation without its newline. Users are numbers; other_* is "was". */
void portres_words_format(char line[PORTRES_LINE_MAX], const struct portres_words *words);

/*
 * Splits a text into lines, in the grammar of the store, and calls take for each that is not empty:
 * with its words, or with the reason why it is invalid. Writes to text, which has a zero after its
 * len bytes. A nonzero return of take ends it. The last line needs no newline.
 */
typedef int portres_line_fn(unsigned int line, const struct portres_words *words,
			    const char *reason, void *arg);
int portres_words_each_line(char *text, size_t len, portres_line_fn *take, void *arg);

#endif /* PORTRES_WORDS_H */
