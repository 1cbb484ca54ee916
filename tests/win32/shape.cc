// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program in the manner of the samples that go with the documentation of Windows: the odd
 * name of a header, structures without the word struct, wmain(), the formats of wide text.
 *
 *   shape FAMILY TYPE PROTOCOL START COUNT
 */
#define UNICODE
#define WIN32_LEAN_AND_MEAN

#include <Windows.h.>
#include <winsock2.h>
#include <mstcpip.h>
#include <ws2ipdef.h>
#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <functional>

#pragma comment(lib, "ws2_32.lib")

static int usage(WCHAR *name)
{
	wprintf(L"usage: %ws FAMILY TYPE PROTOCOL START COUNT\n", name);
	wprintf(L"for example: %s 2 2 17 5000 20\n", name);
	return 2;
}

static int failed(const wchar_t *what)
{
	wprintf(L"%s: error %d\n", what, WSAGetLastError());
	return 1;
}

int __cdecl wmain(int argc, WCHAR **argv)
{
	INET_PORT_RESERVATION_INSTANCE portRes = { 0 };
	INET_PORT_RANGE portRange = { 0 };
	DWORD bytesReturned = 0;
	sockaddr_in service;
	int length = sizeof(service);
	WSADATA wsaData;
	SOCKET sock;

	if (argc != 6)
		return usage(argv[0]);
	if (WSAStartup(MAKEWORD(2, 2), &wsaData) != 0)
		return 1;
	sock = socket(_wtoi(argv[1]), _wtoi(argv[2]), _wtoi(argv[3]));
	if (sock == INVALID_SOCKET)
		return failed(L"socket");
	portRange.StartPort = htons((USHORT)_wtoi(argv[4]));
	portRange.NumberOfPorts = (USHORT)_wtoi(argv[5]);
	if (WSAIoctl(sock, SIO_ACQUIRE_PORT_RESERVATION, (LPVOID)&portRange,
		     sizeof(INET_PORT_RANGE), (LPVOID)&portRes,
		     sizeof(INET_PORT_RESERVATION_INSTANCE), &bytesReturned, NULL,
		     NULL) == SOCKET_ERROR)
		return failed(L"acquire");
	wprintf(L"acquired, %u bytes returned\n", bytesReturned);
	wprintf(L"start %d, count %d, token %I64d\n", ntohs(portRes.Reservation.StartPort),
		portRes.Reservation.NumberOfPorts, portRes.Token);
	if (WSAIoctl(sock, SIO_ASSOCIATE_PORT_RESERVATION, (LPVOID)&portRes.Token, sizeof(ULONG64),
		     NULL, 0, &bytesReturned, NULL, NULL) == SOCKET_ERROR)
		return failed(L"associate");
	service.sin_family = (ADDRESS_FAMILY)AF_INET;
	service.sin_addr.s_addr = INADDR_ANY;
	service.sin_port = 0;
	/* bind() is no macro, so this is another one */
	auto binder = std::bind(bind, sock, (SOCKADDR *)&service, (int)sizeof(service));
	if (binder() == SOCKET_ERROR || getsockname(sock, (SOCKADDR *)&service, &length))
		return failed(L"bind");
	wprintf(L"bound to %u\n", ntohs(service.sin_port));
	if (WSAIoctl(sock, SIO_RELEASE_PORT_RESERVATION, (LPVOID)&portRes.Token, sizeof(ULONG64),
		     NULL, 0, &bytesReturned, NULL, NULL) == SOCKET_ERROR)
		return failed(L"release");
	wprintf(L"released\n");
	closesocket(sock);
	WSACleanup();
	return 0;
}
