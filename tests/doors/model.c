// SPDX-License-Identifier: GPL-2.0-only
/* What the contract says of a world: what stands in it, who may do what, where there is room. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "chance.h"
#include "doors.h"
#include "env.h"
#include "tap.h"

/* The second world belongs to a user namespace that this user has made. */
bool is_admin(const struct world *world, uid_t uid)
{
	return !uid || (world->number && uid == STRANGER_UID);
}

int draw_protocol(void)
{
	return once_in(2) ? IPPROTO_TCP : IPPROTO_UDP;
}

struct tally *tally_of(struct world *world, int protocol)
{
	return &world->tallies[protocol == IPPROTO_TCP];
}

const struct block *find_token(const struct world *world, uint64_t token)
{
	size_t i;

	for (i = 0; i < world->n_blocks; i++)
		if (world->blocks[i].token == token)
			return &world->blocks[i];
	return NULL;
}

static bool meets(unsigned int first, unsigned int count, unsigned int other, unsigned int others)
{
	return first < other + others && other < first + count;
}

/* Each protocol has ports of its own. */
static const struct block *find_overlap(const struct world *world, int protocol,
					unsigned int first, unsigned int count)
{
	size_t i;

	for (i = 0; i < world->n_blocks; i++) {
		const struct block *block = &world->blocks[i];

		if (block->protocol == protocol && meets(first, count, block->first, block->count))
			return block;
	}
	return NULL;
}

bool overlaps(const struct world *world, int protocol, unsigned int first, unsigned int count)
{
	return find_overlap(world, protocol, first, count);
}

const struct block *find_port(const struct world *world, int protocol, unsigned int port)
{
	return find_overlap(world, protocol, port, 1);
}

const struct block *find_block(const struct world *world, int protocol, unsigned int first,
			       unsigned int count)
{
	const struct block *block = find_port(world, protocol, first);

	return block && block->first == first && block->count == count ? block : NULL;
}

static bool is_servers(int protocol, unsigned int first, unsigned int count)
{
	return protocol == IPPROTO_TCP && (meets(first, count, SERVER_V4, 1) ||
					   meets(first, count, SERVER_V6, 1));
}

bool in_use(const struct world *world, int protocol, unsigned int first, unsigned int count)
{
	size_t i;

	for (i = 0; i < SOCKS; i++) {
		const struct sock *sock = &world->socks[i];

		if (sock->fd >= 0 && sock->protocol == protocol && sock->port &&
		    meets(first, count, sock->port, 1))
			return true;
	}
	return is_servers(protocol, first, count);
}

/* The second process is a child of the first one. */
static bool is_in_tree(const struct block *block, struct actor who)
{
	return block->tree && (!block->process || block->process == who.process);
}

uid_t owner_of(const struct block *block)
{
	return block->runtime ? block->owner : grants_owner(block->grants);
}

bool is_granted(const struct block *block, struct actor who)
{
	return block->runtime ? is_in_tree(block, who) : grants_have(block->grants, who.uid);
}

bool may_use(const struct world *world, const struct block *block, struct actor who)
{
	if (block->runtime)
		return block->process == who.process || is_in_tree(block, who);
	return is_admin(world, who.uid) || is_granted(block, who);
}

void model_add(struct world *world, const struct block *block)
{
	if (world->n_blocks == BLOCKS)
		tap_bail("the model is full");
	world->blocks[world->n_blocks++] = *block;
	tally_of(world, block->protocol)->made++;
}

void model_add_plain(struct world *world, int protocol, unsigned int first, unsigned int count,
		     uint64_t token)
{
	const struct block block = {
		.protocol = protocol, .first = first, .count = count, .token = token,
	};

	model_add(world, &block);
}

void model_del(struct world *world, const struct block *block)
{
	tally_of(world, block->protocol)->ended++;
	world->blocks[block - world->blocks] = world->blocks[--world->n_blocks];
}

void model_change(struct world *world, const struct block *block, const struct block *now)
{
	size_t i;

	world->blocks[block - world->blocks] = *now;
	for (i = 0; i < SOCKS; i++)
		if (world->socks[i].associated && world->socks[i].mine.token == now->token)
			world->socks[i].mine = *now;
}

/* Both protocols count together. */
static bool is_charged_beyond(const struct world *world, uid_t uid, unsigned int count)
{
	unsigned int reservations = 1, ports = count;
	size_t i;

	for (i = 0; i < world->n_blocks; i++) {
		const struct block *block = &world->blocks[i];

		if (block->charged && block->owner == uid) {
			reservations++;
			ports += block->count;
		}
	}
	return reservations > world->values[USER_MAX_RESERVATIONS] ||
	       ports > world->values[USER_MAX_PORTS];
}

unsigned int lowest_gap(const struct world *world, int protocol, unsigned int count)
{
	unsigned int first;

	for (first = LOW; first + count - 1 <= HIGH; first++)
		if (!overlaps(world, protocol, first, count) &&
		    !in_use(world, protocol, first, count))
			return first;
	return 0;
}

int judge_acquire(const struct world *world, struct actor who, int protocol, unsigned int first,
		  unsigned int count)
{
	if (first && first < UNPRIVILEGED && !is_admin(world, who.uid))
		return EACCES;
	if (!is_admin(world, who.uid) && is_charged_beyond(world, who.uid, count))
		return EDQUOT;
	if (!first)
		return lowest_gap(world, protocol, count) ? 0 : EADDRINUSE;
	return overlaps(world, protocol, first, count) || in_use(world, protocol, first, count) ?
	       EADDRINUSE : 0;
}

/*
 * Often what stands, next to it, or the same ports of the other protocol; rarely at the ends of all
 * ports, or large.
 */
void draw_block(const struct world *world, int *protocol, unsigned int *first,
		unsigned int *count)
{
	const struct block *known;

	*protocol = draw_protocol();
	*first = draw_from(FIRST_PORT, LAST_PORT);
	*count = once_in(4) ? draw_from(1, 20) : draw_from(1, 4);
	if (world->n_blocks && once_in(2)) {
		known = &world->blocks[draw(world->n_blocks)];
		*protocol = once_in(4) ? *protocol : known->protocol;
		*first = known->first;
		*count = known->count;
		if (once_in(4))
			*first += *count;
	} else if (once_in(16)) {
		*first = (uint16_t)draw_edge();
	}
	if (once_in(300))
		*count = (uint16_t)draw_edge();
	*first = *first > 65535 ? 65535 : *first + !*first;
	*count += !*count;
}

/* Right, stale or wrong; and wrong in such a way that it leads to a reservation. */
uint64_t draw_token(const struct world *world)
{
	if (!world->n_blocks || once_in(8))
		return once_in(2) ? draw_edge() : draw64();
	return world->blocks[draw(world->n_blocks)].token ^
	       (once_in(8) ? 1ULL << draw(64) : 0);
}
