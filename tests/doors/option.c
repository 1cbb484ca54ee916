// SPDX-License-Identifier: GPL-2.0-only
/* The door of the socket options: right, or wrong in one thing. */
#include "option.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "chance.h"

static int set(struct actor who, int fd, int option, uint64_t token)
{
	memcpy(arena, &token, TOKEN_LEN);
	return -call_as(who, SYS_setsockopt, fd, SOL_IP, option, (long)arena, TOKEN_LEN);
}

static int get(struct actor who, int fd, int option, struct portres_association *block,
	       socklen_t len)
{
	int error;

	memcpy(arena, block, sizeof(*block));
	memcpy(LENGTH_AT, &len, sizeof(len));
	error = -call_as(who, SYS_getsockopt, fd, SOL_IP, option, (long)arena, (long)LENGTH_AT);
	memcpy(block, arena, sizeof(*block));
	memcpy(&len, LENGTH_AT, sizeof(len));
	if (!error && len != ANSWER_LEN)
		wrong("the answer has %u bytes", len);
	return error;
}

/* A token of the other protocol names nothing. */
static const struct block *find_token_of(const struct world *world, const struct sock *sock,
					 uint64_t token)
{
	const struct block *block = find_token(world, token);

	return block && block->protocol == sock->protocol ? block : NULL;
}

int judge_associate(const struct world *world, const struct sock *sock, struct actor who,
		    uint64_t token)
{
	const struct block *block = find_token_of(world, sock, token);

	if (!block)
		return EINVAL;
	if (!may_use(world, block, who))
		return EACCES;
	return sock->port ? EINVAL : 0;
}

void associated(struct world *world, struct sock *sock, uint64_t token)
{
	sock->associated = true;
	sock->mine = *find_token(world, token);
}

static void associate_one(struct world *world, struct sock *sock)
{
	uint64_t token = draw_token(world);
	struct actor who = draw_actor();
	int error, wanted = judge_associate(world, sock, who, token);

	note("user %u of process %d associates socket %td with %#llx", who.uid, who.process,
	     sock - world->socks, (unsigned long long)token);
	error = set(who, sock->fd, PORTRES_SO_ASSOCIATE, token);
	expect(error, wanted, "associate");
	if (!error && !wanted)
		associated(world, sock, token);
}

static void ask_one(struct world *world, struct sock *sock)
{
	const struct block *mine = &sock->mine;
	struct portres_association told = { 0 };
	int error;

	note("ask for the association of socket %td", sock - world->socks);
	error = get(draw_actor(), sock->fd, PORTRES_SO_ASSOCIATE, &told, ANSWER_LEN + draw(9));
	expect(error, sock->associated ? 0 : ENOENT, "the association");
	if (!error && (told.token != mine->token || told.first != mine->first ||
		       told.count != mine->count || told.protocol != sock->protocol ||
		       told.reserved ||
		       told.flags != (find_token(world, mine->token) ? 0 :
				      PORTRES_ASSOCIATION_GONE)))
		wrong("the association is told wrong");
}

void acquired(struct world *world, struct sock *sock, struct actor who, unsigned int first,
	      unsigned int count, bool tree, const struct portres_association *told)
{
	struct block block = {
		.protocol = sock->protocol,
		.first = told->first, .count = told->count, .token = told->token,
		.owner = who.uid, .runtime = true, .process = who.process,
		.holder = sock - world->socks, .charged = !is_admin(world, who.uid), .tree = tree,
	};

	if (!first)
		first = lowest_gap(world, sock->protocol, count);
	if (told->count != count || told->first != first || told->protocol != sock->protocol ||
	    told->flags || told->reserved || !told->token)
		wrong("acquired are %u+%u, not %u+%u", told->first, told->count, first, count);
	else
		model_add(world, &block);
}

bool is_full(const struct world *world)
{
	return world->n_blocks > BLOCKS - 8;
}

static void acquire_one(struct world *world, struct sock *sock)
{
	struct portres_association block = { 0 };
	struct actor who = { users[draw(USERS)], once_in(3) };
	unsigned int first, count;
	int error, wanted, protocol;

	draw_block(world, &protocol, &first, &count);
	first = once_in(2) ? 0 : first;
	block.first = first;
	block.count = count;
	if (once_in(2))
		block.protocol = once_in(8) ? protocol : sock->protocol;
	note("user %u of process %d acquires %u+%u on socket %td", who.uid, who.process, first,
	     count, sock - world->socks);
	wanted = (first + count - 1 > 65535 && first) ||
		 (block.protocol && block.protocol != sock->protocol) ? EINVAL :
		 judge_acquire(world, who, sock->protocol, first, count);
	if (is_full(world))
		return;
	error = get(who, sock->fd, PORTRES_SO_ACQUIRE, &block, ANSWER_LEN);
	expect(error, wanted, "acquire");
	if (!error && !wanted)
		acquired(world, sock, who, first, count, false, &block);
}

int judge_release(const struct world *world, const struct sock *sock, struct actor who,
		  uint64_t token)
{
	const struct block *block = find_token_of(world, sock, token);

	if (!block || !block->runtime)
		return EINVAL;
	return block->process == who.process ? 0 : EACCES;
}

static void release_one(struct world *world, struct sock *sock)
{
	uint64_t token = draw_token(world);
	struct actor who = draw_actor();
	int error, wanted = judge_release(world, sock, who, token);

	note("user %u of process %d releases %#llx", who.uid, who.process,
	     (unsigned long long)token);
	error = set(who, sock->fd, PORTRES_SO_RELEASE, token);
	expect(error, wanted, "release");
	if (!error && !wanted)
		model_del(world, find_token(world, token));
}

void option_input(struct world *world)
{
	struct sock *sock = draw_sock(world, 0);
	unsigned int what = draw(100);

	if (!sock)
		return;
	if (what < 30)
		malformed_option(world);
	else if (what < 50)
		associate_one(world, sock);
	else if (what < 65)
		ask_one(world, sock);
	else if (what < 85)
		acquire_one(world, sock);
	else
		release_one(world, sock);
}
