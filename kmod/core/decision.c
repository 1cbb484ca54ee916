// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decision on the ports that a creation or a change is about to add.
 *
 * Creation and bind race, and neither waits for the other. Both write, then read:
 *
 *	bind:	the kernel inserts the socket into the hash bucket of the port, under the lock of
 *		the bucket; then the second look of the bind reads the decision
 *	create:	opens the decision; then probes the bucket of each port, under its lock
 *
 * Whichever section under the bucket's lock comes second sees what the other one wrote before: the
 * socket in the bucket, or the open decision. So a socket that the probe has missed vetoes, unless
 * the creation was committed before. One word decides between veto and commitment: a socket keeps
 * its port, or the creation succeeds, and never both. A creation that fails has taken no port from
 * anybody, and only one that succeeded undoes a bind.
 *
 * The first look refuses only what is committed. A veto counts from the opening on: a port that was
 * in use before that, and is free by the time of the probe, does not make this decision fail.
 *
 * Automatic selection avoids what is not decided as well, but where no other port is free it takes
 * such a port: to fail would be to fail for a creation that may fail itself. It marks the
 * reservation as sought before it reads the word. So a creation that is committed nevertheless
 * knows that a socket may be about to give a port back.
 *
 * The word has a serial number: a socket that read it while one change was being decided cannot
 * veto the next change.
 *
 * A reader found the reservation by its bounds, maybe by those of an earlier change than that of
 * the word. So it reads the bounds again, after the word: a port outside of them is not decided on.
 * If the word is still the same after that, the bounds are those of its change.
 *
 * The word is read before the block too. So once a change is settled, its ports are found in the
 * block even if the word that was read is older or that of a later change.
 */
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/limits.h>
#include <asm/barrier.h>

#include "decision.h"
#include "reservation.h"

#define WORD_STATE	U8_MAX
#define WORD_PORT_SHIFT	16
#define WORD_SERIAL	((u64)U32_MAX << 32)
#define WORD_NEXT	BIT_ULL(32)

static enum portres_decision word_state(u64 word)
{
	return word & WORD_STATE;
}

static u64 word_with_state(u64 word, enum portres_decision state)
{
	return (word & WORD_SERIAL) | state;
}

/**
 * portres_decision_begin - begin to add ports
 * @resv: the reservation, which is not in the table yet or whose added ports are not; if it is in
 *	the table, that is locked
 */
void portres_decision_begin(struct portres_reservation *resv)
{
	u64 word = atomic64_read(&resv->decision) + WORD_NEXT;

	atomic64_set(&resv->decision, word_with_state(word, PORTRES_TENTATIVE));
	/* before the new bounds; pairs with decision_read() */
	smp_wmb();
}

/**
 * portres_decision_open - open the decision, before the decisive probe
 * @resv: the reservation, after portres_decision_begin() by the same task
 *
 * The locks of the buckets order it before what the probe reads.
 */
void portres_decision_open(struct portres_reservation *resv)
{
	u64 word = atomic64_read(&resv->decision);

	/* after the new bounds; pairs with the acquire in decision_read() */
	atomic64_set_release(&resv->decision, word_with_state(word, PORTRES_DECIDING));
}

/**
 * portres_decision_commit - decide for the reservation
 * @resv: the reservation, its table locked, after portres_decision_open(); or after
 *	portres_decision_begin(), to adopt sockets, which then cannot veto
 * @vetoed: set to the port that a socket has, on failure
 *
 * Return: false if a socket has vetoed.
 */
bool portres_decision_commit(struct portres_reservation *resv, u16 *vetoed)
{
	s64 word = atomic64_read(&resv->decision);

	/* only a veto can be in between, and it is final */
	if (word_state(word) != PORTRES_VETOED &&
	    atomic64_try_cmpxchg(&resv->decision, &word, word_with_state(word, PORTRES_COMMITTED)))
		return true;
	*vetoed = (u64)word >> WORD_PORT_SHIFT;
	return false;
}

/**
 * portres_decision_settle - end a decision
 * @resv: the reservation, its table locked; its block and bounds have been written
 */
void portres_decision_settle(struct portres_reservation *resv)
{
	u64 word = atomic64_read(&resv->decision);

	/* pairs with the acquire in decision_read() */
	atomic64_set_release(&resv->decision, word_with_state(word, PORTRES_SETTLED));
}

static u64 decision_read(const struct portres_reservation *resv)
{
	/* after the bounds by which @resv was found; pairs with portres_decision_begin() */
	smp_rmb();
	/* before block and bounds; pairs with portres_decision_open() and _settle() */
	return atomic64_read_acquire(&resv->decision);
}

static bool decision_is_about(const struct portres_reservation *resv, u16 port)
{
	return port >= READ_ONCE(resv->first) && port <= READ_ONCE(resv->last);
}

/* Is it the word of the change that the bounds, which were read after it, are of? */
static bool decision_is_word(const struct portres_reservation *resv, u64 word)
{
	/* after the bounds; pairs with portres_decision_begin() */
	smp_rmb();
	return atomic64_read(&resv->decision) == word;
}

static bool decision_is_in_block(const struct portres_reservation *resv, u16 port)
{
	return !READ_ONCE(resv->tentative) && portres_reservation_has_port(resv, port);
}

/**
 * portres_decision_holds - check whether a port is the reservation's
 * @resv: a reservation that was found by @port in the table, under RCU or the table lock
 * @port: the port
 *
 * Return: false for a port that may not become the reservation's.
 */
bool portres_decision_holds(const struct portres_reservation *resv, u16 port)
{
	u64 word;

	do {
		word = decision_read(resv);
		if (decision_is_in_block(resv, port))
			return true;
		if (word_state(word) != PORTRES_COMMITTED || !decision_is_about(resv, port))
			return false;
	} while (!decision_is_word(resv, word));
	return true;
}

/* Fails if the word has changed, and with it maybe the bounds. */
static bool decision_veto(struct portres_reservation *resv, u64 word, u16 port)
{
	u64 vetoed = word_with_state(word, PORTRES_VETOED) | (u64)port << WORD_PORT_SHIFT;

	return atomic64_try_cmpxchg(&resv->decision, (s64 *)&word, vetoed);
}

/**
 * portres_decision_is_pending - check whether a reservation has ports that may not become its own
 * @resv: a reservation that was found in the table, under RCU
 *
 * Call before its bounds are read: if a change was rolled back, they are without the ports.
 */
bool portres_decision_is_pending(const struct portres_reservation *resv)
{
	enum portres_decision state = word_state(decision_read(resv));

	return state != PORTRES_SETTLED && state != PORTRES_COMMITTED;
}

/**
 * portres_decision_contest - decide between a reservation and a socket that has one of its ports
 * @resv: a reservation that was found by @port in the table, under RCU
 * @port: the port, which the socket got before the call
 *
 * Return: true if the port is the reservation's, and the socket has to give it back; false if the
 * socket keeps it: then a creation or change that is about to add it fails.
 */
bool portres_decision_contest(struct portres_reservation *resv, u16 port)
{
	u64 word;

	/* each turn but the first follows a step of a decision */
	for (;;) {
		word = decision_read(resv);
		if (decision_is_in_block(resv, port))
			return true;
		if (!decision_is_about(resv, port))
			return false;
		switch (word_state(word)) {
		case PORTRES_DECIDING:
			if (decision_veto(resv, word, port))
				return false;
			break;
		case PORTRES_COMMITTED:
			if (decision_is_word(resv, word))
				return true;
			break;
		default:
			return false;
		}
	}
}
