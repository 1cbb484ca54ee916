// SPDX-License-Identifier: GPL-2.0-only
/* Messages to the family. */
#include "message.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "chance.h"
#include "env.h"

const uint32_t owners[OWNERS] = {
	0, 0, OWNER_UID, OWNER_UID, STRANGER_UID, 65534, 0x7fffffff, 0xfffffffe, 0xffffffff,
};

void message_put(struct message *message, int type, const void *data, size_t size)
{
	struct attr *attr = &message->attrs[message->n_attrs++];

	attr->type = type;
	attr->len = size;
	attr->size = size;
	memcpy(attr->data, data, size);
}

/* Once in a while wrong in itself, or of a wrong length, or not there. */
static void put_protocol(struct message *message)
{
	static const uint8_t others[] = { 0, 1, 7, 16, 18, 33, 132, IPPROTO_UDPLITE, 255 };
	static const uint8_t sizes[] = { 0, 2, 3, 4 };
	struct wish *wish = &message->wish;
	uint8_t data[4] = { wish->protocol };
	unsigned int fault = once_in(24) ? draw(3) : 3;
	size_t size = fault == 1 ? sizes[draw(ARRAY_SIZE(sizes))] : 1;

	if (fault < 2)
		wish->protocol_error = EINVAL;
	if (fault == 2) {
		data[0] = others[draw(ARRAY_SIZE(others))];
		wish->protocol_error = EPROTONOSUPPORT;
	}
	if (fault)
		message_put(message, PORTRES_A_PROTOCOL, data, size);
}

static void put_u16(struct message *message, int type, uint16_t value)
{
	message_put(message, type, &value, sizeof(value));
}

static void put_block(struct message *message)
{
	put_protocol(message);
	put_u16(message, PORTRES_A_FIRST, message->wish.first);
	put_u16(message, PORTRES_A_COUNT, message->wish.count);
}

/* Control characters, C1 ones in two bytes, and a byte that UTF-8 has nowhere. */
static void spoil_name(char *name, unsigned int len)
{
	unsigned int at = draw(len);

	if (once_in(4) && len > 1) {
		/* whatever is cut in two by that, the whole makes no sense */
		at = draw(len - 1);
		name[at] = (char)0xc2;
		name[at + 1] = (char)(0x80 + draw(32));
	} else {
		name[at] = (char)(once_in(3) ? 0x7f : once_in(2) ? 1 + draw(31) : 0xff);
	}
}

/* Letters of one byte and of two, sometimes what is none, sometimes nothing at all. */
static void draw_name(struct wish *wish)
{
	unsigned int len = once_in(4) ? PORTRES_NAME_MAX : draw(12), i;

	for (i = 0; i < len; i++) {
		if (i + 1 < len && once_in(8)) {
			wish->name[i++] = (char)(0xc3 + draw(29));
			wish->name[i] = (char)(0x80 + draw(64));
		} else {
			wish->name[i] = (char)('a' + draw(26));
		}
	}
	wish->bad_name = !len;
	if (len && once_in(8)) {
		spoil_name(wish->name, len);
		wish->bad_name = true;
	}
}

static void draw_delete(struct message *message)
{
	put_block(message);
	if (once_in(3)) {
		message->wish.runtime = true;
		message_put(message, PORTRES_A_RUNTIME, "", 0);
	}
}

static void put_name(struct message *message)
{
	struct wish *wish = &message->wish;

	draw_name(wish);
	wish->has_name = true;
	message_put(message, PORTRES_A_NAME, wish->name, strlen(wish->name) + 1);
}

static void draw_create(struct message *message)
{
	struct wish *wish = &message->wish;

	put_block(message);
	if (once_in(3))
		put_name(message);
	if (once_in(3))
		draw_grants(wish);
	if (once_in(2)) {
		wish->has_owner = true;
		wish->owner = owners[draw(ARRAY_SIZE(owners))];
		message_put(message, PORTRES_A_OWNER, &wish->owner, sizeof(wish->owner));
	}
}

static void draw_set(const struct world *world, struct message *message)
{
	const struct block *known = world->n_blocks ? &world->blocks[draw(world->n_blocks)] : NULL;
	unsigned int what = once_in(16) ? 0 : draw_from(1, 7);
	struct wish *wish = &message->wish;

	wish->by = PORTRES_A_TOKEN;
	wish->token = known && !once_in(8) ? known->token : draw_token(world);
	message_put(message, PORTRES_A_TOKEN, &wish->token, sizeof(wish->token));
	if (what & 1) {
		put_name(message);
		wish->bad_name &= !!wish->name[0];
	}
	if (what & 2) {
		wish->no_grants = once_in(4);
		if (wish->no_grants)
			message_put(message, PORTRES_A_NO_GRANTS, "", 0);
		if (!wish->no_grants || once_in(8))
			draw_grants(wish);
	}
	if (what & 4) {
		draw_new_block(wish, known);
		put_u16(message, PORTRES_A_FIRST, wish->first);
		put_u16(message, PORTRES_A_COUNT, wish->count);
	}
}

static void draw_get(const struct world *world, struct message *message)
{
	struct wish *wish = &message->wish;

	switch (draw(4)) {
	case 0:
		wish->dump = true;
		message->nl.nlmsg_flags |= NLM_F_DUMP;
		break;
	case 1:
		wish->by = PORTRES_A_TOKEN;
		wish->token = draw_token(world);
		message_put(message, PORTRES_A_TOKEN, &wish->token, sizeof(wish->token));
		break;
	case 2:
		wish->by = PORTRES_A_PORT;
		wish->port = wish->first;
		put_protocol(message);
		put_u16(message, PORTRES_A_PORT, wish->port);
		break;
	default:
		put_block(message);
	}
}

static void shuffle(struct message *message)
{
	struct attr attr;
	size_t i, other;

	for (i = 1; i < message->n_attrs; i++) {
		other = draw(i + 1);
		attr = message->attrs[i];
		message->attrs[i] = message->attrs[other];
		message->attrs[other] = attr;
	}
}

void message_draw(const struct world *world, struct message *message)
{
	static const int cmds[] = {
		PORTRES_CMD_CREATE, PORTRES_CMD_CREATE, PORTRES_CMD_CREATE, PORTRES_CMD_DELETE,
		PORTRES_CMD_DELETE, PORTRES_CMD_GET, PORTRES_CMD_GET, PORTRES_CMD_SET,
		PORTRES_CMD_SET,
	};
	struct wish *wish = &message->wish;

	memset(message, 0, sizeof(*message));
	message->whole = true;
	message->nl.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	message->nl.nlmsg_type = world->clients[0].family;
	wish->cmd = cmds[draw(ARRAY_SIZE(cmds))];
	wish->by = PORTRES_A_FIRST;
	draw_block(world, &wish->protocol, &wish->first, &wish->count);
	message->genl.cmd = wish->cmd;
	message->genl.version = PORTRES_GENL_VERSION;
	if (wish->cmd == PORTRES_CMD_CREATE)
		draw_create(message);
	else if (wish->cmd == PORTRES_CMD_DELETE)
		draw_delete(message);
	else if (wish->cmd == PORTRES_CMD_SET)
		draw_set(world, message);
	else
		draw_get(world, message);
	shuffle(message);
	put_grants(message);
}

size_t message_write(const struct message *message, unsigned char bytes[BYTES_MAX])
{
	struct nlmsghdr nl = message->nl;
	size_t at = MESSAGE_HEADERS, i;

	memset(bytes, 0, MESSAGE_HEADERS);
	for (i = 0; i < message->n_attrs; i++) {
		const struct attr *attr = &message->attrs[i];
		uint16_t header[2] = { NLA_HDRLEN + attr->len, attr->type };
		size_t room = NLA_ALIGN(NLA_HDRLEN + attr->size);

		memset(bytes + at, 0, room);
		memcpy(bytes + at, header, sizeof(header));
		memcpy(bytes + at + NLA_HDRLEN, attr->data, attr->size);
		at += room;
	}
	nl.nlmsg_len = at;
	memcpy(bytes, &nl, sizeof(nl));
	memcpy(bytes + NLMSG_HDRLEN, &message->genl, sizeof(message->genl));
	return message->whole ? at : message_spoil_bytes(bytes, at);
}
