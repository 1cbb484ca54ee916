/* SPDX-License-Identifier: GPL-2.0-only */
/* Parses the words of the command line. */
#ifndef PORTRES_PARSE_H
#define PORTRES_PARSE_H

#include <portres/portres.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "range.h"

#define REASON_MAX 384

/* The reason why words are invalid: the word, and what was expected. Safe to print. */
typedef char parse_reason[REASON_MAX];

/* A grantee of a reservation. The text points to a word of the command line. */
struct grantee {
	enum portres_grant_kind kind;
	const char *text;	/* of a unit or a cgroup */
	bool has_user;
	uid_t user;
};

/* A parsed request. The name points to a word of the command line. */
struct block_args {
	uint8_t protocol;
	struct range range;
	struct range to;	/* set: the new block; count 0: the same */
	const char *name;
	bool adopt;
	bool nobody;		/* set: "for nobody", removes all grants */
	unsigned int grantee_count;
	struct grantee grantees[PORTRES_GRANTS_MAX];
};

/* These return false and write reason if the words are invalid. */
bool parse_range(const char *word, struct range *range, parse_reason reason);

/* PROTOCOL RANGE */
bool parse_block(int argc, char **argv, struct block_args *args, parse_reason reason);

/* PROTOCOL RANGE [name TEXT] [user USER] [for GRANTEE]... [adopt] */
bool parse_block_args(int argc, char **argv, struct block_args *args, parse_reason reason);

/* PROTOCOL RANGE [name TEXT] [range RANGE] [user USER] [for GRANTEE]... [for nobody] */
bool parse_change_args(int argc, char **argv, struct block_args *args, parse_reason reason);

/*
 * user USER, unit UNIT [of USER], cgroup PATH, kernel: adds it to the grantees. Returns how many
 * words that are; 0 if they are invalid.
 */
int parse_grantee(int argc, char **argv, struct block_args *args, parse_reason reason);

#endif /* PORTRES_PARSE_H */
