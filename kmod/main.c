// SPDX-License-Identifier: GPL-2.0-only
/*
 * Init and exit of the module and of each network namespace.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "core/background.h"
#include "core/changes.h"
#include "core/net.h"
#include "core/protocol.h"
#include "core/refusals.h"
#include "core/sock.h"
#include "core/table.h"
#include "reserve/account.h"
#include "reserve/expire.h"
#include "reserve/ready.h"
#include "reserve/remove.h"
#include "user/genl.h"
#include "user/message.h"
#include "user/notify.h"
#include "user/refusals.h"
#include "user/sockopt.h"
#include "user/sysctl.h"

static int __net_init portres_net_init(struct net *net)
{
	struct portres_net *pnet = portres_net_of(net);
	unsigned int i;

	pnet->net = net;
	spin_lock_init(&pnet->lock);
	for (i = 0; i < PORTRES_PROTOCOLS; i++)
		portres_table_init(&pnet->tables[i], &pnet->lock);
	portres_account_init(pnet);
	return portres_sysctl_register(pnet);
}

/*
 * Sockets of user space keep the namespace, so none is left, and the work that removes what they
 * held has been queued.
 */
static void __net_exit portres_net_pre_exit(struct net *net)
{
	struct portres_net *pnet = portres_net_of(net);
	unsigned int i;

	portres_expire_fini_net(pnet);
	portres_notify_close_net(pnet);
	for (i = 0; i < PORTRES_PROTOCOLS; i++)
		portres_table_close(&pnet->tables[i]);
	portres_refusals_close(pnet);
}

/* A grace period has passed since portres_net_pre_exit. */
static void __net_exit portres_net_exit(struct net *net)
{
	struct portres_net *pnet = portres_net_of(net);
	unsigned int i;

	portres_sysctl_unregister(pnet);
	portres_refusals_fini(pnet);
	portres_changes_fini(pnet);
	portres_account_fini(pnet);
	for (i = 0; i < PORTRES_PROTOCOLS; i++)
		portres_table_fini(&pnet->tables[i]);
}

static struct pernet_operations portres_net_ops = {
	.init = portres_net_init,
	.pre_exit = portres_net_pre_exit,
	.exit = portres_net_exit,
	.id = &portres_net_id,
	.size = sizeof(struct portres_net),
};

/*
 * Install the hooks before user-space interfaces are registered: no reservation may exist that
 * refuses no bind. Exit reverses the order.
 *
 * Register the socket options last, as what they change is notified by netlink. At exit, without
 * socket options and holders, portres_expire_fini() waits for the last removals of runtime
 * reservations, and portres_notify_close() sends their notifications while the netlink family is
 * still registered.
 */
static int __init portres_init(void)
{
	int err;

	portres_protocol_register(&portres_udp);
	portres_protocol_register(&portres_tcp);
	portres_announce_init(portres_notify);
	portres_refusals_init(portres_send_refusals);
	err = portres_background_init();
	if (err)
		return err;
	err = portres_protocol_init_all();
	if (err)
		goto fini_background;
	err = portres_notify_init();
	if (err)
		goto fini_protocols;
	err = register_pernet_subsys(&portres_net_ops);
	if (err)
		goto fini_notify;
	err = portres_sock_init(portres_expire_sock);
	if (err)
		goto unregister_net;
	err = portres_ready_init();
	if (err)
		goto fini_sock;
	err = portres_genl_register();
	if (err)
		goto fini_ready;
	err = portres_expire_init();
	if (err)
		goto unregister_genl;
	err = portres_sockopt_register();
	if (err)
		goto fini_expire;
	return 0;

fini_expire:
	portres_expire_fini();
unregister_genl:
	portres_notify_close();
	portres_genl_unregister();
fini_ready:
	portres_ready_fini();
fini_sock:
	portres_sock_fini();
unregister_net:
	unregister_pernet_subsys(&portres_net_ops);
fini_notify:
	portres_notify_fini();
fini_protocols:
	portres_protocol_fini_all();
fini_background:
	portres_background_fini();
	return err;
}

/* The last rcu_barrier() waits for runtime_free_rcu(), which is in module text. */
static void __exit portres_exit(void)
{
	portres_sockopt_unregister();
	portres_expire_fini();
	portres_notify_close();
	portres_genl_unregister();
	portres_ready_fini();
	portres_sock_fini();
	unregister_pernet_subsys(&portres_net_ops);
	portres_notify_fini();
	portres_protocol_fini_all();
	portres_background_fini();
	rcu_barrier();
}

/* If built in, run after the late_initcall that makes the sockmap copies. */
late_initcall_sync(portres_init);
module_exit(portres_exit);

MODULE_DESCRIPTION("Reservation of blocks of TCP and UDP ports");
MODULE_LICENSE("GPL");
