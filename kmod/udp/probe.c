// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds out whether any socket of a namespace uses a port, by the kernel's own conflict check
 * under the kernel's own lock, without access to its hash tables.
 *
 * The probe is a socket of the kernel with the wildcard address and no reuse flags. The original
 * get_port fails for it if any socket is bound to the port, whatever the address, device or flags
 * of that socket. One IPv6 socket that is not v6-only conflicts with both families.
 *
 * get_port() inserts only unhashed sockets. The probe sets sk_node.pprev to look hashed, so that
 * only the conflict check runs, and the probe never holds a port against a bind.
 */
#include <linux/in.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include "core/probe.h"
#include "hook.h"
#include "probe.h"

/*
 * sock_create_kern() reports a shortage as ENOMEM, ENFILE or ENOBUFS; user space is promised
 * ENOMEM.
 */
static int probe_create_socket(struct net *net, struct socket **sock)
{
	int err;

	err = sock_create_kern(net, portres_udp_hook_family(), SOCK_DGRAM, IPPROTO_UDP, sock);
	return err == -ENFILE || err == -ENOBUFS ? -ENOMEM : err;
}

/**
 * portres_udp_probe_open - prepare a probe
 * @probe: filled in
 * @net: the namespace to probe
 *
 * Return: 0 or a negative errno.
 */
int portres_udp_probe_open(struct portres_probe *probe, struct net *net)
{
	struct sock *sk;
	int err;

	err = probe_create_socket(net, &probe->sock);
	if (err)
		return err;
	sk = probe->sock->sk;
	probe->get_port = portres_udp_hook_original(sk);
	/* net.ipv6.bindv6only of the namespace may be set. */
	sk->sk_ipv6only = 0;
	sk->sk_node.pprev = &sk->sk_node.next;
	return 0;
}

/**
 * portres_udp_probe_look - find the first port of a block that is in use
 * @probe: the probe
 * @first: first port of the block
 * @last: last port of the block
 *
 * Context: process, may reschedule.
 * Return: the port, 0 if none is in use.
 */
u16 portres_udp_probe_look(struct portres_probe *probe, u16 first, u16 last)
{
	struct sock *sk = probe->sock->sk;
	unsigned int port;

	for (port = first; port <= last; port++) {
		if (probe->get_port(sk, port)) {
			probe->found = "a port of the block is in use by a socket";
			return port;
		}
		cond_resched();
	}
	return 0;
}

/**
 * portres_udp_probe_close - end a probe
 * @probe: the probe
 */
void portres_udp_probe_close(struct portres_probe *probe)
{
	struct sock *sk = probe->sock->sk;

	sk_node_init(&sk->sk_node);
	inet_sk(sk)->inet_num = 0;
	sock_release(probe->sock);
}
