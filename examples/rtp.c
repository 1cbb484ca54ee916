// SPDX-License-Identifier: GPL-2.0-only
/*
 * A block of ports for RTP, wherever there is room. Each call takes an even port for RTP and
 * the odd one behind it for RTCP. Nobody else gets any of them until the block is released.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mstcpip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORTS 16

static SOCKET open_socket(void)
{
	SOCKET s = WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0, WSA_FLAG_OVERLAPPED);

	if (s == INVALID_SOCKET) {
		fprintf(stderr, "WSASocketW: error %d\n", WSAGetLastError());
		exit(EXIT_FAILURE);
	}
	return s;
}

static int bind_port(SOCKET s, unsigned int port)
{
	struct sockaddr_in address;

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_ANY);
	address.sin_port = htons((USHORT)port);
	if (bind(s, (const struct sockaddr *)&address, sizeof(address)) == SOCKET_ERROR)
		return WSAGetLastError();
	return 0;
}

static int with_token(SOCKET s, DWORD code, ULONG64 token)
{
	DWORD returned;

	if (WSAIoctl(s, code, &token, sizeof(token), NULL, 0, &returned, NULL,
		     NULL) == SOCKET_ERROR)
		return WSAGetLastError();
	return 0;
}

/* C and C++ call the members of the answer by other names, so it is read as what it is. */
static int acquire(SOCKET s, INET_PORT_RANGE *range, ULONG64 *token)
{
	INET_PORT_RESERVATION_INSTANCE instance;
	DWORD returned;

	if (WSAIoctl(s, SIO_ACQUIRE_PORT_RESERVATION, range, sizeof(*range), &instance,
		     sizeof(instance), &returned, NULL, NULL) == SOCKET_ERROR)
		return WSAGetLastError();
	memcpy(range, &instance, sizeof(*range));
	memcpy(token, &instance.Token, sizeof(*token));
	return 0;
}

static const char *word(int error)
{
	return error ? "refused" : "bound";
}

static void one_call(ULONG64 token, unsigned int even)
{
	SOCKET rtp = open_socket();
	SOCKET rtcp = open_socket();
	SOCKET stranger = open_socket();

	if (with_token(rtp, SIO_ASSOCIATE_PORT_RESERVATION, token) ||
	    with_token(rtcp, SIO_ASSOCIATE_PORT_RESERVATION, token))
		printf("cannot associate: error %d\n", WSAGetLastError());
	printf("RTP on an even port: %s\n", word(bind_port(rtp, even)));
	printf("RTCP on the next: %s\n", word(bind_port(rtcp, even + 1)));
	printf("a stranger on another of them: %s\n", word(bind_port(stranger, even + 2)));
	closesocket(stranger);
	closesocket(rtcp);
	closesocket(rtp);
}

int main(void)
{
	INET_PORT_RANGE range = { 0, PORTS };
	SOCKET holder;
	SOCKET stranger;
	WSADATA data;
	ULONG64 token = INVALID_PORT_RESERVATION_TOKEN;
	unsigned int even;
	int error;

	if (WSAStartup(MAKEWORD(2, 2), &data))
		return EXIT_FAILURE;
	holder = open_socket();
	error = acquire(holder, &range, &token);
	if (error) {
		printf("no %d ports in a row: error %d\n", PORTS, error);
		return EXIT_FAILURE;
	}
	printf("acquired %u ports\n", (unsigned int)range.NumberOfPorts);
	even = (ntohs(range.StartPort) + 1U) & ~1U;
	one_call(token, even);
	error = with_token(holder, SIO_RELEASE_PORT_RESERVATION, token);
	printf("release: error %d\n", error);
	stranger = open_socket();
	printf("a stranger after that: %s\n", word(bind_port(stranger, even + 2)));
	closesocket(stranger);
	closesocket(holder);
	WSACleanup();
	return EXIT_SUCCESS;
}
