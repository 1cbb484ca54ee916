// SPDX-License-Identifier: GPL-2.0-only
/*
 * Installs our get_port in the protos of UDP when the module is loaded, and removes it when the
 * module is unloaded. What it does is in bind.c.
 *
 * Every UDP socket gets its port through sk->sk_prot->get_port(): in bind(), in the autobind
 * of connect() and sendto(), and as a socket of the kernel. UDP-Lite has protos of its own,
 * which are not hooked.
 *
 * The protos are taken from sockets, as udpv6_prot is not exported. Besides these two there
 * are two copies, which a socket gets while it is in a BPF sockmap. The kernel makes the IPv6
 * copy for the first socket that needs it, from what the original holds then. So each copy is
 * requested before anything is hooked: otherwise it could keep our pointer after the module is
 * unloaded.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/percpu.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "bind.h"
#include "core/ipv6.h"
#include "core/sock.h"
#include "core/sockmap.h"
#include "core/synchronize.h"
#include "hook.h"

enum { HOOK_V4, HOOK_V4_SOCKMAP, HOOK_V6, HOOK_V6_SOCKMAP, HOOKS };

/**
 * struct hook - one proto of UDP
 * @prot: the proto; NULL if the kernel has none of the kind
 * @original: get_port of @prot before the hook was installed
 * @entry: our get_port
 * @installed: @entry is in @prot
 */
struct hook {
	struct proto *prot;
	portres_get_port_t original;
	portres_get_port_t entry;
	bool installed;
};

static struct hook hooks[HOOKS] __read_mostly;

/* Serialises removal and installation, which the loading of IPv6 can trigger at any time. */
static DEFINE_MUTEX(hook_lock);

/* Tasks inside the hook. */
static DEFINE_PER_CPU(long, udp_tasks_inside);

static __always_inline int hook_get_port(const struct hook *hook, struct sock *sk,
					 unsigned short port)
{
	int err;

	this_cpu_inc(udp_tasks_inside);
	err = portres_udp_bind(sk, port, READ_ONCE(hook->original));
	this_cpu_dec(udp_tasks_inside);
	return err;
}

static int portres_udp_get_port_v4(struct sock *sk, unsigned short port)
{
	return hook_get_port(&hooks[HOOK_V4], sk, port);
}

static int portres_udp_get_port_v4_sockmap(struct sock *sk, unsigned short port)
{
	return hook_get_port(&hooks[HOOK_V4_SOCKMAP], sk, port);
}

static int portres_udp_get_port_v6(struct sock *sk, unsigned short port)
{
	return hook_get_port(&hooks[HOOK_V6], sk, port);
}

static int portres_udp_get_port_v6_sockmap(struct sock *sk, unsigned short port)
{
	return hook_get_port(&hooks[HOOK_V6_SOCKMAP], sk, port);
}

static struct hook hooks[HOOKS] __read_mostly = {
	[HOOK_V4]		= { .entry = portres_udp_get_port_v4 },
	[HOOK_V4_SOCKMAP]	= { .entry = portres_udp_get_port_v4_sockmap },
	[HOOK_V6]		= { .entry = portres_udp_get_port_v6 },
	[HOOK_V6_SOCKMAP]	= { .entry = portres_udp_get_port_v6_sockmap },
};

static int hook_find_protos(int family, struct hook *base, struct hook *copy)
{
	struct socket *sock;
	int err;

	err = sock_create_kern(&init_net, family, SOCK_DGRAM, IPPROTO_UDP, &sock);
	if (err)
		return err;
	err = portres_sockmap_find(sock->sk, &copy->prot, 1);
	if (!err) {
		portres_sock_learn_destruct(sock->sk);
		/* Pairs with the acquire in portres_udp_hook_proto(). */
		smp_store_release(&base->prot, sock->sk->sk_prot);
	}
	sock_release(sock);
	return err;
}

static int hook_find_all_protos(void)
{
	int err = 0;

	if (!hooks[HOOK_V4].prot)
		err = hook_find_protos(AF_INET, &hooks[HOOK_V4], &hooks[HOOK_V4_SOCKMAP]);
	if (!err && !hooks[HOOK_V6].prot && portres_has_ipv6())
		err = hook_find_protos(AF_INET6, &hooks[HOOK_V6], &hooks[HOOK_V6_SOCKMAP]);
	return err;
}

static void hook_install_one(struct hook *hook)
{
	if (!hook->prot || hook->installed)
		return;
	WRITE_ONCE(hook->original, READ_ONCE(hook->prot->get_port));
	/* The entry calls the original: store that first. */
	smp_store_release(&hook->prot->get_port, hook->entry);
	hook->installed = true;
}

/**
 * portres_udp_hook_install - hook all protos that exist and are not hooked yet
 *
 * A bind that entered the kernel's get_port earlier does not pass the hook; see
 * portres_synchronize_binds().
 *
 * Context: process, sleeps.
 * Return: 0 or a negative errno, with some of the protos hooked or none.
 */
int portres_udp_hook_install(void)
{
	int i, err;

	mutex_lock(&hook_lock);
	err = hook_find_all_protos();
	for (i = 0; i < HOOKS; i++)
		hook_install_one(&hooks[i]);
	mutex_unlock(&hook_lock);
	return err;
}

/**
 * portres_udp_hook_proto - get the proto of a socket that conflicts with those of all families
 * @family: set to AF_INET6 if IPv6 is hooked, else to AF_INET
 *
 * Return: the proto.
 */
struct proto *portres_udp_hook_proto(int *family)
{
	/* Pairs with the release in hook_find_protos(): destructor and copy are known. */
	struct proto *v6 = smp_load_acquire(&hooks[HOOK_V6].prot);

	*family = v6 ? AF_INET6 : AF_INET;
	return v6 ? v6 : hooks[HOOK_V4].prot;
}

/*
 * Another module may have replaced get_port, and its function calls ours: leave the pointer
 * alone.
 */
static bool hook_try_restore(struct hook *hook)
{
	if (hook->installed &&
	    cmpxchg(&hook->prot->get_port, hook->entry, hook->original) == hook->entry)
		hook->installed = false;
	return !hook->installed;
}

/*
 * A stacked hook prevents removal: poll until its module restores the pointer, and log the
 * reason once.
 */
static void hook_restore_wait(struct hook *hook)
{
	bool logged = false;

	while (!hook_try_restore(hook)) {
		if (!logged)
			pr_alert("%s: unload is waiting: get_port was replaced by %ps, unload that module first\n",
				 hook->prot->name, READ_ONCE(hook->prot->get_port));
		logged = true;
		msleep(100);
	}
}

/**
 * portres_udp_hook_remove - restore all protos; on return no task is in the hook
 *
 * A task may have read our pointer and not have entered yet; it may be inside; it may have
 * decremented the count and not have returned yet. The entry and exit paths do not reschedule,
 * so portres_synchronize_entry_exit() covers them. Inside, the kernel's search for a port calls
 * cond_resched(), so tasks inside are counted. When no task can enter any more the sum only
 * falls, and 0 means that the last one has left.
 *
 * Context: process, sleeps.
 */
void portres_udp_hook_remove(void)
{
	int i;

	mutex_lock(&hook_lock);
	for (i = 0; i < HOOKS; i++)
		hook_restore_wait(&hooks[i]);
	mutex_unlock(&hook_lock);
	portres_synchronize_entry_exit();
	while (portres_has_tasks(&udp_tasks_inside))
		msleep(20);
	portres_synchronize_entry_exit();
}

/**
 * portres_udp_hook_original - get the kernel's own get_port of a socket
 * @sk: a UDP socket
 *
 * Return: the function. It does not change while the module is loaded, as the hook stays.
 */
portres_get_port_t portres_udp_hook_original(const struct sock *sk)
{
	int i;

	for (i = 0; i < HOOKS; i++)
		if (hooks[i].prot == sk->sk_prot && hooks[i].installed)
			return hooks[i].original;
	return sk->sk_prot->get_port;
}
