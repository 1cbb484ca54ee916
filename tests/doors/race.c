// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two inputs at the same time, one by each process. Which comes first is open; what may come of
 * it is not.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "chance.h"
#include "doors.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

static const struct actor other = { 0, 1 };

/* A socket is closed while it acquires, or is associated: nothing is left of it. */
static void close_in_use(struct world *world)
{
	struct portres_association *block = (void *)arena;
	bool to_acquire = once_in(2);
	socklen_t *len = (void *)(arena + 2048);
	int fd, protocol = draw_protocol();

	netns_enter(world->netns);
	fd = socket_of(protocol, once_in(2) ? AF_INET : AF_INET6);
	note("close a socket while it %s", to_acquire ? "acquires" : "is associated");
	*block = (struct portres_association){ .count = 1 + draw(8) };
	*len = sizeof(*block);
	if (to_acquire) {
		call_begin(other, SYS_getsockopt, fd, SOL_IP, PORTRES_SO_ACQUIRE, (long)block,
			   (long)len);
	} else {
		block->token = draw_token(world);
		call_begin(other, SYS_setsockopt, fd, SOL_IP, PORTRES_SO_ASSOCIATE, (long)block,
			   sizeof(block->token));
	}
	close(fd);
	if (!call_end() && to_acquire) {
		tally_of(world, protocol)->made++;
		tally_of(world, protocol)->ended++;
	}
}

/* A block is released while its holder is closed: it is gone, and it was told once. */
static void release_and_close(struct world *world)
{
	struct sock *sock;
	uint64_t *token = (void *)arena;
	size_t i = 0;
	long its;

	while (i < world->n_blocks && (!world->blocks[i].runtime || !world->blocks[i].process))
		i++;
	if (i == world->n_blocks)
		return;
	sock = draw_sock(world, world->blocks[i].protocol);
	*token = world->blocks[i].token;
	note("release %#llx while its holder is closed", (unsigned long long)*token);
	call_begin(other, SYS_setsockopt, sock->fd, SOL_IP, PORTRES_SO_RELEASE, (long)token,
		   sizeof(*token));
	sock = &world->socks[world->blocks[i].holder];
	sock_close(world, sock);
	its = call_end();
	if (find_token(world, *token) || (its && its != -EINVAL && its != -EBADF))
		wrong("release answers %ld", its);
}

static void judge_both(const struct world *world, const char *what, int error, long bound)
{
	if (!error && !bound)
		wrong("both have got the port");
	if ((error && error != EADDRINUSE) ||
	    (bound && bound != (long)world->values[DENIED_ERRNO] && bound != EADDRINUSE))
		wrong("%s answers %s, bind %s", what, errno_name(error), errno_name(bound));
}

/*
 * A stranger binds what is being reserved: one of them gets it. Or the port of the other protocol:
 * that is another one.
 */
static void bind_what_comes(struct world *world)
{
	unsigned int port = draw_from(FIRST_PORT, LAST_PORT);
	int fd, error, protocol = draw_protocol(), reserved = draw_protocol();
	union sock_addr *addr = (void *)arena;
	uint64_t token;
	long bound;

	if (overlaps(world, protocol, port, 1) || in_use(world, protocol, port, 1) ||
	    overlaps(world, reserved, port, 1) || in_use(world, reserved, port, 1))
		return;
	netns_enter(world->netns);
	fd = socket_of(protocol, AF_INET);
	*addr = sock_addr(AF_INET, "0.0.0.0", port);
	note("bind %u of protocol %d while that of %d is reserved", port, protocol, reserved);
	call_begin((struct actor){ OWNER_UID, 1 }, SYS_bind, fd, (long)addr, sizeof(*addr), 0, 0);
	error = reserve(client_of(world, reserved), port, 1, NULL, NO_OWNER, &token);
	bound = -call_end();
	close(fd);
	if (reserved == protocol)
		judge_both(world, "create", error, bound);
	else if (error || bound)
		wrong("create answers %s, bind %s", errno_name(error), errno_name(bound));
	if (!error)
		model_add_plain(world, reserved, port, 1, token);
}

/* A connection takes a port of the range, and one is reserved: it gets that or another one. */
static void connect_from_what_comes(struct world *world)
{
	struct sock sock = { .protocol = IPPROTO_TCP, .family = AF_INET };
	unsigned int port = draw_from(LOW, HIGH), its = 0;
	union sock_addr *addr = (void *)arena;
	uint64_t token;
	int error;
	long connected;

	if (overlaps(world, IPPROTO_TCP, port, 1) || in_use(world, IPPROTO_TCP, port, 1))
		return;
	netns_enter(world->netns);
	sock.fd = tcp_socket(AF_INET);
	*addr = sock_addr(AF_INET, "127.0.0.1", SERVER_V4);
	note("connect while %u is reserved", port);
	call_begin(other, SYS_connect, sock.fd, (long)addr, sizeof(addr->v4), 0, 0);
	error = reserve(client_of(world, IPPROTO_TCP), port, 1, NULL, NO_OWNER, &token);
	connected = -call_end();
	if (!error)
		model_add_plain(world, IPPROTO_TCP, port, 1, token);
	if (!connected) {
		its = sock_port(sock.fd);
		sock_drop(accept4(world->servers[0], NULL, NULL, SOCK_CLOEXEC));
	}
	sock_drop(sock.fd);
	if ((error && error != EADDRINUSE) || (connected && connected != EADDRNOTAVAIL))
		wrong("create answers %s, connect %s", errno_name(error), errno_name(connected));
	else if (!error == (its == port))
		wrong("the port is %s, and that of the connection %u",
		      error ? "not reserved" : "reserved", its);
	else if (connected && may_connect(world, &sock, SERVER_V4))
		wrong("connect finds no port");
}

/* A token is used while what it names is deleted: the socket gets no port of it afterwards. */
static void associate_what_goes(struct world *world)
{
	uint64_t *token = (void *)arena;
	struct block block;
	size_t i = 0;
	long answer;
	int fd;

	while (i < world->n_blocks && world->blocks[i].runtime)
		i++;
	if (i == world->n_blocks)
		return;
	block = world->blocks[i];
	*token = block.token;
	netns_enter(world->netns);
	fd = socket_of(block.protocol, AF_INET6);
	note("associate with %u+%u while it is deleted", block.first, block.count);
	call_begin(other, SYS_setsockopt, fd, SOL_IP, PORTRES_SO_ASSOCIATE, (long)token,
		   sizeof(*token));
	expect(unreserve(client_of(world, block.protocol), block.first, block.count), 0, "delete");
	answer = call_end();
	model_del(world, &world->blocks[i]);
	if (answer && answer != -EINVAL)
		wrong("associate answers %ld", answer);
	if (!answer)
		expect(sock_bind_any(fd, block.first), EADDRNOTAVAIL, "a bind afterwards");
	close(fd);
}

static const struct block *draw_growing(struct world *world)
{
	unsigned int start = draw(world->n_blocks + 1), i;

	for (i = 0; i < world->n_blocks; i++) {
		const struct block *block = &world->blocks[(start + i) % world->n_blocks];
		unsigned int port = block->first + block->count;

		if (!block->runtime && port >= FIRST_PORT && port <= LAST_PORT &&
		    !overlaps(world, block->protocol, port, 1) &&
		    !in_use(world, block->protocol, port, 1) &&
		    !grants_have(block->grants, OWNER_UID))
			return block;
	}
	return NULL;
}

/* A stranger binds the port that a reservation grows to: one of them gets it. */
static void bind_what_it_grows_to(struct world *world)
{
	const struct block *block = draw_growing(world);
	union sock_addr *addr = (void *)arena;
	unsigned int port;
	struct block now;
	int fd, error;
	long bound;

	if (!block)
		return;
	now = *block;
	port = now.first + now.count++;
	netns_enter(world->netns);
	fd = socket_of(block->protocol, AF_INET);
	*addr = sock_addr(AF_INET, "0.0.0.0", port);
	note("bind %u while %u+%u grows to it", port, block->first, block->count);
	call_begin((struct actor){ OWNER_UID, 1 }, SYS_bind, fd, (long)addr, sizeof(*addr), 0, 0);
	error = set_block(&world->clients[0], now.token, now.first, now.count);
	bound = -call_end();
	close(fd);
	judge_both(world, "set", error, bound);
	if (!error)
		model_change(world, block, &now);
}

void race_input(struct world *world)
{
	switch (draw(6)) {
	case 3:
		return bind_what_it_grows_to(world);
	case 4:
		return connect_from_what_comes(world);
	case 0:
		return close_in_use(world);
	case 1:
		return release_and_close(world);
	case 2:
		return bind_what_comes(world);
	default:
		return associate_what_goes(world);
	}
}
