// SPDX-License-Identifier: LGPL-2.1-or-later
/* Encoding of requests. Pure: no I/O, no allocation. */
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <string.h>

#include "codec.h"

static void attr_put(struct portres_attrs *attrs, uint16_t type, const void *value, size_t len)
{
	struct nlattr head = { .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type };
	unsigned char *at = attrs->data + attrs->len;

	memset(at, 0, NLA_ALIGN(head.nla_len));
	memcpy(at, &head, sizeof(head));
	if (len)
		memcpy(at + NLA_HDRLEN, value, len);
	attrs->len += NLA_ALIGN(head.nla_len);
}

void portres_put_block(struct portres_attrs *attrs, uint8_t protocol, uint16_t first,
		       uint16_t count)
{
	attr_put(attrs, PORTRES_A_PROTOCOL, &protocol, sizeof(protocol));
	attr_put(attrs, PORTRES_A_FIRST, &first, sizeof(first));
	attr_put(attrs, PORTRES_A_COUNT, &count, sizeof(count));
}

void portres_put_port(struct portres_attrs *attrs, uint8_t protocol, uint16_t port)
{
	attr_put(attrs, PORTRES_A_PROTOCOL, &protocol, sizeof(protocol));
	attr_put(attrs, PORTRES_A_PORT, &port, sizeof(port));
}

void portres_put_token(struct portres_attrs *attrs, uint64_t token)
{
	attr_put(attrs, PORTRES_A_TOKEN, &token, sizeof(token));
}

void portres_put_runtime(struct portres_attrs *attrs)
{
	attr_put(attrs, PORTRES_A_RUNTIME, NULL, 0);
}

static void put_grant(struct portres_attrs *attrs, const struct portres_grant *grant)
{
	struct nlattr head = { .nla_type = PORTRES_A_GRANT | NLA_F_NESTED };
	size_t begin = attrs->len;

	attr_put(attrs, PORTRES_A_GRANT | NLA_F_NESTED, NULL, 0);
	switch (grant->kind) {
	case PORTRES_GRANT_USER:
		attr_put(attrs, PORTRES_GRANT_A_USER, &grant->user, sizeof(grant->user));
		break;
	case PORTRES_GRANT_UNIT:
		attr_put(attrs, PORTRES_GRANT_A_UNIT, grant->text, strlen(grant->text) + 1);
		if (grant->has_user)
			attr_put(attrs, PORTRES_GRANT_A_UNIT_USER, &grant->user,
				 sizeof(grant->user));
		break;
	case PORTRES_GRANT_CGROUP:
		attr_put(attrs, PORTRES_GRANT_A_CGROUP, grant->text, strlen(grant->text) + 1);
		break;
	case PORTRES_GRANT_KERNEL:
		attr_put(attrs, PORTRES_GRANT_A_KERNEL, NULL, 0);
		break;
	}
	head.nla_len = (uint16_t)(attrs->len - begin);
	memcpy(attrs->data + begin, &head, sizeof(head));
}

static void put_grants(struct portres_attrs *attrs, const struct portres_grants *grants)
{
	unsigned int i;

	for (i = 0; i < grants->count; i++)
		put_grant(attrs, &grants->items[i]);
}

void portres_put_spec(struct portres_attrs *attrs, const struct portres_spec *spec)
{
	portres_put_block(attrs, spec->protocol, spec->first, spec->count);
	if (spec->name)
		attr_put(attrs, PORTRES_A_NAME, spec->name, strlen(spec->name) + 1);
	if (spec->has_owner)
		attr_put(attrs, PORTRES_A_OWNER, &spec->owner, sizeof(spec->owner));
	put_grants(attrs, &spec->grants);
	if (spec->adopt)
		attr_put(attrs, PORTRES_A_ADOPT, NULL, 0);
}

/* PORTRES_CMD_SET has no OWNER: send it as a grant. */
static void put_new_grants(struct portres_attrs *attrs, const struct portres_spec *spec)
{
	const struct portres_grant owner = {
		.kind = PORTRES_GRANT_USER, .has_user = true, .user = spec->owner,
	};

	if (spec->has_owner)
		put_grant(attrs, &owner);
	put_grants(attrs, &spec->grants);
	if (!spec->has_owner && !spec->grants.count)
		attr_put(attrs, PORTRES_A_NO_GRANTS, NULL, 0);
}

void portres_put_change(struct portres_attrs *attrs, uint64_t token,
			const struct portres_spec *spec, unsigned int what)
{
	const char *name = spec->name ? spec->name : "";

	portres_put_token(attrs, token);
	if (what & PORTRES_SET_BLOCK) {
		attr_put(attrs, PORTRES_A_FIRST, &spec->first, sizeof(spec->first));
		attr_put(attrs, PORTRES_A_COUNT, &spec->count, sizeof(spec->count));
	}
	/* An empty name removes the name. */
	if (what & PORTRES_SET_NAME)
		attr_put(attrs, PORTRES_A_NAME, name, strlen(name) + 1);
	if (what & PORTRES_SET_GRANTS)
		put_new_grants(attrs, spec);
}

void portres_put_family(struct portres_attrs *attrs, const char *name)
{
	attr_put(attrs, CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
}
