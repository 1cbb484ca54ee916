// SPDX-License-Identifier: GPL-2.0-only
/*
 * The error codes of each function of Winsock: what Windows documents of the situation, where
 * Linux has one errno for several of them. Without the module.
 */
#include "include/win32/mstcpip.h"
#include "include/win32/ws2tcpip.h"

#include <string.h>
#include <unistd.h>

#include "tap.h"

#define NOWHERE ((void *)1)

static int code(long long result)
{
	int last = WSAGetLastError();

	WSASetLastError(0);
	return result == SOCKET_ERROR ? last : 0;
}

static SOCKET udp(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0);
}

static SOCKET tcp(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static struct sockaddr_in loopback(unsigned int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((USHORT)port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static struct sockaddr *any(struct sockaddr_in *address)
{
	return (struct sockaddr *)address;
}

/* Binds to a free port of the loopback address, which is returned in address. */
static void bind_loopback(SOCKET s, struct sockaddr_in *address)
{
	int size = sizeof(*address);

	*address = loopback(0);
	if (bind(s, any(address), size) || getsockname(s, any(address), &size))
		tap_bail("bind: %d", WSAGetLastError());
}

static void set_nonblocking(SOCKET s)
{
	u_long on = 1;

	ioctlsocket(s, FIONBIO, &on);
}

static void set_timeout(SOCKET s, int option)
{
	DWORD milliseconds = 20;

	setsockopt(s, SOL_SOCKET, option, (char *)&milliseconds, sizeof(milliseconds));
}

static void test_socket(void)
{
	tap_num(code((int)socket(99, SOCK_DGRAM, 0)), WSAEAFNOSUPPORT,
		"socket: an unknown family");
	tap_num(code((int)socket(AF_INET, 99, 0)), WSAESOCKTNOSUPPORT, "socket: an unknown type");
	tap_num(code((int)socket(AF_INET, SOCK_DGRAM, 999)), WSAEPROTONOSUPPORT,
		"socket: an unknown protocol");
}

static void test_bind(void)
{
	struct sockaddr_in6 other = { .sin6_family = AF_INET6 };
	struct sockaddr_in address;
	struct sockaddr_in taken;
	struct sockaddr_in foreign = loopback(0);
	SOCKET first = udp();
	SOCKET s = udp();

	bind_loopback(first, &taken);
	foreign.sin_addr.s_addr = htonl(0x08080808);
	address = loopback(0);
	tap_num(code(bind(s, any(&address), 4)), WSAEFAULT,
		"bind: an address that is too short");
	tap_num(code(bind(s, any(&address), -1)), WSAEFAULT, "bind: a negative size");
	tap_num(code(bind(s, NOWHERE, sizeof(address))), WSAEFAULT, "bind: an address nowhere");
	tap_num(code(bind(s, (struct sockaddr *)&other, sizeof(other))), WSAEFAULT,
		"bind: an address of another family");
	tap_num(code(bind(s, any(&foreign), sizeof(foreign))), WSAEADDRNOTAVAIL,
		"bind: an address of another machine");
	tap_num(code(bind(s, any(&taken), sizeof(taken))), WSAEADDRINUSE, "bind: a port in use");
	tap_num(code(bind(INVALID_SOCKET, any(&taken), sizeof(taken))), WSAENOTSOCK,
		"bind: no socket");
	tap_num(code(bind(first, any(&address), sizeof(address))), WSAEINVAL,
		"bind: bound already");
	closesocket(first);
	closesocket(s);
}

/* A listener whose queue is full does not answer any more. */
static void fill(SOCKET *sockets, int count, struct sockaddr_in *address)
{
	int i;

	for (i = 0; i < count; i++) {
		sockets[i] = tcp();
		set_nonblocking(sockets[i]);
		connect(sockets[i], any(address), sizeof(*address));
	}
}

static void test_connect(void)
{
	struct sockaddr_in address;
	struct sockaddr_in closed;
	SOCKET crowd[4];
	SOCKET listener = tcp();
	SOCKET s = tcp();
	int i;

	bind_loopback(s, &closed);
	closesocket(s);
	s = tcp();
	tap_num(code(connect(s, any(&closed), 4)), WSAEFAULT,
		"connect: an address that is too short");
	tap_num(code(connect(s, NOWHERE, sizeof(closed))), WSAEFAULT,
		"connect: an address nowhere");
	tap_num(code(connect(s, any(&closed), sizeof(closed))), WSAECONNREFUSED,
		"connect: nobody listens");
	closesocket(s);
	bind_loopback(listener, &address);
	listen(listener, 0);
	tap_num(code(connect(listener, any(&address), sizeof(address))), WSAEINVAL,
		"connect: a listening socket");
	fill(crowd, 4, &address);
	s = tcp();
	set_timeout(s, SO_SNDTIMEO);
	tap_num(code(connect(s, any(&address), sizeof(address))), WSAETIMEDOUT,
		"connect: no answer in time");
	closesocket(s);
	s = tcp();
	set_nonblocking(s);
	tap_num(code(connect(s, any(&address), sizeof(address))), WSAEWOULDBLOCK,
		"connect: it would block");
	tap_num(code(connect(s, any(&address), sizeof(address))), WSAEALREADY,
		"connect: it is connecting already");
	closesocket(s);
	tap_num(code(connect(crowd[0], any(&address), sizeof(address))), 0,
		"connect: the first of a crowd is connected");
	tap_num(code(connect(crowd[0], any(&address), sizeof(address))), WSAEISCONN,
		"connect: connected already");
	for (i = 0; i < 4; i++)
		closesocket(crowd[i]);
	closesocket(listener);
}

static void test_listen(void)
{
	struct sockaddr_in address;
	SOCKET listener = tcp();
	SOCKET s = tcp();

	tap_num(code(listen(s, 1)), WSAEINVAL, "listen: not bound");
	bind_loopback(listener, &address);
	tap_num(code(listen(listener, 1)), 0, "listen: bound");
	connect(s, any(&address), sizeof(address));
	tap_num(code(listen(s, 1)), WSAEISCONN, "listen: connected");
	closesocket(s);
	closesocket(listener);
	s = udp();
	tap_num(code(listen(s, 1)), WSAEOPNOTSUPP, "listen: UDP");
	closesocket(s);
}

static void test_accept(void)
{
	struct sockaddr_in address;
	int size = 4;
	SOCKET listener = tcp();
	SOCKET peer = tcp();
	SOCKET s = udp();

	tap_num(code((int)accept(s, NULL, (int *)NULL)), WSAEOPNOTSUPP, "accept: UDP");
	closesocket(s);
	bind_loopback(listener, &address);
	tap_num(code((int)accept(listener, NULL, (int *)NULL)), WSAEINVAL, "accept: not listening");
	listen(listener, 1);
	set_nonblocking(listener);
	tap_num(code((int)accept(listener, NULL, (int *)NULL)), WSAEWOULDBLOCK,
		"accept: nobody connects");
	connect(peer, any(&address), sizeof(address));
	tap_num(code((int)accept(listener, any(&address), &size)), WSAEFAULT,
		"accept: no room for the address");
	size = sizeof(address);
	tap_num(code((int)accept(listener, NOWHERE, &size)), WSAEFAULT,
		"accept: an address nowhere");
	tap_num(code((int)accept(listener, any(&address), (int *)NOWHERE)), WSAEFAULT,
		"accept: a size nowhere");
	s = accept(listener, any(&address), &size);
	tap_ok(s != INVALID_SOCKET, "accept: the connection is still there");
	closesocket(s);
	closesocket(peer);
	closesocket(listener);
}

/* An address of IPv6 takes more room, and the connection waits until there is that. */
static void test_accept6(void)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
	SOCKET listener = socket(AF_INET6, SOCK_STREAM, 0);
	SOCKET peer = socket(AF_INET6, SOCK_STREAM, 0);
	int size = sizeof(address);
	int small = 16;

	address.sin6_addr = in6addr_loopback;
	if (bind(listener, (struct sockaddr *)&address, size)) {
		tap_skip("accept: no room for an address of IPv6", "no IPv6");
		return;
	}
	getsockname(listener, (struct sockaddr *)&address, &size);
	listen(listener, 1);
	connect(peer, (struct sockaddr *)&address, size);
	tap_num(code((int)accept(listener, (struct sockaddr *)&address, &small)), WSAEFAULT,
		"accept: no room for an address of IPv6");
	closesocket(listener);
	closesocket(peer);
}

static void test_receive(void)
{
	struct sockaddr_in address;
	SOCKET s = udp();
	SOCKET stream = tcp();
	int size = sizeof(address);
	char byte;

	set_timeout(s, SO_RCVTIMEO);
	tap_num(code(recv(s, &byte, 1, 0)), WSAEINVAL, "recv: not bound");
	tap_num(code(recv(stream, &byte, 1, 0)), WSAENOTCONN, "recv: not connected");
	bind_loopback(s, &address);
	set_timeout(s, SO_RCVTIMEO);
	tap_num(code(recv(s, &byte, 1, 0)), WSAETIMEDOUT, "recv: nothing comes in time");
	tap_num(code(recvfrom(s, &byte, 1, 0, any(&address), &size)), WSAETIMEDOUT,
		"recvfrom: nothing comes in time");
	set_nonblocking(s);
	tap_num(code(recv(s, &byte, 1, 0)), WSAEWOULDBLOCK, "recv: it would block");
	tap_num(code(recv(s, &byte, -1, 0)), WSAEFAULT, "recv: a negative size");
	sendto(s, "x", 1, 0, any(&address), sizeof(address));
	tap_num(code(recvfrom(s, &byte, 1, 0, any(&address), (int *)NOWHERE)), WSAEFAULT,
		"recvfrom: a size nowhere");
	size = 4;
	tap_num(code(recvfrom(s, &byte, 1, 0, any(&address), &size)), WSAEFAULT,
		"recvfrom: no room for the address");
	tap_num(code(recv(INVALID_SOCKET, &byte, 1, 0)), WSAENOTSOCK, "recv: no socket");
	closesocket(s);
	closesocket(stream);
}

/* What the answer of a machine to a datagram is, where nobody has the port. */
static void test_unreachable(void)
{
	struct sockaddr_in closed;
	SOCKET s = udp();
	char byte;

	bind_loopback(s, &closed);
	closesocket(s);
	s = udp();
	connect(s, any(&closed), sizeof(closed));
	set_timeout(s, SO_RCVTIMEO);
	send(s, "x", 1, 0);
	tap_num(code(recv(s, &byte, 1, 0)), WSAECONNRESET, "recv: nobody has the port");
	send(s, "x", 1, 0);
	tap_num(code(send(s, "x", 1, 0)), WSAECONNRESET, "send: nobody has the port");
	closesocket(s);
}

static void test_send(void)
{
	struct sockaddr_in address;
	char large[70000];
	SOCKET s = udp();

	memset(large, 0, sizeof(large));
	address = loopback(9);
	tap_num(code(send(s, "x", 1, 0)), WSAENOTCONN, "send: UDP, not connected");
	tap_num(code(sendto(s, "x", 1, 0, NULL, 0)), WSAEDESTADDRREQ, "sendto: no address");
	tap_num(code(sendto(s, "x", 1, 0, any(&address), 4)), WSAEFAULT,
		"sendto: an address that is too short");
	tap_num(code(sendto(s, "x", 1, 0, NOWHERE, sizeof(address))), WSAEFAULT,
		"sendto: an address nowhere");
	tap_num(code(sendto(s, large, sizeof(large), 0, any(&address), sizeof(address))),
		WSAEMSGSIZE, "sendto: too large");
	address.sin_port = 0;
	tap_num(code(sendto(s, "x", 1, 0, any(&address), sizeof(address))), WSAEADDRNOTAVAIL,
		"sendto: port 0");
	tap_num(code(send(s, NOWHERE, 1, 0)), WSAENOTCONN, "send: the state comes first");
	closesocket(s);
	s = tcp();
	tap_num(code(send(s, "x", 1, 0)), WSAENOTCONN, "send: TCP, not connected");
	closesocket(s);
}

static void connect_pair(SOCKET pair[2])
{
	struct sockaddr_in address;
	SOCKET listener = tcp();

	bind_loopback(listener, &address);
	listen(listener, 1);
	pair[0] = tcp();
	connect(pair[0], any(&address), sizeof(address));
	pair[1] = accept(listener, NULL, (int *)NULL);
	closesocket(listener);
}

static void test_stream(void)
{
	struct linger reset = { 1, 0 };
	static char data[1 << 20];
	SOCKET pair[2];
	int last = 0;
	char byte;
	int i;

	connect_pair(pair);
	set_timeout(pair[0], SO_SNDTIMEO);
	for (i = 0; i < 64 && !last; i++)
		last = code(send(pair[0], data, sizeof(data), 0));
	tap_num(last, WSAETIMEDOUT, "send: nobody reads in time");
	set_nonblocking(pair[0]);
	for (i = 0, last = 0; i < 64 && !last; i++)
		last = code(send(pair[0], data, sizeof(data), 0));
	tap_num(last, WSAEWOULDBLOCK, "send: it would block");
	closesocket(pair[0]);
	closesocket(pair[1]);
	connect_pair(pair);
	shutdown(pair[0], SD_SEND);
	tap_num(code(send(pair[0], "x", 1, 0)), WSAESHUTDOWN, "send: after shutdown");
	closesocket(pair[0]);
	closesocket(pair[1]);
	connect_pair(pair);
	setsockopt(pair[1], SOL_SOCKET, SO_LINGER, (char *)&reset, sizeof(reset));
	closesocket(pair[1]);
	tap_num(code(recv(pair[0], &byte, 1, 0)), WSAECONNRESET, "recv: the peer has reset it");
	tap_num(code(send(pair[0], "x", 1, 0)), WSAECONNRESET, "send: the peer has reset it");
	closesocket(pair[0]);
	tap_num(code(shutdown(tcp(), SD_BOTH)), WSAENOTCONN, "shutdown: not connected");
	tap_num(code(shutdown(tcp(), 99)), WSAEINVAL, "shutdown: an unknown how");
}

int main(void)
{
	WSADATA data;

	if (WSAStartup(MAKEWORD(2, 2), &data))
		tap_bail("WSAStartup");
	test_socket();
	test_bind();
	test_connect();
	test_listen();
	test_accept();
	test_accept6();
	test_receive();
	test_unreachable();
	test_send();
	test_stream();
	WSACleanup();
	return tap_finish();
}
