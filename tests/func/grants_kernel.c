// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets that the kernel itself creates, for tunnel interfaces: only the grant "kernel" admits
 * them, whatever task makes the kernel create them. It does not admit a socket of the kernel that
 * an unprivileged task makes the kernel create.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "group.h"
#include "netif.h"
#include "sock.h"
#include "tap.h"

#define FIRST 7000
#define COUNT 10
#define PORT (FIRST + 3)

/* As in linux/rxrpc.h, which does not go with the C library's headers. */
struct sockaddr_rxrpc {
	sa_family_t srx_family;
	uint16_t srx_service;
	uint16_t transport_type;
	uint16_t transport_len;
	union {
		struct sockaddr_in sin;
		struct sockaddr_in6 sin6;
	} transport;
};

static struct client client;
static uint64_t token;

static const struct tunnel {
	const char *name, *interface, *create;
} tunnels[] = {
	{ "VXLAN v4", "vx4", "ip link add vx4 type vxlan id 4 dstport %u" },
	{ "VXLAN v6", "vx6", "ip link add vx6 type vxlan id 6 remote 2001:db8::2 dstport %u" },
	{ "GENEVE", "gv", "ip link add gv type geneve external dstport %u" },
	{ "WireGuard", "wg", "ip link add wg type wireguard && wg set wg listen-port %u" },
};

#define TUNNELS (sizeof(tunnels) / sizeof(*tunnels))

static int up_and_down(const struct tunnel *tunnel)
{
	int error = netif_up(tunnel->interface);

	if (!error)
		must(netif_down(tunnel->interface), "cannot set an interface down");
	return error;
}

static void make_interface(const struct tunnel *tunnel)
{
	char command[256];

	snprintf(command, sizeof(command), tunnel->create, PORT);
	if (run("%s", command))
		tap_bail("cannot make an interface of %s", tunnel->name);
}

static void each_grant(const struct tunnel *tunnel)
{
	static const struct {
		const char *grants;
		int error;
	} rows[] = {
		{ "", EADDRINUSE },
		{ "user 0", EADDRINUSE },
		{ "cgroup /kernel", EADDRINUSE },
		{ "user 0; cgroup /kernel; unit a.service", EADDRINUSE },
		{ "kernel", 0 },
		{ "user 4000; kernel", 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		must(set_grants(&client, token, rows[i].grants), "cannot change the grants");
		tap_errno(up_and_down(tunnel), rows[i].error, "%s, for %s", tunnel->name,
			  *rows[i].grants ? rows[i].grants : "nobody");
	}
}

/* The hash slot of a closed socket of the kernel is left in the kernel's own time. */
static bool is_left(void *arg)
{
	(void)arg;
	return try_port(AF_INET6, PORT) == 0;
}

static void others_are_refused(void)
{
	must(set_grants(&client, token, "kernel"), "cannot change the grants");
	tap_errno(try_port(AF_INET, PORT), EADDRINUSE, "root's own socket, for kernel");
	tap_errno(try_port(AF_INET6, PORT), EADDRINUSE, "root's own socket of IPv6, for kernel");
}

static int wireguard_in_userns(void *arg)
{
	struct client inner;
	int error;

	(void)arg;
	must(client_open(&inner), "no client");
	must(create_for(&inner, FIRST, COUNT, "kernel", 0, NULL), "cannot create");
	make_interface(&tunnels[TUNNELS - 1]);
	error = up_and_down(&tunnels[TUNNELS - 1]);
	if (error)
		return error;
	must(unreserve(&inner, FIRST, COUNT), "cannot delete");
	must(create_for(&inner, FIRST, COUNT, "user 0", 0, NULL), "cannot create");
	error = up_and_down(&tunnels[TUNNELS - 1]);
	return error == EADDRINUSE ? 0 : EBADE;
}

static int rxrpc_bind(void *arg)
{
	struct sockaddr_rxrpc address = {
		.srx_family = AF_RXRPC, .transport_type = SOCK_DGRAM,
		.transport_len = sizeof(address.transport.sin),
		.transport.sin = { .sin_family = AF_INET, .sin_port = htons(*(int *)arg) },
	};
	int fd = socket(AF_RXRPC, SOCK_DGRAM, PF_INET), error = 0;

	if (fd < 0)
		return errno;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		error = errno;
	close(fd);
	return error;
}

/* A bind of AF_RXRPC makes the kernel create a UDP socket on a port of the caller's choice. */
static void rxrpc(void)
{
	int free_port = FIRST + COUNT, port = PORT;

	must(set_grants(&client, token, "kernel; user 4000"), "cannot change the grants");
	if (rxrpc_bind(&free_port) == EAFNOSUPPORT) {
		tap_skip("this kernel has no AF_RXRPC", "an unprivileged bind of AF_RXRPC");
		return;
	}
	tap_errno(as_user(STRANGER_UID, rxrpc_bind, &free_port), 0,
		  "an unprivileged bind of AF_RXRPC, on a free port");
	free_port++;
	tap_errno(as_user(STRANGER_UID, rxrpc_bind, &port), EADDRINUSE, "on a reserved one");
	tap_errno(as_user(OWNER_UID, rxrpc_bind, &port), EADDRINUSE,
		  "on a reserved one, by a user that has a grant");
}

int main(void)
{
	size_t i;

	new_netns();
	module_load();
	must(client_open(&client), "no client");
	group_make("/kernel");
	must(create_for(&client, FIRST, COUNT, "", 0, &token), "cannot reserve");
	must(group_enter("/kernel"), "cannot enter a cgroup");
	for (i = 0; i < TUNNELS; i++) {
		make_interface(&tunnels[i]);
		each_grant(&tunnels[i]);
	}
	others_are_refused();
	rxrpc();
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
	tap_ok(wait_until(is_left, NULL, 10000), "the port is left");
	tap_errno(as_userns_root(true, wireguard_in_userns, NULL), 0,
		  "WireGuard in a user namespace's own network namespace, for kernel alone");
	must(group_enter(""), "cannot leave the cgroup");
	group_remove("/kernel");
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
