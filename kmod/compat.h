/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything that depends on the version of the kernel.
 */
#ifndef _PORTRES_COMPAT_H
#define _PORTRES_COMPAT_H

#include <linux/bpf-cgroup.h>
#include <linux/hrtimer.h>
#include <linux/kernfs.h>
#include <linux/rcupdate.h>
#include <linux/sysctl.h>
#include <linux/version.h>
#include <net/genetlink.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

/* Since 6.6 the size of a table is an argument; up to 6.10 an empty entry ends it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define register_net_sysctl_sz(net, path, table, size) register_net_sysctl(net, path, table)
#endif

/* Since 6.11 a handler must not write to its table. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define PORTRES_CTL_TABLE struct ctl_table
#else
#define PORTRES_CTL_TABLE const struct ctl_table
#endif

/* Since 6.13 one call sets timer and function. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/* Since 6.7, and in the stable kernels of the time, groups have flags of their own. */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN GENL_UNS_ADMIN_PERM
#endif

/* Since 6.19 the address that a socket is connected to has a type of its own, without a size. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define portres_sockaddr sockaddr
#else
#define portres_sockaddr sockaddr_unsized
#endif

/*
 * The ephemeral port range of a namespace, high << 16 | low, as the kernel stores it since 6.8.
 * Before, it has a seqlock, which is not taken here: the halves may be of two ranges while it
 * changes.
 */
static inline u32 portres_net_range(const struct net *net)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
	const int *range = net->ipv4.ip_local_ports.range;

	return (u32)READ_ONCE(range[1]) << 16 | READ_ONCE(range[0]);
#else
	return READ_ONCE(net->ipv4.ip_local_ports.range);
#endif
}

/* Checks whether a socket has an ephemeral port range of its own (IP_LOCAL_PORT_RANGE). */
static inline bool portres_has_own_range(const struct sock *sk)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
	return inet_sk(sk)->local_port_range.lo | inet_sk(sk)->local_port_range.hi;
#else
	return READ_ONCE(inet_sk(sk)->local_port_range);
#endif
}

/* Since 6.8 a bucket of a TCP port has its sockets by address. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#define PORTRES_BUCKET_BY_ADDRESS
#endif

/*
 * Gives a socket another ephemeral port range of its own, high << 16 | low, 0 for none.
 *
 * Return: the one that it had.
 */
static inline u32 portres_own_range_exchange(struct sock *sk, u32 range)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
	u32 before = (u32)inet_sk(sk)->local_port_range.hi << 16 | inet_sk(sk)->local_port_range.lo;

	inet_sk(sk)->local_port_range.lo = range & U16_MAX;
	inet_sk(sk)->local_port_range.hi = range >> 16;
	return before;
#else
	return xchg(&inet_sk(sk)->local_port_range, range);
#endif
}

/* Undoes that, unless another task has changed the range meanwhile, which before 6.8 none can. */
static inline void portres_own_range_restore(struct sock *sk, u32 range, u32 before)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
	portres_own_range_exchange(sk, before);
#else
	cmpxchg(&inet_sk(sk)->local_port_range, range, before);
#endif
}

#ifdef CONFIG_KERNFS
/* Since 6.15 names change under RCU. Those of cgroup v2 never change. */
static inline const char *portres_kernfs_name(const struct kernfs_node *kn)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
	return kn->name;
#else
	return rcu_dereference(kn->name);
#endif
}
#endif

#ifdef CONFIG_CGROUP_BPF
/*
 * Runs the bind4 or bind6 programs of a socket's cgroup, as inet_bind() and inet6_bind() do. The
 * kernel's macro would lock the socket, which is locked already. Since 6.7 the length is an
 * argument; since 6.19 the address is a struct sockaddr_unsized, hence the untyped pointer.
 */
static inline int portres_run_bind_programs(struct sock *sk, void *addr, int *len, u32 *flags)
{
	enum cgroup_bpf_attach_type type;

	type = sk->sk_family == AF_INET6 ? CGROUP_INET6_BIND : CGROUP_INET4_BIND;
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	return __cgroup_bpf_run_filter_sock_addr(sk, addr, type, NULL, flags);
#else
	return __cgroup_bpf_run_filter_sock_addr(sk, addr, len, type, NULL, flags);
#endif
}
#endif

#endif /* _PORTRES_COMPAT_H */
