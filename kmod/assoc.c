// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which socket is associated with which reservation. The association takes a
 * reference on the reservation and lasts as long as the socket.
 */
#include <net/sock.h>

#include "sock.h"

static void release_reservation(struct portres_reservation *resv)
{
	atomic_dec(&resv->sockets);
	portres_reservation_put(resv);
}

/**
 * portres_assoc_set - associate a socket with a reservation
 * @sk: an unbound UDP socket, locked; it may be associated already. The caller needs
 *	the hook
 * @resv: the reservation; the caller's reference is taken on success
 *
 * Return: 0 or -ENOMEM.
 */
int portres_assoc_set(struct sock *sk, struct portres_reservation *resv)
{
	struct portres_sock *ps = portres_sock_provide(sk);

	if (!ps)
		return -ENOMEM;
	if (ps->assoc)
		release_reservation(ps->assoc);
	ps->assoc = resv;
	atomic_inc(&resv->sockets);
	return 0;
}

/**
 * portres_assoc_find - the reservation that a socket is associated with
 * @sk: the socket, locked
 *
 * Return: the reservation, alive or dead, kept by the association; or NULL.
 */
struct portres_reservation *portres_assoc_find(const struct sock *sk)
{
	struct portres_sock *ps = portres_sock_find(sk);

	return ps ? ps->assoc : NULL;
}

/**
 * portres_assoc_end - end the association of a socket that ends
 * @ps: what the socket has
 *
 * Context: any but hard interrupts.
 */
void portres_assoc_end(struct portres_sock *ps)
{
	if (ps->assoc)
		release_reservation(ps->assoc);
}
