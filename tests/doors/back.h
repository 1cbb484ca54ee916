/* SPDX-License-Identifier: GPL-2.0-only */
/* What comes back of a message to the family. */
#ifndef PORTRES_TESTS_DOORS_BACK_H
#define PORTRES_TESTS_DOORS_BACK_H

#include "doors.h"

struct back {
	int error;		/* of the last acknowledgement, -1 if there is none */
	int cmd;		/* of the last message of the family, 0 if there is none */
	struct resv told;
	bool interrupted;
};

/*
 * Reads up to @most datagrams of those that are there, with what a dump has still to say. Returns
 * how many came.
 */
int read_back(const struct client *client, struct back *back, int most);

#endif
