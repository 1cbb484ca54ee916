// SPDX-License-Identifier: GPL-2.0-only
/*
 * What prevents the creation of a block of TCP ports: each use of one of them, wherever in the
 * block, is named by the message, and the creation that failed leaves nothing. The same use of the
 * port before the block or after it prevents nothing, nor does that in another network namespace,
 * nor a connection that a server has left in TIME_WAIT.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"
#include "tcp_uses.h"

#define COUNT 5
#define STEP 10		/* ports from one block to the next */
#define SERVER 4000

/*
 * The kernel's hash table mixes the network namespace in: whether the module tells two of them
 * apart is only seen if they happen to share buckets, of which there are some 8000.
 */
#define NAMESPACES 300
#define NAMESPACES_SLOW 30

static struct client client;
static unsigned int first = 5000;	/* of the next block: no port is in TIME_WAIT there */
static int family;
static const char *where;

/* How the message names a use. */
static const char *word_for(const struct tcp_use *use)
{
	switch (use->state) {
	case TCP_CLOSE:
		return "a socket is bound to a port";
	case TCP_LISTEN:
		return "a socket listens on a port";
	case TCP_TIME_WAIT:
		return "is in TIME_WAIT";
	default:
		return "a port of the block has a connection";
	}
}

static bool is_refused(const char *word)
{
	struct answer answer = { 0 };
	struct request rq;
	int error;

	request_init(&rq, PORTRES_CMD_CREATE, 0);
	request_u8(&rq, PORTRES_A_PROTOCOL, IPPROTO_TCP);
	request_u16(&rq, PORTRES_A_FIRST, first);
	request_u16(&rq, PORTRES_A_COUNT, COUNT);
	error = client_call(&client, &rq, &answer);
	if (error == EADDRINUSE && strstr(answer.text, word))
		return true;
	tap_diag("%s: %s", errno_name(error), answer.text);
	return false;
}

/* No port of the block is reserved, and one that is not in use can be bound. */
static bool is_nothing_left(unsigned int port)
{
	const unsigned int other = port == first ? first + 1 : first;
	unsigned int i;

	for (i = 0; i < COUNT; i++)
		if (get_port(&client, first + i, NULL) != ENOENT)
			return false;
	return get_block(&client, first, COUNT, NULL) == ENOENT &&
	       !try_port_of(IPPROTO_TCP, AF_INET, other) &&
	       !try_port_of(IPPROTO_TCP, AF_INET6, other);
}

static bool is_created(void *arg)
{
	(void)arg;
	return !reserve(&client, first, COUNT, NULL, NO_OWNER, NULL);
}

static void inside(const struct tcp_use *use, unsigned int port, const char *which)
{
	tcp_use_begin(use, port);
	tap_ok(is_refused(word_for(use)), "%s%s, the %s port: refused, and the text says why",
	       use->name, where, which);
	tap_ok(is_nothing_left(port), "%s%s, the %s port: nothing is reserved then", use->name,
	       where, which);
	tcp_use_end();
	if (use->state != TCP_TIME_WAIT) {
		tap_ok(wait_until(is_created, NULL, 10000),
		       "%s%s, the %s port: created when it is not in use any more", use->name,
		       where, which);
		must(unreserve(&client, first, COUNT), "cannot delete");
	}
	first += STEP;
}

static void outside(const struct tcp_use *use, unsigned int port, const char *which)
{
	int error;

	tcp_use_begin(use, port);
	error = reserve(&client, first, COUNT, NULL, NO_OWNER, NULL);
	tap_errno(error, 0, "%s%s, the port %s the block: created", use->name, where, which);
	if (!error)
		must(unreserve(&client, first, COUNT), "cannot delete");
	tcp_use_end();
	first += STEP;
}

static void each_use(enum tcp_place place, const char *name)
{
	const struct tcp_use *use;

	where = name;
	if (!tcp_uses_begin(place, family, SERVER)) {
		tap_skip("this kernel has none", "ports in use%s", where);
		return;
	}
	for (use = tcp_uses; use < tcp_uses + TCP_USES; use++) {
		if (!(use->places & place))
			continue;
		inside(use, first, "first");
		inside(use, first + COUNT / 2, "middle");
		inside(use, first + COUNT - 1, "last");
		outside(use, first - 1, "before");
		outside(use, first + COUNT, "after");
	}
	tcp_uses_end();
}

static int open_reusing(void)
{
	int fd = tcp_socket(family);

	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	return fd;
}

/* Listens, accepts a connection, closes it, and ends. */
static int serve_once(int listener, unsigned int port)
{
	int fd = tcp_socket(family), error;

	error = sock_bind_any(listener, port) ?: (listen(listener, 1) ? errno : 0);
	if (!error)
		error = sock_connect(fd, family == AF_INET ? "127.0.0.1" : "::1", port);
	if (!error)
		close(accept(listener, NULL, NULL));
	close(fd);
	close(listener);
	return error;
}

/* The port of a server that was just stopped is reserved for it, and it starts again. */
static void of_a_server(void)
{
	unsigned int port = first + COUNT / 2;
	uint64_t token;
	int fd;

	must(serve_once(open_reusing(), port), "no server");
	tcp_await_state(family, port, TCP_TIME_WAIT);
	tap_errno(reserve(&client, first, COUNT, NULL, NO_OWNER, &token), 0,
		  "TIME_WAIT of a server's own: created");
	tcp_await_state(family, port, TCP_TIME_WAIT);
	fd = open_reusing();
	tap_errno(sock_bind_any(fd, port), EADDRINUSE, "TIME_WAIT of a server's own: a stranger");
	must(associate(fd, token), "cannot associate");
	tap_errno(serve_once(fd, port), 0, "TIME_WAIT of a server's own: it serves again");
	must(unreserve(&client, first, COUNT), "cannot delete");
	first += STEP;
}

static void for_family(int number)
{
	family = number;
	tap_diag("family %s", number == AF_INET ? "v4" : "v6");
	each_use(TCP_HERE, "");
	each_use(TCP_IN_VRF, ", in a VRF");
	each_use(TCP_OF_MPTCP, ", of MPTCP");
	of_a_server();
}

/* Creates the block in a network namespace of its own, and leaves one of its ports in use there. */
static bool creates_elsewhere(int *fd)
{
	struct client there;
	int error;

	new_netns();
	must(client_open(&there), "no client");
	there.protocol = IPPROTO_TCP;
	error = reserve(&there, first, COUNT, NULL, NO_OWNER, NULL);
	if (!error)
		must(unreserve(&there, first, COUNT), "cannot delete");
	client_close(&there);
	*fd = tcp_socket(AF_INET);
	must(sock_bind_any(*fd, first + 1), "cannot bind");
	must(listen(*fd, 1) ? errno : 0, "cannot listen");
	return !error;
}

static void elsewhere(void)
{
	int n = kernel_is_slow() ? NAMESPACES_SLOW : NAMESPACES, home = netns_get();
	int fds[NAMESPACES], i, created = 0;

	for (i = 0; i < n; i++)
		created += creates_elsewhere(&fds[i]);
	netns_enter(home);
	tap_num(created, n, "a listener in other network namespaces: created in each of them");
	while (n)
		close(fds[--n]);
	close(home);
}

int main(void)
{
	new_netns();
	tcp_uses_init();
	module_load();
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
	for_family(AF_INET);
	for_family(AF_INET6);
	elsewhere();
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
