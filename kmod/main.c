// SPDX-License-Identifier: GPL-2.0-only
/*
 * Brings the parts up and down, for the module and for each network namespace.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "portres.h"

static unsigned int portres_net_id __read_mostly;

/**
 * portres_table_of - the table of a network namespace
 * @net: the namespace
 */
struct portres_table *portres_table_of(const struct net *net)
{
	return net_generic(net, portres_net_id);
}

static int __net_init net_init(struct net *net)
{
	portres_table_init(portres_table_of(net));
	return 0;
}

static void __net_exit net_pre_exit(struct net *net)
{
	portres_table_close(portres_table_of(net));
}

/* A grace period has passed since net_pre_exit. */
static void __net_exit net_exit(struct net *net)
{
	portres_table_fini(portres_table_of(net));
}

static struct pernet_operations portres_net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit = net_exit,
	.id = &portres_net_id,
	.size = sizeof(struct portres_table),
};

/*
 * From inside to outside: the hook reads tables, and whoever comes in through a
 * door may rely on what he is told. So the hook stands before anything can be
 * reserved, and the doors open last; they close first.
 */
static int __init portres_init(void)
{
	int err;

	err = register_pernet_subsys(&portres_net_ops);
	if (err)
		return err;
	err = portres_assoc_init();
	if (err)
		goto unregister_net;
	err = portres_hook_install();
	if (err)
		goto fini_assoc;
	err = portres_sockopt_register();
	if (err)
		goto remove_hook;
	err = portres_genl_register();
	if (err)
		goto unregister_sockopt;
	return 0;

unregister_sockopt:
	portres_sockopt_unregister();
remove_hook:
	portres_hook_remove();
fini_assoc:
	portres_assoc_fini();
unregister_net:
	unregister_pernet_subsys(&portres_net_ops);
	return err;
}

static void __exit portres_exit(void)
{
	portres_genl_unregister();
	portres_sockopt_unregister();
	portres_hook_remove();
	portres_assoc_fini();
	unregister_pernet_subsys(&portres_net_ops);
}

/* Built in, it comes after the sockmap copies, which a late_initcall makes. */
late_initcall_sync(portres_init);
module_exit(portres_exit);

MODULE_DESCRIPTION("Reservation of UDP port blocks");
MODULE_LICENSE("GPL");
MODULE_ALIAS_GENL_FAMILY("portres");
