// SPDX-License-Identifier: GPL-2.0-only
/*
 * A node of a cluster whose TCP ports an administrator has reserved for good: no connection of
 * another program can take the port that it listens on, and its own connections come from ports of
 * the block, so that the other nodes can tell them. It runs without privilege, as the user that the
 * reservation is for; the other node is played by the same program.
 *
 *   cluster START COUNT
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mstcpip.h>
#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sockaddr_in loopback(unsigned int port)
{
	struct sockaddr_in address;

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons((USHORT)port);
	return address;
}

static unsigned int port_of(SOCKET s)
{
	struct sockaddr_in address;
	int size = sizeof(address);

	return getsockname(s, (struct sockaddr *)&address, &size) ? 0 : ntohs(address.sin_port);
}

/* A socket on a port of the block; port 0: on any. INVALID_SOCKET: WSAGetLastError() says why. */
static SOCKET open_in_block(ULONG64 token, unsigned int port)
{
	struct sockaddr_in address = loopback(port);
	SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	DWORD returned;

	if (s == INVALID_SOCKET ||
	    WSAIoctl(s, SIO_ASSOCIATE_PORT_RESERVATION, &token, sizeof(token), NULL, 0,
		     &returned, NULL, NULL) == SOCKET_ERROR ||
	    bind(s, (const struct sockaddr *)&address, sizeof(address)) == SOCKET_ERROR)
		return INVALID_SOCKET;
	return s;
}

static int fail(const char *what)
{
	printf("%s: error %d\n", what, WSAGetLastError());
	return EXIT_FAILURE;
}

/* The other node says a word and closes its end first: its port is in TIME_WAIT afterwards. */
static int talk(SOCKET listener, SOCKET other, unsigned int start, unsigned int count)
{
	struct sockaddr_in address = loopback(start);
	struct sockaddr_in peer;
	int size = sizeof(peer);
	unsigned int port;
	char text[64];
	int length;
	SOCKET s;

	if (connect(other, (const struct sockaddr *)&address, sizeof(address)) == SOCKET_ERROR)
		return fail("connect");
	s = accept(listener, (struct sockaddr *)&peer, &size);
	if (s == INVALID_SOCKET)
		return fail("accept");
	port = ntohs(peer.sin_port);
	printf("the peer's port is of the block: %s\n",
	       port >= start && port < start + count ? "yes" : "no");
	printf("the accepted socket has port %u\n", port_of(s));
	if (send(other, "alive", 5, 0) != 5)
		return fail("send");
	length = recv(s, text, sizeof(text), 0);
	if (length == SOCKET_ERROR)
		return fail("recv");
	printf("it says: %.*s\n", length, text);
	closesocket(other);
	closesocket(s);
	return EXIT_SUCCESS;
}

static int run(unsigned int start, unsigned int count, ULONG64 token)
{
	SOCKET listener = open_in_block(token, start);
	SOCKET other;
	int status;

	if (listener == INVALID_SOCKET || listen(listener, 5) == SOCKET_ERROR)
		return fail("the port cannot be had");
	printf("listening on port %u\n", port_of(listener));
	other = open_in_block(token, 0);
	if (other == INVALID_SOCKET)
		return fail("no port of the block is left");
	status = talk(listener, other, start, count);
	closesocket(listener);
	return status;
}

int main(int argc, char **argv)
{
	unsigned int start = argc > 2 ? (unsigned int)atoi(argv[1]) : 0;
	unsigned int count = argc > 2 ? (unsigned int)atoi(argv[2]) : 0;
	WSADATA data;
	ULONG64 token;
	ULONG error;
	int status;

	error = LookupPersistentTcpPortReservation(htons((USHORT)start), (USHORT)count, &token);
	if (error != NO_ERROR) {
		printf("%u ports from %u on: error %u\n", count, start, (unsigned int)error);
		return EXIT_FAILURE;
	}
	if (WSAStartup(MAKEWORD(2, 2), &data))
		return EXIT_FAILURE;
	status = run(start, count, token);
	WSACleanup();
	return status;
}
