/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules, as pure functions: callers gather the facts and apply the verdict. The rule for a
 * bind is inline, as each bind of a reserved port or an associated socket applies it twice
 * (bind.c, associated.c); the other one is in verdict.c.
 */
#ifndef _PORTRES_VERDICT_H
#define _PORTRES_VERDICT_H

#include <linux/errno.h>
#include <linux/types.h>

/**
 * struct portres_case - what the verdict on a bind depends on
 * @port: requested port
 * @reserved: an active reservation contains @port
 * @granted: a grant of it matches
 * @associated: the socket is associated; the next three describe its reservation
 * @gone: removed or expired
 * @first: first port
 * @last: last port
 * @denied: errno for an unassociated socket on a reserved port, from the sysctl denied_errno
 */
struct portres_case {
	u16 port;
	bool reserved;
	bool granted;
	bool associated;
	bool gone;
	u16 first;
	u16 last;
	int denied;
};

/**
 * portres_verdict_bind - decide whether a socket may have a port
 * @c: the facts
 *
 * An association never falls back to "any port": a server that expects a port of its block
 * gets an error if it cannot have one.
 *
 * Return: 0; -@c->denied for an unassociated socket on a reserved port, unless a grant matches;
 * -EADDRNOTAVAIL for an associated socket if the port is outside of its block or its reservation
 * is gone.
 */
static inline int portres_verdict_bind(const struct portres_case *c)
{
	if (!c->associated)
		return c->reserved && !c->granted ? -c->denied : 0;
	if (c->gone || c->port < c->first || c->port > c->last)
		return -EADDRNOTAVAIL;
	return 0;
}

/**
 * struct portres_claim - what the permission to use a reservation depends on
 * @runtime: runtime reservation
 * @acquirer: the caller is the process that acquired it
 * @granted: a grant matches the caller
 * @admin: the caller has CAP_NET_ADMIN over the network namespace
 */
struct portres_claim {
	bool runtime;
	bool acquirer;
	bool granted;
	bool admin;
};

bool portres_verdict_use(const struct portres_claim *claim);

#endif /* _PORTRES_VERDICT_H */
