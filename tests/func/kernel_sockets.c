// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP sockets that the kernel itself makes, by tunnel interfaces: they respect
 * reservations, and reservations respect them.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "netif.h"
#include "sock.h"
#include "tap.h"

#define FIRST 7000
#define COUNT 10
#define LOW 40000
#define HIGH 40039
#define DRAWS 10

static struct client client;

/*
 * Each opens its sockets when the interface is set up, and closes them when it is
 * set down. @create is for printf, with the port.
 */
static const struct tunnel {
	const char *name, *interface, *create;
} tunnels[] = {
	{ "VXLAN v4", "vx4", "ip link add vx4 type vxlan id 4 dstport %u" },
	{ "VXLAN v6", "vx6", "ip link add vx6 type vxlan id 6 remote 2001:db8::2 dstport %u" },
	{ "VXLAN v4 and v6", "vx", "ip link add vx type vxlan external dstport %u" },
	{ "GENEVE v4", "gv4", "ip link add gv4 type geneve id 4 remote 192.0.2.2 dstport %u" },
	{ "GENEVE v6", "gv6", "ip link add gv6 type geneve id 6 remote 2001:db8::2 dstport %u" },
	{ "WireGuard", "wg", "ip link add wg type wireguard && wg set wg listen-port %u" },
};

static const struct tunnel *const wireguard = &tunnels[5];

static void make_interface(const struct tunnel *tunnel, unsigned int port)
{
	char command[256];

	snprintf(command, sizeof(command), tunnel->create, port);
	if (run("%s", command))
		tap_bail("cannot make an interface of %s", tunnel->name);
}

static int set_up(const struct tunnel *tunnel)
{
	return netif_up(tunnel->interface);
}

static void set_down(const struct tunnel *tunnel)
{
	must(netif_down(tunnel->interface), "cannot set an interface down");
}

static bool can_reserve(void *arg)
{
	(void)arg;
	return reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL) == 0;
}

static void refused(const struct tunnel *tunnel)
{
	struct resv resv;

	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	tap_errno(set_up(tunnel), EADDRINUSE, "%s on a reserved port", tunnel->name);
	must(get_block(&client, FIRST, COUNT, &resv), "cannot get the reservation");
	tap_ok(resv.refused > 0, "%s: the refusal was counted", tunnel->name);
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
}

static void holds_its_port(const struct tunnel *tunnel)
{
	tap_errno(set_up(tunnel), 0, "%s on a free port", tunnel->name);
	tap_errno(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), EADDRINUSE,
		  "%s: its port cannot be reserved", tunnel->name);
	tap_errno(reserve(&client, FIRST, COUNT - 1, NULL, NO_OWNER, NULL), 0,
		  "%s: the ports before it can", tunnel->name);
	must(unreserve(&client, FIRST, COUNT - 1), "cannot delete");
	set_down(tunnel);
	tap_ok(wait_until(can_reserve, NULL, 10000), "%s: its port can when it is down",
	       tunnel->name);
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
}

/* How many of the ports that are left of the ephemeral range are in use? */
static int in_use(void)
{
	unsigned int port;
	int n = 0;

	for (port = LOW; port <= HIGH; port++)
		if (get_port(&client, port, NULL) == ENOENT)
			n += try_port(AF_INET6, port) == EADDRINUSE;
	return n;
}

/* Three quarters of the range are reserved, in two blocks. */
static void wireguard_draws(void)
{
	int i, good = 0;

	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH),
	     "cannot set the ephemeral range");
	must(reserve(&client, LOW, 15, NULL, NO_OWNER, NULL), "cannot reserve");
	must(reserve(&client, LOW + 20, 15, NULL, NO_OWNER, NULL), "cannot reserve");
	must(set_up(wireguard), "cannot set up WireGuard");
	tap_num(in_use(), 0, "WireGuard on another port: the ports that are left are free");
	for (i = 0; i < DRAWS; i++) {
		if (run("wg set %s listen-port 0", wireguard->interface))
			break;
		good += in_use() == 1;
	}
	tap_num(i, DRAWS, "WireGuard on port 0, %d times", DRAWS);
	tap_num(good, DRAWS, "WireGuard on port 0: always on a port that is left");
	set_down(wireguard);
}

static void wireguard_without_a_port(void)
{
	must(unreserve(&client, LOW, 15), "cannot delete");
	must(unreserve(&client, LOW + 20, 15), "cannot delete");
	must(reserve(&client, LOW, HIGH - LOW + 1, NULL, NO_OWNER, NULL), "cannot reserve");
	must(run("wg set %s listen-port 0", wireguard->interface), "cannot set port 0");
	tap_errno(set_up(wireguard), EADDRINUSE,
		  "WireGuard on port 0, the whole range is reserved");
}

int main(void)
{
	size_t i;

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	for (i = 0; i < sizeof(tunnels) / sizeof(*tunnels); i++) {
		make_interface(&tunnels[i], FIRST + COUNT - 1);
		refused(&tunnels[i]);
		holds_its_port(&tunnels[i]);
	}
	wireguard_draws();
	wireguard_without_a_port();
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
