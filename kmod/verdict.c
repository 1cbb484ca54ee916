// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rules, as pure functions: may this socket have this port, may this user
 * use this reservation. Who asks gathers the facts and applies the answer.
 */
#include <linux/errno.h>

#include "portres.h"

/**
 * portres_verdict_bind - may a socket have a port?
 * @c: the facts
 *
 * What a stranger gets is for the namespace to say.
 *
 * An association never falls back to "any port": a server that believes itself
 * inside its block has to hear that it is not.
 *
 * Return: 0; what @c says for a stranger on a reserved port; -EADDRNOTAVAIL for an
 * associated socket that asks beyond its block or whose reservation is gone.
 */
int portres_verdict_bind(const struct portres_case *c)
{
	if (!c->associated)
		return c->reserved ? -c->denied : 0;
	if (c->gone || c->port < c->first || c->port > c->last)
		return -EADDRNOTAVAIL;
	return 0;
}

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
