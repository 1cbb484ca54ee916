// SPDX-License-Identifier: GPL-2.0-only
/* Is all as the model says: what stands, who gets a port, what listeners were told? */
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "chance.h"
#include "doors.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define PATIENCE 30000	/* milliseconds that the last event may take */

static unsigned int associated(const struct world *world, uint64_t token)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < SOCKS; i++) {
		const struct sock *sock = &world->socks[i];

		n += sock->fd >= 0 && sock->associated && sock->mine.token == token;
	}
	return n;
}

/* As root of the first process sees it. A socket is counted until it is quite gone. */
static const char *compare(const struct world *world, const struct told_block *told_block)
{
	const struct resv *told = &told_block->resv;
	const struct block *block = find_block(world, told->protocol, told->first, told->count);

	if (!block)
		return "is not there for the model";
	if (told->runtime != block->runtime)
		return "is of the other kind";
	if (told->has & 1U << PORTRES_A_TOKEN ? told->token != block->token :
	    !block->runtime || !block->process)
		return "has another token";
	if ((told->has & 1U << PORTRES_A_OWNER ? told->owner : NOBODY) != owner_of(block))
		return "has another owner";
	if (strcmp(told_block->grants, block->grants))
		return "has other grants";
	if (strcmp(told->name, block->name))
		return "has another name";
	if (told->sockets < associated(world, block->token))
		return "has too few sockets";
	return NULL;
}

static void take_told(const struct resv *resv, void *arg)
{
	struct told *told = arg;
	struct told_block *block = &told->blocks[told->n];

	if (told->n == MOST_TOLD)
		return;
	told->n++;
	block->resv = *resv;
	snprintf(block->grants, sizeof(block->grants), "%s", told_grants());
}

/* What closed sockets held may be taken out at any time, though it is over already. */
const struct told *whole_dump(struct world *world)
{
	static struct told told;
	struct answer answer = { .each = take_told, .arg = &told };
	struct request rq;
	int error;

	request_init(&rq, PORTRES_CMD_GET, NLM_F_DUMP);
	do {
		told.n = 0;
		error = client_call(&world->clients[0], &rq, &answer);
	} while (!error && answer.interrupted);
	expect(error, 0, "the dump");
	return &told;
}

/* Those of each protocol come by ascending ports. */
static void verify_dump(struct world *world)
{
	const struct told *told = whole_dump(world);
	unsigned int behind[2] = { 0 };		/* UDP, TCP */
	size_t i;

	if (told->n != world->n_blocks)
		wrong("%zu reservations, not %zu", told->n, world->n_blocks);
	for (i = 0; i < told->n; i++) {
		const struct resv *resv = &told->blocks[i].resv;
		const char *fault = compare(world, &told->blocks[i]);
		unsigned int *end = &behind[resv->protocol == IPPROTO_TCP];

		if (fault)
			wrong("the reservation %u+%u of protocol %u %s", resv->first, resv->count,
			      resv->protocol, fault);
		if (resv->first < *end)
			wrong("the reservation %u+%u of protocol %u is out of order", resv->first,
			      resv->count, resv->protocol);
		*end = resv->first + resv->count;
	}
}

/* A stranger, who has no privilege for anything. */
static void verify_port(struct world *world, int protocol, unsigned int port)
{
	const struct actor stranger = { OWNER_UID, 0 };
	const struct block *block = find_port(world, protocol, port);
	int family = once_in(2) ? AF_INET : AF_INET6, fd, wanted;
	union sock_addr addr = sock_addr(family, family == AF_INET ? "0.0.0.0" : "::", port);

	wanted = block && !is_granted(block, stranger) ? (int)world->values[DENIED_ERRNO] :
		 in_use(world, protocol, port, 1) ? EADDRINUSE : 0;
	netns_enter(world->netns);
	fd = socket_of(protocol, family);
	note("a stranger binds %u of protocol %d", port, protocol);
	expect(-call_as(stranger, SYS_bind, fd, (long)&addr, sizeof(addr), 0, 0), wanted,
	       "a stranger's bind");
	close(fd);
}

void verify_ports(struct world *world)
{
	unsigned int port = FIRST_PORT + draw(4);

	for (; !gone_wrong && port <= LAST_PORT; port += 4) {
		verify_port(world, IPPROTO_UDP, port);
		verify_port(world, IPPROTO_TCP, port);
	}
}

static bool all_told(const struct world *world)
{
	int i;

	for (i = 0; i < 2; i++) {
		const struct tally *tally = &world->tallies[i];

		if (tally->told_made != tally->made || tally->told_ended != tally->ended)
			return false;
	}
	return true;
}

static bool hear(void *arg)
{
	struct world *world = arg;
	struct resv resv;
	int cmd, error;

	while (!(error = client_event(&world->listener, 0, &cmd, &resv))) {
		struct tally *tally = tally_of(world, resv.protocol);

		tally->told_made += cmd == PORTRES_CMD_CREATED;
		tally->told_ended += cmd == PORTRES_CMD_DELETED;
	}
	world->overrun |= error == ENOBUFS;
	return world->overrun || all_told(world);
}

static void verify_tally(const struct tally *tally, const char *protocol, bool all)
{
	if (tally->told_made > tally->made || (all && tally->told_made != tally->made))
		wrong("%lu reservations of %s were made, %lu told", tally->made, protocol,
		      tally->told_made);
	if (tally->told_ended > tally->ended)
		wrong("%lu reservations of %s have ended, %lu were told", tally->ended, protocol,
		      tally->told_ended);
}

/* All is told late, by a worker; what closed sockets held may end late besides. */
void verify_events(struct world *world, bool all)
{
	bool heard = all ? wait_until(hear, world, PATIENCE) : hear(world);

	if (world->overrun)
		return;
	verify_tally(&world->tallies[0], "UDP", all);
	verify_tally(&world->tallies[1], "TCP", all);
	if (all && !heard)
		wrong("not all that ended was told");
}

void verify(struct world *world)
{
	int i;

	verify_dump(world);
	verify_events(world, false);
	for (i = 0; i < 4 && !gone_wrong; i++)
		verify_port(world, i % 2 ? IPPROTO_TCP : IPPROTO_UDP,
			    draw_from(FIRST_PORT, LAST_PORT));
}
