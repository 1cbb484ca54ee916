// SPDX-License-Identifier: GPL-2.0-only
/*
 * RDS over TCP, which has a listener on port 16385 in each network namespace, and a connection for
 * each pair of addresses, which a worker of the kernel opens. Where the port is reserved its module
 * cannot be loaded, unless it is reserved for the kernel; and its connections have no reserved
 * port.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

#define RDS_TCP_PORT 16385
#define FIRST (RDS_TCP_PORT - 3)
#define COUNT 10
#define PORT 4000	/* of RDS itself, which has ports of its own */

#define ADDRESSES 30	/* of the near end: as many connections at least */
#define RANGE 900	/* ephemeral ports; of each STRETCH of them some are reserved, or not */
#define STRETCH 30
#define SHARE 15

#define FAR_ADDRESS "10.1.255.1"

static struct client client;
static int near_net, far_net;
static int far;		/* a socket of RDS */
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
	struct resv resv;
	uint64_t token;
	bool loaded;

	must(create_for(&client, FIRST, COUNT, grants, 0, &token), "cannot reserve");
	loaded = !rds_load();
	tap_ok(loaded == admits, "RDS over TCP, its port reserved for %s",
	       *grants ? grants : "nobody");
	must(get_token(&client, token, &resv), "no reservation");
	tap_ok(!resv.refused == admits, "refusals are counted");
	tap_errno(try_port_of(IPPROTO_TCP, AF_INET, RDS_TCP_PORT), EADDRINUSE,
		  "root's own socket does not get it");
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

static void build_networks(void)
{
	new_netns();
	far_net = netns_get();
	new_netns();
	near_net = netns_get();
	must(run("ip link add near type veth peer name far netns /proc/%d/fd/%d", getpid(),
		 far_net), "no interface");
	must(run("ip link set near up"), "the interface stays down");
	netns_enter(far_net);
	must(run("ip addr add " FAR_ADDRESS "/16 dev far && ip link set far up"), "no address");
	netns_enter(near_net);
}

/* Sends from addresses of their own, each of which makes RDS connect. */
static int connect_many(unsigned int net)
{
	union sock_addr to = sock_addr(AF_INET, FAR_ADDRESS, PORT);
	struct pollfd incoming = { .fd = far, .events = POLLIN };
	int fds[ADDRESSES], came = 0, i;

	for (i = 0; i < ADDRESSES; i++) {
		char address[32], byte;

		snprintf(address, sizeof(address), "10.1.%u.%d", net, i + 1);
		must(run("ip addr add %s/16 dev near", address), "no address");
		fds[i] = rds_open(address);
		must(sendto(fds[i], "x", 1, 0, &to.any, sizeof(to.v4)) == 1 ? 0 : errno,
		     "cannot send");
		while (poll(&incoming, 1, 10000) == 1 && recv(far, &byte, 1, 0) != 1)
			;
		came += incoming.revents & POLLIN && byte == 'x';
	}
	for (i = 0; i < ADDRESSES; i++)
		close(fds[i]);
	return came;
}

/* Ports of the current range from which there is a connection to RDS; those of the blocks. */
static void count_ports(int *inside, int *all)
{
	FILE *file = fopen("/proc/net/tcp", "re");
	unsigned int local, remote;
	char line[512];

	if (!file)
		tap_bail("no /proc/net/tcp");
	*inside = 0;
	*all = 0;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*[^:]:%x %*[^:]:%x", &local, &remote) != 2 ||
		    remote != RDS_TCP_PORT || local < low || local >= low + RANGE)
			continue;
		++*all;
		*inside += (local - low) % STRETCH < SHARE;
	}
	fclose(file);
}

static void connections(unsigned int net, bool reserved)
{
	const char *what = reserved ? "reserved" : "not reserved";
	unsigned int first;
	int inside, all;

	low += 1000;
	must(set_sysctl("net/ipv4/ip_local_port_range", "%u %u", low, low + RANGE - 1),
	     "no range");
	for (first = low; reserved && first < low + RANGE; first += STRETCH)
		must(reserve(&client, first, SHARE, NULL, NO_OWNER, NULL), "cannot reserve");
	tap_num(connect_many(net), ADDRESSES, "%s: what is sent by RDS arrives", what);
	count_ports(&inside, &all);
	tap_ok(all >= ADDRESSES, "%s: each address has a connection in the range", what);
	tap_diag("%d connections, %d from ports of blocks", all, inside);
	tap_ok(!inside == reserved, "%s: %s of them has a port of a block", what,
	       reserved ? "none" : "some");
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
	must(rds_load(), "RDS cannot be loaded again");
	tap_errno(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, NULL), EADDRINUSE,
		  "its port is in use, and cannot be reserved");
	netns_enter(far_net);
	far = rds_open(FAR_ADDRESS);
	netns_enter(near_net);
	connections(0, false);
	connections(1, true);
	client_close(&client);
	tap_ok(module_unloads(), "the module can be unloaded beside connections of RDS");
	close(far);
	rds_unload();
	return tap_finish();
}
