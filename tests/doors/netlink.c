// SPDX-License-Identifier: GPL-2.0-only
/* The door of netlink: right requests of everybody, and spoilt ones. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "back.h"
#include "chance.h"
#include "env.h"
#include "message.h"

#define OVERFLOW_UID 65534

/* Who sends: through a socket that somebody, maybe somebody else, has opened. */
struct sender {
	struct actor who;
	int way;
	bool admin;
};

static uint32_t number_of(const struct sender *sender, uid_t owner)
{
	if (sender->way < USERS)
		return owner;
	return owner == STRANGER_UID ? 0 : OVERFLOW_UID;
}

static bool tells_of(const struct back *back, const struct block *block)
{
	return back->told.protocol == block->protocol && back->told.first == block->first &&
	       back->told.count == block->count;
}

static int judge_create(const struct world *world, const struct sender *sender,
			const struct wish *wish)
{
	char grants[GRANTS_SIZE];

	if (!sender->admin)
		return EPERM;
	if (wish->protocol_error)
		return wish->protocol_error;
	if (wish->first + wish->count - 1 > 65535 || wish->bad_name)
		return EINVAL;
	if (resolve_grants(sender->way, wish, grants))
		return EINVAL;
	if (overlaps(world, wish->protocol, wish->first, wish->count))
		return EEXIST;
	return in_use(world, wish->protocol, wish->first, wish->count) ? EADDRINUSE : 0;
}

static int judge_delete(const struct world *world, const struct sender *sender,
			const struct wish *wish)
{
	const struct block *block = find_block(world, wish->protocol, wish->first, wish->count);

	if (!sender->admin)
		return EPERM;
	if (wish->protocol_error)
		return wish->protocol_error;
	if (wish->first + wish->count - 1 > 65535)
		return EINVAL;
	return block && block->runtime == wish->runtime ? 0 : ENOENT;
}

/* Sockets are in the way before reservations are. */
static int judge_growth(const struct world *world, const struct block *block,
			const struct wish *wish)
{
	unsigned int end = block->first + block->count, new_end = wish->first + wish->count;
	unsigned int below = wish->first < block->first ? block->first - wish->first : 0;
	unsigned int above = new_end > end ? new_end - end : 0;

	if (in_use(world, block->protocol, wish->first, below) ||
	    in_use(world, block->protocol, end, above))
		return EADDRINUSE;
	if ((below && overlaps(world, block->protocol, wish->first, below)) ||
	    (above && overlaps(world, block->protocol, end, above)))
		return EEXIST;
	return 0;
}

static int judge_set(const struct world *world, const struct sender *sender,
		     const struct wish *wish)
{
	const struct block *block = find_token(world, wish->token);
	char grants[GRANTS_SIZE];

	if (!sender->admin)
		return EPERM;
	if (wish->bad_name || resolve_grants(sender->way, wish, grants))
		return EINVAL;
	if (wish->no_grants && wish->n_grants)
		return EINVAL;
	if (wish->moves && wish->first + wish->count - 1 > 65535)
		return EINVAL;
	if (!wish->has_name && !wish->no_grants && !wish->n_grants && !wish->moves)
		return EINVAL;
	if (!block)
		return ENOENT;
	if (block->runtime)
		return EOPNOTSUPP;
	if (!wish->moves)
		return 0;
	if (wish->first >= block->first + block->count ||
	    block->first >= wish->first + wish->count)
		return EINVAL;
	return judge_growth(world, block, wish);
}

static void judge_changed(struct world *world, const struct sender *sender,
			  const struct wish *wish, const struct back *back)
{
	const struct block *block = find_token(world, wish->token);
	struct block now = *block;

	if (wish->moves) {
		now.first = wish->first;
		now.count = wish->count;
	}
	if (wish->has_name)
		snprintf(now.name, sizeof(now.name), "%s", wish->name);
	if (wish->no_grants || wish->n_grants)
		resolve_grants(sender->way, wish, now.grants);
	if (back->cmd != PORTRES_CMD_SET || !tells_of(back, &now) ||
	    back->told.token != now.token)
		wrong("the answer tells of %u+%u", back->told.first, back->told.count);
	else
		model_change(world, block, &now);
}

static void judge_created(struct world *world, const struct sender *sender,
			  const struct wish *wish, const struct back *back)
{
	struct block block = {
		.protocol = wish->protocol, .first = wish->first, .count = wish->count,
		.token = back->told.token,
	};

	resolve_grants(sender->way, wish, block.grants);
	snprintf(block.name, sizeof(block.name), "%s", wish->name);
	if (back->cmd != PORTRES_CMD_CREATE || !tells_of(back, &block) || !back->told.token)
		wrong("the answer tells of %u+%u", back->told.first, back->told.count);
	else
		model_add(world, &block);
}

static const struct block *find_wanted(const struct world *world, const struct wish *wish)
{
	switch (wish->by) {
	case PORTRES_A_TOKEN:
		return find_token(world, wish->token);
	case PORTRES_A_PORT:
		return find_port(world, wish->protocol, wish->port);
	default:
		return find_block(world, wish->protocol, wish->first, wish->count);
	}
}

static void judge_got(const struct world *world, const struct sender *sender,
		      const struct block *block, const struct back *back)
{
	const struct resv *told = &back->told;
	bool may = block->runtime ? may_use(world, block, sender->who) :
		   sender->admin || is_granted(block, sender->who);
	bool may_know = block->runtime &&
			(sender->admin || block->owner == sender->who.uid);
	bool has = told->has & 1U << PORTRES_A_TOKEN;

	if (!tells_of(back, block))
		wrong("the answer tells of %u+%u", told->first, told->count);
	if (has != may || (has && told->token != block->token))
		wrong("the token is told wrong");
	if (!(told->has & 1U << PORTRES_A_PROCESS) == may_know ||
	    !(told->has & 1U << PORTRES_A_COMMAND) == may_know ||
	    !(told->has & 1U << PORTRES_A_PROCESS_START) == may_know)
		wrong("the process is told wrong");
	if (owner_of(block) != NOBODY && told->owner != number_of(sender, owner_of(block)))
		wrong("the owner is told as %u", told->owner);
}

static void judge_get(struct world *world, const struct sender *sender, const struct wish *wish,
		      const struct back *back)
{
	const struct block *block = find_wanted(world, wish);
	int wanted = block ? 0 : ENOENT;

	if (wish->protocol_error)
		wanted = wish->protocol_error;
	else if (wish->by == PORTRES_A_FIRST && wish->first + wish->count - 1 > 65535)
		wanted = EINVAL;
	expect(back->error, wanted, "get");
	if (!wanted && !back->error)
		judge_got(world, sender, block, back);
}

static void judge(struct world *world, const struct sender *sender, const struct wish *wish,
		  const struct back *back, int wanted)
{
	if (wish->dump)
		return expect(back->error, 0, "dump");
	if (wish->cmd == PORTRES_CMD_GET)
		return judge_get(world, sender, wish, back);
	expect(back->error, wanted, wish->cmd == PORTRES_CMD_CREATE ? "create" :
				    wish->cmd == PORTRES_CMD_SET ? "set" : "delete");
	if (wanted || back->error)
		return;
	if (wish->cmd == PORTRES_CMD_CREATE)
		judge_created(world, sender, wish, back);
	else if (wish->cmd == PORTRES_CMD_SET)
		judge_changed(world, sender, wish, back);
	else
		model_del(world,
			  find_block(world, wish->protocol, wish->first, wish->count));
}

static struct sender draw_sender(const struct world *world)
{
	struct sender sender = { .who = draw_actor(), .way = once_in(2) ? 0 : draw(world->ways) };
	uid_t opener = sender.way < USERS ? users[sender.way] : STRANGER_UID;

	sender.admin = is_admin(world, sender.who.uid) && is_admin(world, opener);
	return sender;
}

static void send_bytes(struct world *world, const struct sender *sender, size_t size,
		       struct back *back)
{
	const struct client *client = &world->clients[sender->way];

	*back = (struct back){ .error = -1 };
	call_as(sender->who, SYS_sendto, client->fd, (long)arena, size, MSG_DONTWAIT, 0);
	read_back(client, back, 1000);
}

/* Behind a spoilt one there may be another one, which changes nothing. */
static size_t append_get(const struct world *world, size_t at)
{
	struct message message;

	do {
		message_draw(world, &message);
	} while (message.wish.cmd != PORTRES_CMD_GET);
	return at + message_write(&message, (unsigned char *)arena + at);
}

void netlink_input(struct world *world)
{
	struct sender sender = draw_sender(world);
	struct message message;
	struct back back;
	size_t size;
	int wanted;

	if (world->n_blocks > BLOCKS - 8)
		return socks_close(world);
	message_draw(world, &message);
	if (once_in(3))
		message_spoil(&message);
	note("user %u of process %d sends by way %d %scommand %d, protocol %d, %u+%u",
	     sender.who.uid, sender.who.process, sender.way, message.spoilt ? "spoilt " : "",
	     message.wish.cmd, message.wish.protocol, message.wish.first, message.wish.count);
	size = message_write(&message, (unsigned char *)arena);
	if (message.spoilt && once_in(4))
		size = append_get(world, NLMSG_ALIGN(size));
	wanted = message.wish.cmd == PORTRES_CMD_CREATE ?
		 judge_create(world, &sender, &message.wish) :
		 message.wish.cmd == PORTRES_CMD_SET ?
		 judge_set(world, &sender, &message.wish) :
		 judge_delete(world, &sender, &message.wish);
	send_bytes(world, &sender, size, &back);
	refusals += back.error > 0;
	mutants += message.spoilt;
	if (message.spoilt)
		reconcile(world, sender.admin);
	else
		judge(world, &sender, &message.wish, &back, wanted);
}
