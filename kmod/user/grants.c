// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses the grants of a request. The policy (genl.c) checks types and lengths of single
 * attributes.
 *
 * The extended acknowledgment points to the whole grant, as attributes in the nest are numbered
 * separately.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "core/grant.h"
#include "core/name.h"
#include "core/terms.h"
#include "genl.h"
#include "portres.h"

/* Longest name of a user's manager, with the terminating zero. */
#define MANAGER_SIZE	sizeof("user@4294967295.service")

/**
 * struct wish - a requested grant
 * @kind: what it names
 * @user: as in struct portres_grant
 * @number: user of a unit, a uid in the requester's user namespace
 * @text: path, with its first slash, or unit; NULL for neither
 */
struct wish {
	enum portres_grant_kind kind;
	kuid_t user;
	u32 number;
	const char *text;
};

/**
 * struct wishes - all grants of a request
 * @request: the request
 * @info: the request, parsed
 * @n: number of grants
 * @size: bytes of all texts, without the names of managers
 * @by_cgroup: some grant names a cgroup or unit
 * @each: the grants
 */
struct wishes {
	struct sk_buff *request;
	struct genl_info *info;
	unsigned int n;
	size_t size;
	bool by_cgroup;
	struct wish each[PORTRES_GRANTS_MAX];
};

static int grants_reject(const struct wishes *wishes, const struct nlattr *attr, const char *text)
{
	NL_SET_BAD_ATTR(wishes->info->extack, attr);
	if (wishes->info->extack)
		wishes->info->extack->_msg = text;
	return -EINVAL;
}

static int grants_parse_user(const struct wishes *wishes, const struct nlattr *attr, u32 number,
			     kuid_t *user)
{
	*user = make_kuid(sk_user_ns(NETLINK_CB(wishes->request).sk), number);
	if (uid_valid(*user))
		return 0;
	return grants_reject(wishes, attr, nla_type(attr) == PORTRES_A_OWNER ?
		      "owner: no such user in the caller's user namespace" :
		      "grant: no such user in the caller's user namespace");
}

static bool is_dots(const char *name, size_t len)
{
	return name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'));
}

/* Return: an error message, NULL if the path is valid. */
static const char *path_error(const char *path)
{
	size_t len;

	if (path[0] != '/')
		return "grant: the path of a cgroup must begin with a slash";
	if (portres_name_check(path, strlen(path)) != PORTRES_NAME_GOOD)
		return "grant: the path is not valid UTF-8 or has a control character";
	if (!path[1])
		return NULL;
	while (*path) {
		path++;
		len = strchrnul(path, '/') - path;
		if (!len || is_dots(path, len))
			return "grant: the path has an empty component, \".\" or \"..\"";
		path += len;
	}
	return NULL;
}

static bool is_unit_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr(":-_.\\@", c);
}

static const char *unit_error(const char *unit)
{
	const char *at, *suffix = strrchr(unit, '.');

	if (!suffix || suffix == unit || !suffix[1])
		return "grant: the name of a unit must end with its type, as in a.service";
	if (!strcmp(suffix, ".slice"))
		return "grant: a slice has no program of its own, use its cgroup";
	for (at = unit; *at; at++)
		if (!is_unit_character(*at))
			return "grant: the unit has a character that names of units do not have";
	return NULL;
}

/* The policy ensures that there is a zero, but not that it is the last byte. */
static const char *text_error(const struct nlattr *text)
{
	if (strlen(nla_data(text)) + 1 == nla_len(text))
		return NULL;
	return "grant: bytes after the zero that ends the path or unit, leave them out";
}

static int grants_parse_text(struct wishes *wishes, const struct nlattr *attr, struct wish *wish,
			     const struct nlattr *text, const char *(*find_error)(const char *))
{
	const char *fault;

	wish->text = nla_data(text);
	fault = text_error(text) ?: find_error(wish->text);
	if (fault)
		return grants_reject(wishes, attr, fault);
	wishes->by_cgroup = true;
	wishes->size += strlen(wish->text) + 1;
	if (wishes->size > PORTRES_GRANTS_TEXT_MAX)
		return grants_reject(wishes, attr,
				     "grant: paths and units have more than 2048 bytes");
	return 0;
}

static int grants_parse_unit(struct wishes *wishes, const struct nlattr *attr, struct nlattr **tb,
			     struct wish *wish)
{
	int err;

	wish->kind = PORTRES_GRANT_UNIT;
	err = grants_parse_text(wishes, attr, wish, tb[PORTRES_GRANT_A_UNIT], unit_error);
	if (err || !tb[PORTRES_GRANT_A_UNIT_USER])
		return err;
	wish->number = nla_get_u32(tb[PORTRES_GRANT_A_UNIT_USER]);
	return grants_parse_user(wishes, attr, wish->number, &wish->user);
}

static int grants_parse_named(struct wishes *wishes, const struct nlattr *attr, struct nlattr **tb,
			      struct wish *wish)
{
	if (tb[PORTRES_GRANT_A_UNIT])
		return grants_parse_unit(wishes, attr, tb, wish);
	if (tb[PORTRES_GRANT_A_UNIT_USER])
		return grants_reject(wishes, attr, "grant: user of a unit, but no unit");
	if (tb[PORTRES_GRANT_A_CGROUP]) {
		wish->kind = PORTRES_GRANT_CGROUP;
		return grants_parse_text(wishes, attr, wish, tb[PORTRES_GRANT_A_CGROUP],
					 path_error);
	}
	if (tb[PORTRES_GRANT_A_KERNEL]) {
		wish->kind = PORTRES_GRANT_KERNEL;
		return 0;
	}
	wish->kind = PORTRES_GRANT_USER;
	return grants_parse_user(wishes, attr, nla_get_u32(tb[PORTRES_GRANT_A_USER]), &wish->user);
}

static int grants_reject_others(const struct wishes *wishes, const struct nlattr *grant,
				struct nlattr **tb)
{
	bool seen[PORTRES_GRANT_A_MAX + 1] = {};
	const struct nlattr *attr;
	int rest;

	if (!tb[PORTRES_GRANT_A_USER] + !tb[PORTRES_GRANT_A_CGROUP] +
	    !tb[PORTRES_GRANT_A_UNIT] + !tb[PORTRES_GRANT_A_KERNEL] != 3)
		return grants_reject(wishes, grant,
			      "grant: send exactly one of user, cgroup, unit and kernel");
	nla_for_each_nested(attr, grant, rest) {
		if (seen[nla_type(attr)])
			return grants_reject(wishes, grant,
					     "grant: duplicate attribute in it, send it once");
		seen[nla_type(attr)] = true;
	}
	return 0;
}

static struct wish *grants_add(struct wishes *wishes)
{
	struct wish *wish;

	if (wishes->n == PORTRES_GRANTS_MAX)
		return NULL;
	wish = &wishes->each[wishes->n++];
	*wish = (struct wish){ .user = INVALID_UID };
	return wish;
}

static int grants_parse_one(struct wishes *wishes, const struct nlattr *attr)
{
	struct nlattr *tb[PORTRES_GRANT_A_MAX + 1];
	struct wish *wish = grants_add(wishes);
	int err;

	if (!wish)
		return grants_reject(wishes, attr, "grant: there are more than 16");
	err = nla_parse_nested(tb, PORTRES_GRANT_A_MAX, attr, portres_nl_grant_policy,
			       wishes->info->extack);
	return err ?:
	       grants_reject_others(wishes, attr, tb) ?:
	       grants_parse_named(wishes, attr, tb, wish);
}

static int grants_parse_owner(struct wishes *wishes)
{
	struct nlattr *attr = wishes->info->attrs[PORTRES_A_OWNER];
	struct wish *wish;

	if (!attr)
		return 0;
	wish = grants_add(wishes);
	wish->kind = PORTRES_GRANT_USER;
	return grants_parse_user(wishes, attr, nla_get_u32(attr), &wish->user);
}

static int grants_parse_all(struct wishes *wishes)
{
	const struct nlattr *attr;
	int rest, err;

	err = grants_parse_owner(wishes);
	if (err)
		return err;
	nlmsg_for_each_attr(attr, wishes->info->nlhdr, GENL_HDRLEN, rest) {
		if (nla_type(attr) != PORTRES_A_GRANT)
			continue;
		err = grants_parse_one(wishes, attr);
		if (err)
			return err;
	}
	return 0;
}

static u16 terms_put_text(struct portres_terms *terms, u16 *at, const char *text)
{
	u16 offset = *at;
	size_t size = strlen(text) + 1;

	memcpy((char *)portres_terms_text(terms, offset), text, size);
	*at += size;
	return offset;
}

static void terms_fill(struct portres_terms *terms, struct portres_grant *grant,
		       const struct wish *wish, u16 *at)
{
	char manager[MANAGER_SIZE];

	grant->kind = wish->kind;
	grant->user = wish->user;
	terms->by_kernel |= wish->kind == PORTRES_GRANT_KERNEL;
	if (!wish->text)
		return;
	grant->text = terms_put_text(terms, at, wish->text);
	/* grant.c compares paths without the first slash */
	if (wish->kind == PORTRES_GRANT_CGROUP)
		grant->text++;
	if (wish->kind == PORTRES_GRANT_UNIT && uid_valid(wish->user)) {
		snprintf(manager, sizeof(manager), "user@%u.service", wish->number);
		grant->manager = terms_put_text(terms, at, manager);
	}
}

static struct portres_terms *grants_build(const struct wishes *wishes)
{
	struct portres_terms *terms;
	unsigned int i;
	u16 at = 0;

	terms = portres_terms_alloc(wishes->n, wishes->size + wishes->n * MANAGER_SIZE);
	if (!terms)
		return NULL;
	for (i = 0; i < wishes->n; i++)
		terms_fill(terms, &terms->grants[i], &wishes->each[i], &at);
	terms->by_cgroup = wishes->by_cgroup;
	return terms;
}

/* Every task is below the root of the hierarchy: a grant for it would reserve nothing. */
static int grants_reject_root(const struct wishes *wishes, const struct portres_terms *terms)
{
	unsigned int i;

	if (terms->level)
		return 0;
	for (i = 0; i < wishes->n; i++)
		if (wishes->each[i].kind == PORTRES_GRANT_CGROUP &&
		    !strcmp(wishes->each[i].text, "/"))
			return grants_reject(wishes, wishes->info->attrs[PORTRES_A_GRANT],
				      "grant: the root cgroup contains every task");
	return 0;
}

static int grants_anchor(const struct wishes *wishes, struct portres_terms *terms)
{
	int err;

	if (!wishes->by_cgroup)
		return 0;
	err = portres_grant_anchor(terms);
	if (!err)
		return grants_reject_root(wishes, terms);
	if (err == -EOPNOTSUPP) {
		NL_SET_ERR_MSG_ATTR(wishes->info->extack, wishes->info->attrs[PORTRES_A_GRANT],
				    "grant: this kernel has no cgroups");
		return err;
	}
	/* not as it is: ENOENT would say that there is no such reservation */
	return grants_reject(wishes, wishes->info->attrs[PORTRES_A_GRANT],
			     "grant: the root of the caller's cgroup namespace was removed");
}

/**
 * portres_nl_parse_grants - parse the grants and the owner of a request
 * @request: the request
 * @info: the request, parsed, without duplicates other than grants
 * @grants: set to the grants, for kfree(); to NULL if there are none
 *
 * Context: process, the sender of the request; sleeps.
 * Return: 0 or a negative errno.
 */
int portres_nl_parse_grants(struct sk_buff *request, struct genl_info *info,
			    struct portres_terms **grants)
{
	struct wishes wishes = { .request = request, .info = info };
	int err;

	*grants = NULL;
	err = grants_parse_all(&wishes);
	if (err || !wishes.n)
		return err;
	*grants = grants_build(&wishes);
	if (!*grants)
		return -ENOMEM;
	err = grants_anchor(&wishes, *grants);
	if (err) {
		kfree(*grants);
		*grants = NULL;
	}
	return err;
}
