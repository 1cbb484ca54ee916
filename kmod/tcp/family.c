// SPDX-License-Identifier: GPL-2.0-only
/*
 * The protos of TCP for one family: finds them, puts our functions into them, and takes them out.
 *
 * Besides that of TCP itself there are copies, which a socket gets
 *
 *	in a BPF sockmap	four, which the kernel makes once (core/sockmap.c)
 *	with TLS		nine or more, which the tls module makes, at any time (tls.c)
 *	below MPTCP		one, made at boot, which is read-only (mptcp.c)
 *
 * All of a family have to lead to the same functions of the kernel, as one entry serves all of
 * them. Where a copy has another function it is left alone, as it is not known what that function
 * does; the log says so, and no TCP port can be reserved.
 *
 * The caller serialises.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/ipv6.h"
#include "core/sock.h"
#include "core/sockmap.h"
#include "entry.h"
#include "family.h"
#include "mptcp.h"
#include "tls.h"

enum { HOOK_BASE, HOOK_MPTCP, HOOK_SOCKMAP, HOOKS = HOOK_SOCKMAP + PORTRES_SOCKMAP_COPIES };

enum { FIELD_GET_PORT, FIELD_CONNECT, FIELDS };

/**
 * struct hook - one proto that exists as long as the kernel
 * @prot: the proto; NULL if the kernel has none of the kind, or it is not found yet
 * @read_only: it is written by portres_tcp_mptcp_exchange()
 * @installed: our function is in it, for each field
 */
struct hook {
	struct proto *prot;
	bool read_only;
	bool installed[FIELDS];
};

/**
 * struct family - the protos of one family
 * @number: AF_INET or AF_INET6
 * @entry: our functions
 * @hooks: the protos; that of HOOK_BASE is NULL until all but that of HOOK_MPTCP are found
 */
struct family {
	int number;
	void *entry[FIELDS];
	struct hook hooks[HOOKS];
};

/* A copy has a function that is neither the kernel's nor ours. */
static bool hook_met_stranger;

static struct family families[PORTRES_TCP_FAMILIES] = {
	[PORTRES_TCP_V4] = {
		.number	= AF_INET,
		.entry	= { portres_tcp_get_port_v4, portres_tcp_connect_v4 },
		.hooks	= { [HOOK_MPTCP] = { .read_only = true } },
	},
	[PORTRES_TCP_V6] = {
		.number	= AF_INET6,
		.entry	= { portres_tcp_get_port_v6, portres_tcp_connect_v6 },
		.hooks	= { [HOOK_MPTCP] = { .read_only = true } },
	},
};

static struct portres_tcp_original *family_original(const struct family *family)
{
	return &portres_tcp_original[family - families];
}

static void **field_of(struct proto *prot, int field)
{
	return field == FIELD_GET_PORT ? (void **)&prot->get_port : (void **)&prot->connect;
}

static void *field_original(const struct family *family, int field)
{
	const struct portres_tcp_original *original = family_original(family);

	return field == FIELD_GET_PORT ? (void *)original->get_port : (void *)original->connect;
}

/* For the log. */
static const char *field_name(int field)
{
	return field == FIELD_GET_PORT ? "get_port" : "connect";
}

static bool family_exists(const struct family *family)
{
	return family->number == AF_INET || portres_has_ipv6();
}

/*
 * The entries call the originals: store those before anything is hooked, which is done by
 * cmpxchg().
 */
static int family_find(struct family *family)
{
	struct proto *copies[PORTRES_SOCKMAP_COPIES];
	struct socket *sock;
	struct proto *base;
	int i, err;

	err = sock_create_kern(&init_net, family->number, SOCK_STREAM, IPPROTO_TCP, &sock);
	if (err)
		return err;
	err = portres_sockmap_find(sock->sk, copies, PORTRES_SOCKMAP_COPIES);
	if (!err) {
		portres_sock_learn_destruct(sock->sk);
		base = sock->sk->sk_prot;
		WRITE_ONCE(family_original(family)->get_port, READ_ONCE(base->get_port));
		WRITE_ONCE(family_original(family)->connect, READ_ONCE(base->connect));
		for (i = 0; i < PORTRES_SOCKMAP_COPIES; i++)
			family->hooks[HOOK_SOCKMAP + i].prot = copies[i];
		family->hooks[HOOK_BASE].prot = base;
	}
	sock_release(sock);
	return err;
}

static void hook_meet_stranger(const struct proto *prot, int field, const void *held)
{
	if (!hook_met_stranger)
		pr_warn("%s: %s of a copy is %ps, which is left alone; no TCP port can be reserved\n",
			prot->name, field_name(field), held);
	hook_met_stranger = true;
}

static int hook_exchange(const struct hook *hook, int field, void *old, void *new)
{
	void **at = field_of(hook->prot, field);

	if (hook->read_only)
		return portres_tcp_mptcp_exchange(at, old, new);
	cmpxchg(at, old, new);
	return 0;
}

static int hook_install_field(const struct family *family, struct hook *hook, int field)
{
	const void *held;
	int err;

	if (hook->installed[field])
		return 0;
	err = hook_exchange(hook, field, field_original(family, field), family->entry[field]);
	if (err)
		return err;
	held = READ_ONCE(*field_of(hook->prot, field));
	hook->installed[field] = held == family->entry[field];
	if (!hook->installed[field])
		hook_meet_stranger(hook->prot, field, held);
	return 0;
}

static int hook_install_one(const struct family *family, struct hook *hook)
{
	int field, err = 0;

	for (field = 0; hook->prot && field < FIELDS && !err; field++)
		err = hook_install_field(family, hook, field);
	return err;
}

static void hook_install_copy(const struct family *family, struct proto *copy)
{
	struct hook hook = { .prot = copy };
	int field;

	for (field = 0; field < FIELDS; field++)
		if (READ_ONCE(*field_of(copy, field)))
			hook_install_field(family, &hook, field);
}

static int family_install_tls(const struct family *family)
{
	struct portres_tcp_tls tls;
	unsigned int i;
	int err;

	err = portres_tcp_tls_open(&tls, family->number);
	if (err)
		return err;
	for (i = 0; i < tls.count; i++)
		hook_install_copy(family, &tls.copies[i]);
	portres_tcp_tls_close(&tls);
	return 0;
}

static int family_find_mptcp(struct family *family)
{
	return portres_tcp_mptcp_find(family->hooks[HOOK_BASE].prot, family_original(family),
				      &family->hooks[HOOK_MPTCP].prot);
}

/* What cannot be guarded is no reason to do without the rest: see portres_tcp_hook_check(). */
static int family_install_mptcp(struct family *family)
{
	struct hook *hook = &family->hooks[HOOK_MPTCP];
	int err = 0;

	if (!portres_tcp_mptcp_exists(family->number))
		return 0;
	if (!hook->prot)
		err = family_find_mptcp(family);
	if (!err)
		err = hook_install_one(family, hook);
	if (err == -EOPNOTSUPP) {
		pr_warn_once("MPTCP cannot be guarded in this kernel: TCP ports can be reserved only where net.mptcp.enabled is 0\n");
		err = 0;
	}
	return err;
}

/**
 * portres_tcp_family_install - hook all protos of a family that exist and are not hooked yet
 * @which: PORTRES_TCP_V4 or PORTRES_TCP_V6
 * @guard_mptcp: those of MPTCP too
 *
 * The base first: whatever tls makes from it afterwards is hooked from its beginning. What it made
 * before is there when family_install_tls() looks.
 *
 * Context: process, sleeps. Loads no module.
 * Return: 0, also if the family does not exist, or a negative errno.
 */
int portres_tcp_family_install(int which, bool guard_mptcp)
{
	struct family *family = &families[which];
	int i, err = 0;

	if (!family_exists(family))
		return 0;
	if (!family->hooks[HOOK_BASE].prot)
		err = family_find(family);
	if (!err)
		err = hook_install_one(family, &family->hooks[HOOK_BASE]);
	for (i = HOOK_SOCKMAP; i < HOOKS && !err; i++)
		err = hook_install_one(family, &family->hooks[i]);
	if (!err)
		err = family_install_tls(family);
	return err || !guard_mptcp ? err : family_install_mptcp(family);
}

/**
 * portres_tcp_family_guards_mptcp - check whether no socket below MPTCP passes by the hook
 * @which: PORTRES_TCP_V4 or PORTRES_TCP_V6
 */
bool portres_tcp_family_guards_mptcp(int which)
{
	const struct family *family = &families[which];
	const struct hook *hook = &family->hooks[HOOK_MPTCP];

	return !family->hooks[HOOK_BASE].prot || !portres_tcp_mptcp_exists(family->number) ||
	       (hook->installed[FIELD_GET_PORT] && hook->installed[FIELD_CONNECT]);
}

/*
 * Another module may have replaced our function, and its own calls ours: leave the pointer
 * alone. What was never ours is none of our business.
 */
static bool hook_try_withdraw(const struct family *family, struct hook *hook, int field)
{
	void *original = field_original(family, field);
	const void *held;

	/* An error shows in what the field holds. */
	hook_exchange(hook, field, family->entry[field], original);
	held = READ_ONCE(*field_of(hook->prot, field));
	if (held == original)
		hook->installed[field] = false;
	return held != family->entry[field] && !hook->installed[field];
}

static void hook_tell_why(const struct family *family, const struct hook *hook, int field)
{
	const void *held = READ_ONCE(*field_of(hook->prot, field));

	if (held == family->entry[field])
		pr_alert("%s: unload is waiting: no memory to restore %s, trying again\n",
			 hook->prot->name, field_name(field));
	else
		pr_alert("%s: unload is waiting: %s was replaced by %ps, unload that module first\n",
			 hook->prot->name, field_name(field), held);
}

/*
 * A stacked hook prevents removal: poll until its module restores the pointer, and log the
 * reason once. A lack of memory ends by itself.
 */
static void hook_withdraw_wait(const struct family *family, struct hook *hook, int field)
{
	bool logged = false;

	while (!hook_try_withdraw(family, hook, field)) {
		if (!logged)
			hook_tell_why(family, hook, field);
		logged = true;
		msleep(100);
	}
}

static void hook_withdraw_one(const struct family *family, struct hook *hook)
{
	int field;

	for (field = 0; hook->prot && field < FIELDS; field++)
		hook_withdraw_wait(family, hook, field);
}

static int family_try_withdraw_tls(const struct family *family)
{
	struct portres_tcp_tls tls;
	unsigned int i;
	int field, err;

	err = portres_tcp_tls_open(&tls, family->number);
	if (err)
		return err;
	for (i = 0; i < tls.count; i++)
		for (field = 0; field < FIELDS; field++)
			cmpxchg(field_of(&tls.copies[i], field), family->entry[field],
				field_original(family, field));
	portres_tcp_tls_close(&tls);
	return 0;
}

static void family_withdraw_tls(const struct family *family)
{
	bool logged = false;
	int err;

	while ((err = family_try_withdraw_tls(family))) {
		if (!logged)
			pr_alert("unload is waiting: cannot look for sockets with TLS, error %d\n",
				 err);
		logged = true;
		msleep(100);
	}
}

/**
 * portres_tcp_family_withdraw - restore all protos of a family
 * @which: PORTRES_TCP_V4 or PORTRES_TCP_V6
 *
 * Those of TLS last, as they are made from the others.
 *
 * Context: process, sleeps, as long as a module that replaced our functions stays.
 */
void portres_tcp_family_withdraw(int which)
{
	struct family *family = &families[which];
	int i;

	if (!family->hooks[HOOK_BASE].prot)
		return;
	for (i = 0; i < HOOKS; i++)
		hook_withdraw_one(family, &family->hooks[i]);
	family_withdraw_tls(family);
}

/**
 * portres_tcp_family_met_stranger - check whether a copy was left alone
 */
bool portres_tcp_family_met_stranger(void)
{
	return READ_ONCE(hook_met_stranger);
}
