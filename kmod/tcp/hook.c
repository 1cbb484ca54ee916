// SPDX-License-Identifier: GPL-2.0-only
/*
 * Installs our get_port and connect in the protos of TCP when the module is loaded, and removes
 * them when the module is unloaded. What they do is in bind.h and connect.h.
 *
 * A TCP socket gets its port through sk->sk_prot->get_port(), in bind() and in listen(), or by
 * the kernel's choice in sk->sk_prot->connect(). There is more than one proto for each family: see
 * family.c. One other way is left alone: for Wake on Wireless LAN by TCP, which an administrator
 * sets up, the kernel calls inet_csk_get_port() itself.
 *
 * Where the protos of MPTCP cannot be hooked, or shall not be (guard_mptcp), no TCP port can be
 * reserved in a namespace that has MPTCP.
 */
#include <linux/delay.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/netlink.h>

#include "connect.h"
#include "core/synchronize.h"
#include "entry.h"
#include "family.h"
#include "hook.h"
#include "mptcp.h"

static bool guard_mptcp __read_mostly = true;
module_param(guard_mptcp, bool, 0444);
MODULE_PARM_DESC(guard_mptcp,
		 "Guard ports against MPTCP sockets too, which needs a write to read-only data of the kernel. If off, TCP ports can be reserved only where net.mptcp.enabled is 0 (default: on)");

/* Serialises removal, and installation, which the loading of IPv6 can trigger at any time. */
static DEFINE_MUTEX(hook_lock);

/* All protos of MPTCP are hooked. */
static bool hook_mptcp_guarded;

/**
 * portres_tcp_hook_install - hook all protos that exist and are not hooked yet
 *
 * A bind or connect that entered the kernel's own function earlier does not pass the hook; see
 * portres_synchronize_binds().
 *
 * Context: process, sleeps. Loads no module.
 * Return: 0 or a negative errno, with some of the protos hooked or none.
 */
int portres_tcp_hook_install(void)
{
	bool guarded = true;
	int i, err = 0;

	mutex_lock(&hook_lock);
	for (i = 0; i < PORTRES_TCP_FAMILIES; i++) {
		err = portres_tcp_family_install(i, guard_mptcp) ?: err;
		guarded &= portres_tcp_family_guards_mptcp(i);
	}
	WRITE_ONCE(hook_mptcp_guarded, guarded);
	mutex_unlock(&hook_lock);
	return err;
}

static int hook_check_mptcp(struct net *net, struct netlink_ext_ack *extack)
{
	bool enabled;
	int err;

	if (READ_ONCE(hook_mptcp_guarded))
		return 0;
	err = portres_tcp_mptcp_enabled(net, &enabled);
	if (err || !enabled)
		return err;
	if (guard_mptcp)
		NL_SET_ERR_MSG(extack,
			       "MPTCP sockets could bind the ports, as MPTCP cannot be guarded in this kernel: set net.mptcp.enabled=0");
	else
		NL_SET_ERR_MSG(extack,
			       "MPTCP sockets could bind the ports: set net.mptcp.enabled=0, or load the module with guard_mptcp=1");
	return -EOPNOTSUPP;
}

/**
 * portres_tcp_hook_check - check that every way to a TCP port passes the hook
 * @net: the namespace
 * @extack: for the reason why not; may be NULL
 *
 * To be called when all binds that began before the installation have ended.
 *
 * Context: process, may sleep for a short time. Loads no module.
 * Return: 0; -EOPNOTSUPP if ports of @net can be had without us; another negative errno.
 */
int portres_tcp_hook_check(struct net *net, struct netlink_ext_ack *extack)
{
	if (portres_tcp_family_met_stranger()) {
		NL_SET_ERR_MSG(extack,
			       "another module has replaced functions of TCP, see the kernel's log: unload both, then load this one first");
		return -EOPNOTSUPP;
	}
	/* Its copies are not hooked: any user can make a socket with one. */
	if (IS_ENABLED(CONFIG_INET_ESPINTCP)) {
		NL_SET_ERR_MSG(extack,
			       "sockets with espintcp could bind the ports: use a kernel without CONFIG_INET_ESPINTCP");
		return -EOPNOTSUPP;
	}
	return hook_check_mptcp(net, extack);
}

static void hook_withdraw(void)
{
	int i;

	mutex_lock(&hook_lock);
	for (i = 0; i < PORTRES_TCP_FAMILIES; i++)
		portres_tcp_family_withdraw(i);
	mutex_unlock(&hook_lock);
}

/*
 * A task may have read our pointer and not have entered yet; it may be inside; it may have
 * decremented the count, or left the section that portres_tcp_connect_drain() waits for, and not
 * have returned yet. The entry and exit paths do not reschedule, so
 * portres_synchronize_entry_exit() covers them. Inside, the kernel's search for a port calls
 * cond_resched(), so tasks inside are counted.
 */
static void hook_drain(void)
{
	portres_synchronize_entry_exit();
	while (portres_tcp_get_port_has_tasks())
		msleep(20);
	portres_tcp_connect_drain();
	portres_synchronize_entry_exit();
}

/**
 * portres_tcp_hook_remove - restore all protos; on return no task is in the hook
 *
 * A copy of TLS that is being made while the pointers are withdrawn may get ours: tls had read a
 * proto before we withdrew the pointer, and writes the copy after we have looked at it; or the
 * module was not there yet when we looked. So the pointers are withdrawn twice:
 *
 * First from the protos that copies are made from, then from the copies that exist. From now on
 * only a task that had read such a proto before can write our pointer, to a copy. It does
 * not sleep, reschedule or take a lock between the reading and the writing, so it has written all
 * of it when portres_synchronize_entry_exit() returns. A copy that is made afterwards is made from
 * protos which do not lead to us.
 *
 * Then again: nobody writes the pointer any more, so all that were written are found. A copy that
 * is gone meanwhile, as tls was unloaded, had no socket left. What remains is tasks that took a
 * pointer before, and hook_drain() waits for these.
 *
 * Copies of sockmaps may be made again from one of TLS; they lie where they always did, and are
 * withdrawn each time.
 *
 * Context: process, sleeps.
 */
void portres_tcp_hook_remove(void)
{
	hook_withdraw();
	portres_synchronize_entry_exit();
	hook_withdraw();
	hook_drain();
}
