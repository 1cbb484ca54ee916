// SPDX-License-Identifier: LGPL-2.1-or-later
/* Decoding of the wire format. Pure: no I/O. Only grants and refusals are allocated. */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "codec.h"
#include "refusals.h"

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
	[PORTRES_A_PROCESS_START] = "process-start",
	[PORTRES_A_BY_USER] = "by-user",
	[PORTRES_A_BY_PROCESS] = "by-process",
	[PORTRES_A_BY_COMMAND] = "by-command",
	[PORTRES_A_GRANT] = "grant",
	[PORTRES_A_NO_GRANTS] = "no-grants",
	[PORTRES_A_ADOPT] = "adopt",
	[PORTRES_A_TREE] = "tree",
	[PORTRES_A_WAS_FIRST] = "was-first",
	[PORTRES_A_WAS_COUNT] = "was-count",
	[PORTRES_A_AVOIDED] = "avoided",
	[PORTRES_A_REFUSAL] = "refusal",
	[PORTRES_A_LOST] = "lost",
};

static const char *attr_name(uint32_t type)
{
	if (type >= sizeof(attr_names) / sizeof(attr_names[0]))
		return NULL;
	return attr_names[type];
}

/* Attributes about processes. Unknown attributes are skipped. */
static bool read_process_attr(const struct portres_attribute *attr, struct portres_reservation *r)
{
	switch (attr->type) {
	case PORTRES_A_PROCESS:
		return portres_attr_read_pid(attr, &r->process);
	case PORTRES_A_COMMAND:
		return portres_attr_read_string(attr, r->command, sizeof(r->command));
	case PORTRES_A_PROCESS_START:
		return portres_attr_read(attr, &r->process_start, sizeof(r->process_start));
	case PORTRES_A_BY_USER:
		return portres_attr_read(attr, &r->by_user, sizeof(r->by_user));
	case PORTRES_A_BY_PROCESS:
		return portres_attr_read_pid(attr, &r->by_process);
	case PORTRES_A_BY_COMMAND:
		return portres_attr_read_string(attr, r->by_command, sizeof(r->by_command));
	default:
		return true;
	}
}

/* NULL: no memory. The end of the string need not be sent. */
static char *attr_dup_string(const struct portres_attribute *attr)
{
	return strndup((const char *)attr->value, attr->len);
}

static bool read_grant_attr(const struct portres_attribute *attr, struct portres_grant *grant)
{
	switch (attr->type) {
	case PORTRES_GRANT_A_USER:
		grant->kind = PORTRES_GRANT_USER;
		grant->has_user = true;
		return portres_attr_read(attr, &grant->user, sizeof(grant->user));
	case PORTRES_GRANT_A_UNIT_USER:
		grant->has_user = true;
		return portres_attr_read(attr, &grant->user, sizeof(grant->user));
	case PORTRES_GRANT_A_UNIT:
	case PORTRES_GRANT_A_CGROUP:
		if (grant->text)
			return false;
		grant->kind = attr->type == PORTRES_GRANT_A_UNIT ? PORTRES_GRANT_UNIT :
								   PORTRES_GRANT_CGROUP;
		grant->text = attr_dup_string(attr);
		return true;
	case PORTRES_GRANT_A_KERNEL:
		grant->kind = PORTRES_GRANT_KERNEL;
		return attr->len == 0;
	default:
		return true;
	}
}

/* Reads one nest: 0, -EPROTO, or -ENOMEM. A kind that a newer kernel may add has none. */
static int read_grant(const struct portres_attribute *nest, struct portres_grants *grants)
{
	struct portres_cursor cursor = { nest->value, nest->len };
	struct portres_grant grant = { 0 };
	struct portres_attribute attr;
	int error = 0;

	while (!error && portres_attr_next(&cursor, &attr))
		if (!read_grant_attr(&attr, &grant))
			error = -EPROTO;
	if (!error && cursor.left)
		error = -EPROTO;
	if (!error && !grant.text &&
	    (grant.kind == PORTRES_GRANT_UNIT || grant.kind == PORTRES_GRANT_CGROUP))
		error = -ENOMEM;
	if (!error && grant.kind)
		error = portres_grants_add(grants, &grant);
	free(grant.text);
	return error == -E2BIG ? -EPROTO : error;
}

static int add_grant(const struct portres_attribute *nest, struct portres_reservation *r)
{
	if (!r->grants)
		r->grants = calloc(1, sizeof(*r->grants));
	return r->grants ? read_grant(nest, r->grants) : -ENOMEM;
}

static int add_refusal(const struct portres_attribute *nest, struct portres_reservation *r)
{
	if (!r->refusals)
		r->refusals = calloc(1, sizeof(*r->refusals));
	return r->refusals ? portres_refusals_add(r->refusals, nest) : -ENOMEM;
}

static bool read_attr(const struct portres_attribute *attr, struct portres_reservation *r)
{
	switch (attr->type) {
	case PORTRES_A_PROTOCOL:
		return portres_attr_read(attr, &r->protocol, sizeof(r->protocol));
	case PORTRES_A_FIRST:
		return portres_attr_read(attr, &r->first, sizeof(r->first));
	case PORTRES_A_COUNT:
		return portres_attr_read(attr, &r->count, sizeof(r->count));
	case PORTRES_A_TOKEN:
		return portres_attr_read(attr, &r->token, sizeof(r->token));
	case PORTRES_A_NAME:
		return portres_attr_read_string(attr, r->name, sizeof(r->name));
	case PORTRES_A_OWNER:
		return portres_attr_read(attr, &r->owner, sizeof(r->owner));
	case PORTRES_A_REFUSED:
		return portres_attr_read(attr, &r->refused, sizeof(r->refused));
	case PORTRES_A_AVOIDED:
		return portres_attr_read(attr, &r->avoided, sizeof(r->avoided));
	case PORTRES_A_SOCKETS:
		return portres_attr_read(attr, &r->sockets, sizeof(r->sockets));
	case PORTRES_A_WAS_FIRST:
		return portres_attr_read(attr, &r->was_first, sizeof(r->was_first));
	case PORTRES_A_WAS_COUNT:
		return portres_attr_read(attr, &r->was_count, sizeof(r->was_count));
	case PORTRES_A_RUNTIME:
	case PORTRES_A_TREE:
		return attr->len == 0;
	default:
		return read_process_attr(attr, r);
	}
}

_Static_assert(PORTRES_A_MAX < 32, "a bit for each attribute");

static bool is_whole(const struct portres_reservation *r)
{
	const uint32_t needed = 1U << PORTRES_A_PROTOCOL | 1U << PORTRES_A_FIRST |
				1U << PORTRES_A_COUNT;

	return (r->has & needed) == needed && r->first && r->count &&
	       r->first + r->count - 1 <= UINT16_MAX;
}

/* A module without grants reports the owner only. */
static int add_owner(struct portres_reservation *r)
{
	const struct portres_grant owner = {
		.kind = PORTRES_GRANT_USER, .has_user = true, .user = r->owner,
	};

	if (!PORTRES_HAS(r, PORTRES_A_OWNER) || PORTRES_HAS(r, PORTRES_A_RUNTIME))
		return 0;
	r->grants = calloc(1, sizeof(*r->grants));
	return r->grants ? portres_grants_add(r->grants, &owner) : -ENOMEM;
}

/* A reply says once whose refusals they are. */
static void add_block(struct portres_reservation *r)
{
	unsigned int i;

	for (i = 0; i < r->refusals->count; i++) {
		struct portres_refusal *refusal = &r->refusals->items[i];

		refusal->protocol = r->protocol;
		refusal->first = r->first;
		refusal->count = r->count;
		memcpy(refusal->name, r->name, sizeof(refusal->name));
	}
}

int portres_read_reservation(const void *data, size_t len,
			     struct portres_reservation *reservation)
{
	struct portres_cursor cursor = { data, len };
	struct portres_attribute attr;
	int error = 0;

	memset(reservation, 0, sizeof(*reservation));
	while (!error && portres_attr_next(&cursor, &attr)) {
		if (attr.type == PORTRES_A_GRANT)
			error = add_grant(&attr, reservation);
		else if (attr.type == PORTRES_A_REFUSAL)
			error = add_refusal(&attr, reservation);
		else if (!read_attr(&attr, reservation))
			error = -EPROTO;
		if (attr.type <= PORTRES_A_MAX)
			reservation->has |= 1U << attr.type;
	}
	if (!error && (cursor.left || !is_whole(reservation)))
		error = -EPROTO;
	if (!error && !reservation->grants)
		error = add_owner(reservation);
	if (error)
		portres_reservation_clear(reservation);
	else if (reservation->refusals)
		add_block(reservation);
	return error;
}

int portres_read_refusals(const void *data, size_t len, struct portres_refusals *refusals)
{
	struct portres_cursor cursor = { data, len };
	struct portres_attribute attr;
	int error = 0;

	memset(refusals, 0, sizeof(*refusals));
	while (!error && portres_attr_next(&cursor, &attr)) {
		if (attr.type == PORTRES_A_REFUSAL)
			error = portres_refusals_add(refusals, &attr);
		else if (attr.type == PORTRES_A_LOST &&
			 !portres_attr_read(&attr, &refusals->lost, sizeof(refusals->lost)))
			error = -EPROTO;
	}
	return !error && cursor.left ? -EPROTO : error;
}

void portres_read_extack(const void *data, size_t len, struct portres_extack *extack)
{
	struct portres_cursor cursor = { data, len };
	struct portres_attribute attr;

	memset(extack, 0, sizeof(*extack));
	while (portres_attr_next(&cursor, &attr)) {
		switch (attr.type) {
		case NLMSGERR_ATTR_MSG:
			if (memchr(attr.value, '\0', attr.len) && attr.value[0])
				extack->text = (const char *)attr.value;
			break;
		case NLMSGERR_ATTR_OFFS:
			extack->has_offset =
				portres_attr_read(&attr, &extack->offset, sizeof(extack->offset));
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			extack->has_missing =
				portres_attr_read(&attr, &extack->missing, sizeof(extack->missing));
			break;
		}
	}
}

int portres_attr_at(const struct portres_attrs *attrs, size_t offset)
{
	struct portres_cursor cursor = { attrs->data, attrs->len };
	struct portres_attribute attr;

	while (portres_attr_next(&cursor, &attr)) {
		size_t value = (size_t)(attr.value - attrs->data);

		if (value == offset + NLA_HDRLEN)
			return attr.type;
		/* One inside of a nest counts as the nest. */
		if (attr.type == PORTRES_A_GRANT && offset >= value && offset < value + attr.len)
			return attr.type;
	}
	return -1;
}

int portres_set_extack_error(char text[PORTRES_TEXT_MAX], int error,
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
	/* The kernel's text may already begin with the name. */
	if (name && strncmp(said, name, strlen(name)) != 0)
		return portres_set_error(text, error, "%s: %s", name, said);
	return portres_set_error(text, error, "%s", said);
}
