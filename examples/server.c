// SPDX-License-Identifier: GPL-2.0-only
/*
 * A server whose ports an administrator has reserved for good. It runs without privilege
 * (here as the user that the reservation is for), finds the token and answers one datagram.
 *
 *   server START COUNT
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mstcpip.h>
#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static SOCKET open_socket(void)
{
	SOCKET s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);

	if (s == INVALID_SOCKET) {
		fprintf(stderr, "socket: error %d\n", WSAGetLastError());
		exit(EXIT_FAILURE);
	}
	return s;
}

/* Port 0: one of the block. */
static int bind_in_block(SOCKET s, ULONG64 token, struct sockaddr_in *address)
{
	int size = sizeof(*address);
	DWORD returned;

	memset(address, 0, sizeof(*address));
	address->sin_family = AF_INET;
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (WSAIoctl(s, SIO_ASSOCIATE_PORT_RESERVATION, &token, sizeof(token), NULL, 0,
		     &returned, NULL, NULL) == SOCKET_ERROR ||
	    bind(s, (const struct sockaddr *)address, sizeof(*address)) == SOCKET_ERROR ||
	    getsockname(s, (struct sockaddr *)address, &size) == SOCKET_ERROR)
		return WSAGetLastError();
	return 0;
}

/* The server, and its client to show that it serves. */
static int serve(SOCKET server, const struct sockaddr_in *address)
{
	SOCKET client = open_socket();
	char text[64];
	struct sockaddr_in peer;
	int size = sizeof(peer);
	int length;

	if (sendto(client, "hello", 5, 0, (const struct sockaddr *)address,
		   sizeof(*address)) != 5)
		return WSAGetLastError();
	length = recvfrom(server, text, sizeof(text), 0, (struct sockaddr *)&peer, &size);
	if (length == SOCKET_ERROR ||
	    sendto(server, text, length, 0, (const struct sockaddr *)&peer, size) != length)
		return WSAGetLastError();
	length = recv(client, text, sizeof(text), 0);
	if (length == SOCKET_ERROR)
		return WSAGetLastError();
	printf("answered: %.*s\n", length, text);
	closesocket(client);
	return 0;
}

static int run(unsigned int start, unsigned int count, ULONG64 token)
{
	struct sockaddr_in address;
	SOCKET server = open_socket();
	int error = bind_in_block(server, token, &address);
	unsigned int port = ntohs(address.sin_port);

	if (error) {
		printf("no port of the block: error %d\n", error);
		return EXIT_FAILURE;
	}
	printf("the port is of the block: %s\n",
	       port >= start && port < start + count ? "yes" : "no");
	error = serve(server, &address);
	if (error)
		printf("not served: error %d\n", error);
	closesocket(server);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	unsigned int start = argc > 2 ? (unsigned int)atoi(argv[1]) : 0;
	unsigned int count = argc > 2 ? (unsigned int)atoi(argv[2]) : 0;
	WSADATA data;
	ULONG64 token;
	ULONG error;
	int status;

	error = LookupPersistentUdpPortReservation(htons((USHORT)start), (USHORT)count, &token);
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
