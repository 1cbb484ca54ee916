// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family as data: which command takes which attributes
 * within which limits. What the commands do is in netlink.c and dump.c.
 */
#include <linux/module.h>
#include <net/genetlink.h>

#include "genl.h"

#define POLICY_BLOCK								\
	[PORTRES_A_PROTOCOL]	= { .type = NLA_U8 },				\
	[PORTRES_A_FIRST]	= NLA_POLICY_MIN(NLA_U16, 1),			\
	[PORTRES_A_COUNT]	= NLA_POLICY_MIN(NLA_U16, 1)

static const struct nla_policy create_policy[PORTRES_A_MAX + 1] = {
	POLICY_BLOCK,
	[PORTRES_A_NAME]	= { .type = NLA_NUL_STRING, .len = PORTRES_NAME_MAX },
	[PORTRES_A_OWNER]	= { .type = NLA_U32 },
};

static const struct nla_policy delete_policy[PORTRES_A_MAX + 1] = {
	POLICY_BLOCK,
};

static const struct nla_policy get_policy[PORTRES_A_MAX + 1] = {
	POLICY_BLOCK,
	[PORTRES_A_PORT]	= NLA_POLICY_MIN(NLA_U16, 1),
	[PORTRES_A_TOKEN]	= { .type = NLA_U64 },
};

/* GENL_UNS_ADMIN_PERM asks in the user namespace that owns the network namespace. */
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
};

/*
 * Commands run in parallel: they take the lock of their namespace's table, and
 * one namespace's creation of many ports is no reason for another's to wait.
 */
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
