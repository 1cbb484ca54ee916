// SPDX-License-Identifier: GPL-2.0-only
/* Ways in which a TCP port can be in use. */
#include "tcp_uses.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "sock.h"
#include "tap.h"
#include "tcp.h"

#define VRF "vrf0"
#define VRF_V4 "10.9.0.1"
#define VRF_V6 "fd09::1"

static enum tcp_place place;
static int family;
static unsigned int server_port;
static int server;
static int kept[4];	/* what the use consists of */
static int n_kept;

static int keep(int fd)
{
	must(fd < 0 ? errno : 0, "no socket");
	kept[n_kept++] = fd;
	return fd;
}

/* Before the end of the use, and so as any program does. */
static void close_early(int fd)
{
	int i;

	for (i = 0; kept[i] != fd; i++)
		;
	kept[i] = kept[--n_kept];
	close(fd);
}

static const char *address(void)
{
	if (place == TCP_IN_VRF)
		return family == AF_INET ? VRF_V4 : VRF_V6;
	return family == AF_INET ? "127.0.0.1" : "::1";
}

static int open_here(enum tcp_kind kind)
{
	int fd = tcp_kind_open(kind, family);

	if (place == TCP_IN_VRF)
		must(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, VRF, sizeof(VRF)) ? errno : 0,
		     "cannot bind to a device");
	return fd;
}

static int open_user(void)
{
	return keep(open_here(place == TCP_OF_MPTCP ? TCP_MPTCP : TCP_PLAIN));
}

static int open_bound(unsigned int port)
{
	int fd = open_user();

	must(sock_bind(fd, address(), port), "cannot bind");
	return fd;
}

static void make_bound(unsigned int port)
{
	open_bound(port);
}

static void make_listening(unsigned int port)
{
	must(listen(open_bound(port), 1) ? errno : 0, "cannot listen");
}

/* Returns the other end. */
static int connect_to_server(int fd)
{
	must(sock_connect(fd, address(), server_port), "cannot connect");
	return keep(accept(server, NULL, NULL));
}

static void make_connected(unsigned int port)
{
	connect_to_server(open_bound(port));
}

static void set_range(unsigned int low, unsigned int high)
{
	must(set_sysctl("net/ipv4/ip_local_port_range", "%u %u", low, high), "no range");
}

static void make_connected_implicitly(unsigned int port)
{
	int fd = open_user();

	set_range(port, port);
	connect_to_server(fd);
	set_range(TCP_USES_LOW, TCP_USES_HIGH);
	must(sock_port(fd) == port ? 0 : EADDRNOTAVAIL, "connect() takes another port");
}

/* All that is left of a server. */
static void make_accepted(unsigned int port)
{
	int listener = open_bound(port);

	must(listen(listener, 1) ? errno : 0, "cannot listen");
	must(sock_connect(open_user(), address(), port), "cannot connect");
	keep(accept(listener, NULL, NULL));
	close_early(listener);
}

/* The other end does not read, so the end of the data cannot be sent. */
static void make_fin_wait1(unsigned int port)
{
	static const char data[4096];
	int fd = open_bound(port);

	connect_to_server(fd);
	must(fcntl(fd, F_SETFL, O_NONBLOCK) ? errno : 0, "cannot be non-blocking");
	while (send(fd, data, sizeof(data), MSG_NOSIGNAL) > 0)
		;
	close_early(fd);
}

/* The other end does not close. If that may take a minute or less, TIME_WAIT begins at once. */
static void make_fin_wait2(unsigned int port)
{
	int fd = open_bound(port);

	connect_to_server(fd);
	sock_set(fd, IPPROTO_TCP, TCP_LINGER2, 100);
	close_early(fd);
}

static void make_time_wait(unsigned int port)
{
	int fd = open_bound(port), peer = connect_to_server(fd);

	close_early(fd);
	close_early(peer);
}

#define TCP_NOT_MPTCP (TCP_HERE | TCP_IN_VRF)
#define TCP_EVERYWHERE (TCP_NOT_MPTCP | TCP_OF_MPTCP)

const struct tcp_use tcp_uses[TCP_USES] = {
	{ "bound", TCP_CLOSE, TCP_EVERYWHERE, make_bound },
	{ "listening", TCP_LISTEN, TCP_EVERYWHERE, make_listening },
	{ "connected", TCP_ESTABLISHED, TCP_EVERYWHERE, make_connected },
	{ "connected unbound", TCP_ESTABLISHED, TCP_EVERYWHERE, make_connected_implicitly },
	{ "accepted, the listener is gone", TCP_ESTABLISHED, TCP_NOT_MPTCP, make_accepted },
	{ "an orphan in FIN_WAIT1", TCP_FIN_WAIT1, TCP_HERE, make_fin_wait1 },
	{ "an orphan in FIN_WAIT2", TCP_FIN_WAIT2, TCP_HERE, make_fin_wait2 },
	{ "in TIME_WAIT", TCP_TIME_WAIT, TCP_NOT_MPTCP, make_time_wait },
};

struct wanted {
	int family;
	unsigned int port, state;
};

static bool is_in_state(void *arg)
{
	const struct wanted *wanted = arg;
	FILE *file = fopen(wanted->family == AF_INET ? "/proc/net/tcp" : "/proc/net/tcp6", "re");
	unsigned int port, state;
	bool found = false;
	char line[512];

	must(file ? 0 : errno, "no list of TCP sockets");
	while (fgets(line, sizeof(line), file))
		found |= sscanf(line, "%*s %*[^:]:%x %*[^:]:%*x %x", &port, &state) == 2 &&
			 port == wanted->port && state == wanted->state;
	fclose(file);
	return found;
}

void tcp_await_state(int number, unsigned int port, int state)
{
	struct wanted wanted = { number, port, state };

	if (!wait_until(is_in_state, &wanted, 10000))
		tap_bail("port %u has no socket in state %d", port, state);
}

void tcp_uses_init(void)
{
	run("ip link add " VRF " type vrf table 10 && ip link set " VRF " up && "
	    "ip addr add " VRF_V4 "/24 dev " VRF " && ip addr add " VRF_V6 "/64 dev " VRF " nodad");
	set_range(TCP_USES_LOW, TCP_USES_HIGH);
}

static bool is_there(void)
{
	if (place == TCP_IN_VRF)
		return !access("/proc/sys/net/ipv4/conf/" VRF, F_OK);
	return place == TCP_HERE || tcp_kind_exists(TCP_MPTCP);
}

bool tcp_uses_begin(enum tcp_place where, int number, unsigned int port)
{
	place = where;
	family = number;
	server_port = port;
	if (!is_there())
		return false;
	server = open_here(TCP_PLAIN);
	sock_set(server, SOL_SOCKET, SO_REUSEADDR, 1);
	must(sock_bind(server, address(), port), "cannot bind a server");
	must(listen(server, 1) ? errno : 0, "no server");
	return true;
}

void tcp_uses_end(void)
{
	close(server);
}

/* What is only bound is not listed. */
void tcp_use_begin(const struct tcp_use *use, unsigned int port)
{
	use->make(port);
	if (use->state != TCP_CLOSE)
		tcp_await_state(family, port, use->state);
}

void tcp_use_end(void)
{
	while (n_kept)
		sock_drop(kept[--n_kept]);
}
