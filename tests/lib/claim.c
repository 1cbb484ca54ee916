// SPDX-License-Identifier: GPL-2.0-only
/* Claims of a crew. */
#include "claim.h"

#include "crew.h"

void claim_make(struct claim *claim, unsigned int epoch, int protocol, uint64_t token)
{
	claim->protocol = protocol;
	claim->token = token;
	claim->epoch = epoch;
}

void claim_drop(struct claim *claim)
{
	claim->epoch = 0;
}

bool claim_holds(const struct claim *claim, unsigned int epoch, uint64_t token)
{
	return claim->epoch == epoch && claim->token == token && crew_stayed(epoch);
}

bool claim_holds_now(const struct claim *claim, int protocol)
{
	uint64_t token = claim->token;

	return claim->protocol == protocol && claim_holds(claim, crew_epoch(), token);
}
