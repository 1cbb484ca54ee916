// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the other folders know of UDP. UDP-Lite has protos and a port space of its own.
 */
#include <linux/in.h>
#include <linux/net.h>
#include <net/sock.h>

#include "core/protocol.h"
#include "hook.h"
#include "probe.h"

static bool udp_supports(const struct sock *sk)
{
	return sk->sk_type == SOCK_DGRAM && sk->sk_protocol == IPPROTO_UDP;
}

const struct portres_protocol portres_udp = {
	.index		= PORTRES_UDP,
	.number		= IPPROTO_UDP,
	.name		= "UDP",
	.supports	= udp_supports,
	.install	= portres_udp_hook_install,
	.remove		= portres_udp_hook_remove,
	.probe_open	= portres_udp_probe_open,
	.probe_look	= portres_udp_probe_look,
	.probe_close	= portres_udp_probe_close,
};
