// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rules, as pure functions. May this socket have this port: in portres.h, as it is asked
 * twice in each bind. May this user use this reservation: here. Who asks gathers the
 * facts and applies the answer.
 */
#include "portres.h"

/**
 * portres_verdict_use - may a user use a reservation and be told its token?
 * @claim: the facts
 *
 * A runtime reservation belongs to a process. No privilege and no identity of
 * the user makes another one that process.
 */
bool portres_verdict_use(const struct portres_claim *claim)
{
	if (claim->runtime)
		return claim->acquirer;
	return claim->admin ||
	       (uid_valid(claim->owner) && uid_eq(claim->owner, claim->user));
}
