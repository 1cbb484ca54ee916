// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ways to a port other than the first bind of a fresh socket: once more after a
 * disconnect, an address without a port, AF_UNSPEC, a socket that changes its family.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

/* The block lies in the middle of the ephemeral range. */
#define LOW 40000
#define FIRST 40005
#define COUNT 10
#define HIGH 40019
#define FREE_PORT 4000

static struct client client;
static uint64_t token;
static int family;
static const char *loopback;

static bool reserved(unsigned int port)
{
	return port >= FIRST && port < FIRST + COUNT;
}

/* Has the socket a port of the block, or one that an unassociated socket may have? */
static void has_port(int fd, bool associated, const char *what)
{
	unsigned int port = sock_port(fd);

	if (!tap_ok(port >= LOW && port <= HIGH && reserved(port) == associated,
		    "%s: a port %s", what, associated ? "of the block" : "beside the block"))
		tap_diag("got %u", port);
}

static void again_unassociated(void)
{
	int fd = udp_open(family), i;

	for (i = 0; i < 20; i++) {
		must(sock_connect(fd, loopback, 9), "cannot connect");
		if (reserved(sock_port(fd)))
			break;
		must(sock_disconnect(fd), "cannot disconnect");
	}
	tap_num(i, 20, "connect and disconnect, 20 times: never a reserved port");
	tap_num(sock_port(fd), 0, "disconnected: no port");
	tap_errno(sock_bind_any(fd, FIRST), EADDRINUSE, "then bind to a reserved port");
	tap_errno(sock_bind_any(fd, FREE_PORT), 0, "refused, then bind to a free port");
	must(sock_connect(fd, loopback, 9), "cannot connect");
	must(sock_disconnect(fd), "cannot disconnect");
	tap_num(sock_port(fd), FREE_PORT, "an explicit port survives disconnect");
	close(fd);
}

static void again_associated(void)
{
	struct portres_association answer;
	int fd = udp_associated(family, token);

	must(sock_connect(fd, loopback, 9), "cannot connect");
	has_port(fd, true, "associated, connect");
	must(sock_disconnect(fd), "cannot disconnect");
	tap_num(sock_port(fd), 0, "disconnected: no port");
	tap_ok(!association(fd, &answer) && answer.token == token, "but still associated");
	must(sock_connect(fd, loopback, 9), "cannot connect");
	has_port(fd, true, "connected again");
	must(sock_disconnect(fd), "cannot disconnect");
	tap_errno(sock_bind_any(fd, FREE_PORT), EADDRNOTAVAIL, "then a port outside the block");
	tap_errno(sock_bind_any(fd, 0), 0, "then port 0");
	has_port(fd, true, "port 0");
	must(sock_connect(fd, loopback, 9), "cannot connect");
	must(sock_disconnect(fd), "cannot disconnect");
	tap_num(sock_port(fd), 0, "port 0 does not survive disconnect");
	tap_errno(sock_bind_any(fd, FIRST), 0, "then a port inside the block");
	close(fd);
}

/* The reservation comes or goes while the socket is without a port. */
static void meanwhile(void)
{
	int fd = udp_open(family);
	unsigned int port;
	uint64_t mine;

	must(sock_connect(fd, loopback, 9), "cannot connect");
	port = sock_port(fd);
	tap_errno(reserve(&client, port, 1, NULL, NO_OWNER, &mine), EADDRINUSE,
		  "the port of a connected socket cannot be reserved");
	must(sock_disconnect(fd), "cannot disconnect");
	tap_errno(reserve(&client, port, 1, NULL, NO_OWNER, &mine), 0,
		  "it can when the socket was disconnected");
	tap_errno(sock_bind_any(fd, port), EADDRINUSE, "the socket does not get it back");
	must(sock_connect(fd, loopback, 9), "cannot connect");
	tap_ok(sock_port(fd) != port, "nor by connect");
	close(fd);

	fd = udp_associated(family, mine);
	must(sock_connect(fd, loopback, 9), "cannot connect");
	must(sock_disconnect(fd), "cannot disconnect");
	must(unreserve(&client, port, 1), "cannot delete");
	tap_errno(sock_connect(fd, loopback, 9), EAGAIN, "reservation gone: connect");
	tap_errno(sock_bind_any(fd, 0), EADDRNOTAVAIL, "reservation gone: port 0");
	tap_errno(sock_bind_any(fd, port), EADDRNOTAVAIL, "reservation gone: its port");
	tap_errno(try_port(family, port), 0, "which is free for others");
	close(fd);
}

static int open_without_port(bool associated)
{
	int fd = associated ? udp_associated(family, token) : udp_open(family);

	sock_set(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	return fd;
}

static void without_port(bool associated)
{
	const char *who = associated ? "associated" : "not associated";
	int fd = open_without_port(associated);

	tap_errno(sock_bind(fd, loopback, 0), 0, "%s, IP_BIND_ADDRESS_NO_PORT: bind", who);
	tap_num(sock_port(fd), 0, "it has no port");
	must(sock_connect(fd, loopback, 9), "cannot connect");
	has_port(fd, associated, "it has after connect");
	close(fd);

	fd = open_without_port(associated);
	must(sock_bind(fd, loopback, 0), "cannot bind");
	must(sock_sendto(fd, loopback, 9), "cannot send");
	has_port(fd, associated, "or after sendto");
	close(fd);

	fd = open_without_port(associated);
	must(sock_bind(fd, loopback, 0), "cannot bind");
	tap_errno(sock_bind(fd, loopback, FIRST), associated ? 0 : EADDRINUSE,
		  "or asks for a reserved port");
	close(fd);

	fd = open_without_port(associated);
	tap_errno(sock_bind(fd, loopback, FREE_PORT), associated ? EADDRNOTAVAIL : 0,
		  "or for another port");
	close(fd);
}

static int unspec_bind(int fd, const char *text, unsigned int port)
{
	union sock_addr addr = sock_addr(AF_INET, text, port);

	addr.any.sa_family = AF_UNSPEC;
	return bind(fd, &addr.any, sizeof(addr.v6)) ? errno : 0;
}

/* The kernel takes AF_UNSPEC with the wildcard address for AF_INET. */
static void unspec(void)
{
	static const struct {
		const char *name;
		bool associated;
		const char *text;
		unsigned int port;
		int error;
	} rows[] = {
		{ "reserved port", false, "0.0.0.0", FIRST, EADDRINUSE },
		{ "free port", false, "0.0.0.0", FREE_PORT, 0 },
		{ "port 0", false, "0.0.0.0", 0, 0 },
		{ "specific address", false, "127.0.0.1", FIRST, EAFNOSUPPORT },
		{ "associated, port of the block", true, "0.0.0.0", FIRST, 0 },
		{ "associated, port 0", true, "0.0.0.0", 0, 0 },
		{ "associated, free port", true, "0.0.0.0", FREE_PORT, EADDRNOTAVAIL },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int fd = rows[i].associated ? udp_associated(family, token) : udp_open(family);
		int error = unspec_bind(fd, rows[i].text, rows[i].port);

		tap_errno(error, family == AF_INET ? rows[i].error : EAFNOSUPPORT,
			  "AF_UNSPEC bind: %s", rows[i].name);
		if (!error && !rows[i].port)
			has_port(fd, rows[i].associated, "it has");
		close(fd);
	}
}

/* An AF_INET6 socket, connected to a v4-mapped address, is made an AF_INET one. */
static int open_changed(bool associated)
{
	int fd = associated ? udp_associated(AF_INET6, token) : udp_open(AF_INET6);

	must(sock_connect(fd, "::ffff:127.0.0.1", 9), "cannot connect");
	sock_set(fd, SOL_IPV6, IPV6_ADDRFORM, AF_INET);
	if (sock_family(fd) != AF_INET)
		tap_bail("IPV6_ADDRFORM did not change the family");
	return fd;
}

static void changed_unassociated(void)
{
	int fd = open_changed(false);
	unsigned int port = sock_port(fd);

	has_port(fd, false, "IPV6_ADDRFORM");
	tap_errno(reserve(&client, port, 1, NULL, NO_OWNER, NULL), EADDRINUSE,
		  "which cannot be reserved");
	must(sock_disconnect(fd), "cannot disconnect");
	tap_errno(sock_bind_any(fd, FIRST), EADDRINUSE, "then a reserved port");
	must(sock_connect(fd, "127.0.0.1", 9), "cannot connect");
	has_port(fd, false, "then connect");
	must(sock_disconnect(fd), "cannot disconnect");
	tap_errno(sock_bind_any(fd, FREE_PORT), 0, "then a free port");
	close(fd);
}

static bool no_sockets(void *arg)
{
	struct resv resv;

	(void)arg;
	must(get_block(&client, FIRST, COUNT, &resv), "cannot get the reservation");
	return !resv.sockets;
}

static void changed_associated(void)
{
	struct portres_association answer;
	int fd = open_changed(true);

	has_port(fd, true, "associated, IPV6_ADDRFORM");
	tap_ok(!association(fd, &answer) && answer.token == token, "still associated");
	must(sock_disconnect(fd), "cannot disconnect");
	tap_errno(sock_bind_any(fd, FREE_PORT), EADDRNOTAVAIL, "then a port outside the block");
	must(sock_connect(fd, "127.0.0.1", 9), "cannot connect");
	has_port(fd, true, "then connect");
	must(sock_disconnect(fd), "cannot disconnect");
	tap_errno(sock_bind_any(fd, FIRST), 0, "then a port of the block");
	close(fd);
	tap_ok(wait_until(no_sockets, NULL, 10000), "no socket is counted after all were closed");
}

int main(void)
{
	static const int families[] = { AF_INET, AF_INET6 };
	size_t i;

	new_netns();
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH),
	     "cannot set the ephemeral range");
	module_load();
	must(client_open(&client), "no client");
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, &token), "cannot reserve");

	for (i = 0; i < sizeof(families) / sizeof(*families); i++) {
		family = families[i];
		loopback = family == AF_INET ? "127.0.0.1" : "::1";
		tap_diag("%s", family == AF_INET ? "v4" : "v6");
		again_unassociated();
		again_associated();
		meanwhile();
		without_port(false);
		without_port(true);
		unspec();
	}
	changed_unassociated();
	changed_associated();
	tap_ok(module_unloads(), "the module can be unloaded");
	return tap_finish();
}
