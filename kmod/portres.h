/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every file of the module goes by: the folders, the locks, and the header that is
 * shared with user space.
 *
 * Each folder knows only those below it. tests/build/directions.map lists what may include
 * and call what, and make check compares.
 *
 *   main.c                               init and exit, of the module and of each namespace
 *   user/                                netlink, socket options, sysctls
 *   udp/  tcp/  |  reserve/              how a protocol gets a port  |  creation and removal
 *   core/                                what a bind reads: reservations, sockets, rules
 *
 * reserve/ and user/ reach udp/ and tcp/ only through struct portres_protocol (core/protocol.h).
 *
 * No task holds a lock while it sleeps or while its owner can slow it down, except for these:
 *
 *   hook_lock (mutexes in udp/hook.c and tcp/hook.c)
 *	The loading and unloading of modules, and the work of reserve/ready.c that installs hooks.
 *   notify_family_lock (rw_semaphore in user/notify.c)
 *	Workers read-hold it while they send, and unloading takes it once no message waits.
 *
 * All others, from outside to inside:
 *
 *   socket lock (lock_sock)
 *	Of the socket that is associated or bound: serialises its association, and get_port
 *	runs under it. Its owner can hold it for any time, by a page fault in sendmsg(), so
 *	only tasks that work with that socket wait for it. Of ours the only lock under which
 *	ports are searched: for bind() to 0, and to check each port of a block.
 *   portres_net.lock (spinlock, one per network namespace), the table lock
 *	Writers of the tables: insertion, commitment and removal, one at a time; charges of
 *	users; reservations of a holder socket; terms; the order of notifications. The reply
 *	to a change is sent under it, without a wait for the receiver. Held for the
 *	time of one change.
 *   portres_changes.waiting.lock (spinlock, one per network namespace)
 *	The notifications that a worker has still to send. Innermost.
 *   UDP hash slot locks and bucket locks of TCP's ports (of the kernel)
 *	Order creation and bind, see core/decision.c. Never nested with the table lock.
 *   listeners_lock (spinlock in tcp/listener.c)
 *	The list of associated sockets that listen. Taken under the socket lock; innermost.
 *   RCU
 *	Readers of the table, above all the hook. Inside of it at most
 *   portres_sock.lock (spinlock, one per tracked socket)
 *	Keeps the socket from being freed while its flags are read. The destructor takes it,
 *	maybe in softirq: use the _bh variants.
 *   portres_refusals.lock (spinlock, one per network namespace)
 *	The latest refused binds. A bind only tries it, and records nothing if it is taken.
 *	Innermost.
 */
#ifndef _PORTRES_H
#define _PORTRES_H

#include <linux/portres.h>

#endif /* _PORTRES_H */
