// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selections of a port that avoided a block are counted for it: by bind, connect and sendto.
 */
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10
#define TIMES 100
#define NOBODYS 9

static struct client client;
static int protocol;

static int open_socket(void)
{
	return protocol == IPPROTO_UDP ? udp_open(AF_INET) : tcp_socket(AF_INET);
}

static int way_bind(int fd)
{
	return sock_bind_any(fd, 0);
}

/* Nobody listens there: the kernel has selected a port by the time that it finds out. */
static int way_connect(int fd)
{
	int error = sock_connect(fd, "127.0.0.1", NOBODYS);

	return error == ECONNREFUSED ? 0 : error;
}

static int way_sendto(int fd)
{
	return sock_sendto(fd, "127.0.0.1", NOBODYS);
}

static int way_outside(int fd)
{
	return sock_bind_any(fd, FIRST + COUNT);
}

/* How many selections have avoided the block when @go was done a hundred times. */
static unsigned long avoided(int (*go)(int fd))
{
	struct resv before, after;
	int i;

	must(get_block(&client, FIRST, COUNT, &before), "cannot ask");
	for (i = 0; i < TIMES; i++) {
		int fd = open_socket();

		must(go(fd), "cannot get a port");
		close(fd);
	}
	must(get_block(&client, FIRST, COUNT, &after), "cannot ask");
	return after.avoided - before.avoided;
}

static void counts_avoided_by(const char *what, int (*go)(int fd))
{
	unsigned long times = avoided(go);

	tap_ok(times > TIMES / 2 && times <= TIMES,
	       "%s: most of %d choices avoided the block: %lu", what, TIMES, times);
}

/* All ports of the ephemeral range but one are reserved. */
static void counts_avoided(void)
{
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", FIRST, FIRST + COUNT),
	     "no range");
	counts_avoided_by("bind to port 0", way_bind);
	counts_avoided_by("connect", way_connect);
	if (protocol == IPPROTO_UDP)
		counts_avoided_by("sendto", way_sendto);
	tap_num(avoided(way_outside), 0, "a bind to a port outside avoids nothing");
	must(set_sysctl("net/ipv4/ip_local_port_range", "32768 60999"), "no range");
	tap_num(avoided(way_bind) + avoided(way_connect), 0,
		"nor do choices in a range that the block is not in");
}

static void for_protocol(int number)
{
	protocol = number;
	tap_diag("protocol %d", number);
	client.protocol = number;
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	counts_avoided();
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
}

int main(void)
{
	new_netns();
	module_load();
	must(client_open(&client), "no client");
	for_protocol(IPPROTO_UDP);
	for_protocol(IPPROTO_TCP);
	client_close(&client);
	return tap_finish();
}
