// SPDX-License-Identifier: GPL-2.0-only
/*
 * One reserved port and a socket for each worker that serves it, as a QUIC server has: all
 * are associated by the same token. Nobody without it gets between them.
 *
 *   quic PORT
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mstcpip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORKERS 4

static SOCKET open_socket(void)
{
	SOCKET s = socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
	DWORD both = 0;

	if (s == INVALID_SOCKET ||
	    setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (const char *)&both,
		       sizeof(both)) == SOCKET_ERROR) {
		fprintf(stderr, "no socket: error %d\n", WSAGetLastError());
		exit(EXIT_FAILURE);
	}
	return s;
}

/* Several sockets on one port: each of them has to agree to it. */
static int bind_shared(SOCKET s, USHORT port)
{
	struct sockaddr_in6 address;
	BOOL share = TRUE;

	memset(&address, 0, sizeof(address));
	address.sin6_family = AF_INET6;
	address.sin6_port = port;
	if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, (const char *)&share,
		       sizeof(share)) == SOCKET_ERROR ||
	    bind(s, (const struct sockaddr *)&address, sizeof(address)) == SOCKET_ERROR)
		return WSAGetLastError();
	return 0;
}

/* The token's place and size are the same in C and in C++, whatever it is called there. */
static int start_worker(SOCKET s, INET_PORT_RESERVATION_INSTANCE *instance, USHORT port)
{
	DWORD returned;

	if (WSAIoctl(s, SIO_ASSOCIATE_PORT_RESERVATION, &instance->Token,
		     sizeof(instance->Token), NULL, 0, &returned, NULL, NULL) == SOCKET_ERROR)
		return WSAGetLastError();
	return bind_shared(s, port);
}

static int run(USHORT port)
{
	INET_PORT_RESERVATION_INSTANCE instance;
	INET_PORT_RANGE range;
	SOCKET workers[WORKERS];
	SOCKET stranger = open_socket();
	DWORD returned;
	int started = 0;
	int i;

	for (i = 0; i < WORKERS; i++)
		workers[i] = open_socket();
	range.StartPort = port;
	range.NumberOfPorts = 1;
	if (WSAIoctl(workers[0], SIO_ACQUIRE_PORT_RESERVATION, &range, sizeof(range), &instance,
		     sizeof(instance), &returned, NULL, NULL) == SOCKET_ERROR) {
		printf("the port cannot be had: error %d\n", WSAGetLastError());
		return EXIT_FAILURE;
	}
	for (i = 0; i < WORKERS; i++)
		started += !start_worker(workers[i], &instance, port);
	printf("%d of %d workers share the port\n", started, WORKERS);
	printf("without the token: %s\n", bind_shared(stranger, port) ? "refused" : "bound");
	for (i = 0; i < WORKERS; i++)
		closesocket(workers[i]);
	printf("when they are gone: %s\n", bind_shared(stranger, port) ? "refused" : "bound");
	closesocket(stranger);
	return started == WORKERS ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	WSADATA data;
	int status;

	if (argc < 2 || WSAStartup(MAKEWORD(2, 2), &data))
		return EXIT_FAILURE;
	status = run(htons((USHORT)atoi(argv[1])));
	WSACleanup();
	return status;
}
