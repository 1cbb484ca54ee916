// SPDX-License-Identifier: GPL-2.0-only
/*
 * How blocks, sockets and binds go together for a program that is written for Windows. In C,
 * and by winsock_rules_cxx.c in C++.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mstcpip.h>
#include <iphlpapi.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "winsock_calls.h"

static SOCKET udp(int family)
{
	SOCKET s = socket(family, SOCK_DGRAM, IPPROTO_UDP);

	if (s == INVALID_SOCKET)
		tap_bail("no socket: %d", WSAGetLastError());
	return s;
}

static int associate(SOCKET s, ULONG64 token)
{
	return by_token(s, SIO_ASSOCIATE_PORT_RESERVATION, token);
}

static int release(SOCKET s, ULONG64 token)
{
	return by_token(s, SIO_RELEASE_PORT_RESERVATION, token);
}

static struct sockaddr_in loopback(unsigned int port)
{
	struct sockaddr_in address;

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons((USHORT)port);
	return address;
}

static int bind_port(SOCKET s, unsigned int port)
{
	struct sockaddr_in address = loopback(port);

	return bind(s, (struct sockaddr *)&address, sizeof(address)) ? WSAGetLastError() : 0;
}

static int bind_port6(SOCKET s, unsigned int port)
{
	struct sockaddr_in6 address;

	memset(&address, 0, sizeof(address));
	address.sin6_family = AF_INET6;
	address.sin6_port = htons((USHORT)port);
	return bind(s, (struct sockaddr *)&address, sizeof(address)) ? WSAGetLastError() : 0;
}

/* 0: it has none yet. */
static unsigned int port_of(SOCKET s)
{
	struct sockaddr_in address;
	int size = sizeof(address);

	return getsockname(s, (struct sockaddr *)&address, &size) ? 0 : ntohs(address.sin_port);
}

static int stranger_binds(unsigned int port)
{
	SOCKET s = udp(AF_INET);
	int error = bind_port(s, port);

	closesocket(s);
	return error;
}

/* Two ports, three sockets. */
static void test_bind(void)
{
	SOCKET holder = udp(AF_INET);
	SOCKET first = udp(AF_INET);
	SOCKET second = udp(AF_INET);
	SOCKET third = udp(AF_INET);
	SOCKET early = udp(AF_INET);
	ULONG64 token = 0;
	unsigned int port;

	tap_num(acquire(holder, 5000, 2, &token), 0, "two ports are acquired");
	bind_port(early, 4999);
	tap_num(associate(early, token), WSAEINVAL, "associate after bind");
	tap_num(associate(first, token) | associate(second, token) | associate(third, token), 0,
		"several sockets with one token");
	tap_num(bind_port(first, 0), 0, "bind to port 0");
	port = port_of(first);
	tap_ok(port == 5000 || port == 5001, "gives a port of the block");
	tap_num(bind_port(second, 5002), WSAEADDRNOTAVAIL, "bind to a port outside of the block");
	tap_num(bind_port(second, port == 5000 ? 5001 : 5000), 0, "bind to a port of the block");
	tap_num(bind_port(third, 0), WSAEADDRINUSE, "bind with nothing left in the block");
	tap_num(bind_port(third, 5000), WSAEADDRINUSE, "bind to a port that is taken");
	tap_num(stranger_binds(5001), WSAEADDRINUSE, "a socket without the token");
	tap_num(release(holder, token), 0, "release while sockets are bound from the block");
	tap_num((int)port_of(first), (int)port, "a bound socket keeps its port");
	tap_num(bind_port(third, 0), WSAEADDRNOTAVAIL, "bind after the release");
	closesocket(first);
	closesocket(second);
	closesocket(third);
	closesocket(early);
	closesocket(holder);
	tap_num(stranger_binds(5001), 0, "the port is everybody's again");
}

static void test_implicit(void)
{
	struct sockaddr_in peer = loopback(9);
	SOCKET holder = udp(AF_INET);
	SOCKET sender = udp(AF_INET);
	SOCKET late = udp(AF_INET);
	ULONG64 token = 0;

	acquire(holder, 5010, 2, &token);
	tap_num(associate(holder, token), 0, "a socket associates with what it acquired");
	associate(sender, token);
	associate(late, token);
	tap_num(connect(holder, (struct sockaddr *)&peer, sizeof(peer)), 0, "connect unbound");
	tap_ok(port_of(holder) / 2 == 5010 / 2, "takes a port of the block");
	tap_num(sendto(sender, "", 0, 0, (struct sockaddr *)&peer, sizeof(peer)), 0,
		"sendto unbound");
	tap_ok(port_of(sender) / 2 == 5010 / 2, "takes the other");
	tap_ok(connect(late, (struct sockaddr *)&peer, sizeof(peer)) == SOCKET_ERROR &&
	       WSAGetLastError() == WSAEADDRINUSE, "connect with nothing left in the block");
	tap_ok(sendto(late, "", 0, 0, (struct sockaddr *)&peer, sizeof(peer)) == SOCKET_ERROR &&
	       WSAGetLastError() == WSAEADDRINUSE, "sendto with nothing left in the block");
	closesocket(late);
	closesocket(sender);
	closesocket(holder);
}

static void test_again(void)
{
	SOCKET holder = udp(AF_INET);
	SOCKET s = udp(AF_INET);
	ULONG64 token[3] = { 0, 0, 0 };

	tap_num(bind_port(holder, 4998), 0, "a socket is bound");
	tap_num(acquire(holder, 5020, 1, &token[0]), 0, "acquire on it");
	tap_num(acquire(holder, 5030, 1, &token[1]), 0, "several blocks on one socket");
	tap_num(acquire(holder, 0, 8, &token[2]), 0, "one of them anywhere");
	tap_num((int)port_of(holder), 4998, "the socket keeps its port");
	tap_num(associate(s, token[0]), 0, "associate");
	tap_num(associate(s, token[0]), 0, "associate again");
	tap_num(associate(s, token[1]), 0, "associate with another block");
	tap_num(bind_port(s, 0), 0, "bind to port 0 then");
	tap_num((int)port_of(s), 5030, "the last association counts");
	tap_num(release(s, token[0]), 0, "release on another socket of the process");
	tap_num(release(s, token[0]), WSAEINVAL, "release again");
	tap_num(stranger_binds(5020), 0, "what was released is free");
	closesocket(s);
	tap_num(stranger_binds(5030), WSAEADDRINUSE, "the rest is not");
	closesocket(holder);
	tap_num(stranger_binds(5030), 0, "until the socket that acquired it is closed");
}

/* ip_local_reserved_ports: a socket gets such a port only by its number. */
static void test_anywhere(void)
{
	SOCKET holder = udp(AF_INET);
	SOCKET user = udp(AF_INET);
	ULONG64 token = 0;

	set_sysctl("net/ipv4/ip_local_port_range", "6200 6203");
	set_sysctl("net/ipv4/ip_local_reserved_ports", "6201");
	tap_num(acquire(holder, 0, 3, &token), WSAEADDRINUSE, "no room for three ports");
	tap_num(acquire(holder, 0, 2, &token), 0, "but for two behind the listed one");
	associate(user, token);
	tap_num(bind_port(user, 6202), 0, "which they are");
	tap_num(acquire(holder, 6201, 1, &token), 0, "the listed port itself, by its number");
	set_sysctl("net/ipv4/ip_local_reserved_ports", "\n");
	set_sysctl("net/ipv4/ip_local_port_range", "32768 60999");
	closesocket(user);
	closesocket(holder);
}

static int acquire_and_end(void *arg)
{
	ULONG64 token;

	(void)arg;
	return acquire(udp(AF_INET), 5040, 1, &token);
}

static int associate_here(void *arg)
{
	return associate(udp(AF_INET), *(ULONG64 *)arg);
}

static void test_lifetime(void)
{
	SOCKET holder = udp(AF_INET);
	SOCKET user = udp(AF_INET);
	ULONG64 token = 0;

	tap_num(in_child(acquire_and_end, NULL), 0, "a process acquires a block and ends");
	tap_num(stranger_binds(5040), 0, "that ends the block");
	acquire(holder, 5040, 2, &token);
	associate(user, token);
	tap_num(in_child(associate_here, &token), WSAEACCES, "a child is another process");
	bind_port(user, 5040);
	closesocket(holder);
	tap_num((int)port_of(user), 5040, "its sockets outlive the socket that acquired it");
	tap_num(stranger_binds(5041), 0, "what they do not use is free");
	closesocket(user);
}

/* For both kinds of reservation, and both addresses of the sysctl. */
static void test_refusal(void)
{
	SOCKET holder = udp(AF_INET6);
	SOCKET v6 = udp(AF_INET6);
	ULONG64 token = 0;

	acquire(holder, 5050, 2, &token);
	tap_num(stranger_binds(5050), WSAEADDRINUSE, "acquired on IPv6, refused on IPv4");
	tap_num(bind_port6(v6, 5051), WSAEADDRINUSE, "refused on IPv6");
	set_sysctl("net/portres/denied_errno", "13");
	tap_num(stranger_binds(5050), WSAEACCES, "a runtime block refuses as on Windows");
	tap_num(bind_port6(v6, 5051), WSAEACCES, "on IPv6 as well");
	tap_num(stranger_binds(6000), WSAEACCES, "so does a persistent one");
	bind_port6(v6, 4990);
	tap_num(stranger_binds(4990), 0, "an IPv6 socket is one for IPv6 alone");
	set_sysctl("net/portres/denied_errno", "98");
	tap_num(stranger_binds(6000), WSAEADDRINUSE, "and by default as the kernel does");
	closesocket(v6);
	closesocket(holder);
}

/* 6000-6009 is persistent. */
static void test_persistent(ULONG64 token)
{
	SOCKET holder = udp(AF_INET);
	SOCKET bound = udp(AF_INET);
	SOCKET waiting = udp(AF_INET);
	ULONG64 runtime = 0;
	ULONG64 other = 0;

	acquire(holder, 5060, 4, &runtime);
	tap_num((int)LookupPersistentUdpPortReservation(htons(5060), 4, &other), ERROR_NOT_FOUND,
		"Lookup of a runtime block");
	tap_num((int)DeletePersistentUdpPortReservation(htons(5060), 4), ERROR_NOT_FOUND,
		"Delete of a runtime block");
	tap_num((int)CreatePersistentUdpPortReservation(htons(5063), 4, &other),
		ERROR_SHARING_VIOLATION, "Create over a runtime block");
	tap_num(acquire(holder, 6009, 4, &other), WSAEADDRINUSE, "acquire over a persistent one");
	associate(bound, token);
	associate(waiting, token);
	tap_num(bind_port(bound, 6001), 0, "a port of a persistent block");
	tap_num((int)DeletePersistentUdpPortReservation(htons(6000), 10), NO_ERROR,
		"Delete while a socket is bound");
	tap_num((int)port_of(bound), 6001, "the socket keeps its port");
	tap_num(bind_port(waiting, 0), WSAEADDRNOTAVAIL, "one that was not bound does not");
	tap_num((int)CreatePersistentUdpPortReservation(htons(6000), 10, &other),
		ERROR_SHARING_VIOLATION, "Create while a port is bound");
	closesocket(bound);
	tap_num((int)CreatePersistentUdpPortReservation(htons(6000), 10, &other), NO_ERROR,
		"Create again");
	tap_ok(other != token && other != INVALID_PORT_RESERVATION_TOKEN, "the token is new");
	closesocket(waiting);
	waiting = udp(AF_INET);
	tap_num(associate(waiting, token), WSAEINVAL, "the one from before is stale");
	closesocket(waiting);
	closesocket(holder);
}

static SOCKET tcp(void)
{
	SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	if (s == INVALID_SOCKET)
		tap_bail("no socket: %d", WSAGetLastError());
	return s;
}

static int connect_port(SOCKET s, unsigned int port)
{
	struct sockaddr_in address = loopback(port);

	return connect(s, (struct sockaddr *)&address, sizeof(address)) ? WSAGetLastError() : 0;
}

/* Two ports: a listener and its connections, a connection from the block, and then no port. */
static void test_connections(SOCKET holder, ULONG64 token)
{
	SOCKET listener = tcp();
	SOCKET client = tcp();
	SOCKET server;
	SOCKET inside = tcp();
	SOCKET late = tcp();
	unsigned int port;

	tap_num(associate(listener, token), 0, "a TCP socket is associated");
	tap_num(bind_port(listener, 5300), 0, "a TCP socket binds to a port of its block");
	tap_num(listen(listener, 5), 0, "it listens");
	tap_num(connect_port(client, 5300), 0, "a stranger connects to it");
	port = port_of(client);
	tap_ok(port != 5300 && port != 5301, "from a port that is not of the block");
	server = accept(listener, NULL, NULL);
	tap_num((int)port_of(server), 5300, "what is accepted has the port of the listener");
	tap_num(associate(inside, token), 0, "another one is associated");
	tap_num(connect_port(inside, 5300), 0, "it connects without a bind");
	tap_num((int)port_of(inside), 5301, "from a port of the block");
	tap_num(associate(late, token), 0, "a third one is associated");
	tap_num(connect_port(late, 5300), WSAEADDRNOTAVAIL,
		"connect with nothing left in the block");
	tap_num(release(holder, token), 0, "release while connections have ports of the block");
	closesocket(late);
	late = tcp();
	tap_num(connect_port(late, 5300), 0, "the listener goes on");
	closesocket(late);
	closesocket(inside);
	closesocket(server);
	closesocket(client);
	closesocket(listener);
}

static void test_tcp(void)
{
	ULONG64 token = 77;
	ULONG64 other = 0;
	ULONG64 datagrams = 0;
	SOCKET holder = tcp();
	SOCKET holder_udp = udp(AF_INET);
	SOCKET s = tcp();

	tap_num((int)CreatePersistentTcpPortReservation(htons(6100), 1, &token), 0,
		"Create for TCP");
	tap_num((int)LookupPersistentTcpPortReservation(htons(6100), 1, &other), 0,
		"Lookup for TCP");
	tap_ok(token == other, "the token is the same for TCP");
	tap_num(bind_port(s, 6100), WSAEADDRINUSE, "a TCP socket without the token");
	tap_num(associate(s, token), 0, "a persistent token for TCP");
	tap_num(bind_port(s, 0), 0, "a TCP socket binds to port 0");
	tap_num((int)port_of(s), 6100, "and gets the port of the block");
	closesocket(s);
	tap_num((int)DeletePersistentTcpPortReservation(htons(6100), 1), 0, "Delete for TCP");
	tap_num(acquire(holder, 5300, 2, &token), 0, "two TCP ports are acquired");
	tap_num(acquire(holder_udp, 5300, 2, &datagrams), 0, "and the same of UDP");
	s = tcp();
	tap_num(associate(s, datagrams), WSAEINVAL, "a token of the other protocol");
	tap_num(release(s, datagrams), WSAEINVAL, "is not released by it either");
	tap_num(bind_port(s, 5301), WSAEADDRINUSE, "a stranger of TCP");
	closesocket(s);
	test_connections(holder, token);
	closesocket(holder_udp);
	closesocket(holder);
}

int main(void)
{
	ULONG64 token = 0;
	WSADATA data;

	module_load();
	new_netns();
	if (WSAStartup(MAKEWORD(2, 2), &data) ||
	    CreatePersistentUdpPortReservation(htons(6000), 10, &token))
		tap_bail("cannot set the stage");
	test_bind();
	test_implicit();
	test_again();
	test_anywhere();
	test_lifetime();
	test_refusal();
	test_persistent(token);
	test_tcp();
	WSACleanup();
	return tap_finish();
}
