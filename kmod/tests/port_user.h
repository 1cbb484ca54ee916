/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sockets that use a port, of either protocol, see port_user.c.
 */
#ifndef _PORTRES_TESTS_PORT_USER_H
#define _PORTRES_TESTS_PORT_USER_H

#include <linux/types.h>

#include "fixture.h"

/**
 * struct portres_test_user - how a socket is bound
 * @name: for the parameter of a test
 * @family: address family
 * @where: the address
 * @v6only: IPV6_V6ONLY
 * @reuseaddr: SO_REUSEADDR
 * @reuseport: SO_REUSEPORT
 * @device: bound to the loopback device
 * @sockets: how many of them there are; 0 for one
 */
struct portres_test_user {
	const char *name;
	int family;
	enum portres_test_where where;
	bool v6only;
	bool reuseaddr;
	bool reuseport;
	bool device;
	int sockets;
};

struct sock *portres_test_use_port(struct kunit *test, struct sock *sk,
				   const struct portres_test_user *user, u16 port);

#endif /* _PORTRES_TESTS_PORT_USER_H */
