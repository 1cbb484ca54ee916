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
 * A stranger gets EADDRINUSE: programs that pick ports themselves (resolvers,
 * media relays) try another one on it, and give up on EACCES or EPERM.
 *
 * An association never falls back to "any port": a server that believes itself
 * inside its block has to hear that it is not.
 *
 * Return: 0; -EADDRINUSE for a stranger on a reserved port; -EADDRNOTAVAIL for an
 * associated socket that asks beyond its block or whose reservation is gone.
 */
int portres_verdict_bind(const struct portres_case *c)
{
	if (!c->associated)
		return c->reserved ? -EADDRINUSE : 0;
	if (c->gone || c->port < c->first || c->port > c->last)
		return -EADDRNOTAVAIL;
	return 0;
}

/**
 * portres_verdict_use - may a user use a reservation and be told its token?
 * @owner: the user whom the reservation names, or INVALID_UID
 * @user: who asks
 * @admin: who asks has CAP_NET_ADMIN over the network namespace
 */
bool portres_verdict_use(kuid_t owner, kuid_t user, bool admin)
{
	return admin || (uid_valid(owner) && uid_eq(owner, user));
}
