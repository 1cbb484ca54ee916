/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The owner of each port of a range, in shared memory. A process enters a port after it got it, and
 * strikes it out before it gives it back. A port with two owners at a time is counted.
 */
#ifndef PORTRES_TESTS_LEDGER_H
#define PORTRES_TESTS_LEDGER_H

#include <stdatomic.h>

#define LEDGER_PORTS 400

struct ledger {
	unsigned int low;	/* the first port, set by the owner of the structure */
	atomic_int owners[LEDGER_PORTS];
	atomic_ulong overlaps;
};

void ledger_enter(struct ledger *ledger, unsigned int who, unsigned int first, unsigned int ports);
void ledger_strike(struct ledger *ledger, unsigned int first, unsigned int ports);

#endif
