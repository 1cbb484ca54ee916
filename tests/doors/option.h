/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls of the socket options: where their arguments are, and what they do if they are right. */
#ifndef PORTRES_TESTS_DOORS_OPTION_H
#define PORTRES_TESTS_DOORS_OPTION_H

#include "doors.h"

#define TOKEN_LEN sizeof(uint64_t)
#define ANSWER_LEN sizeof(struct portres_association)

/* The buffer is where the arena begins, and this is behind it. */
#define LENGTH_AT (arena + 2048)

/* option.c */
int judge_associate(const struct world *world, const struct sock *sock, struct actor who,
		    uint64_t token);
int judge_release(const struct world *world, const struct sock *sock, struct actor who,
		  uint64_t token);
void associated(struct world *world, struct sock *sock, uint64_t token);
/* What @told says now stands, if it is what was asked for. */
void acquired(struct world *world, struct sock *sock, struct actor who, unsigned int first,
	      unsigned int count, bool tree, const struct portres_association *told);
/* Has the model no room for more? */
bool is_full(const struct world *world);

/* malformed.c */
void malformed_option(struct world *world);

#endif
