// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes a TCP socket of the kernel which has an upper layer protocol (ULP), to see what that
 * protocol does with the proto of a socket. The socket is never bound, hashed or seen by anybody
 * else.
 */
#include <linux/cred.h>
#include <linux/net.h>
#include <linux/sockptr.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "ulp.h"

static int ulp_set(struct sock *sk, const char *name)
{
	char buffer[8];

	strscpy(buffer, name, sizeof(buffer));
	return sk->sk_prot->setsockopt(sk, SOL_TCP, TCP_ULP, KERNEL_SOCKPTR(buffer),
				       strlen(buffer));
}

/* The kernel loads the module of a missing protocol, but not for a task without privileges. */
static int ulp_set_unprivileged(struct sock *sk, const char *name)
{
	const struct cred *before;
	struct cred *plain;
	int err;

	plain = prepare_creds();
	if (!plain)
		return -ENOMEM;
	cap_clear(plain->cap_effective);
	before = override_creds(plain);
	err = ulp_set(sk, name);
	revert_creds(before);
	put_cred(plain);
	return err;
}

static void ulp_set_state(struct sock *sk, int state)
{
	lock_sock(sk);
	sk->sk_state = state;
	release_sock(sk);
}

/**
 * portres_tcp_ulp_open - make a socket with an upper layer protocol
 * @family: AF_INET or AF_INET6, which must exist
 * @name: name of the protocol, up to 7 characters
 * @sock: set to the socket, which holds the module of the protocol
 *
 * TLS wants a socket that is connected: let this one seem to be, while it is asked.
 *
 * Context: process, sleeps.
 * Return: 0; -ENOENT if there is no such protocol, which is not loaded; -ENOMEM; or another
 * negative errno.
 */
int portres_tcp_ulp_open(int family, const char *name, struct socket **sock)
{
	int err;

	err = sock_create_kern(&init_net, family, SOCK_STREAM, IPPROTO_TCP, sock);
	if (err)
		return portres_tcp_socket_error(err);
	ulp_set_state((*sock)->sk, TCP_ESTABLISHED);
	err = ulp_set_unprivileged((*sock)->sk, name);
	ulp_set_state((*sock)->sk, TCP_CLOSE);
	if (err)
		sock_release(*sock);
	return err;
}
