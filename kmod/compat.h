/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that the module knows of the versions of the kernel.
 */
#ifndef _PORTRES_COMPAT_H
#define _PORTRES_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/sysctl.h>
#include <linux/version.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

/* Since 6.6 the size of a table is told; until then, and up to 6.10, an empty entry ends it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define register_net_sysctl_sz(net, path, table, size) register_net_sysctl(net, path, table)
#endif

/* Since 6.11 a handler must not write to its table. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define PORTRES_CTL_TABLE struct ctl_table
#else
#define PORTRES_CTL_TABLE const struct ctl_table
#endif

/* Since 6.13 in one call. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/*
 * The ephemeral range of a namespace, high << 16 | low, as the kernel has it since 6.8. Read
 * without the lock of before, the halves may be of two ranges while it is changed.
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

/* Has a socket narrowed its ephemeral range (IP_LOCAL_PORT_RANGE)? */
static inline bool portres_has_own_range(const struct sock *sk)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
	return inet_sk(sk)->local_port_range.lo | inet_sk(sk)->local_port_range.hi;
#else
	return READ_ONCE(inet_sk(sk)->local_port_range);
#endif
}

#endif /* _PORTRES_COMPAT_H */
