/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * portres: reservations of blocks of UDP and TCP ports.
 *
 * This header is the protocol between the module and user space: a generic
 * netlink family to manage reservations and socket options to use them.
 * Documentation/netlink/specs/portres.yaml describes the family for programs.
 *
 * A *reservation* is a block of consecutive ports of one protocol in one
 * network namespace. While it is active, no socket of that namespace gets one of
 * its ports, neither by bind() nor by automatic selection of an ephemeral port,
 * unless the socket was *associated* with the reservation by its 64-bit token
 * before it was bound, or a *grant* of the reservation matches the task that binds.
 *
 * A grant lets an unmodified program bind explicitly to the ports of a block. It names a
 * user, a cgroup, a unit of systemd, the kernel or, for a runtime reservation, the process
 * tree below the process that acquired it. It is compared with the task that calls
 * bind(), not with the creator of the socket. See PORTRES_A_GRANT.
 *
 * There are two kinds. An administrator creates a *persistent* reservation with
 * PORTRES_CMD_CREATE; it is active until PORTRES_CMD_DELETE. A process acquires a
 * *runtime* reservation on a socket, with PORTRES_SO_ACQUIRE; it is active until the
 * process releases it or the socket is closed, and only that process, or also its
 * descendants, can use it.
 *
 * The protocols are UDP and TCP. Each has its own ports: reservations of different protocols
 * do not overlap. MPTCP sockets use ports of TCP.
 *
 * Every number is in host byte order. Every command acts on the network
 * namespace of the netlink socket and on no other one. The exit of a namespace
 * removes its reservations without a notification.
 *
 * Requests are parsed strictly. For every command:
 *
 *   EINVAL      an attribute is missing, duplicate, unknown to the command, or has
 *               an invalid length or value
 *   ERANGE      a number is outside of the limits below; a flag has a value
 *   EOPNOTSUPP  the command does not exist
 *
 * The extended acknowledgment points to the attribute that caused an error
 * (NLMSGERR_ATTR_OFFS, or NLMSGERR_ATTR_MISS_TYPE for a missing one). The netlink
 * core returns EPERM before the attributes are checked, without a text. A request
 * that fails changes nothing.
 *
 * PORTRES_CMD_CREATE: create a persistent reservation.
 *
 *   PORTRES_A_PROTOCOL   u8      required; IPPROTO_UDP (17) or IPPROTO_TCP (6)
 *   PORTRES_A_FIRST      u16     required; 1 to 65535
 *   PORTRES_A_COUNT      u16     required; 1 to 65535
 *   PORTRES_A_NAME       string  optional; 1 to 63 bytes, for display; valid
 *                                UTF-8 without control characters (U+0001 to
 *                                U+001F, U+007F to U+009F)
 *   PORTRES_A_GRANT      nest    optional, up to 16 times; see there
 *   PORTRES_A_OWNER      u32     optional; uid in the caller's user namespace: the same
 *                                as one more GRANT with PORTRES_GRANT_A_USER, in front
 *                                of the others
 *   PORTRES_A_ADOPT      flag    optional; ports of the block may be in use. Sockets
 *                                that are bound keep their ports; no other socket gets
 *                                them from then on
 *
 *   The reply is a PORTRES_CMD_CREATE message with PROTOCOL, FIRST, COUNT and
 *   TOKEN. The module keeps the reservation until it is deleted, the namespace exits
 *   or the module is unloaded; the store that makes it persistent is kept by user
 *   space.
 *
 *   Needs CAP_NET_ADMIN in the user namespace that owns the network namespace.
 *
 *   EPERM            the capability is missing
 *   EINVAL           the block reaches beyond port 65535; the name is empty,
 *                    is not valid UTF-8 or has a control character; the owner
 *                    does not exist in the caller's user namespace; or see
 *                    PORTRES_A_GRANT
 *   EPROTONOSUPPORT  a protocol other than UDP and TCP
 *   EOPNOTSUPP       a grant names a cgroup or unit, and the kernel has no cgroups; or TCP ports
 *                    cannot be guarded: MPTCP sockets of the namespace could bind them, or
 *                    another module has replaced functions of TCP. The text says what to do
 *   EEXIST           the block overlaps an existing reservation
 *   EADDRINUSE       a port of the block is in use by a socket, and ADOPT is missing. A TCP
 *                    port is in use if a socket is bound to it, listens on it or has a
 *                    connection from it, and for a minute if such a connection is in
 *                    TIME_WAIT, unless its socket had SO_REUSEADDR. The text says which
 *   EAGAIN           try again: a task that was in the kernel before the module was
 *                    loaded has not left it yet (the request waited 25 ms for it; the
 *                    wait continues without the request); or another creation that
 *                    overlaps is in progress; or IPv6 is being loaded as a module. The
 *                    text says which
 *   EINTR            a fatal signal ended the wait
 *   ENOMEM           no memory
 *   ENOBUFS          the receive queue of the caller's socket has no room for the reply;
 *                    the reservation was removed
 *
 *   Netlink may drop an acknowledgment for lack of memory or room, and then fails the
 *   next read with ENOBUFS. The reply comes before it: the reservation was created if
 *   and only if there is a reply.
 *
 * PORTRES_CMD_DELETE: delete a reservation. Sockets that are bound keep their ports;
 * associated sockets that are not bound yet fail to bind
 * (PORTRES_ASSOCIATION_GONE).
 *
 *   PORTRES_A_PROTOCOL, PORTRES_A_FIRST, PORTRES_A_COUNT as above, all required:
 *   the exact block that was created.
 *   PORTRES_A_RUNTIME    flag    optional; delete a runtime reservation, on behalf of
 *                                the administrator
 *
 *   Needs the same capability as PORTRES_CMD_CREATE.
 *
 *   EPERM            the capability is missing
 *   EPROTONOSUPPORT  a protocol other than UDP and TCP
 *   ENOENT           no such reservation; the reservation is a runtime reservation and
 *                    the flag is missing; it is persistent and the flag is present
 *
 * PORTRES_A_GRANT: names tasks that may bind to the ports of a block without an association,
 * and may associate sockets without privilege. A nest with exactly one of
 *
 *   PORTRES_GRANT_A_USER     u32     uid in the caller's user namespace. Matches tasks with
 *                                    that effective user
 *   PORTRES_GRANT_A_CGROUP   string  absolute path of a cgroup (v2) from the root of the
 *                                    caller's cgroup namespace, without a slash at its end.
 *                                    Matches tasks in that cgroup and below it. "/" is
 *                                    that root itself; it is invalid if that is the root of
 *                                    the hierarchy
 *   PORTRES_GRANT_A_UNIT     string  name of a unit of systemd: 1 to 255 bytes, with its
 *                                    suffix, escaped as systemd escapes names of units;
 *                                    not a slice. Matches tasks in the cgroup of the unit
 *                                    and below it: the first cgroup below the root of the
 *                                    caller's cgroup namespace that is not called *.slice
 *   PORTRES_GRANT_A_KERNEL   flag    Matches sockets of the kernel, as those of WireGuard
 *                                    and VXLAN, if the current task has CAP_NET_ADMIN in
 *                                    the user namespace that owns the network namespace.
 *                                    No other grant matches them
 *
 * and, optionally, beside UNIT
 *
 *   PORTRES_GRANT_A_UNIT_USER  u32   uid in the caller's user namespace: the unit is one of
 *                                    that user's own manager (below user@UID.service)
 *
 *   A cgroup or unit need not exist, and may be created and removed at any time. All CGROUP
 *   and UNIT of a request together have at most 2048 bytes, with their terminating zeros.
 *   Replies have the grants in the order of the request.
 *
 *   A bind to a port of the block by a task that a grant matches succeeds as for a port
 *   that is not reserved. Automatic selection (port 0, connect, sendto) selects no port of
 *   the block for it. Neither a capability nor user 0 matches by itself. With io_uring the
 *   task is the one that submitted the request, with IORING_SETUP_SQPOLL the one that
 *   created the ring.
 *
 *   EINVAL      the nest has none or several of USER, CGROUP, UNIT and KERNEL; UNIT_USER
 *               without UNIT; more than 16 grants or more than 2048 bytes; a user does
 *               not exist in the caller's user namespace; a path is not absolute, has an
 *               empty component, "." or "..", is not valid UTF-8, has a control
 *               character, or is the root of the hierarchy; a unit has no suffix, is a
 *               slice, or has a character that no name of a unit has; the root of the
 *               caller's cgroup namespace was removed
 *   EOPNOTSUPP  CGROUP or UNIT, and the kernel was built without cgroups
 *
 * PORTRES_CMD_SET: change a persistent reservation. What the request does not name stays,
 * and so do the token, associations and the number of refused binds.
 *
 *   PORTRES_A_TOKEN      u64     required; selects the reservation
 *   PORTRES_A_NAME       string  optional; the new name; the empty one for none
 *   PORTRES_A_GRANT      nest    optional, up to 16 times; these grants replace all
 *   PORTRES_A_NO_GRANTS  flag    optional; removes all grants; not beside GRANT
 *   PORTRES_A_FIRST      u16     optional; 1 to 65535; with COUNT, the new block, which
 *   PORTRES_A_COUNT      u16     optional; 1 to 65535; overlaps the present one
 *
 *   A port of both blocks is reserved without interruption. Sockets that are bound keep
 *   their ports, also those that leave the block. The reply is a PORTRES_CMD_SET message
 *   with the attributes of a PORTRES_CMD_GET reply: PROTOCOL, FIRST, COUNT, REFUSED, AVOIDED,
 *   SOCKETS, TOKEN, and NAME, GRANT and OWNER if the reservation has them.
 *
 *   Needs the same capability as PORTRES_CMD_CREATE.
 *
 *   EPERM            the capability is missing
 *   EINVAL           the request names nothing to change; FIRST or COUNT without the
 *                    other; the new block does not overlap the present one; or as
 *                    PORTRES_CMD_CREATE
 *   ENOENT           no such reservation, or it was deleted meanwhile
 *   EOPNOTSUPP       a runtime reservation; or as PORTRES_CMD_CREATE
 *   EEXIST           the new block overlaps another reservation
 *   EADDRINUSE       a port that the present block does not have is in use by a socket
 *   EAGAIN           try again: another request is changing the reservation; or as
 *                    PORTRES_CMD_CREATE
 *   EINTR, ENOMEM    as PORTRES_CMD_CREATE
 *   ENOBUFS          the receive queue of the caller's socket has no room for the reply;
 *                    nothing was changed
 *
 * PORTRES_CMD_GET: get one reservation, selected in exactly one of these ways:
 *
 *   PORTRES_A_PROTOCOL, PORTRES_A_FIRST, PORTRES_A_COUNT   by its exact block
 *   PORTRES_A_PROTOCOL, PORTRES_A_PORT                     by any of its ports
 *   PORTRES_A_TOKEN                                        by its token
 *
 *   The reply is a PORTRES_CMD_GET message with PROTOCOL, FIRST, COUNT, REFUSED, AVOIDED
 *   and SOCKETS, with NAME, GRANT and OWNER if the reservation has them, and with TOKEN if
 *   the caller may use the reservation: a grant matches it, or it has CAP_NET_ADMIN over
 *   the network namespace. OWNER is the user of the first grant that names one. Users
 *   are uids in the caller's user namespace, the overflow uid if they are not mapped
 *   there. Paths are as in the request that gave them.
 *
 *   A runtime reservation has RUNTIME, as OWNER the user that acquired it, and TREE if it
 *   was acquired with PORTRES_ACQUIRE_TREE. Only the process that acquired it gets TOKEN,
 *   and with TREE its descendants. PROCESS, COMMAND and PROCESS_START describe that
 *   process, for callers with its effective user (OWNER) and for callers with
 *   CAP_NET_ADMIN over the network namespace. PROCESS is a PID in the caller's pid
 *   namespace, 0 if it has none there. PROCESS_START shows whether that PID still refers
 *   to the same process: see proc(5), starttime.
 *
 *   For callers with CAP_NET_ADMIN over the network namespace, the reply about one
 *   reservation, not a dump, has a REFUSAL for each process that was refused a port of it
 *   lately: the kernel keeps up to 32 of the namespace.
 *
 *   Needs no privilege.
 *
 *   EPROTONOSUPPORT  a protocol other than UDP and TCP
 *   ENOENT           no such reservation
 *
 *   A dump takes no attributes and replies with one such message for each reservation of
 *   every protocol, those of a protocol by ascending ports. NLM_F_DUMP_INTR is set if a
 *   creation, change or removal interrupted it.
 *
 * PORTRES_CMD_CREATED, PORTRES_CMD_CHANGED, PORTRES_CMD_DELETED: sent to two multicast
 * groups of the namespace for each reservation that was created, changed by
 * PORTRES_CMD_SET, or removed. Users are uids in the user namespace that owns the network
 * namespace. PORTRES_CMD_CHANGED also has WAS_FIRST and WAS_COUNT, the block before the
 * change, which may be the same.
 *
 *   PORTRES_MCGRP_CHANGES, which any process may join, has the attributes of a
 *   PORTRES_CMD_GET reply except TOKEN, PROCESS, COMMAND and PROCESS_START.
 *
 *   PORTRES_MCGRP_ADMIN, which needs CAP_NET_ADMIN in the user namespace that owns the
 *   network namespace (else EPERM), also has PROCESS, COMMAND and PROCESS_START; PROCESS
 *   is a PID in the pid namespace of the process itself. If a process requested the
 *   removal, PORTRES_CMD_DELETED has BY_USER, a uid as OWNER, BY_PROCESS, a PID in that
 *   process' own pid namespace, and BY_COMMAND. It has none of these if the holder socket
 *   was closed.
 *
 * PORTRES_CMD_REFUSED: sent to the multicast group PORTRES_MCGRP_REFUSALS, which needs
 * CAP_NET_ADMIN as PORTRES_MCGRP_ADMIN does, after binds that failed because of a reservation.
 * One message has a PORTRES_A_REFUSAL for each process and reservation, with the last such bind in
 * full and the number of those since the last message that told of both. It comes 100 ms after
 * the first of these binds; messages are at least 100 ms apart, and those about the same process
 * and reservation a second. LOST is the number of binds that are not counted in any message, as
 * too many processes were refused at once.
 *
 * Messages of a group come in the order of the changes. A listener that gets ENOBUFS
 * missed some, as its receive queue was full, or as the namespace changed faster than
 * notifications could be sent.
 *
 * Socket option PORTRES_SO_ASSOCIATE, level SOL_IP, on AF_INET and AF_INET6 sockets.
 *
 *   setsockopt() with the token, a __u64, associates an unbound UDP or TCP socket with
 *   the reservation. A bind to a port of the block then succeeds as for a port that
 *   is not reserved; a bind to port 0 and an implicit bind (connect, sendto, listen)
 *   get a free port of the block. Each connection of an associated TCP socket takes a
 *   port of its own. Sockets that accept() returns are not associated. Any number of
 *   sockets may be associated with one reservation. A later association replaces an
 *   earlier one. The association belongs to the socket and ends with it, also after the
 *   descriptor was passed on.
 *
 *   Needs CAP_NET_ADMIN in the user namespace that owns the network namespace, or
 *   a grant of the reservation that matches the caller. For a runtime reservation the
 *   caller must be the process that acquired it or, with PORTRES_ACQUIRE_TREE, a descendant
 *   of that; no privilege replaces that.
 *
 *   EINVAL      the socket is bound; the length is not 8; the token is 0 or not
 *               that of a reservation of the socket's protocol in its namespace
 *   EACCES      the caller may not use the reservation
 *   EOPNOTSUPP  the socket is not a UDP or TCP socket
 *   ENOPROTOOPT the module is not loaded; or the socket is one of MPTCP, which rejects
 *               options that it does not know before the module is asked
 *   ENOMEM      no memory
 *
 *   bind() of an associated socket fails with
 *
 *   EADDRNOTAVAIL  the port is outside the block; or the reservation is gone
 *   EADDRINUSE     the port is in use; for port 0: all ports of the block are
 *   EACCES         the port is below net.ipv4.ip_unprivileged_port_start, and the caller
 *                  has no CAP_NET_BIND_SERVICE; for port 0: so is every port of the block
 *   EPERM          a bind4 or bind6 program of the cgroup refuses the port, or every port
 *                  that was selected for port 0, or rewrites it or its address; such a
 *                  program may set another errno
 *
 *   connect() and sendto() of a UDP socket fail with EAGAIN for each of these: the kernel
 *   does not report the error of an implicit bind. connect() of a TCP socket fails with
 *   EADDRNOTAVAIL instead of EADDRINUSE. listen() fails with EBUSY if another module has
 *   replaced the destructor of an associated socket.
 *
 *   getsockopt() returns a struct portres_association.
 *
 *   EINVAL      the buffer is shorter than that
 *   ENOENT      the socket is not associated
 *   EOPNOTSUPP  the socket is not a UDP or TCP socket; a socket of MPTCP is neither
 *
 * Socket option PORTRES_SO_ACQUIRE, level SOL_IP, on AF_INET and AF_INET6 sockets.
 *
 *   getsockopt() acquires a runtime reservation; the socket becomes its holder socket.
 *   The buffer is a struct portres_association, which is an argument as well: first and
 *   count select the block, protocol may be 0 or that of the socket, flags may have
 *   PORTRES_ACQUIRE_TREE, all other members are 0. If first is 0, the block is the lowest
 *   gap of that size in the socket's ephemeral port range that is neither reserved nor in
 *   use, without ports of net.ipv4.ip_local_reserved_ports. The result has the block and
 *   its token.
 *
 *   The socket may be bound or not, and is not associated by this call; it may acquire any
 *   number of blocks. A reservation is removed by PORTRES_SO_RELEASE, or expires when the
 *   last descriptor of the socket is closed, in any process. Sockets that are bound keep
 *   their ports.
 *
 *   With PORTRES_ACQUIRE_TREE the process and its descendants, up to 1024 generations, may
 *   bind explicitly to a port of the block without an association, and may associate
 *   sockets. The ancestors at the time of the bind count: a process whose parent has
 *   exited is a child of the ancestor that adopted it, see PR_SET_CHILD_SUBREAPER.
 *
 *   A process is a thread group. exec() does not change it; a child is another process,
 *   even if it has the same socket.
 *
 *   Needs no privilege, but CAP_NET_BIND_SERVICE in the user namespace that owns the
 *   network namespace for ports below net.ipv4.ip_unprivileged_port_start. Callers without
 *   CAP_NET_ADMIN there are subject to limits, see below.
 *
 *   EINVAL      the buffer is shorter than the struct; the count is 0; the block reaches
 *               beyond port 65535; a member is not 0 that must be
 *   EOPNOTSUPP  the socket is not a UDP or TCP socket, or one of MPTCP; or TCP ports cannot
 *               be reserved here
 *   EACCES      a port needs CAP_NET_BIND_SERVICE
 *   EPERM       a bind4 or bind6 program of the caller's cgroup refuses a port, or
 *               rewrites it or its address; such a program may set another errno
 *   EADDRINUSE  a port of the block is in use or reserved; with first 0: there is no
 *               such gap
 *   EDQUOT      the user is at a limit, or the owner of a user namespace that the user
 *               belongs to is
 *   EAGAIN      try again, as with PORTRES_CMD_CREATE
 *   EBUSY       the socket listens, and another module has replaced what ends its association
 *   EINTR       a fatal signal ended the wait
 *   ENOMEM      no memory
 *
 * Socket option PORTRES_SO_RELEASE, level SOL_IP.
 *
 *   setsockopt() with the token, a __u64, on any socket of its protocol in the namespace
 *   releases a runtime reservation. The caller must be the process that acquired it.
 *
 *   EINVAL      the length is not 8; the token is 0 or not that of a runtime
 *               reservation of the socket's protocol in its namespace
 *   EACCES      another process has acquired it
 *   EOPNOTSUPP  the socket is not a UDP or TCP socket
 *   ENOPROTOOPT as with PORTRES_SO_ASSOCIATE
 *
 * bind() of an unassociated socket to a reserved port fails with
 * net.portres.denied_errno, that of a socket of the kernel with EADDRINUSE, unless a grant
 * matches. If every port of the ephemeral range is reserved or in use, bind() to port 0 and
 * listen() fail with EADDRINUSE, connect() and sendto() of a UDP socket with EAGAIN, connect() of
 * a TCP socket with EADDRNOTAVAIL.
 *
 * Sysctls of each network namespace, in /proc/sys/net/portres:
 *
 *   denied_errno           EADDRINUSE (the default) or EACCES, as a number
 *   user_max_ports         most ports that a user may hold in runtime reservations;
 *                          4096 by default
 *   user_max_reservations  most runtime reservations that a user may hold; 128 by
 *                          default
 *
 *   The limits apply to acquisitions without CAP_NET_ADMIN, and count both protocols
 *   together. Each of these is charged to the effective user of the process, to the owner of
 *   its user namespace, and so on up to the user namespace that owns the network namespace. A
 *   lower limit removes no reservation.
 */
#ifndef _UAPI_LINUX_PORTRES_H
#define _UAPI_LINUX_PORTRES_H

#include <linux/types.h>

#define PORTRES_GENL_NAME	"portres"
#define PORTRES_GENL_VERSION	1

#define PORTRES_MCGRP_CHANGES	"changes"
#define PORTRES_MCGRP_ADMIN	"admin"
#define PORTRES_MCGRP_REFUSALS	"refusals"

/* Longest name of a reservation, in bytes, without the terminating zero. */
#define PORTRES_NAME_MAX	63

/* Most grants of a reservation, and most bytes of their texts together. */
#define PORTRES_GRANTS_MAX	16
#define PORTRES_GRANTS_TEXT_MAX	2048

/* Longest name of a unit, in bytes, without the terminating zero. */
#define PORTRES_UNIT_MAX	255

/**
 * enum portres_cmd - commands of the family
 * @PORTRES_CMD_UNSPEC: not used
 * @PORTRES_CMD_CREATE: create a reservation
 * @PORTRES_CMD_DELETE: delete a reservation
 * @PORTRES_CMD_GET: get one reservation, or all
 * @PORTRES_CMD_CREATED: notification of a creation
 * @PORTRES_CMD_DELETED: notification of a removal
 * @PORTRES_CMD_SET: change a reservation
 * @PORTRES_CMD_CHANGED: notification of a change
 * @PORTRES_CMD_REFUSED: notification of refused binds
 */
enum portres_cmd {
	PORTRES_CMD_UNSPEC,
	PORTRES_CMD_CREATE,
	PORTRES_CMD_DELETE,
	PORTRES_CMD_GET,
	PORTRES_CMD_CREATED,
	PORTRES_CMD_DELETED,
	PORTRES_CMD_SET,
	PORTRES_CMD_CHANGED,
	PORTRES_CMD_REFUSED,

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
 * @PORTRES_A_PORT: u16, any port of the block
 * @PORTRES_A_TOKEN: u64, identifier for associations; never 0, unique in the
 *	namespace, new at every creation
 * @PORTRES_A_NAME: string of 1 to 63 bytes, for display
 * @PORTRES_A_OWNER: u32, the user of the first grant that names one; of a runtime
 *	reservation the user that acquired it
 * @PORTRES_A_REFUSED: u64, number of binds refused because of the reservation
 * @PORTRES_A_SOCKETS: u32, number of associated sockets
 * @PORTRES_A_RUNTIME: flag, runtime reservation; in PORTRES_CMD_DELETE: delete a
 *	runtime reservation
 * @PORTRES_A_PROCESS: u32, the process that acquired it
 * @PORTRES_A_COMMAND: string, name of that process at the time; any bytes but 0
 * @PORTRES_A_PROCESS_START: u64, start of that process, in nanoseconds of
 *	CLOCK_BOOTTIME: of the caller's time namespace in a reply, of the initial time
 *	namespace in a notification
 * @PORTRES_A_BY_USER: u32, the effective user of the process that removed it
 * @PORTRES_A_BY_PROCESS: u32, the process that removed it
 * @PORTRES_A_BY_COMMAND: string, name of that process; any bytes but 0
 * @PORTRES_A_GRANT: nest of enum portres_grant_attr, several are allowed: tasks that may
 *	bind explicitly to the ports of the block
 * @PORTRES_A_NO_GRANTS: flag, removes all grants
 * @PORTRES_A_ADOPT: flag, ports of the block may be in use
 * @PORTRES_A_TREE: flag, descendants of the process that acquired it may use it
 * @PORTRES_A_WAS_FIRST: u16, first port of the block before a change
 * @PORTRES_A_WAS_COUNT: u16, number of ports before a change
 * @PORTRES_A_AVOIDED: u64, number of automatic selections of a port that would have taken one
 *	of the block first
 * @PORTRES_A_REFUSAL: nest of enum portres_refusal_attr, several are possible: what a process
 *	was refused
 * @PORTRES_A_LOST: u32, number of refused binds that no notification tells of
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
	PORTRES_A_PROCESS_START,
	PORTRES_A_BY_USER,
	PORTRES_A_BY_PROCESS,
	PORTRES_A_BY_COMMAND,
	PORTRES_A_GRANT,
	PORTRES_A_NO_GRANTS,
	PORTRES_A_ADOPT,
	PORTRES_A_TREE,
	PORTRES_A_WAS_FIRST,
	PORTRES_A_WAS_COUNT,
	PORTRES_A_AVOIDED,
	PORTRES_A_REFUSAL,
	PORTRES_A_LOST,

	/* private: */
	__PORTRES_A_MAX,
	PORTRES_A_MAX = __PORTRES_A_MAX - 1
};

/**
 * enum portres_grant_attr - attributes inside of PORTRES_A_GRANT
 * @PORTRES_GRANT_A_UNSPEC: not used
 * @PORTRES_GRANT_A_USER: u32, a user
 * @PORTRES_GRANT_A_CGROUP: string, absolute path of a cgroup
 * @PORTRES_GRANT_A_UNIT: string of 1 to 255 bytes, name of a unit of systemd
 * @PORTRES_GRANT_A_KERNEL: flag, sockets of the kernel
 * @PORTRES_GRANT_A_UNIT_USER: u32, the user whose own manager has the unit
 */
enum portres_grant_attr {
	PORTRES_GRANT_A_UNSPEC,
	PORTRES_GRANT_A_USER,
	PORTRES_GRANT_A_CGROUP,
	PORTRES_GRANT_A_UNIT,
	PORTRES_GRANT_A_KERNEL,
	PORTRES_GRANT_A_UNIT_USER,

	/* private: */
	__PORTRES_GRANT_A_MAX,
	PORTRES_GRANT_A_MAX = __PORTRES_GRANT_A_MAX - 1
};

/**
 * enum portres_refusal_attr - attributes inside of PORTRES_A_REFUSAL
 * @PORTRES_REFUSAL_A_UNSPEC: not used
 * @PORTRES_REFUSAL_A_PAD: aligns 64-bit values
 * @PORTRES_REFUSAL_A_PROTOCOL: u8, an IPPROTO_ number; in notifications, as the next three
 * @PORTRES_REFUSAL_A_FIRST: u16, first port of the reservation, if it still exists
 * @PORTRES_REFUSAL_A_COUNT: u16, number of its ports
 * @PORTRES_REFUSAL_A_NAME: string, its name
 * @PORTRES_REFUSAL_A_PORT: u16, the port that was refused last
 * @PORTRES_REFUSAL_A_ERRNO: u16, the errno of that
 * @PORTRES_REFUSAL_A_TIMES: u64, how often the process was refused a port of the reservation; in a
 *	notification, since the last one
 * @PORTRES_REFUSAL_A_TIME: u64, time of the last refusal, in nanoseconds of CLOCK_REALTIME
 * @PORTRES_REFUSAL_A_USER: u32, effective user
 * @PORTRES_REFUSAL_A_PROCESS: u32, the process: in a reply a PID in the reader's pid namespace; in
 *	a notification in the initial one if the initial user namespace owns the network
 *	namespace, else in the process' own
 * @PORTRES_REFUSAL_A_COMMAND: string, name of the process; any bytes but 0
 * @PORTRES_REFUSAL_A_PROCESS_START: u64, start of the process, as PORTRES_A_PROCESS_START
 * @PORTRES_REFUSAL_A_CGROUP: u64, id of its cgroup (v2), as name_to_handle_at() has it
 */
enum portres_refusal_attr {
	PORTRES_REFUSAL_A_UNSPEC,
	PORTRES_REFUSAL_A_PAD,
	PORTRES_REFUSAL_A_PROTOCOL,
	PORTRES_REFUSAL_A_FIRST,
	PORTRES_REFUSAL_A_COUNT,
	PORTRES_REFUSAL_A_NAME,
	PORTRES_REFUSAL_A_PORT,
	PORTRES_REFUSAL_A_ERRNO,
	PORTRES_REFUSAL_A_TIMES,
	PORTRES_REFUSAL_A_TIME,
	PORTRES_REFUSAL_A_USER,
	PORTRES_REFUSAL_A_PROCESS,
	PORTRES_REFUSAL_A_COMMAND,
	PORTRES_REFUSAL_A_PROCESS_START,
	PORTRES_REFUSAL_A_CGROUP,

	/* private: */
	__PORTRES_REFUSAL_A_MAX,
	PORTRES_REFUSAL_A_MAX = __PORTRES_REFUSAL_A_MAX - 1
};

/* Socket options, level SOL_IP. */
#define PORTRES_SO_BASE		0x5052
#define PORTRES_SO_ASSOCIATE	(PORTRES_SO_BASE + 0)
#define PORTRES_SO_ACQUIRE	(PORTRES_SO_BASE + 1)
#define PORTRES_SO_RELEASE	(PORTRES_SO_BASE + 2)

/* The reservation was removed or has expired: a bind of this socket fails. */
#define PORTRES_ASSOCIATION_GONE	0x01

/* In an acquisition: descendants of the process may use the reservation. */
#define PORTRES_ACQUIRE_TREE		0x02

/**
 * struct portres_association - a block and its token, for getsockopt() of
 *	PORTRES_SO_ASSOCIATE and PORTRES_SO_ACQUIRE
 * @token: the token of the reservation
 * @first: first port of the block
 * @count: number of ports
 * @protocol: an IPPROTO_ number
 * @flags: PORTRES_ASSOCIATION_* bits; of an acquisition PORTRES_ACQUIRE_* bits
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
