// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bind at the worst moment: it saw no reservation, and puts its socket into the slot when
 * a creation has published, and is about to look there for the last time.
 */
#include <net/sock.h>

#include "fixture.h"

static struct {
	portres_get_port_t real;
	struct sock *intruder;
	u16 port;
	unsigned int look, looks;
} intrusion;

static int get_port_with_intruder(struct sock *sk, unsigned short port)
{
	if (port == intrusion.port && sk != intrusion.intruder &&
	    ++intrusion.looks == intrusion.look)
		WARN_ON(intrusion.real(intrusion.intruder, port));
	return intrusion.real(sk, port);
}

/**
 * portres_test_intrude - let a socket take a port when it is looked at
 * @test: the test, for the rest of which this holds
 * @sk: the socket, unbound
 * @port: the port
 * @look: which look it is, 1 for the first one
 */
void portres_test_intrude(struct kunit *test, struct sock *sk, u16 port, unsigned int look)
{
	intrusion.look = look;
	intrusion.intruder = sk;
	intrusion.port = port;
	intrusion.looks = 0;
	intrusion.real = portres_test_put_under_hook(test, sk->sk_prot, get_port_with_intruder);
}

/* How often others have looked at the port. */
unsigned int portres_test_looks(void)
{
	return intrusion.looks;
}
