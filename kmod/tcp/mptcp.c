// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the copies of the protos of TCP that the TCP sockets below MPTCP have, and writes to them.
 *
 * The kernel makes a copy for each family at boot, with functions of its own for three fields, and
 * makes its data read-only then. No socket of the kernel leads there: those below an MPTCP socket
 * are found by MPTCP alone. But a TCP socket of the kernel can be given MPTCP's upper layer
 * protocol, which exchanges another table of functions; and what net/mptcp/subflow.c has to be
 * read-only lies together. So the copies are looked for in the neighbourhood of that table. A copy
 * is known by its content: whatever has the name, the size and the functions of TCP's proto there
 * is a copy of it.
 *
 * To write to it, its page is mapped a second time, for the time of the write. This is the only
 * place where the module writes to read-only data. What was written is read back at its own
 * address; whatever does not fit ends in an error, and then the caller has to do without.
 *
 * That is done on x86-64 and arm64; anywhere else there is an error at once.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/pfn.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <net/inet_connection_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "entry.h"
#include "mptcp.h"
#include "ulp.h"

/* What is read-only in subflow.c has less than 3 KB; KASAN adds a quarter. */
#define MPTCP_NEIGHBOURHOOD	4096

#define MPTCP_CAN_WRITE	(IS_ENABLED(CONFIG_X86_64) || IS_ENABLED(CONFIG_ARM64))

/**
 * portres_tcp_mptcp_exists - check whether the kernel has MPTCP for a family
 * @family: AF_INET or AF_INET6
 */
bool portres_tcp_mptcp_exists(int family)
{
	return family == AF_INET6 ? IS_ENABLED(CONFIG_MPTCP_IPV6) : IS_ENABLED(CONFIG_MPTCP);
}

/**
 * portres_tcp_mptcp_enabled - check whether a namespace has MPTCP
 * @net: the namespace
 * @enabled: set to the answer: whether a socket of MPTCP can be made there
 *
 * Return: 0 or a negative errno.
 */
int portres_tcp_mptcp_enabled(struct net *net, bool *enabled)
{
	struct socket *sock;
	int err;

	*enabled = false;
	/* The creation of a socket of an unknown protocol runs modprobe. */
	if (!portres_tcp_mptcp_exists(AF_INET))
		return 0;
	err = sock_create_kern(net, AF_INET, SOCK_STREAM, IPPROTO_MPTCP, &sock);
	if (err == -ENOPROTOOPT)
		return 0;
	if (err)
		return portres_tcp_socket_error(err);
	sock_release(sock);
	*enabled = true;
	return 0;
}

/* An address in the data of net/mptcp/subflow.c */
static int mptcp_neighbour(unsigned long *neighbour)
{
	struct socket *sock;
	int err;

	err = portres_tcp_ulp_open(AF_INET, "mptcp", &sock);
	if (err)
		return err == -ENOENT ? -EOPNOTSUPP : err;
	*neighbour = (unsigned long)inet_csk(sock->sk)->icsk_af_ops;
	sock_release(sock);
	return 0;
}

static bool mptcp_is_copy(const struct proto *prot, const struct proto *base,
			  const struct portres_tcp_original *original)
{
	return prot->get_port == original->get_port && prot->connect == original->connect &&
	       prot->close == base->close && prot->disconnect == base->disconnect &&
	       prot->accept == base->accept && prot->init == base->init &&
	       prot->destroy == base->destroy && prot->setsockopt == base->setsockopt &&
	       prot->sendmsg == base->sendmsg && prot->recvmsg == base->recvmsg &&
	       prot->hash == base->hash && prot->unhash == base->unhash &&
	       prot->release_cb != base->release_cb && prot->obj_size == base->obj_size &&
	       !memcmp(prot->name, base->name, sizeof(prot->name));
}

/* Most addresses hold no get_port: look at more only where one does. */
static bool mptcp_is_copy_at(unsigned long at, const struct proto *base,
			     const struct portres_tcp_original *original)
{
	const struct proto *prot = (const struct proto *)at;
	portres_get_port_t get_port;
	struct proto found;

	return !copy_from_kernel_nofault(&get_port, &prot->get_port, sizeof(get_port)) &&
	       get_port == original->get_port &&
	       !copy_from_kernel_nofault(&found, prot, sizeof(found)) &&
	       mptcp_is_copy(&found, base, original);
}

/**
 * portres_tcp_mptcp_find - find the copy of a proto
 * @base: the proto of TCP
 * @original: what it had before it was hooked, as the copy still has
 * @copy: set to the copy, if there is exactly one
 *
 * Context: process, sleeps.
 * Return: 0; -EOPNOTSUPP if it is not found or cannot be written; -ENOMEM.
 */
int portres_tcp_mptcp_find(const struct proto *base, const struct portres_tcp_original *original,
			   struct proto **copy)
{
	unsigned long neighbour, at, n = 0;
	int err;

	if (!MPTCP_CAN_WRITE)
		return -EOPNOTSUPP;
	err = mptcp_neighbour(&neighbour);
	if (err)
		return err;
	neighbour = round_down(neighbour, sizeof(void *));
	for (at = neighbour - MPTCP_NEIGHBOURHOOD; at < neighbour + MPTCP_NEIGHBOURHOOD;
	     at += sizeof(void *)) {
		if (!mptcp_is_copy_at(at, base, original))
			continue;
		*copy = (struct proto *)at;
		n++;
	}
	return n == 1 ? 0 : -EOPNOTSUPP;
}

/**
 * portres_tcp_mptcp_exchange - exchange a pointer in a copy
 * @at: the field
 * @old: what it holds; if it holds anything else, that is left alone
 * @new: what it holds then
 *
 * Context: process, sleeps.
 * Return: 0, whether it was exchanged or not; -ENOMEM; -EOPNOTSUPP if it cannot be written.
 */
int portres_tcp_mptcp_exchange(void **at, void *old, void *new)
{
	unsigned long pfn = PHYS_PFN(__pa_symbol(at));
	struct page *page;
	void *alias, **to;
	void *held = NULL;

	if (!MPTCP_CAN_WRITE || !pfn_valid(pfn))
		return -EOPNOTSUPP;
	page = pfn_to_page(pfn);
	alias = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	if (!alias)
		return -ENOMEM;
	to = alias + offset_in_page(at);
	if (READ_ONCE(*to) == old && READ_ONCE(*at) == old)
		held = cmpxchg(to, old, new);
	vunmap(alias);
	return held == old && READ_ONCE(*at) != new ? -EOPNOTSUPP : 0;
}
