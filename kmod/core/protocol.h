/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A protocol whose ports can be reserved, as the other folders see it: everything that
 * depends on how the protocol gets a port is behind this table of functions.
 *
 * Documentation/architecture.md ("A further protocol") lists what a further one needs besides.
 */
#ifndef _PORTRES_PROTOCOL_H
#define _PORTRES_PROTOCOL_H

#include <linux/types.h>

struct net;
struct netlink_ext_ack;
struct portres_probe;
struct portres_sock;
struct sock;

/* Index of a protocol: of its table in struct portres_net, among others. */
enum portres_protocol_index { PORTRES_UDP, PORTRES_TCP, PORTRES_PROTOCOLS };

/* get_port of a struct proto */
typedef int (*portres_get_port_t)(struct sock *sk, unsigned short port);

/**
 * struct portres_protocol - functions of a protocol
 * @index: its index
 * @number: IPPROTO_*
 * @name: for messages
 * @init: prepare for everything else, or NULL. Sleeps. Returns 0 or a negative errno
 * @fini: undo @init when no hook is installed any more, or NULL. Sleeps
 * @supports: check whether a socket is one of the protocol
 * @install: hook all protos that exist and are not hooked yet. Sleeps. Returns 0 or a negative
 *	errno, with some of the protos hooked or none. A bind that entered the kernel's own
 *	function earlier does not pass the hook: see portres_synchronize_binds()
 * @remove: take all hooks out, and wait until no task is in them. Sleeps
 * @check: check whether every way to a port in a namespace passes a hook, or NULL. May sleep for a
 *	short time. Returns 0, or a negative errno with a text
 * @wait_choices: wait until the ports that were selected before are bound, or until a time in
 *	jiffies; NULL if the second look suffices. Sleeps; a fatal signal ends the wait. Returns
 *	false if it did not wait for all
 * @keep_listener: detach a tracked socket that listens, and look after it; NULL where none listens.
 *	The socket is locked. Returns 0 or a negative errno
 * @probe_open: prepare a probe of a namespace. Returns 0 or a negative errno
 * @probe_look: find the first port of a block that any socket uses. May reschedule. Returns
 *	the port, 0 if none is in use
 * @probe_close: free what @probe_open prepared
 */
struct portres_protocol {
	enum portres_protocol_index index;
	u8 number;
	const char *name;
	int (*init)(void);
	void (*fini)(void);
	bool (*supports)(const struct sock *sk);
	int (*install)(void);
	void (*remove)(void);
	int (*check)(struct net *net, struct netlink_ext_ack *extack);
	bool (*wait_choices)(unsigned long until);
	int (*keep_listener)(struct sock *sk, struct portres_sock *ps);
	int (*probe_open)(struct portres_probe *probe, struct net *net);
	u16 (*probe_look)(struct portres_probe *probe, u16 first, u16 last);
	void (*probe_close)(struct portres_probe *probe);
};

/* udp/protocol.c, tcp/protocol.c; for main.c, which registers them, and for tests */
extern const struct portres_protocol portres_udp;
extern const struct portres_protocol portres_tcp;

/**
 * portres_protocol_check - check whether every way to a port in a namespace passes a hook
 * @protocol: the protocol
 * @net: the namespace
 * @extack: set to the reason of a failure, or NULL
 */
static inline int portres_protocol_check(const struct portres_protocol *protocol, struct net *net,
					 struct netlink_ext_ack *extack)
{
	return protocol->check ? protocol->check(net, extack) : 0;
}

/* core/protocol.c */
void portres_protocol_register(const struct portres_protocol *protocol);
int portres_protocol_init_all(void);
void portres_protocol_fini_all(void);
const struct portres_protocol *portres_protocol_find(u8 number);
const struct portres_protocol *portres_protocol_of(const struct sock *sk);
int portres_protocol_install_all(void);
void portres_protocol_remove_all(void);

#endif /* _PORTRES_PROTOCOL_H */
