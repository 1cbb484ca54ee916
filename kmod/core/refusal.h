/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records a bind that fails because of a reservation: called in bind.c and, for associated sockets,
 * in associated.c.
 */
#ifndef _PORTRES_REFUSAL_H
#define _PORTRES_REFUSAL_H

#include <linux/atomic.h>

#include "net.h"
#include "refusals.h"
#include "reservation.h"
#include "trace.h"

/**
 * portres_refusal_record - count, record and trace a refused bind
 * @sk: the socket
 * @port: the port that was refused
 * @cause: the reservation that the refusal is counted for
 * @err: what the caller gets, a negative errno
 *
 * Context: under RCU.
 */
static inline void portres_refusal_record(const struct sock *sk, u16 port,
					  struct portres_reservation *cause, int err)
{
	atomic64_inc(&cause->refused);
	portres_refusals_add(portres_net_of(sock_net(sk)), cause, port, err);
	trace_refused(sk, port, cause, err);
}

#endif /* _PORTRES_REFUSAL_H */
