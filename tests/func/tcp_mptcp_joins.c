// SPDX-License-Identifier: GPL-2.0-only
/*
 * MPTCP connections of several subflows. The kernel's path manager makes all but the first, by
 * sockets and workers of its own: for each address that it may use, and for each that the other
 * end announces. No subflow has a reserved port. An address that is announced with a port has a
 * listener of the kernel's there, which is bound by the task that configures the path manager.
 */
#include <errno.h>
#include <linux/mptcp.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "netif.h"
#include "sock.h"
#include "tap.h"
#include "tcp.h"

#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif

#define SERVER 4000
#define ANNOUNCED 7000	/* the port beside the second address of the far end */
#define OTHER 7100
#define COUNT 10

#define CONNECTIONS 60
#define SUBFLOWS 3	/* of each: to the server from two addresses, and to what it announces */

/* Ephemeral ports, and how many of each of these stretches are reserved or not. */
#define RANGE 900
#define STRETCH 30

struct addresses {
	int family;
	const char *near, *near_too, *far, *far_too;
	unsigned int prefix;
};

static const struct addresses *at;
static int near_net, far_net;
static struct client client, manager;	/* of the network namespace of the thread */
static int server;
static unsigned int low = 20000;	/* of the next range: no port is in TIME_WAIT there */

static void manager_call(struct request *rq, const char *what)
{
	must(client_call(&manager, rq, NULL), what);
}

static void manager_set_limits(void)
{
	struct request rq;

	request_init(&rq, MPTCP_PM_CMD_SET_LIMITS, 0);
	request_u32(&rq, MPTCP_PM_ATTR_RCV_ADD_ADDRS, 1);
	request_u32(&rq, MPTCP_PM_ATTR_SUBFLOWS, SUBFLOWS - 1);
	manager_call(&rq, "the path manager takes no limits");
}

static int manager_add(const char *text, unsigned int port, uint32_t flags)
{
	union sock_addr addr = sock_addr(at->family, text, port);
	struct request rq, nested;

	request_init(&nested, 0, 0);
	request_u16(&nested, MPTCP_PM_ADDR_ATTR_FAMILY, at->family);
	if (at->family == AF_INET)
		request_put(&nested, MPTCP_PM_ADDR_ATTR_ADDR4, &addr.v4.sin_addr,
			    sizeof(addr.v4.sin_addr));
	else
		request_put(&nested, MPTCP_PM_ADDR_ATTR_ADDR6, &addr.v6.sin6_addr,
			    sizeof(addr.v6.sin6_addr));
	request_u32(&nested, MPTCP_PM_ADDR_ATTR_FLAGS, flags);
	if (port)
		request_u16(&nested, MPTCP_PM_ADDR_ATTR_PORT, port);
	request_init(&rq, MPTCP_PM_CMD_ADD_ADDR, 0);
	request_put(&rq, MPTCP_PM_ATTR_ADDR | NLA_F_NESTED, nested.attrs, nested.len);
	return client_call(&manager, &rq, NULL);
}

static int announce(unsigned int port)
{
	return manager_add(at->far_too, port, MPTCP_PM_ADDR_FLAG_SIGNAL);
}

static void manager_flush(void)
{
	struct request rq;

	request_init(&rq, MPTCP_PM_CMD_FLUSH_ADDRS, 0);
	manager_call(&rq, "the path manager does not forget its addresses");
}

static void open_clients(void)
{
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
	must(client_open_other(&manager, MPTCP_PM_NAME), "no path manager");
}

static void close_clients(void)
{
	client_close(&client);
	client_close(&manager);
}

/* An address of IPv6 with a port fits into the options of a packet that has no time stamps. */
static void set_up(const char *interface)
{
	must(run("ip link set %s up", interface), "the interface stays down");
	must(set_sysctl("net/ipv4/tcp_timestamps", "0"), "no sysctl");
	open_clients();
	manager_set_limits();
}

static void add_address(const char *text, const char *interface_and_words)
{
	must(run("ip addr add %s/%u dev %s%s", text, at->prefix, interface_and_words,
		 at->family == AF_INET6 ? " nodad" : ""), "no address");
}

static void build_networks(void)
{
	netif_join(&near_net, &far_net);
	add_address(at->near, "near");
	/* connect() selects the other one */
	add_address(at->near_too, "near preferred_lft 0");
	set_up("near");
	must(manager_add(at->near_too, 0, MPTCP_PM_ADDR_FLAG_SUBFLOW), "no second address");
	close_clients();

	netns_enter(far_net);
	add_address(at->far, "far");
	add_address(at->far_too, "far");
	set_up("far");
	must(announce(ANNOUNCED), "the second address is not announced");
	close_clients();
	server = tcp_kind_open(TCP_MPTCP, at->family);
	must(sock_bind_any(server, SERVER), "cannot bind the server");
	must(listen(server, CONNECTIONS) ? errno : 0, "no server");
	netns_enter(near_net);
}

/* A connection, and the subflows of it that the far end knows. */
struct connection {
	int near, far;
	unsigned int subflows;
	unsigned int ports[SUBFLOWS];	/* of the near end; that of connect() is the first */
};

static unsigned int port_of(const struct sockaddr *addr)
{
	return ntohs(at->family == AF_INET ? ((const struct sockaddr_in *)addr)->sin_port :
					     ((const struct sockaddr_in6 *)addr)->sin6_port);
}

static bool has_all(void *arg)
{
	struct {
		struct mptcp_subflow_data data;
		struct mptcp_subflow_addrs addrs[SUBFLOWS];
	} all = {
		.data = {
			.size_subflow_data = sizeof(all.data),
			.size_user = sizeof(*all.addrs),
		},
	};
	struct connection *connection = arg;
	socklen_t len = sizeof(all);
	unsigned int i;

	must(getsockopt(connection->far, SOL_MPTCP, MPTCP_SUBFLOW_ADDRS, &all, &len) ? errno : 0,
	     "no addresses of subflows");
	connection->subflows = all.data.num_subflows;
	for (i = 0; i < SUBFLOWS && i < connection->subflows; i++)
		connection->ports[i] = port_of(&all.addrs[i].sa_remote);
	return connection->subflows == SUBFLOWS;
}

static void send_byte(int from, int to)
{
	char byte;

	must(send(from, "x", 1, MSG_NOSIGNAL) == 1 ? 0 : errno, "cannot send");
	must(recv(to, &byte, 1, 0) == 1 ? 0 : errno, "cannot receive");
}

/* Each end makes subflows when it has heard of the other. */
static struct connection meet(void)
{
	struct connection connection = { .near = tcp_kind_open(TCP_MPTCP, at->family) };

	must(sock_connect(connection.near, at->far, SERVER), "cannot connect");
	connection.far = accept(server, NULL, NULL);
	must(connection.far < 0 ? errno : 0, "cannot accept");
	send_byte(connection.near, connection.far);
	send_byte(connection.far, connection.near);
	return connection;
}

static void part(const struct connection *connection)
{
	sock_drop(connection->far);
	sock_drop(connection->near);
}

/* Of the ports that the kernel selected. */
struct tally {
	int whole;	/* connections that had all subflows */
	int outside;	/* of the range */
	int by_connect;	/* in the blocks, by the first subflow of a connection */
	int by_join;	/* and by the others */
};

static void count(struct tally *tally, const struct connection *connection, unsigned int share)
{
	unsigned int i;

	tally->whole += connection->subflows == SUBFLOWS;
	for (i = 0; i < SUBFLOWS && i < connection->subflows; i++) {
		unsigned int port = connection->ports[i];

		if (port < low || port >= low + RANGE)
			tally->outside++;
		else if ((port - low) % STRETCH < share)
			*(i ? &tally->by_join : &tally->by_connect) += 1;
	}
}

static struct tally connect_many(unsigned int share)
{
	struct connection crowd[CONNECTIONS];
	struct tally tally = { 0 };
	int patience = 10000, i;

	for (i = 0; i < CONNECTIONS; i++)
		crowd[i] = meet();
	for (i = 0; i < CONNECTIONS; i++) {
		if (!wait_until(has_all, &crowd[i], patience))
			patience = 0;
		count(&tally, &crowd[i], share);
	}
	for (i = 0; i < CONNECTIONS; i++)
		part(&crowd[i]);
	return tally;
}

static void set_reserved(unsigned int share, bool reserved)
{
	unsigned int first;

	for (first = low; first < low + RANGE; first += STRETCH)
		must(reserved ? reserve(&client, first, share, NULL, NO_OWNER, NULL) :
				unreserve(&client, first, share), "cannot change a block");
}

static void next_range(void)
{
	low += 1000;
	must(set_sysctl("net/ipv4/ip_local_port_range", "%u %u", low, low + RANGE - 1),
	     "no range");
}

static void whole(const struct tally *tally, const char *what)
{
	tap_num(tally->whole, CONNECTIONS, "%s: connections of %d subflows", what, SUBFLOWS);
	tap_num(tally->outside, 0, "%s: no port outside of the range", what);
}

/* Ports of each stretch are reserved, or not, to see that they would have been taken. */
static void joins(unsigned int share)
{
	struct tally tally;

	tap_diag("%u of %d ports", share, STRETCH);
	next_range();
	tally = connect_many(share);
	whole(&tally, "not reserved");
	tap_ok(tally.by_connect > 0, "not reserved: connect() takes some of the ports");
	tap_ok(tally.by_join > 0, "not reserved: further subflows take some");
	next_range();
	set_reserved(share, true);
	tally = connect_many(share);
	whole(&tally, "reserved");
	tap_num(tally.by_connect, 0, "reserved: connect() takes none of the ports");
	tap_num(tally.by_join, 0, "reserved: further subflows take none");
	set_reserved(share, false);
}

static bool is_free(void *arg)
{
	(void)arg;
	return !try_port_of(IPPROTO_TCP, at->family, OTHER);
}

/* An address that is announced with a port of a block that is reserved for @grants. */
static void announced(const char *grants, int error)
{
	struct resv resv;
	uint64_t token;

	manager_flush();
	must(create_for(&client, OTHER - 1, COUNT, grants, 0, &token), "cannot reserve");
	tap_errno(announce(OTHER), error, "a listener of the path manager, for %s",
		  *grants ? grants : "nobody");
	must(get_token(&client, token, &resv), "no reservation");
	tap_num(resv.refused, error != 0, "refusals that are counted");
	manager_flush();
	must(unreserve(&client, OTHER - 1, COUNT), "cannot delete");
	tap_ok(wait_until(is_free, NULL, 10000), "its port is free when it is gone");
}

static void listeners(void)
{
	netns_enter(far_net);
	open_clients();
	announced("", EADDRINUSE);
	announced("kernel", EADDRINUSE);
	announced("user 0", 0);
	must(set_sysctl("net/portres/denied_errno", "%d", EACCES), "no sysctl");
	announced("", EACCES);
	must(set_sysctl("net/portres/denied_errno", "%d", EADDRINUSE), "no sysctl");
	must(create_for(&client, OTHER, COUNT, "", 0, NULL), "cannot reserve");
	tap_errno(announce(ANNOUNCED), 0, "a listener beside a block");
	tap_errno(create_for(&client, ANNOUNCED - 1, COUNT, "", 0, NULL), EADDRINUSE,
		  "its port cannot be reserved");
	must(unreserve(&client, OTHER, COUNT), "cannot delete");
	close_clients();
	netns_enter(near_net);
}

static void connects(const char *when)
{
	struct connection connection = meet();

	tap_ok(wait_until(has_all, &connection, 10000), "%s: a connection has all subflows", when);
	part(&connection);
}

/* The path manager keeps its listener, the connection its subflows. */
static void unloads(void)
{
	struct connection connection = meet();

	must(wait_until(has_all, &connection, 10000) ? 0 : ETIME, "no subflows");
	tap_ok(module_unloads(), "the module can be unloaded beside a listener and subflows");
	send_byte(connection.near, connection.far);
	part(&connection);
	connects("without the module");
	module_load();
	connects("loaded again");
}

static void for_family(const struct addresses *addresses)
{
	at = addresses;
	tap_diag("family %s", at->family == AF_INET ? "v4" : "v6");
	module_load();
	build_networks();
	open_clients();
	joins(STRETCH / 3);
	joins(2 * STRETCH / 3);
	close_clients();
	listeners();
	connects("listening again");
	unloads();
	close(server);
	close(near_net);
	close(far_net);
}

int main(void)
{
	static const struct addresses families[] = {
		{ AF_INET, "10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4", 24 },
		{ AF_INET6, "fd00::1", "fd00::2", "fd00::3", "fd00::4", 64 },
	};

	if (!tcp_kind_exists(TCP_MPTCP)) {
		tap_skip("this kernel has no MPTCP", "subflows of MPTCP");
		return tap_finish();
	}
	if (!mptcp_is_guarded()) {
		tap_skip("MPTCP cannot be guarded here", "subflows of MPTCP");
		return tap_finish();
	}
	for_family(&families[0]);
	for_family(&families[1]);
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
