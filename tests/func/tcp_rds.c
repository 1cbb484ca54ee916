// SPDX-License-Identifier: GPL-2.0-only
/*
 * RDS over TCP, which listens on port 16385 in each network namespace, by a socket of the kernel
 * that is bound when its module is loaded. Where the port is reserved the module cannot be loaded,
 * unless it is reserved for the kernel. Its connections, which a worker of the kernel binds, have
 * no reserved port.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "netif.h"
#include "sock.h"
#include "tap.h"

#define RDS_TCP_PORT 16385
#define FIRST (RDS_TCP_PORT - 3)
#define COUNT 10
#define PORT 4000	/* of RDS itself, which has ports of its own */

#define ADDRESSES 12	/* of the near end, each with a connection or several */
#define RANGE 900	/* ephemeral ports; of each STRETCH of them some are reserved, or not */
#define STRETCH 30
#define SHARE 15

#define FAR_ADDRESS "10.1.255.1"

static struct client client;
static unsigned int net;	/* the third part of the near end's addresses */
static unsigned int low = 20000;	/* of the next range: no port is in TIME_WAIT there */

static int rds_load(void)
{
	return run("modprobe rds_tcp");
}

static bool rds_unloads(void *arg)
{
	(void)arg;
	return !run("modprobe -q -r rds_tcp");
}

static void rds_unload(void)
{
	must(wait_until(rds_unloads, NULL, 10000) ? 0 : ETIME, "RDS cannot be unloaded");
}

/* The module of RDS finds no other port. */
static void listener(const char *grants, bool admits)
{
	const char *whom = *grants ? grants : "nobody";
	struct resv resv;
	uint64_t token;
	bool loaded;

	must(create_for(&client, FIRST, COUNT, grants, 0, &token), "cannot reserve");
	loaded = !rds_load();
	must(get_token(&client, token, &resv), "no reservation");
	tap_ok(loaded == admits, "RDS over TCP, its port reserved for %s: %s", whom,
	       admits ? "listens" : "cannot be loaded");
	tap_ok(!resv.refused == admits, "reserved for %s: refusals are counted", whom);
	if (loaded)
		rds_unload();
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
}

static int rds_open(const char *address)
{
	int fd = sock_open(AF_RDS, SOCK_SEQPACKET, 0);
	union sock_addr addr = sock_addr(AF_INET, address, PORT);

	must(bind(fd, &addr.any, sizeof(addr.v4)) ? errno : 0, "cannot bind a socket of RDS");
	return fd;
}

/* The far one lives by its descriptor, which stays open. */
static void build_networks(void)
{
	int far_net, near_net;

	netif_join(&near_net, &far_net);
	must(run("ip link set near up"), "the interface stays down");
	netns_enter(far_net);
	must(run("ip addr add " FAR_ADDRESS "/16 dev far && ip link set far up"), "no address");
	netns_enter(near_net);
	close(near_net);
}

/* Sends from addresses of their own, each of which makes RDS connect; whether it arrives or not. */
static void connect_many(int *fds)
{
	union sock_addr to = sock_addr(AF_INET, FAR_ADDRESS, PORT);
	char address[32];
	int i;

	for (i = 0; i < ADDRESSES; i++) {
		snprintf(address, sizeof(address), "10.1.%u.%d", net, i + 1);
		must(run("ip addr add %s/16 dev near", address), "no address");
		fds[i] = rds_open(address);
		(void)!sendto(fds[i], "x", 1, MSG_DONTWAIT, &to.any, sizeof(to.v4));
	}
}

/* The connections to RDS from ports of the current range. */
struct tally {
	int all, inside;	/* inside: from ports of blocks */
	unsigned int addresses;	/* bits: which have one */
};

static struct tally count_connections(void)
{
	FILE *file = fopen("/proc/net/tcp", "re");
	unsigned int address, local, remote;
	struct tally tally = { 0 };
	char line[512];

	if (!file)
		tap_bail("no /proc/net/tcp");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %x:%x %*[^:]:%x", &address, &local, &remote) != 3 ||
		    remote != RDS_TCP_PORT || local < low || local >= low + RANGE)
			continue;
		tally.all++;
		tally.inside += (local - low) % STRETCH < SHARE;
		if ((ntohl(address) >> 8 & 0xff) == net)
			tally.addresses |= 1 << (ntohl(address) & 0xff);
	}
	fclose(file);
	return tally;
}

static bool are_connected(void *arg)
{
	(void)arg;
	return count_connections().addresses == ((1 << ADDRESSES) - 1) << 1;
}

static void connections(bool reserved)
{
	const char *what = reserved ? "reserved" : "not reserved";
	int fds[ADDRESSES], i;
	struct tally tally;
	unsigned int first;

	net++;
	low += 1000;
	for (first = low; reserved && first < low + RANGE; first += STRETCH)
		must(reserve(&client, first, SHARE, NULL, NO_OWNER, NULL), "cannot reserve");
	/* from now on an earlier connection that is made anew has a port of it as well */
	must(set_sysctl("net/ipv4/ip_local_port_range", "%u %u", low, low + RANGE - 1),
	     "no range");
	connect_many(fds);
	tap_ok(wait_until(are_connected, NULL, 20000),
	       "%s: each address has a connection from the range", what);
	tally = count_connections();
	tap_diag("%d connections, %d from ports of blocks", tally.all, tally.inside);
	tap_ok(!tally.inside == reserved, "%s: %s of them has a port of a block", what,
	       reserved ? "none" : "some");
	for (i = 0; i < ADDRESSES; i++)
		close(fds[i]);
}

int main(void)
{
	build_networks();
	if (rds_load()) {
		tap_skip("this kernel has no RDS over TCP", "RDS over TCP");
		return tap_finish();
	}
	rds_unload();
	module_load();
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
	listener("", false);
	listener("user 0", false);
	listener("kernel", true);
	listener("user 0; kernel", true);
	must(rds_load(), "RDS cannot be loaded again");
	tap_errno(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), EADDRINUSE,
		  "its port is in use, and cannot be reserved");
	/* seen on 7.3, with no reserved port, but then the module of RDS could not be unloaded */
	if (kernel_at_least(6, 13)) {
		tap_skip("this kernel does not unload RDS then", "connections of RDS");
	} else {
		connections(false);
		connections(true);
	}
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded beside RDS");
	rds_unload();
	return tap_finish();
}
