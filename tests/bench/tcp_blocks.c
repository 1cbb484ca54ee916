// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the creation of a block of TCP ports takes, beside as many placeholder sockets, and beside
 * connections.
 */
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#include "binds.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define BLOCK_TIMES 5
#define LOW 32768	/* the range as the kernel has it by itself */
#define SIZE 10000
#define SIZE_FIRST 20000
#define SERVER 11	/* the first of those that have connections */
#define SERVERS 10
#define CONNECTIONS 50000

static void placeholders(void)
{
	struct series make = series_new(BLOCK_TIMES);

	while (make.n < BLOCK_TIMES) {
		uint64_t begin;
		int *fds;

		breathe();
		begin = instructions();
		fds = take_tcp_ports(AF_INET6, SIZE_FIRST, SIZE);
		series_add(&make, between(begin, instructions()));
		leave_ports(fds, SIZE);
	}
	series_tell(&make, with_number("tcp-make", SIZE), AF_UNSPEC, "sockets");
}

/* Both ends stay to the end of the test. */
static void connect_to(int listener, unsigned int port, unsigned int count)
{
	union sock_addr addr = sock_addr(AF_INET, "127.0.0.1", port);

	while (count--) {
		int fd = tcp_socket(AF_INET);

		must(connect(fd, &addr.any, sizeof(addr.v4)) ? errno : 0, "cannot connect");
		must(accept(listener, NULL, NULL) < 0 ? errno : 0, "cannot accept");
	}
}

static void have_connections(void)
{
	unsigned int i;

	must(set_sysctl("net/ipv4/ip_local_port_range", "%u %u", LOW, 65535),
	     "cannot set the range");
	for (i = 0; i < SERVERS; i++) {
		int fd = tcp_socket(AF_INET);

		must(sock_bind_any(fd, SERVER + i), "cannot bind a listener");
		must(listen(fd, 16) ? errno : 0, "cannot listen");
		connect_to(fd, SERVER + i, CONNECTIONS / SERVERS);
	}
}

static void one_reservation(const char *variant)
{
	struct series make = series_new(BLOCK_TIMES);
	struct client c;

	must(client_open(&c), "no client");
	c.protocol = IPPROTO_TCP;
	while (make.n < BLOCK_TIMES) {
		uint64_t begin;

		breathe();
		begin = instructions();
		must(reserve(&c, SIZE_FIRST, SIZE, NULL, NO_OWNER, NULL), "cannot reserve");
		series_add(&make, between(begin, instructions()));
		must(unreserve(&c, SIZE_FIRST, SIZE), "cannot delete");
	}
	series_tell(&make, with_number("tcp-make", SIZE), AF_UNSPEC, variant);
	client_close(&c);
}

int main(void)
{
	raise_limit();
	run_alone();
	new_netns();
	placeholders();

	module_load();
	new_netns();
	one_reservation("here");
	have_connections();
	one_reservation("connections");
	tap_ok(true, "blocks of TCP were measured");
	return tap_finish();
}
