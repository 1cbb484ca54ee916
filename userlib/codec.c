// SPDX-License-Identifier: LGPL-2.1-or-later
/* Encoding and decoding of the wire format. Pure: no I/O, no allocation. */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <string.h>

#include "codec.h"

static const char *const attr_names[] = {
	[PORTRES_A_PROTOCOL] = "protocol",
	[PORTRES_A_FIRST] = "first",
	[PORTRES_A_COUNT] = "count",
	[PORTRES_A_PORT] = "port",
	[PORTRES_A_TOKEN] = "token",
	[PORTRES_A_NAME] = "name",
	[PORTRES_A_OWNER] = "owner",
	[PORTRES_A_REFUSED] = "refused",
	[PORTRES_A_SOCKETS] = "sockets",
	[PORTRES_A_RUNTIME] = "runtime",
	[PORTRES_A_PROCESS] = "process",
	[PORTRES_A_COMMAND] = "command",
};

static const char *attr_name(uint32_t type)
{
	if (type >= sizeof(attr_names) / sizeof(attr_names[0]))
		return NULL;
	return attr_names[type];
}

static void put(struct portres_attrs *attrs, uint16_t type, const void *value, size_t len)
{
	struct nlattr head = { .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type };
	unsigned char *at = attrs->data + attrs->len;

	memset(at, 0, NLA_ALIGN(head.nla_len));
	memcpy(at, &head, sizeof(head));
	memcpy(at + NLA_HDRLEN, value, len);
	attrs->len += NLA_ALIGN(head.nla_len);
}

void portres_put_block(struct portres_attrs *attrs, uint8_t protocol, uint16_t first,
		       uint16_t count)
{
	put(attrs, PORTRES_A_PROTOCOL, &protocol, sizeof(protocol));
	put(attrs, PORTRES_A_FIRST, &first, sizeof(first));
	put(attrs, PORTRES_A_COUNT, &count, sizeof(count));
}

void portres_put_port(struct portres_attrs *attrs, uint8_t protocol, uint16_t port)
{
	put(attrs, PORTRES_A_PROTOCOL, &protocol, sizeof(protocol));
	put(attrs, PORTRES_A_PORT, &port, sizeof(port));
}

void portres_put_token(struct portres_attrs *attrs, uint64_t token)
{
	put(attrs, PORTRES_A_TOKEN, &token, sizeof(token));
}

void portres_put_spec(struct portres_attrs *attrs, const struct portres_spec *spec)
{
	portres_put_block(attrs, spec->protocol, spec->first, spec->count);
	if (spec->name)
		put(attrs, PORTRES_A_NAME, spec->name, strlen(spec->name) + 1);
	if (spec->has_owner)
		put(attrs, PORTRES_A_OWNER, &spec->owner, sizeof(spec->owner));
}

void portres_put_family(struct portres_attrs *attrs, const char *name)
{
	put(attrs, CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
}

/* One attribute of a message; next() walks over them until the rest makes no sense. */
struct attr {
	uint16_t type;
	const unsigned char *value;
	size_t len;
};

struct cursor {
	const unsigned char *at;
	size_t left;
};

static bool next(struct cursor *cursor, struct attr *attr)
{
	struct nlattr head;
	size_t step;

	if (cursor->left < NLA_HDRLEN)
		return false;
	memcpy(&head, cursor->at, sizeof(head));
	if (head.nla_len < NLA_HDRLEN || head.nla_len > cursor->left)
		return false;
	attr->type = head.nla_type & NLA_TYPE_MASK;
	attr->value = cursor->at + NLA_HDRLEN;
	attr->len = head.nla_len - (size_t)NLA_HDRLEN;
	step = NLA_ALIGN((size_t)head.nla_len);
	if (step > cursor->left)
		step = cursor->left;
	cursor->at += step;
	cursor->left -= step;
	return true;
}

static bool take(const struct attr *attr, void *value, size_t len)
{
	if (attr->len != len)
		return false;
	memcpy(value, attr->value, len);
	return true;
}

/* The end of a string need not be sent. size: with room for it. */
static bool take_string(const struct attr *attr, char *string, size_t size)
{
	size_t len = strnlen((const char *)attr->value, attr->len);

	if (len >= size)
		return false;
	memcpy(string, attr->value, len);
	string[len] = '\0';
	return true;
}

/* It has to fit into a pid_t, which has a sign. */
static bool take_process(const struct attr *attr, uint32_t *process)
{
	return take(attr, process, sizeof(*process)) && *process <= INT32_MAX;
}

static bool take_attr(const struct attr *attr, struct portres_reservation *r)
{
	switch (attr->type) {
	case PORTRES_A_PROTOCOL:
		return take(attr, &r->protocol, sizeof(r->protocol));
	case PORTRES_A_FIRST:
		return take(attr, &r->first, sizeof(r->first));
	case PORTRES_A_COUNT:
		return take(attr, &r->count, sizeof(r->count));
	case PORTRES_A_TOKEN:
		return take(attr, &r->token, sizeof(r->token));
	case PORTRES_A_NAME:
		return take_string(attr, r->name, sizeof(r->name));
	case PORTRES_A_OWNER:
		return take(attr, &r->owner, sizeof(r->owner));
	case PORTRES_A_REFUSED:
		return take(attr, &r->refused, sizeof(r->refused));
	case PORTRES_A_SOCKETS:
		return take(attr, &r->sockets, sizeof(r->sockets));
	case PORTRES_A_RUNTIME:
		return attr->len == 0;
	case PORTRES_A_PROCESS:
		return take_process(attr, &r->process);
	case PORTRES_A_COMMAND:
		return take_string(attr, r->command, sizeof(r->command));
	default:
		return true;
	}
}

int portres_read_reservation(const void *data, size_t len,
			     struct portres_reservation *reservation)
{
	const uint32_t needed = 1U << PORTRES_A_PROTOCOL | 1U << PORTRES_A_FIRST |
				1U << PORTRES_A_COUNT;
	struct cursor cursor = { data, len };
	struct attr attr;

	memset(reservation, 0, sizeof(*reservation));
	while (next(&cursor, &attr)) {
		if (!take_attr(&attr, reservation))
			return -EPROTO;
		if (attr.type <= PORTRES_A_MAX)
			reservation->has |= 1U << attr.type;
	}
	if (cursor.left || (reservation->has & needed) != needed)
		return -EPROTO;
	if (!reservation->first || !reservation->count ||
	    reservation->first + reservation->count - 1 > UINT16_MAX)
		return -EPROTO;
	return 0;
}

void portres_read_extack(const void *data, size_t len, struct portres_extack *extack)
{
	struct cursor cursor = { data, len };
	struct attr attr;

	memset(extack, 0, sizeof(*extack));
	while (next(&cursor, &attr)) {
		switch (attr.type) {
		case NLMSGERR_ATTR_MSG:
			if (memchr(attr.value, '\0', attr.len) && attr.value[0])
				extack->text = (const char *)attr.value;
			break;
		case NLMSGERR_ATTR_OFFS:
			extack->has_offset =
				take(&attr, &extack->offset, sizeof(extack->offset));
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			extack->has_missing =
				take(&attr, &extack->missing, sizeof(extack->missing));
			break;
		}
	}
}

int portres_attr_at(const struct portres_attrs *attrs, size_t offset)
{
	struct cursor cursor = { attrs->data, attrs->len };
	struct attr attr;

	while (next(&cursor, &attr))
		if ((size_t)(attr.value - attrs->data) == offset + NLA_HDRLEN)
			return attr.type;
	return -1;
}

int portres_explain_extack(char text[PORTRES_TEXT_MAX], int error,
			   const struct portres_extack *extack,
			   const struct portres_attrs *attrs, size_t headers)
{
	const char *said = extack->text;
	const char *name = NULL;
	int type = -1;

	if (extack->has_missing) {
		name = attr_name(extack->missing);
		if (!said)
			said = "is missing";
	} else if (extack->has_offset && extack->offset >= headers) {
		type = portres_attr_at(attrs, extack->offset - headers);
		if (type >= 0)
			name = attr_name((uint32_t)type);
	}
	if (!said)
		said = portres_strerror(error);
	/* The kernel's own text may begin with it already. */
	if (name && strncmp(said, name, strlen(name)) != 0)
		return portres_explain(text, error, "%s: %s", name, said);
	return portres_explain(text, error, "%s", said);
}
