/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tracepoint of refused binds: why one failed though no socket uses the port.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM portres

#if !defined(_PORTRES_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _PORTRES_TRACE_H

#include <linux/tracepoint.h>

#include "core/reservation.h"

TRACE_EVENT(refused,
	TP_PROTO(const struct sock *sk, u16 port,
		 const struct portres_reservation *resv, int error),

	TP_ARGS(sk, port, resv, error),

	TP_STRUCT__entry(
		__field(pid_t, pid)
		__field(unsigned int, netns)
		__field(u16, family)
		__field(u8, protocol)
		__field(u16, port)
		__field(u16, first)
		__field(u16, last)
		__field(int, error)
		__array(char, comm, TASK_COMM_LEN)
		__array(char, name, PORTRES_NAME_MAX + 1)
	),

	TP_fast_assign(
		__entry->pid = current->tgid;
		__entry->netns = sock_net(sk)->ns.inum;
		__entry->family = sk->sk_family;
		__entry->protocol = resv->protocol->number;
		__entry->port = port;
		__entry->first = READ_ONCE(resv->first);
		__entry->last = READ_ONCE(resv->last);
		__entry->error = error;
		memcpy(__entry->comm, current->comm, TASK_COMM_LEN);
		strscpy(__entry->name,
			portres_terms_name(rcu_dereference(resv->terms)),
			PORTRES_NAME_MAX + 1);
	),

	TP_printk("pid=%d comm=%s netns=%u family=%s protocol=%s port=%u reservation=%u-%u name=\"%s\" error=%d",
		  __entry->pid, __entry->comm, __entry->netns,
		  __print_symbolic(__entry->family, { AF_INET, "inet" }, { AF_INET6, "inet6" }),
		  __print_symbolic(__entry->protocol,
				   { IPPROTO_UDP, "udp" }, { IPPROTO_TCP, "tcp" }),
		  __entry->port, __entry->first, __entry->last, __entry->name,
		  __entry->error)
);

#endif /* _PORTRES_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH core
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
