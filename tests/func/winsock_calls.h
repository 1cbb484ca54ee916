/* SPDX-License-Identifier: GPL-2.0-only */
/* The three codes of WSAIoctl, tersely: 0, or what WSAGetLastError() says. In C and in C++. */
#ifndef PORTRES_TESTS_WINSOCK_CALLS_H
#define PORTRES_TESTS_WINSOCK_CALLS_H

#include <winsock2.h>
#include <mstcpip.h>
#include <string.h>

/* first 0: anywhere; token: NULL is fine. -1: the answer has another size than it should. */
static inline int acquire(SOCKET s, unsigned int first, unsigned int count, ULONG64 *token)
{
	INET_PORT_RESERVATION_INSTANCE instance;
	INET_PORT_RANGE range;
	DWORD returned;

	range.StartPort = htons((USHORT)first);
	range.NumberOfPorts = (USHORT)count;
	if (WSAIoctl(s, SIO_ACQUIRE_PORT_RESERVATION, &range, sizeof(range), &instance,
		     sizeof(instance), &returned, NULL, NULL) == SOCKET_ERROR)
		return WSAGetLastError();
	if (returned != sizeof(instance))
		return -1;
	/* C and C++ call it by other names */
	if (token)
		memcpy(token, &instance.Token, sizeof(*token));
	return 0;
}

/* Association and release. -1: something was returned. */
static inline int by_token(SOCKET s, DWORD code, ULONG64 token)
{
	DWORD returned = 77;

	if (WSAIoctl(s, code, &token, sizeof(token), NULL, 0, &returned, NULL,
		     NULL) == SOCKET_ERROR)
		return WSAGetLastError();
	return returned ? -1 : 0;
}

#endif
