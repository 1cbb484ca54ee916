// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the copies of a proto of TCP that sockets get with TLS: one for each way to send and each
 * way to receive, in the data of the tls module. A TLS socket that was disconnected keeps its copy
 * and can bind again.
 *
 * The module makes the copies of a family for its first socket, and again for a socket that comes
 * from another proto, such as one in a sockmap, always from what that proto holds at the moment. It
 * can be loaded and unloaded at any time. So nothing is remembered of the copies: a caller that
 * needs them looks for them again, and holds the module meanwhile.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/net.h>
#include <net/sock.h>
#if IS_ENABLED(CONFIG_TLS)
#include <net/tls.h>
#endif

#include "tls.h"
#include "ulp.h"

#if IS_ENABLED(CONFIG_TLS)
#define TLS_COPIES	(TLS_NUM_CONFIG * TLS_NUM_CONFIG)

/*
 * A new TLS socket has the first copy of the array; where there is hardware that does all of TCP,
 * the last one.
 */
static struct proto *tls_copies(const struct sock *sk)
{
#ifdef CONFIG_TLS_TOE
	if (sk->sk_prot->hash != sk->sk_prot_creator->hash)
		return sk->sk_prot - (TLS_COPIES - 1);
#endif
	return sk->sk_prot;
}

/**
 * portres_tcp_tls_open - find the copies of a family
 * @tls: filled in
 * @family: AF_INET or AF_INET6, which must exist
 *
 * Loads no module. The copies exist when it returns: to ask for one makes them.
 *
 * Context: process, sleeps.
 * Return: 0, also if TLS is not loaded; or a negative errno.
 */
int portres_tcp_tls_open(struct portres_tcp_tls *tls, int family)
{
	int err;

	*tls = (struct portres_tcp_tls){};
	err = portres_tcp_ulp_open(family, "tls", &tls->sock);
	if (err) {
		tls->sock = NULL;
		return err == -ENOENT ? 0 : err;
	}
	tls->copies = tls_copies(tls->sock->sk);
	tls->count = TLS_COPIES;
	return 0;
}
#else
int portres_tcp_tls_open(struct portres_tcp_tls *tls, int family)
{
	*tls = (struct portres_tcp_tls){};
	return 0;
}
#endif

/**
 * portres_tcp_tls_close - let the copies of a family go
 * @tls: what portres_tcp_tls_open() has filled in
 */
void portres_tcp_tls_close(struct portres_tcp_tls *tls)
{
	if (tls->sock)
		sock_release(tls->sock);
}
