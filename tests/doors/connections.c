// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP sockets that listen, connect, are accepted and reset. All connections are of loopback, to
 * servers of the world or to its sockets that listen, and what is accepted is one of its sockets.
 *
 * Each connection ends by a reset: none is left in TIME_WAIT, and its ports are free at once.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "chance.h"
#include "doors.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define BACKLOG 16
#define PATIENCE 10000	/* milliseconds that a reset may take */

static unsigned int server_port(int family)
{
	return family == AF_INET ? SERVER_V4 : SERVER_V6;
}

static int server_open(int family)
{
	int fd = tcp_socket(family);

	must(sock_bind_any(fd, server_port(family)), "cannot bind a server");
	must(listen(fd, BACKLOG) ? errno : 0, "no server");
	return fd;
}

void servers_open(struct world *world)
{
	world->servers[0] = server_open(AF_INET);
	world->servers[1] = server_open(AF_INET6);
}

void servers_close(struct world *world)
{
	close(world->servers[0]);
	close(world->servers[1]);
}

/* One with a port has to have it alone: a connection that it has accepted has it as well. */
static int judge_listen(const struct world *world, const struct sock *sock, struct actor who)
{
	size_t i;

	if (sock->state != IDLE)
		return sock->state == LISTENING ? 0 : EINVAL;
	if (!sock->port)
		return judge_any(world, sock, who.uid);
	for (i = 0; i < SOCKS; i++) {
		const struct sock *other = &world->socks[i];

		if (other != sock && other->fd >= 0 && other->protocol == IPPROTO_TCP &&
		    other->port == sock->port)
			return EADDRINUSE;
	}
	return 0;
}

void listen_one(struct world *world, struct sock *sock)
{
	struct actor who = draw_actor();
	int error, wanted;

	if (!sock)
		return;
	note("user %u listens on socket %td", who.uid, sock - world->socks);
	wanted = judge_listen(world, sock, who);
	error = -call_as(who, SYS_listen, sock->fd, BACKLOG, 0, 0, 0);
	expect(error, wanted, "listen");
	if (error)
		return;
	if (!sock->port)
		learn_port(world, sock);
	sock->state = LISTENING;
}

/*
 * connect() takes a port that nobody has, or that other connections have for which connect() has
 * chosen it as well, if none of them is between the same addresses and ports.
 */
static bool may_connect_from(const struct world *world, const struct sock *sock,
			     unsigned int port, unsigned int peer_port)
{
	size_t i;

	for (i = 0; i < SOCKS; i++) {
		const struct sock *other = &world->socks[i];

		if (other == sock || other->fd < 0 || other->protocol != IPPROTO_TCP ||
		    other->port != port)
			continue;
		if (!other->shared ||
		    (other->family == sock->family && other->peer_port == peer_port))
			return false;
	}
	return !find_port(world, IPPROTO_TCP, port);
}

bool may_connect(const struct world *world, const struct sock *sock, unsigned int peer_port)
{
	unsigned int port;

	if (sock->associated)
		return !judge_any(world, sock, 0);
	for (port = LOW; port <= HIGH; port++)
		if (may_connect_from(world, sock, port, peer_port))
			return true;
	return false;
}

/* One of the world's sockets of that family that listen, or NULL. */
static struct sock *draw_listener(struct world *world, int family)
{
	unsigned int start = draw(SOCKS), i;

	for (i = 0; i < SOCKS; i++) {
		struct sock *sock = &world->socks[(start + i) % SOCKS];

		if (sock->fd >= 0 && sock->state == LISTENING && sock->family == family)
			return sock;
	}
	return NULL;
}

static void learn_connected(struct world *world, struct sock *sock, unsigned int peer_port)
{
	unsigned int port = sock_port(sock->fd);

	if (sock->associated)
		return learn_port(world, sock);
	if (port < LOW || port > HIGH || !may_connect_from(world, sock, port, peer_port))
		wrong("connect() has chosen the port %u", port);
	sock->port = port;
	sock->shared = true;
}

/* What accept() returns has the port of the socket that listens, and nothing else of it. */
static void accept_one(struct sock *peer, int listener, struct sock *sock)
{
	memset(sock, 0, sizeof(*sock));
	sock->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	must(sock->fd < 0 ? errno : 0, "cannot accept");
	sock->protocol = IPPROTO_TCP;
	sock->family = peer->family;
	sock->state = CONNECTED;
	sock->port = peer->peer_port;
	sock->peer_port = peer->port;
	sock->peer = peer;
	peer->peer = sock;
	if (sock_port(sock->fd) != sock->port)
		wrong("a socket that was accepted has the port %u", sock_port(sock->fd));
}

static int judge_connect(const struct world *world, const struct sock *sock,
			 unsigned int peer_port)
{
	if (sock->state != IDLE)
		return EISCONN;
	if (!sock->port && !may_connect(world, sock, peer_port))
		return EADDRNOTAVAIL;
	return peer_port == CLOSED_PORT ? ECONNREFUSED : 0;
}

static void connect_to(struct world *world, struct sock *sock, int listener,
		       unsigned int peer_port)
{
	struct sock *accepted = free_sock(world);
	int error, wanted = judge_connect(world, sock, peer_port);

	if (!accepted)
		return;
	note("connect socket %td to %u", sock - world->socks, peer_port);
	error = sock_connect(sock->fd, sock->family == AF_INET ? "127.0.0.1" : "::1", peer_port);
	expect(error, wanted, "connect");
	if (error == ECONNREFUSED)
		sock_lose_port(sock);
	if (error || wanted)
		return;
	if (!sock->port)
		learn_connected(world, sock, peer_port);
	sock->peer_port = peer_port;
	sock->state = CONNECTED;
	accept_one(sock, listener, accepted);
}

void connect_stream(struct world *world, struct sock *sock)
{
	struct sock *listener = once_in(2) ? draw_listener(world, sock->family) : NULL;

	if (listener)
		connect_to(world, sock, listener->fd, listener->port);
	else if (!once_in(6))
		connect_to(world, sock, world->servers[sock->family == AF_INET6],
			   server_port(sock->family));
	else if (!in_use(world, IPPROTO_TCP, CLOSED_PORT, 1))
		connect_to(world, sock, -1, CLOSED_PORT);
}

static bool is_closed(void *arg)
{
	return tcp_state(*(int *)arg) == TCP_CLOSE;
}

void lose_peer(struct sock *sock)
{
	struct sock *peer = sock->peer;

	if (!peer)
		return;
	sock->peer = NULL;
	peer->peer = NULL;
	if (!wait_until(is_closed, &peer->fd, PATIENCE))
		wrong("a connection is not reset");
	peer->state = RESET;
	sock_lose_port(peer);
}

/* One that was neither connected nor listening keeps its port. */
void disconnect_stream(struct sock *sock)
{
	if (sock->state == LISTENING || sock->state == CONNECTED)
		sock_lose_port(sock);
	lose_peer(sock);
}

/* A connection would go on in one direction, and end in TIME_WAIT: only what listens is shut. */
void shut_down_stream(struct sock *sock)
{
	int how = draw(3);

	if (sock->state != LISTENING)
		return;
	note("shut down a socket that listens");
	expect(shutdown(sock->fd, how) ? errno : 0, 0, "shutdown");
	if (how == SHUT_WR)
		return;
	sock_lose_port(sock);
	sock->state = IDLE;
}
