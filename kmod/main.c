// SPDX-License-Identifier: GPL-2.0-only
/*
 * Brings the parts up and down, for the module and for each network namespace.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "sock.h"

unsigned int portres_net_id __read_mostly;

static int __net_init net_init(struct net *net)
{
	struct portres_net *pnet = portres_net_of(net);

	pnet->net = net;
	portres_table_init(&pnet->table);
	portres_account_init(pnet);
	portres_holder_init_net(pnet);
	return portres_sysctl_register(pnet);
}

/*
 * Sockets of user space keep the namespace; so there is none, and all that they
 * held is on its way to its end.
 */
static void __net_exit net_pre_exit(struct net *net)
{
	struct portres_net *pnet = portres_net_of(net);

	portres_holder_fini_net(pnet);
	portres_table_close(&pnet->table);
	portres_unguard(pnet);
}

/* A grace period has passed since net_pre_exit. */
static void __net_exit net_exit(struct net *net)
{
	struct portres_net *pnet = portres_net_of(net);

	portres_sysctl_unregister(pnet);
	portres_account_fini(pnet);
	portres_table_fini(&pnet->table);
}

static struct pernet_operations portres_net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit = net_exit,
	.id = &portres_net_id,
	.size = sizeof(struct portres_net),
};

/*
 * From inside to outside: the hook reads tables, and whoever comes in through a
 * door may rely on what he is told. So the protos are found, for the hook to be put
 * in with the first reservation, before the doors open; they close first.
 *
 * The socket option is the outer door, as what comes in through it is told to
 * those who listen on the other. With it closed and no holder left, the end of
 * the holders' work is the end of all changes but the administrator's, and what
 * the last sockets held is told while there is a family to tell it.
 */
static int __init portres_init(void)
{
	int err;

	err = register_pernet_subsys(&portres_net_ops);
	if (err)
		return err;
	err = portres_sock_init();
	if (err)
		goto unregister_net;
	err = portres_hook_find();
	if (err)
		goto fini_sock;
	err = portres_genl_register();
	if (err)
		goto end_guard;
	err = portres_holder_init();
	if (err)
		goto unregister_genl;
	err = portres_sockopt_register();
	if (err)
		goto fini_holder;
	return 0;

fini_holder:
	portres_holder_fini();
unregister_genl:
	portres_genl_unregister();
end_guard:
	portres_guard_end();
fini_sock:
	portres_sock_fini();
unregister_net:
	unregister_pernet_subsys(&portres_net_ops);
	portres_guard_fini();
	return err;
}

/*
 * At last, the callbacks that free what was a runtime reservation: they are in
 * module text.
 */
static void __exit portres_exit(void)
{
	portres_sockopt_unregister();
	portres_holder_fini();
	portres_genl_unregister();
	portres_guard_end();
	portres_sock_fini();
	unregister_pernet_subsys(&portres_net_ops);
	portres_guard_fini();
	rcu_barrier();
}

/* Built in, it comes after the sockmap copies, which a late_initcall makes. */
late_initcall_sync(portres_init);
module_exit(portres_exit);

MODULE_DESCRIPTION("Reservation of UDP port blocks");
MODULE_LICENSE("GPL");
MODULE_ALIAS_GENL_FAMILY("portres");
