/* SPDX-License-Identifier: GPL-2.0-only */
/* From the words of the command line to what they mean. */
#ifndef PORTRES_PARSE_H
#define PORTRES_PARSE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define WHY_MAX 256

/* Why words were refused: the word, and what was expected. Safe to print. */
typedef char parse_why[WHY_MAX];

struct range {
	uint16_t first;
	uint16_t count;
};

/* What was asked for. The name is the caller's word. */
struct wish {
	uint8_t protocol;
	struct range range;
	const char *name;
	bool has_owner;
	uid_t owner;
};

uint16_t range_last(const struct range *range);

/* "5000" or "5000-5009", also where there is more to be told by first and count. */
char *range_text(uint16_t first, uint16_t count);

/* Return whether the words make sense; if not, why is written. */
bool parse_range(const char *word, struct range *range, parse_why why);

/* PROTOCOL RANGE */
bool parse_block(int argc, char **argv, struct wish *wish, parse_why why);

/* PROTOCOL RANGE [name TEXT] [user USER] */
bool parse_wish(int argc, char **argv, struct wish *wish, parse_why why);

#endif /* PORTRES_PARSE_H */
