// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the other folders know of TCP. The sockets of MPTCP are not TCP's; those below them are
 * hooked as TCP's are, but no program has one.
 */
#include <linux/in.h>
#include <linux/net.h>
#include <net/mptcp.h>
#include <net/sock.h>

#include "connect.h"
#include "core/protocol.h"
#include "hook.h"
#include "listener.h"
#include "probe.h"

/*
 * Where the other end has no MPTCP, a socket of MPTCP passes the options that it does not know on
 * to the socket below.
 */
static bool tcp_supports(const struct sock *sk)
{
	return sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP && !sk_is_mptcp(sk);
}

static void tcp_fini(void)
{
	portres_tcp_listener_fini();
	portres_tcp_connect_fini();
}

const struct portres_protocol portres_tcp = {
	.index		= PORTRES_TCP,
	.number		= IPPROTO_TCP,
	.name		= "TCP",
	.init		= portres_tcp_connect_init,
	.fini		= tcp_fini,
	.supports	= tcp_supports,
	.install	= portres_tcp_hook_install,
	.remove		= portres_tcp_hook_remove,
	.check		= portres_tcp_hook_check,
	.wait_choices	= portres_tcp_connect_wait,
	.keep_listener	= portres_tcp_listener_add,
	.probe_open	= portres_tcp_probe_open,
	.probe_look	= portres_tcp_probe_look,
	.probe_close	= portres_tcp_probe_close,
};
