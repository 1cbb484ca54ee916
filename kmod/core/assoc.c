// SPDX-License-Identifier: GPL-2.0-only
/*
 * Associations of sockets with reservations. An association holds a reference to the reservation
 * and lasts as long as the socket.
 */
#include <net/sock.h>

#include "assoc.h"
#include "reservation.h"
#include "sock.h"

static void assoc_put_reservation(struct portres_reservation *resv)
{
	atomic_dec(&resv->sockets);
	portres_reservation_put(resv);
}

/**
 * portres_assoc_set - associate a socket with a reservation
 * @sk: an unbound UDP or TCP socket, locked; it may be associated already
 * @resv: the reservation; the caller's reference is taken on success
 *
 * Return: 0 or -ENOMEM.
 */
int portres_assoc_set(struct sock *sk, struct portres_reservation *resv)
{
	struct portres_sock *ps = portres_sock_find_or_alloc(sk);

	if (!ps)
		return -ENOMEM;
	if (ps->assoc)
		assoc_put_reservation(ps->assoc);
	ps->assoc = resv;
	atomic_inc(&resv->sockets);
	return 0;
}

/**
 * portres_assoc_find - find the reservation of an associated socket
 * @sk: the socket, locked
 *
 * Return: the reservation, maybe dead, kept by the association; NULL for an unassociated socket.
 */
struct portres_reservation *portres_assoc_find(const struct sock *sk)
{
	struct portres_sock *ps = portres_sock_find(sk);

	return ps ? ps->assoc : NULL;
}

/**
 * portres_assoc_end - drop the association of a socket that is destroyed
 * @ps: state of the socket
 *
 * Context: any but hard interrupts.
 */
void portres_assoc_end(struct portres_sock *ps)
{
	if (ps->assoc)
		assoc_put_reservation(ps->assoc);
}
