// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is put into the protos of TCP in place of get_port. The kernel's search for a port may
 * reschedule, so tasks inside are counted.
 */
#include <linux/percpu.h>

#include "bind.h"
#include "core/synchronize.h"
#include "entry.h"

/* The name is its own: on some architectures, as s390, it is one for all files of a module. */
static DEFINE_PER_CPU(long, tcp_tasks_inside);

static __always_inline int entry_get_port(int family, struct sock *sk, unsigned short port)
{
	int err;

	this_cpu_inc(tcp_tasks_inside);
	err = portres_tcp_bind(sk, port, READ_ONCE(portres_tcp_original[family].get_port));
	this_cpu_dec(tcp_tasks_inside);
	return err;
}

/**
 * portres_tcp_get_port_v4 - get_port of the protos of IPv4
 * @sk: the socket, locked
 * @port: requested port, 0 for automatic selection
 *
 * Return: as portres_tcp_bind().
 */
int portres_tcp_get_port_v4(struct sock *sk, unsigned short port)
{
	return entry_get_port(PORTRES_TCP_V4, sk, port);
}

/**
 * portres_tcp_get_port_v6 - get_port of the protos of IPv6
 * @sk: the socket, locked
 * @port: requested port, 0 for automatic selection
 *
 * Return: as portres_tcp_bind().
 */
int portres_tcp_get_port_v6(struct sock *sk, unsigned short port)
{
	return entry_get_port(PORTRES_TCP_V6, sk, port);
}

/**
 * portres_tcp_get_port_has_tasks - check whether any task is inside
 */
bool portres_tcp_get_port_has_tasks(void)
{
	return portres_has_tasks(&tcp_tasks_inside);
}
