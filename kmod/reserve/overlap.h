/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether a block is free of other reservations, see overlap.c.
 */
#ifndef _PORTRES_OVERLAP_H
#define _PORTRES_OVERLAP_H

struct net;
struct portres_spec;

/* A reservation that was expired or gives way was removed under the lock: check again. */
#define PORTRES_RETRY	1

int portres_overlap_check(struct net *net, const struct portres_spec *spec);

#endif /* _PORTRES_OVERLAP_H */
