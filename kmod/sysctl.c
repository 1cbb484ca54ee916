// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sysctls of each network namespace, net.portres. Who is root in the user
 * namespace that owns it may write them, as all of net.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/sysctl.h>

#include "compat.h"
#include "portres.h"

static unsigned int bound_max = U16_MAX;

/*
 * Two values make sense. EADDRINUSE, because programs that pick ports themselves
 * (resolvers, media relays) try another one on it, and give up on EACCES; and
 * EACCES, because that is what Windows answers.
 */
static int handle_denied_errno(PORTRES_CTL_TABLE *table, int write, void *buffer,
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

/* For each namespace a copy with its own data; an empty entry ends it. */
static const struct ctl_table template[SYSCTLS + 1] = {
	[DENIED_ERRNO] = {
		.procname	= "denied_errno",
		.maxlen		= sizeof(int),
		.mode		= 0644,
		.proc_handler	= handle_denied_errno,
	},
	[USER_MAX_PORTS] = {
		.procname	= "user_max_ports",
		.maxlen		= sizeof(unsigned int),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra2		= &bound_max,
	},
	[USER_MAX_RESERVATIONS] = {
		.procname	= "user_max_reservations",
		.maxlen		= sizeof(unsigned int),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra2		= &bound_max,
	},
};

static struct ctl_table *make_table(struct portres_net *pnet)
{
	struct ctl_table *table;

	table = kmemdup(template, sizeof(template), GFP_KERNEL_ACCOUNT);
	if (!table)
		return NULL;
	table[DENIED_ERRNO].data = &pnet->denied_errno;
	table[USER_MAX_PORTS].data = &pnet->user_max_ports;
	table[USER_MAX_RESERVATIONS].data = &pnet->user_max_reservations;
	return table;
}

/**
 * portres_sysctl_register - set the values to their defaults and show them
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

	table = make_table(pnet);
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
 * portres_sysctl_unregister - on return nobody reads or writes them any more
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
