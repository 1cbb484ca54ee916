/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds out whether a port is in use by any socket. How is up to the protocol.
 */
#ifndef _PORTRES_PROBE_H
#define _PORTRES_PROBE_H

#include <linux/types.h>

#include "protocol.h"

struct net;
struct sock;

/**
 * struct portres_probe - a test of whether ports are in use
 * @protocol: the protocol; all else is its own
 * @net: the namespace
 * @sk: of UDP: socket of the kernel, never bound
 * @get_port: of UDP: the kernel's own get_port of @sk
 * @found: how the port is used that was found, for a message
 */
struct portres_probe {
	const struct portres_protocol *protocol;
	struct net *net;
	struct sock *sk;
	portres_get_port_t get_port;
	const char *found;
};

/**
 * portres_probe_open - prepare to probe the ports of a namespace
 * @probe: filled in
 * @protocol: the protocol
 * @net: the namespace
 *
 * Return: 0 or a negative errno.
 */
static inline int portres_probe_open(struct portres_probe *probe,
				     const struct portres_protocol *protocol, struct net *net)
{
	*probe = (struct portres_probe){ .protocol = protocol, .net = net };
	return protocol->probe_open(probe, net);
}

/**
 * portres_probe_look - find the first port of a block that is in use
 * @probe: the probe
 * @first: first port of the block
 * @last: last port of the block
 *
 * Context: process, may reschedule.
 * Return: the port, 0 if none is in use.
 */
static inline u16 portres_probe_look(struct portres_probe *probe, u16 first, u16 last)
{
	return probe->protocol->probe_look(probe, first, last);
}

/**
 * portres_probe_close - end a probe
 * @probe: the probe
 */
static inline void portres_probe_close(struct portres_probe *probe)
{
	probe->protocol->probe_close(probe);
}

#endif /* _PORTRES_PROBE_H */
