// SPDX-License-Identifier: GPL-2.0-only
/* The door of netlink: right requests of everybody, spoilt ones, dumps that are interrupted. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "chance.h"
#include "env.h"
#include "message.h"
#include "tap.h"

#define PART 16384
#define OVERFLOW_UID 65534

/* What came back of one input. */
struct back {
	int error;		/* of the last acknowledgement, -1 if there is none */
	int cmd;		/* of the last message of the family, 0 if there is none */
	struct resv told;
	bool interrupted;
};

/* Who sends: through a socket that somebody, maybe somebody else, has opened. */
struct sender {
	struct actor who;
	int way;
	bool admin;
};

static void take(struct resv *told, int type, const void *data, size_t len)
{
	told->has |= type < 32 ? 1U << type : 0;
	if (type == PORTRES_A_FIRST && len == sizeof(told->first))
		memcpy(&told->first, data, len);
	else if (type == PORTRES_A_COUNT && len == sizeof(told->count))
		memcpy(&told->count, data, len);
	else if (type == PORTRES_A_TOKEN && len == sizeof(told->token))
		memcpy(&told->token, data, len);
	else if (type == PORTRES_A_OWNER && len == sizeof(told->owner))
		memcpy(&told->owner, data, len);
}

static void take_message(const struct nlmsghdr *nl, struct back *back)
{
	const unsigned char *at = (const unsigned char *)nl + NLMSG_HDRLEN + GENL_HDRLEN;
	const unsigned char *end = (const unsigned char *)nl + nl->nlmsg_len;
	struct nlattr attr;

	back->cmd = ((const struct genlmsghdr *)NLMSG_DATA(nl))->cmd;
	memset(&back->told, 0, sizeof(back->told));
	while (at + sizeof(attr) <= end) {
		memcpy(&attr, at, sizeof(attr));
		if (attr.nla_len < NLA_HDRLEN || at + attr.nla_len > end)
			return wrong("an attribute of the answer is cut off");
		take(&back->told, attr.nla_type & NLA_TYPE_MASK, at + NLA_HDRLEN,
		     attr.nla_len - NLA_HDRLEN);
		at += NLA_ALIGN(attr.nla_len);
	}
}

/* All that is there, with what a dump has still to say. Returns how many datagrams came. */
static int read_back(const struct client *client, struct back *back, int most)
{
	static unsigned char part[PART] __attribute__((aligned(4)));
	const struct nlmsghdr *nl;
	int parts = 0, error;
	ssize_t n;

	while (parts < most && (n = recv(client->fd, part, PART, MSG_DONTWAIT)) > 0) {
		parts++;
		for (nl = (void *)part; NLMSG_OK(nl, n); nl = NLMSG_NEXT(nl, n)) {
			back->interrupted |= !!(nl->nlmsg_flags & NLM_F_DUMP_INTR);
			if (nl->nlmsg_type == client->family) {
				take_message(nl, back);
			} else if (nl->nlmsg_type == NLMSG_ERROR || nl->nlmsg_type == NLMSG_DONE) {
				memcpy(&error, NLMSG_DATA(nl), sizeof(error));
				back->error = -error;
			}
		}
	}
	return parts;
}

static uint32_t number_of(const struct sender *sender, uid_t owner)
{
	if (sender->way < USERS)
		return owner;
	return owner == STRANGER_UID ? 0 : OVERFLOW_UID;
}

static int judge_create(const struct world *world, const struct sender *sender,
			const struct wish *wish)
{
	char grants[GRANTS_SIZE];

	if (!sender->admin)
		return EPERM;
	if (wish->first + wish->count - 1 > 65535 || wish->bad_name)
		return EINVAL;
	if (resolve_grants(sender->way, wish, grants))
		return EINVAL;
	if (overlaps(world, wish->first, wish->count))
		return EEXIST;
	return in_use(world, wish->first, wish->count) ? EADDRINUSE : 0;
}

static int judge_delete(const struct world *world, const struct sender *sender,
			const struct wish *wish)
{
	const struct block *block = find_block(world, wish->first, wish->count);

	if (!sender->admin)
		return EPERM;
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

	if (in_use(world, wish->first, below) || in_use(world, end, above))
		return EADDRINUSE;
	if ((below && overlaps(world, wish->first, below)) ||
	    (above && overlaps(world, end, above)))
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
	if (back->cmd != PORTRES_CMD_SET || back->told.first != now.first ||
	    back->told.count != now.count || back->told.token != now.token)
		wrong("the answer tells of %u+%u", back->told.first, back->told.count);
	else
		model_change(world, block, &now);
}

static void judge_created(struct world *world, const struct sender *sender,
			  const struct wish *wish, const struct back *back)
{
	struct block block = {
		.first = wish->first, .count = wish->count, .token = back->told.token,
	};

	resolve_grants(sender->way, wish, block.grants);
	snprintf(block.name, sizeof(block.name), "%s", wish->name);
	if (back->cmd != PORTRES_CMD_CREATE || back->told.first != wish->first ||
	    back->told.count != wish->count || !back->told.token)
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
		return find_port(world, wish->port);
	default:
		return find_block(world, wish->first, wish->count);
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

	if (told->first != block->first || told->count != block->count)
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

	if (wish->by == PORTRES_A_FIRST && wish->first + wish->count - 1 > 65535)
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
		model_del(world, find_block(world, wish->first, wish->count));
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
	note("user %u of process %d sends by way %d %scommand %d, %u+%u", sender.who.uid,
	     sender.who.process, sender.way, message.spoilt ? "spoilt " : "", message.wish.cmd,
	     message.wish.first, message.wish.count);
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

static size_t write_dump(const struct world *world)
{
	struct message message;

	do {
		message_draw(world, &message);
	} while (!message.wish.dump);
	return message_write(&message, (unsigned char *)arena);
}

/*
 * In the middle of a dump: a change, another dump, or the end of the socket. The first part is
 * made when the dump is asked for, each further one when the one before it is read.
 */
void dump_input(struct world *world)
{
	const struct sender sender = { .who = draw_actor(), .way = 0 };
	struct back back = { .error = -1 };
	size_t size = write_dump(world);
	unsigned int first, count, what = draw(3);
	bool changed = false, more;
	struct client client;
	uint64_t token;

	netns_enter(world->netns);
	must(client_open(&client), "there is no family");
	note("user %u dumps, interrupted by %u", sender.who.uid, what);
	more = world->n_blocks;
	call_as(sender.who, SYS_sendto, client.fd, (long)arena, size, MSG_DONTWAIT, 0);
	draw_block(world, &first, &count);
	if (what == 0 && !reserve(&world->clients[0], first, count, NULL, NO_OWNER, &token)) {
		model_add_plain(world, first, count, token);
		changed = true;
	} else if (what == 1 && more) {
		read_back(&client, &back, 1);
		call_as(sender.who, SYS_sendto, client.fd, (long)arena, size, MSG_DONTWAIT, 0);
	}
	if (what < 2) {
		read_back(&client, &back, 1000);
		if (changed && more && !back.interrupted)
			wrong("nobody tells that the dump was interrupted");
	}
	client_close(&client);
}
