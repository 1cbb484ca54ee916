// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in the way of every bind of a UDP socket: puts our get_port into the
 * protos of UDP and takes it out again. What happens in it is in bind.c, when it
 * stands in guard.c.
 *
 * UDP asks for a port in one way only, sk->sk_prot->get_port(), be it bind(), the
 * implicit bind of connect and sendto, or a socket of the kernel. UDP-Lite has
 * protos of its own, which are left alone.
 *
 * The protos are taken from sockets, not by name: udpv6_prot is not exported.
 * Besides the two there are two copies, which a socket gets while it is in a BPF
 * sockmap. The IPv6 copy is made when the first socket needs it, from what the
 * original holds then; so the copies are asked for, and made, before anything is
 * hooked. Otherwise a copy would keep our pointer while the hook is out, and beyond
 * the module's end.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/percpu.h>
#include <linux/skmsg.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "bind.h"

enum { HOOK_V4, HOOK_V4_SOCKMAP, HOOK_V6, HOOK_V6_SOCKMAP, HOOKS };

/**
 * struct hook - one proto of UDP
 * @prot: the proto; NULL if the kernel has none of the kind
 * @original: what its get_port was before us
 * @entry: our get_port
 * @stands: @entry has been put into @prot and not been taken out
 */
struct hook {
	struct proto *prot;
	portres_get_port_t original;
	portres_get_port_t entry;
	bool stands;
};

static struct hook hooks[HOOKS] __read_mostly;

/* Tasks inside an entry, as a sum over all CPUs: who migrates leaves elsewhere. */
static DEFINE_PER_CPU(long, inside);

static __always_inline int enter(const struct hook *hook, struct sock *sk, unsigned short port)
{
	int err;

	this_cpu_inc(inside);
	err = portres_bind(sk, port, READ_ONCE(hook->original));
	this_cpu_dec(inside);
	return err;
}

static int get_port_v4(struct sock *sk, unsigned short port)
{
	return enter(&hooks[HOOK_V4], sk, port);
}

static int get_port_v4_sockmap(struct sock *sk, unsigned short port)
{
	return enter(&hooks[HOOK_V4_SOCKMAP], sk, port);
}

static int get_port_v6(struct sock *sk, unsigned short port)
{
	return enter(&hooks[HOOK_V6], sk, port);
}

static int get_port_v6_sockmap(struct sock *sk, unsigned short port)
{
	return enter(&hooks[HOOK_V6_SOCKMAP], sk, port);
}

static struct hook hooks[HOOKS] __read_mostly = {
	[HOOK_V4]		= { .entry = get_port_v4 },
	[HOOK_V4_SOCKMAP]	= { .entry = get_port_v4_sockmap },
	[HOOK_V6]		= { .entry = get_port_v6 },
	[HOOK_V6_SOCKMAP]	= { .entry = get_port_v6_sockmap },
};

#ifdef CONFIG_BPF_SYSCALL
/*
 * Does with a socket of ours what a sockmap does with its sockets, but for the
 * map: exchanges the proto, and exchanges it back.
 */
static int find_sockmap_copy(struct sock *sk, struct proto **copy)
{
	struct proto *base = sk->sk_prot;
	struct sk_psock *psock;
	int err;

	*copy = NULL;
	if (!base->psock_update_sk_prot)
		return 0;
	psock = kzalloc(sizeof(*psock), GFP_KERNEL);
	if (!psock)
		return -ENOMEM;

	lock_sock(sk);
	psock->sk_proto = base;
	psock->saved_write_space = sk->sk_write_space;
	err = base->psock_update_sk_prot(sk, psock, false);
	if (!err) {
		if (sk->sk_prot != base)
			*copy = sk->sk_prot;
		base->psock_update_sk_prot(sk, psock, true);
	}
	release_sock(sk);
	kfree(psock);
	return err;
}
#else
static int find_sockmap_copy(struct sock *sk, struct proto **copy)
{
	*copy = NULL;
	return 0;
}
#endif

static int find_protos(int family, struct hook *base, struct hook *copy)
{
	struct socket *sock;
	int err;

	err = sock_create_kern(&init_net, family, SOCK_DGRAM, IPPROTO_UDP, &sock);
	if (err)
		return err;
	portres_sock_learn(sock->sk);
	base->prot = sock->sk->sk_prot;
	err = find_sockmap_copy(sock->sk, &copy->prot);
	sock_release(sock);
	return err;
}

/**
 * portres_hook_find - find the protos, before the first portres_hook_install()
 *
 * Return: 0 or a negative errno.
 */
int portres_hook_find(void)
{
	int err;

	err = find_protos(AF_INET, &hooks[HOOK_V4], &hooks[HOOK_V4_SOCKMAP]);
	if (err)
		return err;
	err = find_protos(AF_INET6, &hooks[HOOK_V6], &hooks[HOOK_V6_SOCKMAP]);
	if (err != -EAFNOSUPPORT)
		return err;
	pr_info("no IPv6 here, guarding IPv4 only\n");
	return 0;
}

/*
 * What was there before is asked each time: meanwhile another module may have come
 * or gone. A bind that is in the hook still goes on by the one or the other.
 *
 * Return: whether it is new.
 */
static bool install(struct hook *hook)
{
	if (!hook->prot || hook->stands)
		return false;
	WRITE_ONCE(hook->original, READ_ONCE(hook->prot->get_port));
	/* The entry calls the original: it has to be there first. */
	smp_store_release(&hook->prot->get_port, hook->entry);
	hook->stands = true;
	return true;
}

/**
 * portres_hook_install - begin to guard
 *
 * On return, every bind that is under way passes the hook, so that a creation
 * need not think of one that does not: a bind that entered the kernel's get_port
 * before would not look at the table afterwards.
 *
 * Context: process, sleeps; one caller at a time, here and below.
 */
void portres_hook_install(void)
{
	bool new = false;
	int i;

	for (i = 0; i < HOOKS; i++)
		new |= install(&hooks[i]);
	if (new)
		portres_wait_for_binds();
}

/*
 * Another module may have put its own function over ours. Then the pointer is not
 * ours to restore, and it leads to us.
 */
static bool withdraw(struct hook *hook)
{
	if (hook->stands &&
	    cmpxchg(&hook->prot->get_port, hook->entry, hook->original) == hook->entry)
		hook->stands = false;
	return !hook->stands;
}

/**
 * portres_hook_withdraw - stop guarding for now
 *
 * Waits for nobody. Where another module stands over the hook it stays, and is in
 * place when it is to be put in the next time.
 */
void portres_hook_withdraw(void)
{
	int i;

	for (i = 0; i < HOOKS; i++)
		withdraw(&hooks[i]);
}

/*
 * There is nothing to do but to stay until the other has gone. Whoever unloads in
 * the order of loading reads why it takes.
 */
static void withdraw_at_last(struct hook *hook)
{
	bool told = false;

	while (!withdraw(hook)) {
		if (!told)
			pr_alert("%s: get_port is %ps, which was stacked over portres; unload its module first, waiting\n",
				 hook->prot->name, READ_ONCE(hook->prot->get_port));
		told = true;
		msleep(100);
	}
}

static bool anybody_inside(void)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(inside, cpu));
	return sum;
}

/**
 * portres_hook_remove - stop guarding; on return nobody is in the hook any more
 *
 * A task may have read our pointer and be about to enter; it may be inside; it
 * may have counted itself out and be about to return. The first and the last are
 * instants. Not so the second: inside, the kernel's search for a port calls
 * cond_resched(). So it is counted. Once nobody can enter any more, the sum only
 * falls, and is 0 not before the last one has left.
 *
 * This holds whenever the pointers were taken out, now or long ago.
 */
void portres_hook_remove(void)
{
	int i;

	for (i = 0; i < HOOKS; i++)
		withdraw_at_last(&hooks[i]);
	portres_wait_for_instants();
	while (anybody_inside())
		msleep(20);
	portres_wait_for_instants();
}

/**
 * portres_hook_original - the kernel's own get_port of a socket
 * @sk: a UDP socket
 *
 * The caller needs the hook to stand (guard.c), so that it does not change.
 */
portres_get_port_t portres_hook_original(const struct sock *sk)
{
	int i;

	for (i = 0; i < HOOKS; i++)
		if (hooks[i].prot == sk->sk_prot && hooks[i].stands)
			return hooks[i].original;
	return sk->sk_prot->get_port;
}
