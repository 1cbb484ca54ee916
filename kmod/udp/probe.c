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
 *
 * Nothing else is ever done with it, so it has no struct socket, whose inode takes longer to make
 * than all the rest of a creation.
 */
#include <linux/sched.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include "core/probe.h"
#include "hook.h"
#include "probe.h"

/**
 * portres_udp_probe_open - prepare a probe
 * @probe: filled in
 * @net: the namespace to probe, which the probe does not keep
 *
 * Return: 0 or -ENOMEM.
 */
int portres_udp_probe_open(struct portres_probe *probe, struct net *net)
{
	int family;
	struct proto *prot = portres_udp_hook_proto(&family);
	struct sock *sk;

	sk = sk_alloc(net, family, GFP_KERNEL, prot, 1);
	if (!sk)
		return -ENOMEM;
	sock_init_data(NULL, sk);
	sk->sk_node.pprev = &sk->sk_node.next;
	probe->sk = sk;
	probe->get_port = portres_udp_hook_original(sk);
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
	unsigned int port;

	for (port = first; port <= last; port++) {
		if (probe->get_port(probe->sk, port)) {
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
	sock_put(probe->sk);
}
