/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether ports that a creation or a change is about to add become the reservation's, or stay with
 * a socket that takes one of them meanwhile. See decision.c.
 */
#ifndef _PORTRES_DECISION_H
#define _PORTRES_DECISION_H

#include <linux/atomic.h>
#include <linux/types.h>

struct portres_reservation;

/**
 * enum portres_decision - state of the ports that a reservation does not have yet
 * @PORTRES_SETTLED: there are none: the reservation has its block and no other ports
 * @PORTRES_TENTATIVE: they are in the table, and automatic selection avoids them as long as others
 *	are free. A socket that gets one of them keeps it: the probe is still to come and finds it
 * @PORTRES_DECIDING: the probe is under way. A socket that gets one of them vetoes
 * @PORTRES_COMMITTED: they are the reservation's; its block is about to be written
 * @PORTRES_VETOED: a socket has one of them, the creation or change fails
 */
enum portres_decision {
	PORTRES_SETTLED,
	PORTRES_TENTATIVE,
	PORTRES_DECIDING,
	PORTRES_COMMITTED,
	PORTRES_VETOED,
};

void portres_decision_begin(struct portres_reservation *resv);
void portres_decision_open(struct portres_reservation *resv);
bool portres_decision_commit(struct portres_reservation *resv, u16 *vetoed);
void portres_decision_settle(struct portres_reservation *resv);
bool portres_decision_holds(const struct portres_reservation *resv, u16 port);
bool portres_decision_is_pending(const struct portres_reservation *resv);
bool portres_decision_contest(struct portres_reservation *resv, u16 port);

#endif /* _PORTRES_DECISION_H */
