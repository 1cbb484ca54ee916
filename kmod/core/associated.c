// SPDX-License-Identifier: GPL-2.0-only
/*
 * Binds of associated sockets, which get ports of their block and no other.
 *
 * Each port is checked before and after get_port: if the reservation is deleted in between, and the
 * port is reserved again by a creation that probed it before the socket had it, the second look
 * finds the socket's reservation dead, and releases the port.
 *
 * For an explicit port the kernel has run BPF programs and checked capabilities before get_port.
 * For a port that is selected here it has not: core/bind_check.c does, before the port is tried.
 */
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "bind.h"
#include "bind_check.h"
#include "refusal.h"
#include "reservation.h"
#include "verdict.h"

static int associated_verdict(const struct portres_reservation *mine, u16 port)
{
	struct portres_block block = portres_reservation_block(mine);
	const struct portres_case c = {
		.port = port,
		.associated = true,
		.gone = portres_reservation_gone(mine),
		.first = block.first,
		.last = block.last,
	};

	return portres_verdict_bind(&c);
}

/* The socket lock keeps the reservation, but not its name and the refusals of its namespace. */
static void associated_record(const struct sock *sk, u16 port, struct portres_reservation *mine,
			      int err)
{
	rcu_read_lock();
	portres_refusal_record(sk, port, mine, err);
	rcu_read_unlock();
}

/* Records a refusal for the socket's own reservation. */
static int associated_check(struct sock *sk, struct portres_reservation *mine, u16 port)
{
	int err = associated_verdict(mine, port);

	if (unlikely(err))
		associated_record(sk, port, mine, err);
	return err;
}

static int associated_bind_port(struct sock *sk, u16 port, struct portres_reservation *mine,
				portres_get_port_t get_port)
{
	int err;

	err = associated_check(sk, mine, port) ?: get_port(sk, port);
	if (err)
		return err;
	err = associated_check(sk, mine, port);
	if (err)
		portres_bind_undo(sk);
	return err;
}

/**
 * struct block_search - search for a free port of a block
 * @check: what bind() would check for each port
 * @port: first port that failed @check, if @err is set
 * @err: error of @check for @port, 0 if there was none
 * @in_use: a port of the block was in use
 */
struct block_search {
	struct portres_bind_check check;
	u16 port;
	int err;
	bool in_use;
};

static int associated_try_port(struct block_search *search, u16 port,
			       struct portres_reservation *mine, portres_get_port_t get_port)
{
	int err = portres_bind_check(&search->check, port);

	if (unlikely(err)) {
		if (!search->err) {
			search->port = port;
			search->err = err;
		}
		return -EADDRINUSE;
	}
	err = associated_bind_port(search->check.sk, port, mine, get_port);
	if (err == -EADDRINUSE)
		search->in_use = true;
	return err;
}

/*
 * If a port was in use, return EADDRINUSE, as it may become free. If bind() would fail for every
 * port of the block, return its error, as waiting does not help.
 */
static int associated_fail(const struct block_search *search, struct portres_reservation *mine)
{
	if (search->in_use)
		return -EADDRINUSE;
	associated_record(search->check.sk, search->port, mine, search->err);
	return search->err;
}

/*
 * The search begins behind the port that was found last, so that filling a block does not try
 * its first ports each time.
 *
 * Check the reservation first: no BPF program runs for the ports of one that is gone.
 */
static int associated_search_block(struct sock *sk, struct portres_block block,
				   struct portres_reservation *mine, portres_get_port_t get_port)
{
	struct block_search search = { .check.sk = sk };
	unsigned int count = portres_block_count(block);
	unsigned int start = (unsigned int)atomic_read(&mine->cursor) % count;
	unsigned int i;
	int err;

	err = associated_check(sk, mine, block.first + start);
	if (err)
		return err;
	for (i = 0; i < count; i++) {
		unsigned int offset = (start + i) % count;

		err = associated_try_port(&search, block.first + offset, mine, get_port);
		if (err != -EADDRINUSE) {
			atomic_set(&mine->cursor, offset + 1);
			return err;
		}
		cond_resched();
	}
	return associated_fail(&search, mine);
}

static bool associated_has_moved(const struct portres_reservation *mine, struct portres_block block)
{
	return !portres_reservation_gone(mine) &&
	       READ_ONCE(mine->block) != portres_block_pack(block.first, block.last);
}

/* If the block is changed during the search, a port of it as it was fails: search the new one. */
static int associated_bind_any(struct sock *sk, struct portres_reservation *mine,
			       portres_get_port_t get_port)
{
	struct portres_block block;
	int err;

	do {
		block = portres_reservation_block(mine);
		err = associated_search_block(sk, block, mine, get_port);
	} while (err == -EADDRNOTAVAIL && associated_has_moved(mine, block));
	return err;
}

/**
 * portres_bind_associated - get a port for an associated socket
 * @sk: the socket, locked
 * @port: requested port, 0 for any of the block
 * @mine: reservation of the socket
 * @get_port: the kernel's own get_port of @sk
 *
 * Return: 0, the error of @get_port, or that of portres_verdict_bind(); for port 0: -EADDRINUSE if
 * no port is free, or the error of portres_bind_check() if bind() would fail for each.
 */
int portres_bind_associated(struct sock *sk, u16 port, struct portres_reservation *mine,
			    portres_get_port_t get_port)
{
	return port ? associated_bind_port(sk, port, mine, get_port) :
		      associated_bind_any(sk, mine, get_port);
}
