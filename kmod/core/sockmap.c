// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the copies of a proto that sockets get while they are in a BPF sockmap. UDP has one for
 * each family. TCP has four, as the map has a program for what is sent, one for what is received,
 * both or neither.
 *
 * The kernel makes those of IPv4 at boot, and those of IPv6 for the first socket that needs one,
 * from what the original holds then. A request for one copy makes all of its family. None is ever
 * freed.
 */
#include <linux/skmsg.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "sockmap.h"

#ifdef CONFIG_BPF_SYSCALL
/* Exchanges the proto of a socket as a sockmap does, and exchanges it back. */
static int sockmap_find_copy(struct sock *sk, struct sk_psock *psock, struct proto **copy)
{
	struct proto *base = sk->sk_prot;
	int err;

	err = base->psock_update_sk_prot(sk, psock, false);
	if (err)
		return err;
	if (sk->sk_prot != base)
		*copy = sk->sk_prot;
	return base->psock_update_sk_prot(sk, psock, true);
}

/* Whether there is a program is all that the kernel looks at; it does not run. */
static struct bpf_prog *sockmap_program(int wanted)
{
	return wanted ? ERR_PTR(-ENOENT) : NULL;
}

static int sockmap_find_copies(struct sock *sk, struct sk_psock *psock, struct proto *copies[],
			       int n)
{
	int i, err = 0;

	for (i = 0; i < n && !err; i++) {
		psock->progs.msg_parser = sockmap_program(i & 1);
		psock->progs.skb_verdict = sockmap_program(i & 2);
		err = sockmap_find_copy(sk, psock, &copies[i]);
	}
	return err;
}

/**
 * portres_sockmap_find - find the copies of a family
 * @sk: a new socket of the kernel of that protocol and family
 * @copies: set to the copies; NULL where the kernel has none
 * @n: number of copies that differ by the programs of the map: 1, or PORTRES_SOCKMAP_COPIES
 *
 * Return: 0 or a negative errno.
 */
int portres_sockmap_find(struct sock *sk, struct proto *copies[], int n)
{
	struct sk_psock *psock;
	int err;

	memset(copies, 0, n * sizeof(*copies));
	if (!sk->sk_prot->psock_update_sk_prot)
		return 0;
	psock = kzalloc(sizeof(*psock), GFP_KERNEL);
	if (!psock)
		return -ENOMEM;

	lock_sock(sk);
	psock->sk_proto = sk->sk_prot;
	psock->saved_write_space = sk->sk_write_space;
	err = sockmap_find_copies(sk, psock, copies, n);
	release_sock(sk);
	kfree(psock);
	return err;
}
#else
int portres_sockmap_find(struct sock *sk, struct proto *copies[], int n)
{
	memset(copies, 0, n * sizeof(*copies));
	return 0;
}
#endif
