// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds out whether any socket of a namespace uses a port, by the kernel's own
 * rule for conflicts and under the kernel's own lock, without knowing its tables.
 *
 * The probe asks the original get_port for the port with the wildcard address and
 * no reuse flags; that conflicts with every user of the port, whatever the address,
 * device or flags. One IPv6 socket that is not v6-only speaks for both families.
 *
 * A successful get_port would put the probe into the slot of the port, where it
 * stood in the way of others, if only for an instant. It does not for a socket
 * that is in a slot already; so the probe pretends to be. What remains is the
 * look, under the slot's lock.
 */
#include <linux/in.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include "portres.h"

/*
 * The kernel has three names for a socket that it has no memory for; those who ask
 * us are promised one of them.
 */
static int create_socket(struct net *net, struct socket **sock)
{
	int err;

	err = sock_create_kern(net, AF_INET6, SOCK_DGRAM, IPPROTO_UDP, sock);
	if (err == -EAFNOSUPPORT)
		err = sock_create_kern(net, AF_INET, SOCK_DGRAM, IPPROTO_UDP, sock);
	return err == -ENFILE || err == -ENOBUFS ? -ENOMEM : err;
}

/**
 * portres_probe_open - make a probe
 * @probe: filled in
 * @net: the namespace to look at
 *
 * Return: 0 or a negative errno.
 */
int portres_probe_open(struct portres_probe *probe, struct net *net)
{
	struct sock *sk;
	int err;

	err = create_socket(net, &probe->sock);
	if (err)
		return err;
	sk = probe->sock->sk;
	probe->get_port = portres_hook_original(sk);
	/* The namespace may have made v6-only the default. */
	sk->sk_ipv6only = 0;
	sk->sk_node.pprev = &sk->sk_node.next;
	return 0;
}

/**
 * portres_probe_look - is any port of a block in use?
 * @probe: the probe
 * @first: first port of the block
 * @last: last port of the block
 *
 * Context: process, may reschedule.
 * Return: the first port that is in use, 0 if none is.
 */
int portres_probe_look(struct portres_probe *probe, u16 first, u16 last)
{
	struct sock *sk = probe->sock->sk;
	unsigned int port;

	for (port = first; port <= last; port++) {
		if (probe->get_port(sk, port))
			return port;
		cond_resched();
	}
	return 0;
}

/**
 * portres_probe_close - end a probe
 * @probe: the probe
 */
void portres_probe_close(struct portres_probe *probe)
{
	struct sock *sk = probe->sock->sk;

	sk_node_init(&sk->sk_node);
	inet_sk(sk)->inet_num = 0;
	sock_release(probe->sock);
}
