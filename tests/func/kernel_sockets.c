// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP sockets that the kernel itself makes, by tunnel interfaces: they respect
 * reservations, and reservations respect them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define FIRST 7000
#define COUNT 10
#define LOW 40000
#define HIGH 40039
#define DRAWS 12

static struct client client;

static void must(int error, const char *what)
{
	if (error)
		tap_bail("%s: %s", what, errno_name(error));
}

/* Each opens its sockets when the interface is set up. @create is for printf, with the port. */
static const struct tunnel {
	const char *name, *create;
} tunnels[] = {
	{ "VXLAN v4", "ip link add t0 type vxlan id 42 dstport %u" },
	{ "VXLAN v6", "ip link add t0 type vxlan id 42 local ::1 remote 2001:db8::2 dstport %u" },
	{ "VXLAN v4 and v6", "ip link add t0 type vxlan external dstport %u" },
	{ "GENEVE v4", "ip link add t0 type geneve id 42 remote 192.0.2.2 dstport %u" },
	{ "GENEVE v6", "ip link add t0 type geneve id 42 remote 2001:db8::2 dstport %u" },
	{ "WireGuard", "ip link add t0 type wireguard && wg set t0 listen-port %u" },
};

static void make_interface(const struct tunnel *tunnel, unsigned int port)
{
	char command[256];

	snprintf(command, sizeof(command), tunnel->create, port);
	if (run("%s", command))
		tap_bail("cannot make an interface of %s", tunnel->name);
}

/* ip tells an errno only as a text. */
static int set_up(void)
{
	if (!run("ip link set t0 up"))
		return 0;
	return run("ip link set t0 up 2>&1 | grep -q 'Address already in use'") ? EIO : EADDRINUSE;
}

static void delete_interface(void)
{
	if (run("ip link del t0"))
		tap_bail("cannot delete the interface");
}

static bool can_reserve(void *arg)
{
	(void)arg;
	return reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL) == 0;
}

static void refused_on_reserved(const struct tunnel *tunnel)
{
	struct resv resv;

	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), "cannot reserve");
	make_interface(tunnel, FIRST + 3);
	tap_errno(set_up(), EADDRINUSE, "%s on a reserved port", tunnel->name);
	must(get_block(&client, FIRST, COUNT, &resv), "cannot get the reservation");
	tap_ok(resv.refused > 0, "%s: the refusal was counted", tunnel->name);
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	tap_errno(set_up(), 0, "%s: the reservation was deleted, so it works", tunnel->name);
	delete_interface();
}

static void holds_its_port(const struct tunnel *tunnel)
{
	make_interface(tunnel, FIRST + COUNT - 1);
	tap_errno(set_up(), 0, "%s on a free port", tunnel->name);
	tap_errno(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), EADDRINUSE,
		  "%s: its port cannot be reserved", tunnel->name);
	tap_errno(reserve(&client, FIRST, COUNT - 1, NULL, NO_OWNER, NULL), 0,
		  "%s: the ports before it can", tunnel->name);
	must(unreserve(&client, FIRST, COUNT - 1), "cannot delete");
	delete_interface();
	tap_ok(wait_until(can_reserve, NULL, 10000), "%s: its port can when it is gone",
	       tunnel->name);
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
}

static unsigned int wireguard_port(void)
{
	FILE *pipe = popen("wg show t0 listen-port", "re");
	unsigned int port = 0;

	if (!pipe || fscanf(pipe, "%u", &port) != 1)
		tap_bail("WireGuard does not tell its port");
	pclose(pipe);
	return port;
}

/* Three quarters of the range are reserved, in two blocks. */
static void wireguard_draws(void)
{
	unsigned int reserved = 0;
	int i;

	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH),
	     "cannot set the ephemeral range");
	must(reserve(&client, LOW, 15, NULL, NO_OWNER, NULL), "cannot reserve");
	must(reserve(&client, LOW + 20, 15, NULL, NO_OWNER, NULL), "cannot reserve");
	make_interface(&tunnels[sizeof(tunnels) / sizeof(*tunnels) - 1], 0);
	tap_errno(set_up(), 0, "WireGuard on port 0");
	for (i = 0; i < DRAWS; i++) {
		unsigned int port = wireguard_port();

		reserved += port < LOW + 15 || (port >= LOW + 20 && port < LOW + 35);
		if (run("wg set t0 listen-port 0"))
			break;
	}
	tap_num(i, DRAWS, "WireGuard on port 0, %d times", DRAWS);
	tap_num(reserved, 0, "WireGuard on port 0: never a reserved port");
	delete_interface();
}

static void wireguard_without_a_port(void)
{
	must(unreserve(&client, LOW, 15), "cannot delete");
	must(unreserve(&client, LOW + 20, 15), "cannot delete");
	must(reserve(&client, LOW, HIGH - LOW + 1, NULL, NO_OWNER, NULL), "cannot reserve");
	make_interface(&tunnels[sizeof(tunnels) / sizeof(*tunnels) - 1], 0);
	tap_errno(set_up(), EADDRINUSE, "WireGuard on port 0, the whole range is reserved");
	delete_interface();
}

int main(void)
{
	size_t i;

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	for (i = 0; i < sizeof(tunnels) / sizeof(*tunnels); i++) {
		refused_on_reserved(&tunnels[i]);
		holds_its_port(&tunnels[i]);
	}
	wireguard_draws();
	wireguard_without_a_port();
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
