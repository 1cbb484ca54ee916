// SPDX-License-Identifier: GPL-2.0-only
/* Grants as text: from replies, and into requests. */
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "tap.h"

static char grants[GRANTS_TEXT_MAX];

struct told_grant {
	const char *kind, *text;
	uint32_t user, unit_user;
	bool has_user, has_unit_user;
};

static void parse_grant(int type, const void *data, size_t len, void *arg)
{
	struct told_grant *grant = arg;

	switch (type) {
	case PORTRES_GRANT_A_USER:
		grant->kind = "user";
		grant->has_user = true;
		return take_attr(type, &grant->user, sizeof(grant->user), data, len);
	case PORTRES_GRANT_A_CGROUP:
		grant->kind = "cgroup";
		grant->text = data;
		return;
	case PORTRES_GRANT_A_UNIT:
		grant->kind = "unit";
		grant->text = data;
		return;
	case PORTRES_GRANT_A_KERNEL:
		grant->kind = "kernel";
		return;
	case PORTRES_GRANT_A_UNIT_USER:
		grant->has_unit_user = true;
		return take_attr(type, &grant->unit_user, sizeof(grant->unit_user), data, len);
	default:
		tap_bail("attribute %d of a grant is not in the contract", type);
	}
}

static void __printf(1, 2) add_grant_text(const char *format, ...)
{
	size_t used = strlen(grants);
	va_list args;

	va_start(args, format);
	vsnprintf(grants + used, sizeof(grants) - used, format, args);
	va_end(args);
}

void grants_take(const void *data, size_t len)
{
	struct told_grant grant = { .kind = "nothing" };

	walk_attrs(data, len, parse_grant, &grant);
	add_grant_text("%s%s", grants[0] ? "; " : "", grant.kind);
	if (grant.has_user)
		add_grant_text(" %u", grant.user);
	if (grant.text)
		add_grant_text(" %s", grant.text);
	if (grant.has_unit_user)
		add_grant_text(" of %u", grant.unit_user);
}

const char *told_grants(void)
{
	return grants;
}

void grants_forget(void)
{
	grants[0] = '\0';
}

static void put_inner(struct request *nest, const char *grant)
{
	char unit[PORTRES_UNIT_MAX + 1];
	unsigned int user;

	if (sscanf(grant, "user %u", &user) == 1) {
		request_u32(nest, PORTRES_GRANT_A_USER, user);
	} else if (!strncmp(grant, "cgroup ", 7)) {
		request_str(nest, PORTRES_GRANT_A_CGROUP, grant + 7);
	} else if (sscanf(grant, "unit %255s of %u", unit, &user) == 2) {
		request_str(nest, PORTRES_GRANT_A_UNIT, unit);
		request_u32(nest, PORTRES_GRANT_A_UNIT_USER, user);
	} else if (sscanf(grant, "unit %255s", unit) == 1) {
		request_str(nest, PORTRES_GRANT_A_UNIT, unit);
	} else if (!strcmp(grant, "kernel")) {
		request_put(nest, PORTRES_GRANT_A_KERNEL, "", 0);
	} else {
		tap_bail("the test has the grant \"%s\"", grant);
	}
}

void request_grants(struct request *rq, const char *list)
{
	char *copy = strdup(list), *at = copy, *grant;
	struct request nest;

	if (!copy)
		tap_bail("no memory");
	while (*at && (grant = strsep(&at, ";"))) {
		request_init(&nest, 0, 0);
		put_inner(&nest, grant + strspn(grant, " "));
		request_put(rq, PORTRES_A_GRANT | NLA_F_NESTED, nest.attrs, nest.len);
		if (!at)
			break;
	}
	free(copy);
}

int create_for(struct client *c, unsigned int first, unsigned int count, const char *list,
	       int flags, uint64_t *token)
{
	struct answer answer = { 0 };
	struct request rq;
	int error;

	request_init(&rq, PORTRES_CMD_CREATE, 0);
	request_u8(&rq, PORTRES_A_PROTOCOL, c->protocol);
	request_u16(&rq, PORTRES_A_FIRST, first);
	request_u16(&rq, PORTRES_A_COUNT, count);
	request_grants(&rq, list);
	if (flags & ADOPT)
		request_put(&rq, PORTRES_A_ADOPT, "", 0);
	error = client_call(c, &rq, &answer);
	if (!error && token)
		*token = answer.resv.token;
	return error;
}

int set_grants(struct client *c, uint64_t token, const char *list)
{
	struct request rq;

	request_init(&rq, PORTRES_CMD_SET, 0);
	request_u64(&rq, PORTRES_A_TOKEN, token);
	if (*list)
		request_grants(&rq, list);
	else
		request_put(&rq, PORTRES_A_NO_GRANTS, "", 0);
	return client_call(c, &rq, NULL);
}

int set_name(struct client *c, uint64_t token, const char *name)
{
	struct request rq;

	request_init(&rq, PORTRES_CMD_SET, 0);
	request_u64(&rq, PORTRES_A_TOKEN, token);
	request_str(&rq, PORTRES_A_NAME, name);
	return client_call(c, &rq, NULL);
}

int set_block(struct client *c, uint64_t token, unsigned int first, unsigned int count)
{
	struct request rq;

	request_init(&rq, PORTRES_CMD_SET, 0);
	request_u64(&rq, PORTRES_A_TOKEN, token);
	request_u16(&rq, PORTRES_A_FIRST, first);
	request_u16(&rq, PORTRES_A_COUNT, count);
	return client_call(c, &rq, NULL);
}
