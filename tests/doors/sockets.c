// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets on their way: opened, bound, connected, shut down, closed, inherited. What TCP adds is in
 * connections.c.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chance.h"
#include "doors.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

struct sock *draw_sock(struct world *world, int protocol)
{
	unsigned int start = draw(SOCKS), i;

	for (i = 0; i < SOCKS; i++) {
		struct sock *sock = &world->socks[(start + i) % SOCKS];

		if (sock->fd >= 0 && (!protocol || sock->protocol == protocol))
			return sock;
	}
	return NULL;
}

struct sock *free_sock(struct world *world)
{
	size_t i;

	for (i = 0; i < SOCKS; i++)
		if (world->socks[i].fd < 0)
			return &world->socks[i];
	return NULL;
}

static void open_one(struct world *world)
{
	struct sock *sock = free_sock(world);

	if (!sock)
		return;
	memset(sock, 0, sizeof(*sock));
	sock->protocol = draw_protocol();
	sock->family = once_in(2) ? AF_INET : AF_INET6;
	netns_enter(world->netns);
	sock->fd = socket_of(sock->protocol, sock->family);
}

/* With it ends what was acquired on it. No connection is left in TIME_WAIT. */
void sock_close(struct world *world, struct sock *sock)
{
	size_t i = world->n_blocks;

	note("close socket %td", sock - world->socks);
	sock_drop(sock->fd);
	sock->fd = -1;
	while (i--) {
		const struct block *block = &world->blocks[i];

		if (block->runtime && block->holder == sock - world->socks)
			model_del(world, block);
	}
	lose_peer(sock);
}

void socks_close(struct world *world)
{
	size_t i;

	for (i = 0; i < SOCKS; i++)
		if (world->socks[i].fd >= 0)
			sock_close(world, &world->socks[i]);
}

void sock_lose_port(struct sock *sock)
{
	if (sock->locked)
		return;
	sock->port = 0;
	sock->shared = false;
}

/* A port of a block is chosen for a socket as if it were bound to it. */
static int judge_block(const struct world *world, const struct block *mine, uid_t uid)
{
	unsigned int end = mine->first + mine->count;
	unsigned int allowed = is_admin(world, uid) ? 0 : UNPRIVILEGED;
	unsigned int port = mine->first > allowed ? mine->first : allowed;

	if (!find_token(world, mine->token))
		return EADDRNOTAVAIL;
	if (port >= end)
		return EACCES;
	for (; port < end; port++)
		if (!in_use(world, mine->protocol, port, 1))
			return 0;
	return EADDRINUSE;
}

int judge_any(const struct world *world, const struct sock *sock, uid_t uid)
{
	unsigned int port;

	if (sock->associated)
		return judge_block(world, &sock->mine, uid);
	for (port = LOW; port <= HIGH; port++)
		if (!in_use(world, sock->protocol, port, 1) &&
		    !find_port(world, sock->protocol, port))
			return 0;
	return EADDRINUSE;
}

/* The port of one that listens or is connected counts, too: it has one. */
static int judge_bind(const struct world *world, const struct sock *sock, struct actor who,
		      unsigned int port)
{
	const struct block *mine = &sock->mine, *block;

	if (port && port < UNPRIVILEGED && !is_admin(world, who.uid))
		return EACCES;
	if (sock->port || sock->state == CONNECTED)
		return EINVAL;
	if (!port)
		return judge_any(world, sock, who.uid);
	if (sock->associated && (!find_token(world, mine->token) || port < mine->first ||
				 port >= mine->first + mine->count))
		return EADDRNOTAVAIL;
	block = find_port(world, sock->protocol, port);
	if (!sock->associated && block && !is_granted(block, who))
		return world->values[DENIED_ERRNO];
	return in_use(world, sock->protocol, port, 1) ? EADDRINUSE : 0;
}

void learn_port(struct world *world, struct sock *sock)
{
	unsigned int port = sock_port(sock->fd);
	const struct block *block = find_port(world, sock->protocol, port);

	if (!port)
		wrong("a socket that was bound has no port");
	if (in_use(world, sock->protocol, port, 1))
		wrong("the port %u has two sockets", port);
	if (sock->associated ? !block || block->token != sock->mine.token :
	    block || port < LOW || port > HIGH)
		wrong("the port %u was chosen", port);
	sock->port = port;
}

static void bind_one(struct world *world, struct sock *sock)
{
	struct actor who = draw_actor();
	unsigned int port = once_in(4) ? 0 : draw_from(FIRST_PORT, LAST_PORT);
	union sock_addr addr;
	int wanted, error;

	if (sock->associated && once_in(2))
		port = sock->mine.first + draw(sock->mine.count + 1);
	if (once_in(16))
		port = (uint16_t)draw_edge();
	port &= 0xffff;
	wanted = judge_bind(world, sock, who, port);
	note("user %u binds socket %td to %u", who.uid, sock - world->socks, port);
	addr = sock_addr(sock->family, sock->family == AF_INET ? "0.0.0.0" : "::", port);
	error = -call_as(who, SYS_bind, sock->fd, (long)memcpy(arena, &addr, sizeof(addr)),
			 sizeof(addr), 0, 0);
	expect(error, wanted, "bind");
	if (error)
		return;
	sock->locked = port;
	if (port)
		sock->port = port;
	else
		learn_port(world, sock);
}

/* connect() and sendto() bind what is not bound. */
static void connect_datagram(struct world *world, struct sock *sock)
{
	const char *peer = sock->family == AF_INET ? "127.0.0.1" : "::1";
	bool to_connect = sock->state == CONNECTED || sock->shut || once_in(2);
	int error, wanted = 0;

	note("%s socket %td", to_connect ? "connect" : "send on", sock - world->socks);
	if (!sock->port && judge_any(world, sock, 0))
		wanted = EAGAIN;
	error = to_connect ? sock_connect(sock->fd, peer, 9) : sock_sendto(sock->fd, peer, 9);
	expect(error, wanted, "an implicit bind");
	if (error)
		return;
	if (!sock->port)
		learn_port(world, sock);
	sock->state = to_connect ? CONNECTED : IDLE;
}

static void connect_one(struct world *world, struct sock *sock)
{
	if (sock->protocol == IPPROTO_TCP)
		connect_stream(world, sock);
	else
		connect_datagram(world, sock);
}

static void shut_down(struct sock *sock)
{
	if (sock->protocol == IPPROTO_TCP)
		return shut_down_stream(sock);
	shutdown(sock->fd, draw(3));
	sock->shut = true;
}

/* TCP still shows the port that a socket has lost. */
static void disconnect_one(struct world *world, struct sock *sock)
{
	note("disconnect socket %td", sock - world->socks);
	expect(sock_disconnect(sock->fd), 0, "disconnect");
	if (sock->protocol == IPPROTO_TCP)
		disconnect_stream(sock);
	else
		sock_lose_port(sock);
	sock->state = IDLE;
	if ((sock->port || sock->protocol == IPPROTO_UDP) && sock_port(sock->fd) != sock->port)
		wrong("the port is %u, not %u", sock_port(sock->fd), sock->port);
}

/* A child has the sockets, but not what its parent has acquired on them. */
static void inherit(struct world *world)
{
	const struct block *block = world->n_blocks ? &world->blocks[draw(world->n_blocks)] : NULL;
	int status;
	pid_t pid;

	if (!block || !block->runtime)
		return;
	note("a child releases");
	fflush(stdout);
	pid = fork();
	must(pid < 0 ? errno : 0, "cannot fork");
	if (!pid)
		_exit(release(world->socks[block->holder].fd, block->token));
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		wrong("the child died");
	else
		expect(WEXITSTATUS(status), EACCES, "a child's release");
}

void sock_input(struct world *world)
{
	struct sock *sock = draw_sock(world, 0);
	unsigned int what = draw(100);

	if (!sock || what < 28)
		open_one(world);
	else if (what < 55)
		bind_one(world, sock);
	else if (what < 71)
		connect_one(world, sock);
	else if (what < 77)
		listen_one(world, draw_sock(world, IPPROTO_TCP));
	else if (what < 84)
		disconnect_one(world, sock);
	else if (what < 86)
		shut_down(sock);
	else if (what < 88)
		inherit(world);
	else
		sock_close(world, sock);
}
