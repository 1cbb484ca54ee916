// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rule for the use of a reservation, see verdict.h.
 */
#include "verdict.h"

/**
 * portres_verdict_use - check whether a caller may use a reservation and get its token
 * @claim: the facts
 *
 * A runtime reservation belongs to the process that acquired it, and with a grant to its
 * descendants. Neither a privilege nor the same user replaces that.
 */
bool portres_verdict_use(const struct portres_claim *claim)
{
	if (claim->granted)
		return true;
	return claim->runtime ? claim->acquirer : claim->admin;
}
