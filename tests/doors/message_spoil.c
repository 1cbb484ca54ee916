// SPDX-License-Identifier: GPL-2.0-only
/* Messages to the family, spoilt: in their attributes, headers and bytes. */
#include <string.h>

#include "chance.h"
#include "message.h"

static void spoil_length(struct attr *attr)
{
	int by = draw(9) - 4;

	if (once_in(2) && attr->size + by >= 0 && attr->size + by <= DATA_MAX)
		attr->size += by;	/* and the length is right for it */
	else
		by = once_in(2) ? by : (int)draw_edge();
	attr->len += by;
}

static void spoil_value(struct attr *attr)
{
	uint64_t value = draw_edge();

	if (attr->size <= sizeof(value) && once_in(2))
		memcpy(attr->data, &value, attr->size);
	else if (attr->size)
		attr->data[draw(attr->size)] ^= 1 << draw(8);
}

static void add_attr(struct message *message)
{
	uint64_t value = draw_edge();

	if (message->n_attrs < ATTRS_MAX)
		message_put(message, draw(PORTRES_A_MAX + 4), &value, draw(sizeof(value) + 1));
}

static void add_twin(struct message *message)
{
	size_t n = message->n_attrs;

	if (!n || n == ATTRS_MAX)
		return;
	message->attrs[n] = message->attrs[draw(n)];
	message->n_attrs++;
}

/* All that fits of the attributes becomes what is inside of one. */
static void nest(struct message *message)
{
	struct attr nested = { .type = draw(PORTRES_A_MAX + 2) | NLA_F_NESTED };
	size_t i;

	for (i = 0; i < message->n_attrs; i++) {
		const struct attr *attr = &message->attrs[i];
		size_t room = NLA_ALIGN(NLA_HDRLEN + attr->size);
		uint16_t header[2] = { NLA_HDRLEN + attr->len, attr->type };

		if (nested.size + room > DATA_MAX)
			break;
		memcpy(nested.data + nested.size, header, sizeof(header));
		memcpy(nested.data + nested.size + NLA_HDRLEN, attr->data, attr->size);
		nested.size += room;
	}
	nested.len = nested.size;
	if (once_in(2))
		message->n_attrs = 0;
	if (message->n_attrs < ATTRS_MAX)
		message->attrs[message->n_attrs++] = nested;
}

static void spoil_attr(struct message *message, struct attr *attr)
{
	switch (draw(6)) {
	case 0:
		*attr = message->attrs[--message->n_attrs];
		break;
	case 1:
		attr->type ^= once_in(2) ? NLA_F_NESTED : NLA_F_NET_BYTEORDER;
		break;
	case 2:
		attr->type = once_in(4) ? draw_edge() : draw(PORTRES_A_MAX + 3);
		break;
	case 3:
		spoil_length(attr);
		break;
	default:
		spoil_value(attr);
	}
}

/* Another family would be asked for another type: that is not the door here. */
static void spoil_headers(struct message *message)
{
	static const int types[] = { NLMSG_NOOP, NLMSG_ERROR, NLMSG_DONE, GENL_ID_CTRL };

	switch (draw(6)) {
	case 0:
		message->nl.nlmsg_flags = draw_edge() | (once_in(4) ? 0 : NLM_F_REQUEST);
		break;
	case 1:
		message->nl.nlmsg_flags ^= 1 << draw(16);
		break;
	case 2:
		message->nl.nlmsg_type = types[draw(ARRAY_SIZE(types))];
		break;
	case 3:
		message->genl.version = draw_edge();
		break;
	case 4:
		message->genl.reserved = draw_edge();
		break;
	default:
		message->genl.cmd = once_in(2) ? draw(PORTRES_CMD_MAX + 2) : draw_edge();
	}
}

void message_spoil(struct message *message)
{
	unsigned int times = draw_from(1, 3);

	message->spoilt = true;
	while (times--) {
		switch (draw(8)) {
		case 0:
			spoil_headers(message);
			break;
		case 1:
			add_twin(message);
			break;
		case 2:
			add_attr(message);
			break;
		case 3:
			nest(message);
			break;
		case 4:
			message->whole = !once_in(3);
			break;
		default:
			if (message->n_attrs)
				spoil_attr(message, &message->attrs[draw(message->n_attrs)]);
		}
	}
}

/* But for the type, see above. */
size_t message_spoil_bytes(unsigned char *bytes, size_t size)
{
	struct nlmsghdr *nl = (void *)bytes;

	switch (draw(4)) {
	case 0:
		nl->nlmsg_len = once_in(2) ? size + draw(17) - 8 : draw_edge();
		return size;
	case 1:
		return draw(size + 1);
	case 2:
		nl->nlmsg_len = draw(size + 1);
		return nl->nlmsg_len;
	default:
		bytes[MESSAGE_HEADERS + draw(size - MESSAGE_HEADERS + 1)] ^= 1 << draw(8);
		return size;
	}
}
