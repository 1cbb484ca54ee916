// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP sockets in a BPF sockmap. There a socket has a copy of UDP's proto, which the
 * kernel makes at boot (IPv4) or when the first socket needs it (IPv6); after
 * connect(AF_UNSPEC) it binds again, through the copy. So the copies have to be
 * guarded while the module is loaded, and must not lead to it afterwards.
 *
 * The order matters: the IPv6 copy is made once since boot, and the worst is a copy
 * that is made while the module is loaded. No other test uses sockmaps.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "sockmap.h"
#include "tap.h"

#define FIRST 5000
#define COUNT 10
#define FREE_PORT 6000
#define SLOTS 64

static int map;
static unsigned int slots;

struct mapped {
	int fd;
	uint32_t slot;
	int family;
	const char *when;	/* it was put into the map */
};

static const char *loopback(int family)
{
	return family == AF_INET ? "127.0.0.1" : "::1";
}

/* A map takes sockets that have a port; one that the kernel chose is lost on disconnect. */
static struct mapped put_socket(int family, const char *when)
{
	struct mapped mapped = { udp_open(family), slots++, family, when };

	must(sock_connect(mapped.fd, loopback(family), 9), "cannot connect");
	sockmap_put(map, mapped.slot, mapped.fd);
	must(sock_disconnect(mapped.fd), "cannot disconnect");
	if (sock_port(mapped.fd))
		tap_bail("a disconnected socket has a port");
	return mapped;
}

static void drop_socket(const struct mapped *mapped)
{
	sockmap_take(map, mapped->slot);
	close(mapped->fd);
}

/* For the name of one row. */
static const char *title(const struct mapped *mapped)
{
	static char text[80];

	snprintf(text, sizeof(text), "%s, in the map %s",
		 mapped->family == AF_INET ? "IPv4" : "IPv6", mapped->when);
	return text;
}

#define ROW(mapped, fmt) "%s: " fmt, title(mapped)

/* A port that was asked for is kept on disconnect; then only a new socket can go on. */
static void renew(struct mapped *mapped)
{
	const char *when = mapped->when;
	int family = mapped->family;

	drop_socket(mapped);
	*mapped = put_socket(family, when);
}

static void unbound_again(const struct mapped *mapped)
{
	must(sock_disconnect(mapped->fd), "cannot disconnect");
	if (sock_port(mapped->fd))
		tap_bail("a disconnected socket has a port");
}

static bool in_block(unsigned int port)
{
	return port >= FIRST && port < FIRST + COUNT;
}

/* What such a socket can do at any time. Leaves it unbound. */
static void binds(struct mapped *mapped)
{
	tap_errno(sock_bind_any(mapped->fd, 0), 0, ROW(mapped, "port 0"));
	tap_ok(!in_block(sock_port(mapped->fd)), ROW(mapped, "port 0 is outside of the block"));
	unbound_again(mapped);
	tap_errno(sock_connect(mapped->fd, loopback(mapped->family), 9), 0, ROW(mapped, "connect"));
	unbound_again(mapped);
}

static void guarded(struct mapped *mapped)
{
	unsigned int port;
	int refused = 0;

	for (port = FIRST; port < FIRST + COUNT; port++)
		refused += sock_bind_any(mapped->fd, port) == EADDRINUSE && !sock_port(mapped->fd);
	tap_num(refused, COUNT, ROW(mapped, "each reserved port is refused"));
	tap_errno(sock_bind(mapped->fd, loopback(mapped->family), FIRST), EADDRINUSE,
		  ROW(mapped, "a reserved port of loopback is refused"));
	binds(mapped);
}

/* Nearly all of the ephemeral range is reserved: the kernel's choice must not fall there. */
static void chooses(struct mapped *mapped)
{
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", FIRST, FIRST + COUNT),
	     "cannot set the range");
	tap_errno(sock_bind_any(mapped->fd, 0), 0, ROW(mapped, "port 0 where one port is free"));
	tap_num(sock_port(mapped->fd), FIRST + COUNT, ROW(mapped, "port 0 gets the free one"));
	unbound_again(mapped);
	must(set_sysctl("net/ipv4/ip_local_port_range", "32768 60999"), "cannot set the range");
}

static void associated(struct mapped *mapped, uint64_t token)
{
	unbound_again(mapped);
	tap_errno(associate(mapped->fd, token), 0, ROW(mapped, "can be associated"));
	tap_errno(sock_bind_any(mapped->fd, FREE_PORT), EADDRNOTAVAIL,
		  ROW(mapped, "associated: a port outside of the block"));
	tap_errno(sock_bind_any(mapped->fd, 0), 0, ROW(mapped, "associated: port 0"));
	tap_ok(in_block(sock_port(mapped->fd)), ROW(mapped, "associated: port 0 is in the block"));
	unbound_again(mapped);
	tap_errno(sock_connect(mapped->fd, loopback(mapped->family), 9), 0,
		  ROW(mapped, "associated: connect"));
	tap_ok(in_block(sock_port(mapped->fd)),
	       ROW(mapped, "associated: connect gets a port of the block"));
	unbound_again(mapped);
	tap_errno(sock_bind_any(mapped->fd, FIRST + 3), 0,
		  ROW(mapped, "associated: a port of the block"));
	tap_errno(try_port(mapped->family, FIRST + 3), EADDRINUSE,
		  ROW(mapped, "associated: others do not get that port"));
	tap_errno(module_unload(), EWOULDBLOCK, ROW(mapped, "associated: the module is in use"));
}

static void free_port(struct mapped *mapped)
{
	tap_errno(sock_bind_any(mapped->fd, FREE_PORT), 0, ROW(mapped, "a free port"));
	tap_errno(try_port(mapped->family, FREE_PORT), EADDRINUSE,
		  ROW(mapped, "others do not get the free port"));
}

/* Without the module nothing is reserved, and nothing may lead to where it was. */
static void unguarded(struct mapped *mapped)
{
	binds(mapped);
	tap_errno(sock_bind_any(mapped->fd, FIRST), 0, ROW(mapped, "the port is free again"));
	renew(mapped);
}

static bool unloads(void *arg)
{
	(void)arg;
	return !module_unload();
}

static void unload(void)
{
	tap_ok(wait_until(unloads, NULL, 5000), "the module can be unloaded, sockets in the map");
}

static void stay(struct mapped *before, int count, const char *when)
{
	struct mapped now[] = { put_socket(AF_INET, when), put_socket(AF_INET6, when) };
	struct client client;
	uint64_t token;
	int i;

	must(client_open(&client), "no client");
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	for (i = 0; i < count; i++) {
		guarded(&before[i]);
		chooses(&before[i]);
	}
	for (i = 0; i < 2; i++) {
		guarded(&now[i]);
		chooses(&now[i]);
		free_port(&now[i]);
		renew(&now[i]);
		associated(&now[i], token);
		drop_socket(&now[i]);
	}
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	client_close(&client);
}

/* A socket that was taken out of the map goes on with the proto that it had before. */
static void out_of_the_map(int family)
{
	struct mapped mapped = put_socket(family, "and out of it");
	struct client client;

	must(client_open(&client), "no client");
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	sockmap_take(map, mapped.slot);
	tap_errno(sock_bind_any(mapped.fd, FIRST), EADDRINUSE, ROW(&mapped, "a reserved port"));
	tap_errno(sock_bind_any(mapped.fd, FREE_PORT), 0, ROW(&mapped, "a free port"));
	close(mapped.fd);
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	client_close(&client);
}

int main(void)
{
	struct mapped kept[4];
	int i;

	new_netns();
	map = sockmap_make(SLOTS);

	module_load();
	stay(NULL, 0, "with the module");
	kept[0] = put_socket(AF_INET, "during an earlier stay");
	kept[1] = put_socket(AF_INET6, "during an earlier stay");
	unload();
	unguarded(&kept[0]);
	unguarded(&kept[1]);

	kept[2] = put_socket(AF_INET, "between two stays");
	kept[3] = put_socket(AF_INET6, "between two stays");
	module_load();
	stay(kept, 4, "during the second stay");
	out_of_the_map(AF_INET);
	out_of_the_map(AF_INET6);
	unload();
	for (i = 0; i < 4; i++) {
		unguarded(&kept[i]);
		drop_socket(&kept[i]);
	}
	return tap_finish();
}
