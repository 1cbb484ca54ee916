// SPDX-License-Identifier: GPL-2.0-only
/*
 * No memory, as in faults.c, for TCP's own operations: each allocation in turn of creation, bind,
 * listen, connect and acquisition fails.
 *
 * What the kernel allocates itself has its errnos: a bind without memory for the port answers
 * EADDRINUSE, and a connect of an associated socket, which binds, EADDRNOTAVAIL. Where a port is
 * selected, the next one is tried.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "acts.h"
#include "client.h"
#include "env.h"
#include "shortage.h"
#include "sock.h"
#include "tap.h"

#define SERVER 4000

/* The block is the middle third of this range. */
#define LOW (BLOCK - COUNT)
#define HIGH (BLOCK + 2 * COUNT - 1)

static int server;

static bool reserved(unsigned int port)
{
	return port >= BLOCK && port < BLOCK + COUNT;
}

/* Each free port of the block can be had: a socket that did not get one keeps none. */
static bool block_is_unused(void)
{
	int fds[COUNT], n, error = 0;

	for (n = 0; n < COUNT && !error; n++) {
		fds[n] = tcp_socket(AF_INET6);
		error = associate(fds[n], scene.token) ?: sock_bind_any(fds[n], 0);
	}
	if (error)
		tap_diag("port %d of the block: %s", n, errno_name(error));
	while (n)
		close(fds[--n]);
	return !error;
}

/* What is not reserved can be, so no socket has a port there. */
static bool others_are_unused(void)
{
	const unsigned int parts[] = { LOW, BLOCK + COUNT };
	int i, error = 0;

	for (i = 0; i < 2; i++) {
		error = reserve(&watcher, parts[i], COUNT, NULL, NO_OWNER, NULL) ?: error;
		if (!error)
			must(unreserve(&watcher, parts[i], COUNT), "cannot delete");
	}
	return !error;
}

/* The range, and a server. */
static void furnish(void)
{
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH), "no range");
	must(set_sysctl("net/ipv4/tcp_fastopen", "%d", 0x207), "no fast open");
	server = tcp_socket(AF_INET6);
	must(sock_bind_any(server, SERVER), "cannot bind a server");
	must(listen(server, 64) ? errno : 0, "no server");
}

static bool is_bound_outside(void)
{
	unsigned int port = sock_port(scene.fd);

	return port >= LOW && port <= HIGH && !reserved(port);
}

/* Listening. */

static void open_associated_bound(void)
{
	open_associated();
	must(binds(), "cannot bind");
}

static void open_associated_bound_reuseport(void)
{
	open_associated_reuseport();
	must(binds(), "cannot bind");
}

static void open_and_acquire_reuseport(void)
{
	open_and_acquire();
	sock_set(scene.fd, SOL_SOCKET, SO_REUSEPORT, 1);
	must(sock_bind_any(scene.fd, SERVER + 1), "cannot bind");
}

static int listens(void)
{
	return listen(scene.fd, 1) ? errno : 0;
}

static void open_listener(void)
{
	open_socket();
	must(sock_bind_any(scene.fd, SERVER + 1), "cannot bind");
	must(listens(), "cannot listen");
}

static void open_listener_and_acquire(void)
{
	open_listener();
	must(acquires(), "cannot acquire");
}

static bool is_listening(void)
{
	return tcp_state(scene.fd) == TCP_LISTEN;
}

static bool is_listening_in_block(void)
{
	return is_listening() && is_bound_in_block();
}

/*
 * Connections. The kernel has two errnos for one that has no memory. To an address of IPv4: by
 * tcp_v6_connect() the kernel loses the route of one that has no memory for its address.
 */
#define ADDRESS "::ffff:127.0.0.1"

static int one_name(int error)
{
	return error == ENOBUFS ? ENOMEM : error;
}

static int connects(void)
{
	return one_name(sock_connect(scene.fd, ADDRESS, SERVER));
}

static int connects_fast(void)
{
	union sock_addr addr = sock_addr(AF_INET6, ADDRESS, SERVER);

	return sendto(scene.fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, &addr.any,
		      sizeof(addr.v6)) < 0 ? one_name(errno) : 0;
}

static bool is_connected(void)
{
	return tcp_state(scene.fd) == TCP_ESTABLISHED && is_bound_outside();
}

static bool is_connected_in_block(void)
{
	return tcp_state(scene.fd) == TCP_ESTABLISHED && is_bound_in_block();
}

/*
 * Without TIME_WAIT on a port of the block. The server's end comes some time later if the last
 * packet of three had no memory, and never if the connection is reset before that.
 */
static void end_connection(void)
{
	int peer = accept(server, NULL, NULL);

	must(peer < 0 ? errno : 0, "cannot accept");
	sock_drop(scene.fd);
	sock_drop(peer);
	delete_block();
}

static const struct operation all[] = {
	{ OPERATION("the first creation of a namespace", open_client, creates, is_created,
		    delete_block), .first = true },
	{ OPERATION("creation", open_client, creates, is_created, delete_block),
	  .event = PORTRES_CMD_CREATED },
	{ OPERATION("deletion", open_and_create, deletes, is_deleted, close_client),
	  .other = ENOBUFS, .event = PORTRES_CMD_DELETED },
	{ OPERATION("association", open_both, associates, is_associated, close_both) },
	{ OPERATION("bind to a port of a block", open_associated, binds, is_bound, close_both),
	  .other = EADDRINUSE, .intact = block_is_unused },
	{ OPERATION("bind to any port of a block", open_associated, binds_anywhere,
		    is_bound_in_block, close_both), .other = EADDRINUSE,
	  .intact = block_is_unused },
	{ OPERATION("listen in a block", open_associated, listens, is_listening_in_block,
		    close_both), .other = EADDRINUSE, .intact = block_is_unused },
	{ OPERATION("listen on a port of a block", open_associated_bound, listens,
		    is_listening_in_block, close_both), .frugal = true },
	{ OPERATION("listen with SO_REUSEPORT on a port of a block",
		    open_associated_bound_reuseport, listens, is_listening_in_block, close_both) },
	{ OPERATION("listen of a socket that has acquired", open_and_acquire_reuseport, listens,
		    is_listening, release_and_close) },
	{ OPERATION("connect from a block", open_associated, connects, is_connected_in_block,
		    end_connection), .other = EADDRNOTAVAIL, .furnish = furnish,
	  .intact = block_is_unused },
	{ OPERATION("connect beside a block", open_both, connects, is_connected, end_connection),
	  .furnish = furnish, .intact = others_are_unused },
	{ OPERATION("connect with data beside a block", open_both, connects_fast, is_connected,
		    end_connection), .other = EADDRNOTAVAIL, .furnish = furnish },
	{ OPERATION("bind to any port beside a block", open_both, binds_anywhere,
		    is_bound_outside, close_both), .other = EADDRINUSE, .furnish = furnish,
	  .intact = others_are_unused },
	{ OPERATION("acquisition of a block", open_socket, acquires, is_acquired,
		    release_and_close), .user = true, .event = PORTRES_CMD_CREATED },
	{ OPERATION("acquisition of any block", open_socket, acquires_any, is_acquired,
		    release_and_close), .user = true, .event = PORTRES_CMD_CREATED },
	{ OPERATION("the first acquisition of a namespace", open_socket, acquires_any,
		    is_acquired, release_and_close), .user = true, .first = true },
	{ OPERATION("acquisition by a listener", open_listener, acquires, is_acquired,
		    release_and_close), .event = PORTRES_CMD_CREATED },
	{ OPERATION("release", open_and_acquire, releases, is_released, close_socket),
	  .user = true, .event = PORTRES_CMD_DELETED },
	{ OPERATION("release by a listener", open_listener_and_acquire, releases, is_released,
		    close_socket), .event = PORTRES_CMD_DELETED },
};

int main(void)
{
	return shortage_test(IPPROTO_TCP, all, sizeof(all) / sizeof(*all), NULL);
}
