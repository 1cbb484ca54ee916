// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sysctls net.portres of each network namespace. As for all of net, root of the user namespace
 * that owns it may write them.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/sysctl.h>

#include "compat.h"
#include "core/net.h"
#include "sysctl.h"

static unsigned int sysctl_max_limit = U16_MAX;

/*
 * Two values are valid. EADDRINUSE: programs that select ports themselves (resolvers, media
 * relays) try another port after it, and give up after EACCES. EACCES: Windows returns it.
 */
static int sysctl_denied_errno(PORTRES_CTL_TABLE *table, int write, void *buffer,
			       size_t *length, loff_t *position)
{
	int *denied_errno = table->data;
	int value = READ_ONCE(*denied_errno);
	struct ctl_table copy = *table;
	int err;

	copy.data = &value;
	err = proc_dointvec(&copy, write, buffer, length, position);
	if (err || !write)
		return err;
	if (value != EADDRINUSE && value != EACCES)
		return -EINVAL;
	WRITE_ONCE(*denied_errno, value);
	return 0;
}

enum { DENIED_ERRNO, USER_MAX_PORTS, USER_MAX_RESERVATIONS, SYSCTLS };

/* Copied for each namespace; an empty entry ends it. */
static const struct ctl_table sysctl_template[SYSCTLS + 1] = {
	[DENIED_ERRNO] = {
		.procname	= "denied_errno",
		.maxlen		= sizeof(int),
		.mode		= 0644,
		.proc_handler	= sysctl_denied_errno,
	},
	[USER_MAX_PORTS] = {
		.procname	= "user_max_ports",
		.maxlen		= sizeof(unsigned int),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra2		= &sysctl_max_limit,
	},
	[USER_MAX_RESERVATIONS] = {
		.procname	= "user_max_reservations",
		.maxlen		= sizeof(unsigned int),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra2		= &sysctl_max_limit,
	},
};

static struct ctl_table *sysctl_alloc_table(struct portres_net *pnet)
{
	struct ctl_table *table;

	table = kmemdup(sysctl_template, sizeof(sysctl_template), GFP_KERNEL_ACCOUNT);
	if (!table)
		return NULL;
	table[DENIED_ERRNO].data = &pnet->denied_errno;
	table[USER_MAX_PORTS].data = &pnet->user_max_ports;
	table[USER_MAX_RESERVATIONS].data = &pnet->user_max_reservations;
	return table;
}

/**
 * portres_sysctl_register - set the defaults and register the sysctls
 * @pnet: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int portres_sysctl_register(struct portres_net *pnet)
{
	struct ctl_table *table;

	pnet->denied_errno = EADDRINUSE;
	pnet->user_max_ports = 4096;
	pnet->user_max_reservations = 128;
	if (!IS_ENABLED(CONFIG_SYSCTL))
		return 0;

	table = sysctl_alloc_table(pnet);
	if (!table)
		return -ENOMEM;
	pnet->sysctls = register_net_sysctl_sz(pnet->net, "net/portres", table, SYSCTLS);
	if (!pnet->sysctls) {
		kfree(table);
		return -ENOMEM;
	}
	return 0;
}

/**
 * portres_sysctl_unregister - unregister the sysctls; on return no handler runs
 * @pnet: the namespace
 */
void portres_sysctl_unregister(struct portres_net *pnet)
{
	const struct ctl_table *table;

	if (!pnet->sysctls)
		return;
	table = pnet->sysctls->ctl_table_arg;
	unregister_net_sysctl_table(pnet->sysctls);
	kfree(table);
}
