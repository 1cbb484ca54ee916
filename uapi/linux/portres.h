/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * portres: blocks of UDP ports that belong to somebody.
 *
 * This header is the protocol between the module and user space: a generic
 * netlink family to manage reservations and socket options to use them.
 * Documentation/netlink/specs/portres.yaml says the same for machines.
 *
 * A *reservation* is a block of consecutive ports of one protocol in one
 * network namespace. While it stands, no socket of that namespace gets one of
 * its ports, neither by bind() nor by the kernel's choice of an ephemeral port,
 * unless the socket was *associated* with the reservation by its 64-bit token
 * before it was bound.
 *
 * There are two kinds. A *persistent* reservation is made by an administrator, by
 * PORTRES_CMD_CREATE, and stands until PORTRES_CMD_DELETE. A *runtime* reservation is
 * acquired by a process on a socket, by PORTRES_SO_ACQUIRE, and stands until it is
 * released or the socket is closed; it can be used by that process alone.
 *
 * Every number is in host byte order. Every command acts on the network
 * namespace of the netlink socket; reservations of other namespaces are neither
 * seen nor touched, and a namespace that goes away takes its reservations along
 * without a notification.
 *
 * Requests are parsed strictly. For every command:
 *
 *   EINVAL      an attribute is missing, is there twice, is unknown to the
 *               command or has a wrong length; or what it says makes no sense
 *   ERANGE      a number is outside of the limits given below
 *   EOPNOTSUPP  the command does not exist
 *
 * Where an attribute is at fault the extended acknowledgment points to it
 * (NLMSGERR_ATTR_OFFS, or NLMSGERR_ATTR_MISS_TYPE for a missing one). EPERM is
 * decided by the netlink core before the attributes are looked at and carries
 * no text. After an error everything is as before.
 *
 * PORTRES_CMD_CREATE: make a persistent reservation.
 *
 *   PORTRES_A_PROTOCOL   u8      required; IPPROTO_UDP (17)
 *   PORTRES_A_FIRST      u16     required; 1 to 65535
 *   PORTRES_A_COUNT      u16     required; 1 to 65535
 *   PORTRES_A_NAME       string  optional; 1 to 63 bytes, shown to people; no
 *                                ASCII control characters
 *   PORTRES_A_OWNER      u32     optional; a user, in the numbers of the caller's
 *                                user namespace, who may use the reservation
 *                                besides those who have CAP_NET_ADMIN
 *
 *   The answer is a PORTRES_CMD_CREATE message with PROTOCOL, FIRST, COUNT and
 *   TOKEN. "Persistent" is said of its place in the store, which user space
 *   keeps: the module holds the reservation until it is deleted, the namespace
 *   dies or the module is unloaded.
 *
 *   Needs CAP_NET_ADMIN in the user namespace that owns the network namespace.
 *
 *   EPERM            no such capability
 *   EINVAL           the block would reach beyond port 65535; the name is empty
 *                    or has a control character; the owner does not exist in
 *                    the caller's user namespace
 *   EPROTONOSUPPORT  a protocol other than UDP
 *   EEXIST           the block overlaps a reservation that stands
 *   EADDRINUSE       a port of the block is in use by a socket
 *   ENOMEM           no memory
 *   ENOBUFS          the answer does not fit into the queue of the caller's socket
 *
 *   Netlink may lose an acknowledgment, for want of memory or room, and then fails
 *   the next read with ENOBUFS. The answer comes before it and tells as much: what
 *   was answered stands, and what stands was answered.
 *
 * PORTRES_CMD_DELETE: end a persistent reservation. Sockets that are bound keep
 * their ports; associated sockets that are not bound yet fail to bind.
 *
 *   PORTRES_A_PROTOCOL, PORTRES_A_FIRST, PORTRES_A_COUNT as above, all required:
 *   the exact block that was created.
 *
 *   Needs the same capability as PORTRES_CMD_CREATE.
 *
 *   EPERM            no such capability
 *   EPROTONOSUPPORT  a protocol other than UDP
 *   ENOENT           no such persistent reservation
 *
 * PORTRES_CMD_GET: tell about one reservation, named in exactly one of these ways:
 *
 *   PORTRES_A_PROTOCOL, PORTRES_A_FIRST, PORTRES_A_COUNT   by its exact block
 *   PORTRES_A_PROTOCOL, PORTRES_A_PORT                     by a port inside it
 *   PORTRES_A_TOKEN                                        by its token
 *
 *   The answer is a PORTRES_CMD_GET message with PROTOCOL, FIRST, COUNT, REFUSED,
 *   SOCKETS, with NAME and OWNER where the reservation has them, and with TOKEN
 *   if the caller may use the reservation: he is its owner, or has CAP_NET_ADMIN
 *   over the network namespace. OWNER is in the numbers of the caller's user
 *   namespace, the overflow uid if he has none there.
 *
 *   A runtime reservation has RUNTIME, COMMAND, the user who acquired it as OWNER,
 *   and PROCESS in the numbers of the caller's pid namespace, 0 if it has none
 *   there. TOKEN is told to that process alone.
 *
 *   Needs no privilege.
 *
 *   EPROTONOSUPPORT  a protocol other than UDP
 *   ENOENT           no such reservation
 *
 *   As a dump it takes no attributes and answers with one such message for each
 *   reservation, by ascending ports. A dump that a creation or deletion has
 *   interrupted has NLM_F_DUMP_INTR set.
 *
 * PORTRES_CMD_CREATED, PORTRES_CMD_DELETED: sent to the multicast group
 * PORTRES_MCGRP_CHANGES of the namespace for each reservation that was made or
 * ended, with the attributes of a PORTRES_CMD_GET answer but without TOKEN.
 * OWNER is in the numbers of the user namespace that owns the network namespace,
 * PROCESS in those of the pid namespace of the process itself.
 *
 * Socket option PORTRES_SO_ASSOCIATE, level SOL_IP, on AF_INET and AF_INET6 sockets.
 *
 *   setsockopt() with the token, a __u64, associates an unbound UDP socket with
 *   the reservation. A bind to a port of the block then succeeds as on a free
 *   port, a bind to port 0 and an implicit bind (connect, sendto) get a free
 *   port of the block. Any number of sockets may be associated with one
 *   reservation. Before the bind the last association counts. The association
 *   belongs to the socket, whoever holds it, and ends with it.
 *
 *   Needs CAP_NET_ADMIN in the user namespace that owns the network namespace, or
 *   the effective user id that owns the reservation. For a runtime reservation it
 *   takes the process that acquired it, whatever the privilege.
 *
 *   EINVAL      the socket is bound; the length is not 8; the token is 0 or not
 *               that of a reservation in the socket's namespace
 *   EACCES      the caller may not use the reservation
 *   EOPNOTSUPP  the socket is not a UDP socket
 *   ENOMEM      no memory
 *
 *   bind() of an associated socket fails with
 *
 *   EADDRNOTAVAIL  the port is outside the block; or the reservation is gone
 *   EADDRINUSE     the port is taken; for port 0: all ports of the block are
 *
 *   getsockopt() answers with a struct portres_association.
 *
 *   EINVAL      the buffer is shorter than that
 *   ENOENT      the socket is not associated
 *   EOPNOTSUPP  the socket is not a UDP socket
 *
 * Socket option PORTRES_SO_ACQUIRE, level SOL_IP, on AF_INET and AF_INET6 sockets.
 *
 *   getsockopt() makes a runtime reservation, bound to the life of the socket. The
 *   buffer is a struct portres_association and is read as well: first and count
 *   say which block, protocol may be 0, all else is 0. With first 0 it is the lowest
 *   gap of that size in the socket's ephemeral range that is neither reserved nor in
 *   use, without ports of net.ipv4.ip_local_reserved_ports. The answer tells the
 *   block and its token.
 *
 *   The socket may be bound or not and is not associated by it; it may acquire any
 *   number of blocks. They end with PORTRES_SO_RELEASE, or when the socket is closed
 *   for the last time, in whatever process. Sockets that are bound keep their ports.
 *
 *   What a process is: a thread group. exec() does not change it; a child is another
 *   process, though it may hold the same socket.
 *
 *   Needs no privilege, but CAP_NET_BIND_SERVICE in the user namespace that owns the
 *   network namespace for ports below net.ipv4.ip_unprivileged_port_start. Who has
 *   no CAP_NET_ADMIN there is bounded, see below.
 *
 *   EINVAL      the buffer is shorter than the struct; the count is 0; the block would
 *               reach beyond port 65535; a field is not 0 that has to be
 *   EOPNOTSUPP  the socket is not a UDP socket
 *   EACCES      a port needs CAP_NET_BIND_SERVICE
 *   EADDRINUSE  a port of the block is in use or reserved; with first 0: there is no
 *               such gap
 *   EDQUOT      the user holds as much as he may
 *   ENOMEM      no memory
 *
 * Socket option PORTRES_SO_RELEASE, level SOL_IP.
 *
 *   setsockopt() with the token, a __u64, on any UDP socket of the namespace ends a
 *   runtime reservation. Needs to be the process that acquired it.
 *
 *   EINVAL      the length is not 8; the token is 0 or not that of a runtime
 *               reservation in the socket's namespace
 *   EACCES      another process has acquired it
 *   EOPNOTSUPP  the socket is not a UDP socket
 *
 * bind() of a socket that is not associated fails with net.portres.denied_errno where
 * the port is reserved.
 *
 * Sysctls of each network namespace, in /proc/sys/net/portres:
 *
 *   denied_errno           EADDRINUSE (the default) or EACCES, as a number
 *   user_max_ports         ports in runtime reservations that a user may hold at a
 *                          time; 4096
 *   user_max_reservations  the number of runtime reservations; 128
 *
 *   The bounds count by effective user id and hold for acquisitions without
 *   CAP_NET_ADMIN. Lowering one ends no reservation.
 */
#ifndef _UAPI_LINUX_PORTRES_H
#define _UAPI_LINUX_PORTRES_H

#include <linux/types.h>

#define PORTRES_GENL_NAME	"portres"
#define PORTRES_GENL_VERSION	1

#define PORTRES_MCGRP_CHANGES	"changes"

/* Longest name of a reservation, in bytes, without the terminating zero. */
#define PORTRES_NAME_MAX	63

/**
 * enum portres_cmd - commands of the family
 * @PORTRES_CMD_UNSPEC: not used
 * @PORTRES_CMD_CREATE: make a reservation
 * @PORTRES_CMD_DELETE: end a reservation
 * @PORTRES_CMD_GET: tell about one reservation, or about all
 * @PORTRES_CMD_CREATED: notification of a reservation that was made
 * @PORTRES_CMD_DELETED: notification of a reservation that was ended
 */
enum portres_cmd {
	PORTRES_CMD_UNSPEC,
	PORTRES_CMD_CREATE,
	PORTRES_CMD_DELETE,
	PORTRES_CMD_GET,
	PORTRES_CMD_CREATED,
	PORTRES_CMD_DELETED,

	/* private: */
	__PORTRES_CMD_MAX,
	PORTRES_CMD_MAX = __PORTRES_CMD_MAX - 1
};

/**
 * enum portres_attr - attributes of the family
 * @PORTRES_A_UNSPEC: not used
 * @PORTRES_A_PAD: aligns 64-bit values
 * @PORTRES_A_PROTOCOL: u8, an IPPROTO_ number
 * @PORTRES_A_FIRST: u16, first port of the block
 * @PORTRES_A_COUNT: u16, number of ports
 * @PORTRES_A_PORT: u16, a port inside the block
 * @PORTRES_A_TOKEN: u64, what associates a socket with the reservation; never
 *	0, different for every reservation of the namespace, new at every
 *	creation
 * @PORTRES_A_NAME: string of 1 to 63 bytes, for people
 * @PORTRES_A_OWNER: u32, the user who may use the reservation without privilege;
 *	of a runtime reservation the user who acquired it
 * @PORTRES_A_REFUSED: u64, binds that were refused because of the reservation
 * @PORTRES_A_SOCKETS: u32, sockets that are associated with the reservation
 * @PORTRES_A_RUNTIME: flag, it is a runtime reservation
 * @PORTRES_A_PROCESS: u32, the process that acquired it
 * @PORTRES_A_COMMAND: string, what that process was called then; any bytes but 0
 */
enum portres_attr {
	PORTRES_A_UNSPEC,
	PORTRES_A_PAD,
	PORTRES_A_PROTOCOL,
	PORTRES_A_FIRST,
	PORTRES_A_COUNT,
	PORTRES_A_PORT,
	PORTRES_A_TOKEN,
	PORTRES_A_NAME,
	PORTRES_A_OWNER,
	PORTRES_A_REFUSED,
	PORTRES_A_SOCKETS,
	PORTRES_A_RUNTIME,
	PORTRES_A_PROCESS,
	PORTRES_A_COMMAND,

	/* private: */
	__PORTRES_A_MAX,
	PORTRES_A_MAX = __PORTRES_A_MAX - 1
};

/* Socket options, level SOL_IP. */
#define PORTRES_SO_BASE		0x5052
#define PORTRES_SO_ASSOCIATE	(PORTRES_SO_BASE + 0)
#define PORTRES_SO_ACQUIRE	(PORTRES_SO_BASE + 1)
#define PORTRES_SO_RELEASE	(PORTRES_SO_BASE + 2)

/* The reservation has ended: binding this socket will fail. */
#define PORTRES_ASSOCIATION_GONE	0x01

/**
 * struct portres_association - a block and its token, as getsockopt() of
 *	PORTRES_SO_ASSOCIATE and PORTRES_SO_ACQUIRE answers it
 * @token: the token of the reservation
 * @first: first port of the block
 * @count: number of ports
 * @protocol: an IPPROTO_ number
 * @flags: PORTRES_ASSOCIATION_* bits
 * @reserved: 0
 */
struct portres_association {
	__aligned_u64	token;
	__u16		first;
	__u16		count;
	__u8		protocol;
	__u8		flags;
	__u16		reserved;
};

#endif /* _UAPI_LINUX_PORTRES_H */
