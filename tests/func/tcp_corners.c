// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rare ways of a TCP socket to a port: to connect to itself, to take over a connection in
 * TIME_WAIT, in repair mode, on a device, in a VRF, by a BPF program inside of connect, with others
 * in a group of SO_REUSEPORT; and a creation for a port that is used in such a way.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "bindprog.h"
#include "client.h"
#include "env.h"
#include "sock.h"
#include "tap.h"

/* The block lies in the middle of the ephemeral range. */
#define LOW 40000
#define FIRST 40003
#define COUNT 4
#define HIGH 40009
#define LEFT (HIGH - LOW + 1 - COUNT)
#define SERVER 4000
#define FREE_PORT 4100
#define TIMES 200
#define DEVICE "dummy0"
#define VRF "vrf0"
#define AGING 1200000	/* microseconds, after which a connection in TIME_WAIT is taken over */

static struct client client;
static uint64_t token;
static int family;
static const char *loopback;

static bool reserved(unsigned int port)
{
	return port >= FIRST && port < FIRST + COUNT;
}

static int tcp_associated(void)
{
	int fd = tcp_socket(family);

	must(associate(fd, token), "cannot associate");
	return fd;
}

static int listen_at(unsigned int port)
{
	int fd = tcp_socket(family);

	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	must(sock_bind_any(fd, port), "cannot bind a server");
	must(listen(fd, 64) ? errno : 0, "no server");
	return fd;
}

static int try_reserve(unsigned int port)
{
	int error = reserve(&client, port, 1, NULL, NO_OWNER, NULL);

	if (!error)
		must(unreserve(&client, port, 1), "cannot delete");
	return error;
}

/* Nobody listens, so only a socket that got the very port can connect to it: to itself. */
static void to_itself(void)
{
	int i, fd, refused = 0, lucky = 0;

	for (i = 0; i < TIMES; i++) {
		fd = tcp_socket(family);
		refused += sock_connect(fd, loopback, FIRST + i % COUNT) == ECONNREFUSED;
		sock_drop(fd);
	}
	tap_num(refused, TIMES, "a stranger connects to reserved ports: never to itself");
	for (i = 0; i < TIMES && !lucky; i++) {
		fd = tcp_socket(family);
		lucky = !sock_connect(fd, loopback, LOW);
		sock_drop(fd);
	}
	tap_ok(lucky, "to a free port of the range: to itself, now and then, as without us");
	fd = tcp_associated();
	must(sock_bind_any(fd, FIRST + 1), "cannot bind");
	tap_errno(sock_connect(fd, loopback, FIRST + 1), 0, "associated: to itself");
	tap_num(send(fd, "x", 1, MSG_NOSIGNAL), 1, "and it speaks to itself");
	sock_drop(fd);
}

/* Leaves a connection in TIME_WAIT on each port that is left. */
static int leave_all(int server)
{
	int fds[LEFT + 1], peers[LEFT], n = 0, i;

	for (;;) {
		fds[n] = tcp_socket(family);
		if (sock_connect(fds[n], loopback, SERVER) || n == LEFT)
			break;
		peers[n] = accept(server, NULL, NULL);
		n++;
	}
	sock_drop(fds[n]);
	for (i = 0; i < n; i++) {
		shutdown(fds[i], SHUT_WR);
		close(peers[i]);
		close(fds[i]);
	}
	usleep(AGING);
	return n;
}

static void time_wait(void)
{
	int server = listen_at(SERVER), fds[LEFT + 1], n, wrong = 0;
	unsigned int port;

	must(set_sysctl("net/ipv4/tcp_tw_reuse", "1"), "no reuse");
	tap_num(leave_all(server), LEFT, "a connection in TIME_WAIT on each free port");
	for (n = 0; n <= LEFT; n++) {
		fds[n] = tcp_socket(family);
		if (sock_connect(fds[n], loopback, SERVER))
			break;
		wrong += reserved(sock_port(fds[n]));
	}
	if (n <= LEFT)
		sock_drop(fds[n]);
	tap_num(n, LEFT, "connect takes each of them over");
	tap_num(wrong, 0, "and no other port");
	port = n ? sock_port(fds[0]) : LOW;
	tap_errno(try_reserve(port), EADDRINUSE, "creation: one that was taken over");
	while (n)
		sock_drop(fds[--n]);
	close(server);
}

static void repair_mode(void)
{
	unsigned int port;
	int fd = tcp_socket(family), i, wrong = 0;

	sock_set(fd, IPPROTO_TCP, TCP_REPAIR, 1);
	tap_errno(sock_bind_any(fd, FIRST), EADDRINUSE, "repair mode: a reserved port");
	tap_errno(sock_bind_any(fd, FREE_PORT), 0, "repair mode: a free port");
	tap_errno(try_reserve(FREE_PORT), EADDRINUSE, "creation: a port in repair mode");
	close(fd);
	for (i = 0; i < TIMES; i++) {
		fd = tcp_socket(family);
		sock_set(fd, IPPROTO_TCP, TCP_REPAIR, 1);
		must(i % 2 ? sock_bind_any(fd, 0) : sock_connect(fd, loopback, SERVER),
		     "no port in repair mode");
		wrong += reserved(sock_port(fd));
		close(fd);
	}
	tap_num(wrong, 0, "repair mode: port 0 and connect: never a reserved port");
	fd = tcp_associated();
	sock_set(fd, IPPROTO_TCP, TCP_REPAIR, 1);
	tap_errno(sock_connect(fd, loopback, SERVER), 0, "repair mode: associated, connect");
	port = sock_port(fd);
	tap_ok(reserved(port), "repair mode: associated: a port of the block");
	close(fd);
}

static int open_on(const char *device)
{
	int fd = tcp_socket(family);

	must(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device) + 1) ? errno : 0,
	     "cannot bind to a device");
	return fd;
}

static void on_device(const char *device)
{
	int i, fd = open_on(device), wrong = 0;

	tap_errno(sock_bind_any(fd, FIRST), EADDRINUSE, "on %s: a reserved port", device);
	tap_errno(sock_bind_any(fd, FREE_PORT), 0, "on %s: a free port", device);
	tap_errno(listen(fd, 1) ? errno : 0, 0, "on %s: listen", device);
	tap_errno(try_reserve(FREE_PORT), EADDRINUSE,
		  "creation: a port that is used on %s", device);
	close(fd);
	for (i = 0; i < TIMES; i++) {
		fd = open_on(device);
		must(i % 2 ? sock_bind_any(fd, 0) : listen(fd, 1) ? errno : 0,
		     "no port on a device");
		wrong += reserved(sock_port(fd));
		close(fd);
	}
	tap_num(wrong, 0, "on %s: port 0 and listen: never a reserved port", device);
}

static void devices(void)
{
	on_device(DEVICE);
	if (run("ip link add " VRF " type vrf table 10 && ip link set " VRF " up")) {
		tap_skip("this kernel has no VRF", "in a VRF");
		return;
	}
	on_device(VRF);
	must(run("ip link del " VRF), "cannot remove the VRF");
}

static void by_program(void)
{
	int server = listen_at(SERVER), fd;

	bindprog_enter_group();
	bindprog_attach_connect(family, FIRST);
	fd = tcp_socket(family);
	tap_errno(sock_connect(fd, loopback, SERVER), EPERM,
		  "a program binds in connect: a reserved port");
	tap_num(sock_port(fd), 0, "a program binds in connect: the socket has none then");
	sock_drop(fd);
	fd = tcp_associated();
	tap_errno(sock_connect(fd, loopback, SERVER), 0,
		  "a program binds in connect: associated, a port of the block");
	tap_num(sock_port(fd), FIRST, "a program binds in connect: that one");
	sock_drop(fd);
	bindprog_attach_connect(family, FREE_PORT);
	fd = tcp_socket(family);
	tap_errno(sock_connect(fd, loopback, SERVER), 0, "a program binds in connect: a free port");
	tap_num(sock_port(fd), FREE_PORT, "a program binds in connect: the free one");
	tap_errno(try_reserve(FREE_PORT), EADDRINUSE, "creation: a port that a program has bound");
	sock_drop(fd);
	/* the program chooses the address, and connect the port */
	bindprog_attach_connect(family, 0);
	fd = tcp_socket(family);
	tap_errno(sock_connect(fd, loopback, SERVER), 0, "a program binds in connect: port 0");
	tap_ok(!reserved(sock_port(fd)), "a program binds in connect: port 0: none of the block");
	sock_drop(fd);
	bindprog_detach_connect(family);
	bindprog_leave_group();
	close(server);
}

static int open_in_group(bool associated)
{
	int fd = associated ? tcp_associated() : tcp_socket(family);

	sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	return fd;
}

static void group(bool associated)
{
	const char *who = associated ? "associated" : "strangers";
	int first = open_in_group(associated), second = open_in_group(associated), third;
	unsigned int port;

	tap_errno(sock_bind_any(first, 0), 0, "SO_REUSEPORT, %s: port 0", who);
	port = sock_port(first);
	tap_ok(reserved(port) == associated, "SO_REUSEPORT, %s: the right kind of port", who);
	tap_errno(sock_bind_any(second, port), 0, "SO_REUSEPORT, %s: another one shares it", who);
	tap_errno(listen(first, 1) ? errno : 0, 0, "SO_REUSEPORT, %s: the first listens", who);
	tap_errno(listen(second, 1) ? errno : 0, 0, "SO_REUSEPORT, %s: so does the second", who);
	third = open_in_group(!associated);
	tap_errno(sock_bind_any(third, port), associated ? EADDRINUSE : EADDRNOTAVAIL,
		  "SO_REUSEPORT, %s: one of the other kind does not", who);
	close(third);
	close(second);
	close(first);
}

/* A port of its own for each that selects one; to share has to be asked for. */
static void alone(void)
{
	int fds[COUNT + 1], i, fd, error = 0;
	unsigned int ports = 0;

	for (i = 0; i < COUNT; i++) {
		fds[i] = tcp_associated();
		sock_set(fds[i], SOL_SOCKET, SO_REUSEADDR, 1);
		sock_set(fds[i], SOL_SOCKET, SO_REUSEPORT, 1);
		error = sock_bind_any(fds[i], 0) ?: error;
		ports |= 1 << (sock_port(fds[i]) - FIRST);
	}
	tap_errno(error, 0, "associated with reuse flags: port 0, as many as there are ports");
	tap_num(ports, (1 << COUNT) - 1, "each has got a port of its own");
	fd = tcp_associated();
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	tap_errno(sock_bind_any(fd, 0), EADDRINUSE, "one more: none is free");
	tap_errno(sock_bind_any(fd, FIRST), 0, "but it may share one");
	close(fd);
	while (i)
		close(fds[--i]);
}

/* Connections to two servers could share a port, but each takes another one. */
static void a_port_each(void)
{
	int servers[] = { listen_at(SERVER), listen_at(SERVER + 1), listen_at(SERVER + 2) };
	int fds[COUNT + 1], i, error = 0;
	unsigned int ports = 0;

	for (i = 0; i < COUNT; i++) {
		fds[i] = tcp_associated();
		error = sock_connect(fds[i], loopback, SERVER + i % 2) ?: error;
		ports |= 1 << (sock_port(fds[i]) - FIRST);
	}
	tap_errno(error, 0, "associated: connect to two servers, as often as there are ports");
	tap_num(ports, (1 << COUNT) - 1, "associated: each connection has a port of its own");
	fds[i] = tcp_associated();
	tap_errno(sock_connect(fds[i], loopback, SERVER + 2), EADDRNOTAVAIL,
		  "associated: one more, to a third server: no port is free");
	while (i >= 0)
		sock_drop(fds[i--]);
	for (i = 0; i < 3; i++)
		close(servers[i]);
}

/* After an error the socket is as before, and can be bound. */
static void after_error(const char *who, int fd)
{
	const char *nowhere = family == AF_INET ? "203.0.113.1" : "2001:db8:1::1";

	tap_errno(sock_connect(fd, nowhere, SERVER), ENETUNREACH,
		  "%s: connect without a route", who);
	tap_num(sock_port(fd), 0, "%s: no port then", who);
	/* of the kernel: a refused connection leaves the number of its port to be seen */
	tap_errno(sock_connect(fd, loopback, SERVER), ECONNREFUSED, "%s: nobody listens", who);
	tap_errno(sock_bind_any(fd, reserved(sock_port(fd)) ? FIRST : FREE_PORT), 0,
		  "%s: then bind", who);
	close(fd);
}

static bool is_listening(int fd, unsigned int port)
{
	int peer = tcp_socket(family), error;

	if (listen(fd, 1))
		return false;
	error = sock_connect(peer, loopback, port);
	if (!error)
		sock_drop(accept(fd, NULL, NULL));
	sock_drop(peer);
	return !error;
}

/* In listen() the kernel asks for the port once more; a socket that has it passes unjudged. */
static void bound_before(void)
{
	int fd = tcp_socket(family);
	uint64_t gone;

	must(sock_bind_any(fd, FREE_PORT), "cannot bind");
	must(create_for(&client, FREE_PORT, 1, "", ADOPT, NULL), "cannot adopt");
	tap_ok(is_listening(fd, FREE_PORT), "a stranger whose port was adopted: listens");
	close(fd);
	must(unreserve(&client, FREE_PORT, 1), "cannot delete");

	must(reserve(&client, FREE_PORT, 1, NULL, NO_OWNER, &gone), "cannot reserve");
	fd = tcp_socket(family);
	must(associate(fd, gone), "cannot associate");
	must(sock_bind_any(fd, FREE_PORT), "cannot bind");
	must(unreserve(&client, FREE_PORT, 1), "cannot delete");
	tap_ok(is_listening(fd, FREE_PORT), "associated, the reservation is gone: listens");
	close(fd);
}

static void for_family(int number, const char *address)
{
	family = number;
	loopback = address;
	tap_diag("family %s", number == AF_INET ? "v4" : "v6");
	must(reserve(&client, FIRST, COUNT, NULL, NO_OWNER, &token), "cannot reserve");
	to_itself();
	repair_mode();
	devices();
	by_program();
	group(false);
	group(true);
	alone();
	a_port_each();
	bound_before();
	after_error("a stranger", tcp_socket(family));
	after_error("associated", tcp_associated());
	time_wait();
	must(unreserve(&client, FIRST, COUNT), "cannot delete");
}

int main(void)
{
	new_netns();
	must(run("ip link add " DEVICE " type dummy && ip link set " DEVICE " up"), "no device");
	must(set_sysctl("net/ipv4/ip_local_port_range", "%d %d", LOW, HIGH), "no range");
	module_load();
	must(client_open(&client), "no client");
	client.protocol = IPPROTO_TCP;
	for_family(AF_INET, "127.0.0.1");
	/* what the first family left in TIME_WAIT was taken over, and dropped */
	for_family(AF_INET6, "::1");
	client_close(&client);
	tap_ok(wait_until(module_try_unload, NULL, 10000), "the module can be unloaded");
	return tap_finish();
}
