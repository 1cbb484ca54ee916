// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets that use a port, with each option that the kernel's conflict check looks at.
 */
#include <kunit/test.h>
#include <linux/netdevice.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "port_user.h"

/**
 * portres_test_use_port - bind a socket
 * @test: the test, which fails if that is not possible
 * @sk: the socket, not bound
 * @user: how
 * @port: the port
 *
 * Return: @sk.
 */
struct sock *portres_test_use_port(struct kunit *test, struct sock *sk,
				   const struct portres_test_user *user, u16 port)
{
	if (user->v6only)
		KUNIT_ASSERT_EQ(test, ip6_sock_set_v6only(sk), 0);
	if (user->reuseaddr)
		sock_set_reuseaddr(sk);
	if (user->reuseport)
		sock_set_reuseport(sk);
	if (user->device)
		KUNIT_ASSERT_EQ(test, sock_bindtoindex(sk, sock_net(sk)->loopback_dev->ifindex,
						       true), 0);
	KUNIT_ASSERT_EQ(test, portres_test_bind(sk, user->where, port), 0);
	return sk;
}
