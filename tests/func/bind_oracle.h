/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the contract (linux/portres.h) says about one attempt of a socket to get a
 * port: the dimensions that matter to it, and the verdict. Written from the
 * contract, not from the code.
 */
#ifndef PORTRES_TESTS_BIND_ORACLE_H
#define PORTRES_TESTS_BIND_ORACLE_H

#include <errno.h>
#include <stdbool.h>

/* Blocks: the one that the attempt is about, another one, and one that is deleted and made anew. */
#define BLOCK_COUNT 10
#define RIGHT_FIRST 40000
#define WRONG_FIRST 30000
#define DEAD_FIRST 50000
/* The ephemeral range goes over both edges of the block, by half of the ports. */
#define EPHEMERAL_LOW (RIGHT_FIRST - 5)
#define EPHEMERAL_HIGH (RIGHT_FIRST + BLOCK_COUNT + 4)

/* what the socket is associated with */
enum right { NOTHING, RIGHT, WRONG, DEAD, WRONG_THEN_RIGHT, RIGHT_THEN_WRONG, DEAD_THEN_RIGHT,
	     RIGHTS };
/* the user that binds: OWNER has the grants, and STRANGER cannot associate */
enum who { ROOT, OWNER, STRANGER, WHOS };
enum how { AT_FIRST, AT_MIDDLE, AT_LAST, BEFORE_FIRST, AFTER_LAST, FAR_AWAY, AT_ZERO, BY_CONNECT,
	   BY_SENDTO, BY_LISTEN, HOWS };

static const char *const right_names[RIGHTS] = {
	"not associated", "right token", "wrong token", "dead token", "wrong then right token",
	"right then wrong token", "dead then right token"
};

static const char *const who_names[WHOS] = { "root", "the owner", "a stranger" };

static const char *const how_names[HOWS] = {
	"the first port", "a middle port", "the last port", "the port before the block",
	"the port after the block", "a port far away", "port 0", "connect", "sendto", "listen"
};

/* The block that an attempt is about: a dead association is about its own block. */
static inline unsigned int block_of(enum right right)
{
	return right == DEAD ? DEAD_FIRST : RIGHT_FIRST;
}

static inline unsigned int port_of(enum right right, enum how how)
{
	const unsigned int first = block_of(right);
	const unsigned int ports[HOWS] = {
		first, first + BLOCK_COUNT / 2, first + BLOCK_COUNT - 1, first - 1,
		first + BLOCK_COUNT, 12345
	};

	return ports[how];
}

static inline bool in_block(unsigned int port, unsigned int first)
{
	return port >= first && port < first + BLOCK_COUNT;
}

/* The association that counts. */
static inline enum right last_of(enum right right, enum who who)
{
	if (who == STRANGER)
		return NOTHING;
	if (right == WRONG_THEN_RIGHT || right == DEAD_THEN_RIGHT)
		return RIGHT;
	return right == RIGHT_THEN_WRONG ? WRONG : right;
}

/*
 * The errno of the attempt on an address that allows it. An implicit bind of UDP has its own where
 * there is no port; the connect of TCP has that of a bind.
 */
static inline int verdict(bool tcp, enum right right, enum who who, enum how how)
{
	const bool implicit = how >= BY_CONNECT;
	const bool inside = how <= AT_LAST;

	switch (last_of(right, who)) {
	case NOTHING:
		/* a grant of the user lets the owner in */
		return inside && who != OWNER ? EADDRINUSE : 0;
	case RIGHT:
		return inside || implicit || how == AT_ZERO ? 0 : EADDRNOTAVAIL;
	case WRONG:
		return implicit || how == AT_ZERO ? 0 : EADDRNOTAVAIL;
	default:
		return implicit && !tcp ? EAGAIN : EADDRNOTAVAIL;
	}
}

/* May a successful attempt have got this port? */
static inline bool port_fits(enum right right, enum who who, enum how how, unsigned int port)
{
	if (how < AT_ZERO)
		return port == port_of(right, how);

	switch (last_of(right, who)) {
	case NOTHING:
		return port >= EPHEMERAL_LOW && port <= EPHEMERAL_HIGH &&
		       !in_block(port, RIGHT_FIRST);
	case RIGHT:
		return in_block(port, RIGHT_FIRST);
	case WRONG:
		return in_block(port, WRONG_FIRST);
	default:
		return false;
	}
}

#endif
