/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The protos of sockets in a BPF sockmap, see sockmap.c.
 */
#ifndef _PORTRES_SOCKMAP_H
#define _PORTRES_SOCKMAP_H

struct proto;
struct sock;

/* With and without a program for what is sent, with and without one for what is received. */
#define PORTRES_SOCKMAP_COPIES	4

int portres_sockmap_find(struct sock *sk, struct proto *copies[], int n);

#endif /* _PORTRES_SOCKMAP_H */
