// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family as data: the attributes of each command and their limits. The
 * handlers are in netlink.c, set.c and dump.c.
 */
#include <linux/module.h>
#include <net/genetlink.h>

#include "compat.h"
#include "genl.h"
#include "portres.h"

#define POLICY_BLOCK								\
	[PORTRES_A_PROTOCOL]	= { .type = NLA_U8 },				\
	[PORTRES_A_FIRST]	= NLA_POLICY_MIN(NLA_U16, 1),			\
	[PORTRES_A_COUNT]	= NLA_POLICY_MIN(NLA_U16, 1)

#define POLICY_GRANT NLA_POLICY_NESTED(portres_nl_grant_policy)

const struct nla_policy portres_nl_grant_policy[PORTRES_GRANT_A_MAX + 1] = {
	[PORTRES_GRANT_A_USER]	= { .type = NLA_U32 },
	[PORTRES_GRANT_A_CGROUP] = { .type = NLA_NUL_STRING, .len = PORTRES_GRANTS_TEXT_MAX - 1 },
	[PORTRES_GRANT_A_UNIT]	= { .type = NLA_NUL_STRING, .len = PORTRES_UNIT_MAX },
	[PORTRES_GRANT_A_KERNEL] = { .type = NLA_FLAG },
	[PORTRES_GRANT_A_UNIT_USER] = { .type = NLA_U32 },
};

static const struct nla_policy create_policy[PORTRES_A_MAX + 1] = {
	POLICY_BLOCK,
	[PORTRES_A_NAME]	= { .type = NLA_NUL_STRING, .len = PORTRES_NAME_MAX },
	[PORTRES_A_OWNER]	= { .type = NLA_U32 },
	[PORTRES_A_GRANT]	= POLICY_GRANT,
	[PORTRES_A_ADOPT]	= { .type = NLA_FLAG },
};

static const struct nla_policy delete_policy[PORTRES_A_MAX + 1] = {
	POLICY_BLOCK,
	[PORTRES_A_RUNTIME]	= { .type = NLA_FLAG },
};

static const struct nla_policy set_policy[PORTRES_A_MAX + 1] = {
	[PORTRES_A_TOKEN]	= { .type = NLA_U64 },
	[PORTRES_A_FIRST]	= NLA_POLICY_MIN(NLA_U16, 1),
	[PORTRES_A_COUNT]	= NLA_POLICY_MIN(NLA_U16, 1),
	[PORTRES_A_NAME]	= { .type = NLA_NUL_STRING, .len = PORTRES_NAME_MAX },
	[PORTRES_A_GRANT]	= POLICY_GRANT,
	[PORTRES_A_NO_GRANTS]	= { .type = NLA_FLAG },
};

static const struct nla_policy get_policy[PORTRES_A_MAX + 1] = {
	POLICY_BLOCK,
	[PORTRES_A_PORT]	= NLA_POLICY_MIN(NLA_U16, 1),
	[PORTRES_A_TOKEN]	= { .type = NLA_U64 },
};

/* GENL_UNS_ADMIN_PERM checks in the user namespace that owns the network namespace. */
static const struct genl_ops ops[] = {
	{
		.cmd	= PORTRES_CMD_CREATE,
		.flags	= GENL_UNS_ADMIN_PERM,
		.policy	= create_policy,
		.maxattr = PORTRES_A_MAX,
		.doit	= portres_nl_create_doit,
	},
	{
		.cmd	= PORTRES_CMD_DELETE,
		.flags	= GENL_UNS_ADMIN_PERM,
		.policy	= delete_policy,
		.maxattr = PORTRES_A_MAX,
		.doit	= portres_nl_delete_doit,
	},
	{
		.cmd	= PORTRES_CMD_SET,
		.flags	= GENL_UNS_ADMIN_PERM,
		.policy	= set_policy,
		.maxattr = PORTRES_A_MAX,
		.doit	= portres_nl_set_doit,
	},
	{
		.cmd	= PORTRES_CMD_GET,
		.policy	= get_policy,
		.maxattr = PORTRES_A_MAX,
		.doit	= portres_nl_get_doit,
		.start	= portres_nl_get_start,
		.dumpit	= portres_nl_get_dumpit,
		.done	= portres_nl_get_done,
	},
};

static const struct genl_multicast_group groups[] = {
	[PORTRES_GENL_CHANGES] = { .name = PORTRES_MCGRP_CHANGES },
	[PORTRES_GENL_ADMIN] = {
		.name = PORTRES_MCGRP_ADMIN,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
	[PORTRES_GENL_REFUSALS] = {
		.name = PORTRES_MCGRP_REFUSALS,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

/* Commands run in parallel: the table lock of each namespace is all that they need. */
struct genl_family portres_genl_family __ro_after_init = {
	.name		= PORTRES_GENL_NAME,
	.version	= PORTRES_GENL_VERSION,
	.maxattr	= PORTRES_A_MAX,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.ops		= ops,
	.n_ops		= ARRAY_SIZE(ops),
	.resv_start_op	= PORTRES_CMD_CREATE,
	.mcgrps		= groups,
	.n_mcgrps	= ARRAY_SIZE(groups),
};

int __init portres_genl_register(void)
{
	return genl_register_family(&portres_genl_family);
}

void portres_genl_unregister(void)
{
	genl_unregister_family(&portres_genl_family);
}
