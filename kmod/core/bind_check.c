// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks for a port that portres selects what bind() checks for an explicit one: the bind4 or
 * bind6 programs of the socket's cgroup, and the capability for ports below
 * ip_unprivileged_port_start.
 *
 * The kernel checks both before get_port, for the requested port. In a bind to port 0 that is 0,
 * which needs no capability; connect() and sendto() check nothing. That is right for any port of
 * the ephemeral range, but a port of a block is a particular one: it is checked as if it had
 * been requested.
 *
 * LSMs are called in the same place of bind() (security_socket_bind()), which is not exported.
 */
#include <linux/capability.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "bind_check.h"
#include "compat.h"

#ifdef CONFIG_CGROUP_BPF
union bind_addr {
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Return: length of the address that bind() would have been called with for @port. */
static int bind_check_fill_addr(union bind_addr *addr, const struct sock *sk, u16 port)
{
	memset(addr, 0, sizeof(*addr));
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		addr->v6.sin6_family = AF_INET6;
		addr->v6.sin6_port = htons(port);
		addr->v6.sin6_addr = sk->sk_v6_rcv_saddr;
		addr->v6.sin6_scope_id = ipv6_iface_scope_id(&sk->sk_v6_rcv_saddr,
							     sk->sk_bound_dev_if);
		return sizeof(addr->v6);
	}
#endif
	addr->v4.sin_family = AF_INET;
	addr->v4.sin_port = htons(port);
	addr->v4.sin_addr.s_addr = inet_sk(sk)->inet_rcv_saddr;
	return sizeof(addr->v4);
}

static bool bind_check_has_programs(const struct sock *sk)
{
	return sk->sk_family == AF_INET6 ? cgroup_bpf_enabled(CGROUP_INET6_BIND) :
					   cgroup_bpf_enabled(CGROUP_INET4_BIND);
}

/*
 * A program can rewrite the address or port, and bind() would use the new ones. Selection cannot,
 * so a rewrite counts as a refusal.
 */
static int bind_check_run_programs(struct sock *sk, u16 port, bool *exempt)
{
	union bind_addr addr, before;
	int len = bind_check_fill_addr(&addr, sk, port);
	u32 flags = 0;
	int err;

	before = addr;
	err = portres_run_bind_programs(sk, &addr, &len, &flags);
	/* bpf_set_retval() takes any number */
	if (err > 0)
		return -EPERM;
	if (err)
		return err;
	if (memcmp(&addr, &before, sizeof(addr)))
		return -EPERM;
	*exempt = flags & BPF_RET_BIND_NO_CAP_NET_BIND_SERVICE;
	return 0;
}
#else
static bool bind_check_has_programs(const struct sock *sk)
{
	return false;
}

static int bind_check_run_programs(struct sock *sk, u16 port, bool *exempt)
{
	return 0;
}
#endif

static int bind_check_capability(struct portres_bind_check *check, u16 port)
{
	struct net *net = sock_net(check->sk);

	if (!inet_port_requires_bind_service(net, port))
		return 0;
	if (!check->asked)
		check->capable = ns_capable(net->user_ns, CAP_NET_BIND_SERVICE);
	check->asked = true;
	return check->capable ? 0 : -EACCES;
}

/**
 * portres_bind_check - check whether bind() would let a socket ask for a port
 * @check: the socket, and what is known from its other ports
 * @port: the port, in host order
 *
 * Does not check whether the port is free.
 *
 * Return: 0; -EACCES if CAP_NET_BIND_SERVICE is missing; the error of a BPF program, -EPERM
 * by default, or if one rewrites the address or port.
 */
int portres_bind_check(struct portres_bind_check *check, u16 port)
{
	bool exempt = false;
	int err = 0;

	if (bind_check_has_programs(check->sk))
		err = bind_check_run_programs(check->sk, port, &exempt);
	if (err || exempt)
		return err;
	return bind_check_capability(check, port);
}

/**
 * portres_bind_check_needed - find out whether there is anything to check
 * @sk: the socket
 * @first: first port of the block
 *
 * Return: false if no port of the block can fail a check of portres_bind_check_block().
 */
bool portres_bind_check_needed(const struct sock *sk, u16 first)
{
	return bind_check_has_programs(sk) || inet_port_requires_bind_service(sock_net(sk), first);
}

static int bind_check_ports(struct sock *sk, u16 first, u16 last)
{
	struct portres_bind_check check = { .sk = sk };
	u32 port;
	int err;

	for (port = first; port <= last; port++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = portres_bind_check(&check, port);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/**
 * portres_bind_check_block - check whether bind() would let a socket ask for each port of a block
 * @sk: the socket, not locked
 * @first: first port
 * @last: last port, not below @first
 *
 * Context: process, sleeps. The caller holds no lock: the socket's is taken here.
 * Return: as portres_bind_check() for the first port that is refused; -EINTR if the task is
 * being killed.
 */
int portres_bind_check_block(struct sock *sk, u16 first, u16 last)
{
	int err;

	if (!portres_bind_check_needed(sk, first))
		return 0;
	lock_sock(sk);
	err = bind_check_ports(sk, first, last);
	release_sock(sk);
	return err;
}
