/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One reservation, see reservation.c.
 */
#ifndef _PORTRES_RESERVATION_H
#define _PORTRES_RESERVATION_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <asm/barrier.h>

#include "portres.h"
#include "protocol.h"
#include "sock.h"
#include "terms.h"

struct pid;
struct portres_charges;

/**
 * struct portres_block - consecutive ports
 * @first: first port
 * @last: last port, not below @first
 */
struct portres_block {
	u16 first;
	u16 last;
};

/**
 * struct portres_reservation - a block of consecutive ports
 * @refs: references, see portres_reservation_put()
 * @rcu: frees the reservation when readers of the table are through
 * @link: entry in portres_table.list; written under the table lock, read under RCU
 * @last: last enforced port: that of @block, or a higher one during a change (reserve/change.c);
 *	written under the table lock, read without
 * @first: first enforced port, as @last, or a lower one
 * @block: its ports, a struct portres_block packed into one word; written under the table
 *	lock, read without
 * @token: identifier for associations; never changes
 * @refused: number of binds refused because of this reservation
 * @avoided: number of automatic selections whose first port was one of this reservation
 * @terms: name and grants, NULL if there are none; see terms.c
 * @owner: user that acquired it, INVALID_UID for a persistent one; never changes
 * @sockets: number of associated sockets
 * @cursor: offset into the block where the next search for a free port begins
 * @moved: entry in portres_table.moved, if @block was moved off the port of @token; written
 *	under the table lock, read under RCU
 * @in_moved: @moved is in use; under the table lock
 * @decision: whether the reservation gets ports that it does not have yet, see decision.c
 * @sought: automatic selection took ports of it that were not decided, or is about to; set once
 * @changing: a change of it is not decided; under the table lock
 * @dead: removed from the table; set once under the table lock, read without
 * @tentative: may still be rolled back and is not shown; cleared once under the table lock, read
 *	without
 * @runtime: part of a struct portres_runtime; never changes
 * @protocol: protocol of its ports; never changes
 */
struct portres_reservation {
	refcount_t refs;
	struct rcu_head rcu;
	struct list_head link;
	u16 last;
	u16 first;
	u32 block;
	u64 token;
	atomic64_t refused;
	atomic64_t avoided;
	struct portres_terms __rcu *terms;
	kuid_t owner;
	atomic_t sockets;
	atomic_t cursor;
	struct rhash_head moved;
	atomic64_t decision;
	bool in_moved;
	bool sought;
	bool changing;
	bool dead;
	bool tentative;
	bool runtime;
	const struct portres_protocol *protocol;
};

/**
 * struct portres_runtime - a reservation that a process acquired on a socket
 * @resv: what every reservation has
 * @process: process that may use and release it, with a reference; never changes
 * @started: start of @process in nanoseconds of CLOCK_BOOTTIME; never changes
 * @command: name of @process at the time; never changes
 * @holder: state of the holder socket, NULL after removal; written under the table lock,
 *	read under RCU
 * @held: entry in portres_sock.held of @holder, under the table lock
 * @charges: users that are charged for it, NULL if it was acquired with privilege; under
 *	the table lock
 */
struct portres_runtime {
	struct portres_reservation resv;
	struct pid *process;
	u64 started;
	char command[TASK_COMM_LEN];
	struct portres_sock __rcu *holder;
	struct list_head held;
	struct portres_charges *charges;
};

/**
 * struct portres_spec - parameters of a new reservation
 * @protocol: protocol of its ports
 * @first: first port, not 0
 * @last: last port, not below @first
 * @owner: user that acquires a runtime reservation; INVALID_UID for a persistent one
 * @name: at most PORTRES_NAME_MAX bytes, or NULL
 * @grants: grants, which are copied, or NULL; their name is ignored
 * @adopt: ports may be in use
 * @holder: state of the holder socket of a runtime reservation, which the current process
 *	acquires; NULL for a persistent one
 * @charged: charge the user of the current task and the owners of its user namespaces
 * @epoch: from portres_ready_wait()
 */
struct portres_spec {
	const struct portres_protocol *protocol;
	u16 first;
	u16 last;
	kuid_t owner;
	const char *name;
	const struct portres_terms *grants;
	bool adopt;
	struct portres_sock *holder;
	bool charged;
	unsigned int epoch;
};

struct portres_reservation *portres_reservation_alloc(const struct portres_spec *spec);
void portres_reservation_put(struct portres_reservation *resv);
void portres_reservation_renew_token(struct portres_reservation *resv);
bool portres_runtime_is_expired(const struct portres_runtime *runtime);

static inline struct portres_runtime *portres_runtime_of(const struct portres_reservation *resv)
{
	return container_of(resv, struct portres_runtime, resv);
}

/* The bit of a token that is set for TCP, so that tokens differ between protocols. */
#define PORTRES_TOKEN_TCP	BIT_ULL(16)

/**
 * portres_token_protocol - get the protocol of the reservation that a token would be of
 * @token: the token, or any other number
 */
static inline enum portres_protocol_index portres_token_protocol(u64 token)
{
	return token & PORTRES_TOKEN_TCP ? PORTRES_TCP : PORTRES_UDP;
}

static inline u32 portres_block_pack(u16 first, u16 last)
{
	return (u32)last << 16 | first;
}

/**
 * portres_reservation_block - get the ports of a reservation
 * @resv: the reservation, kept alive by the caller
 *
 * During a change, the ports from before.
 */
static inline struct portres_block portres_reservation_block(const struct portres_reservation *resv)
{
	u32 block = READ_ONCE(resv->block);

	return (struct portres_block){ .first = block & U16_MAX, .last = block >> 16 };
}

/**
 * portres_reservation_has_port - check whether a port is in the block of a reservation
 * @resv: the reservation, kept alive by the caller
 * @port: the port
 *
 * A port that a change is about to add is not. Terms that are loaded afterwards are not older
 * than the block.
 */
static inline bool portres_reservation_has_port(const struct portres_reservation *resv, u16 port)
{
	/* Pairs with the release in portres_table_change(). */
	u32 block = smp_load_acquire(&resv->block);

	return port >= (block & U16_MAX) && port <= block >> 16;
}

static inline u16 portres_block_count(struct portres_block block)
{
	return block.last - block.first + 1;
}

static inline u16 portres_reservation_count(const struct portres_reservation *resv)
{
	return portres_block_count(portres_reservation_block(resv));
}

/**
 * portres_reservation_next_port - get the port to continue a walk with
 * @resv: a reservation that was found at @port or above it
 * @port: the port
 *
 * A change may have moved the reservation below @port meanwhile: never go back.
 *
 * Return: the port after the reservation, or @port.
 */
static inline u32 portres_reservation_next_port(const struct portres_reservation *resv, u32 port)
{
	return max_t(u32, READ_ONCE(resv->last) + 1, port);
}

/**
 * portres_reservation_gone - check whether a reservation is removed or expired
 * @resv: the reservation, kept alive by the caller
 *
 * A runtime reservation expires with close() of its holder socket, though the socket may
 * live on for a grace period, or until its last packet is sent.
 */
static inline bool portres_reservation_gone(const struct portres_reservation *resv)
{
	return READ_ONCE(resv->dead) ||
	       (resv->runtime && portres_runtime_is_expired(portres_runtime_of(resv)));
}

/**
 * portres_reservation_is_active - check whether a reservation is shown and can be used
 * @resv: the reservation, kept alive by the caller
 */
static inline bool portres_reservation_is_active(const struct portres_reservation *resv)
{
	return !READ_ONCE(resv->tentative) && !portres_reservation_gone(resv);
}

#endif /* _PORTRES_RESERVATION_H */
