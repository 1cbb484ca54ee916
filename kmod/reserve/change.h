/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The change of a persistent reservation, see change.c.
 */
#ifndef _PORTRES_CHANGE_H
#define _PORTRES_CHANGE_H

#include <linux/types.h>

#include "core/reservation.h"

struct net;
struct netlink_ext_ack;

/**
 * struct portres_change - a request to change a reservation
 * @token: token of the reservation
 * @epoch: from portres_ready_wait(), if @moves
 * @moves: @block is valid
 * @renames: @name is valid
 * @regrants: @grants is valid
 * @block: new block
 * @name: new name, empty for none
 * @grants: new grants, which are copied; NULL for none
 * @reply: called under the table lock when nothing else can fail, with the block and the terms
 *	that the reservation is about to have; an error of it cancels the change. Or NULL
 * @arg: for @reply
 */
struct portres_change {
	u64 token;
	unsigned int epoch;
	bool moves;
	bool renames;
	bool regrants;
	struct portres_block block;
	const char *name;
	const struct portres_terms *grants;
	int (*reply)(const struct portres_reservation *resv, struct portres_block block,
		     const struct portres_terms *terms, void *arg);
	void *arg;
};

int portres_change(struct net *net, const struct portres_change *change,
		   struct netlink_ext_ack *extack);

#endif /* _PORTRES_CHANGE_H */
