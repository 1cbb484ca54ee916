// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program in the manner of those samples of Windows that are about the functions for persistent
 * reservations of TCP ports: creates a block, binds a socket in it, looks the block up, deletes it.
 *
 *   persist START COUNT
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

#pragma comment(lib, "iphlpapi.lib")
#pragma comment(lib, "ws2_32.lib")

static void use_block(SOCKET sock, ULONG64 token)
{
	DWORD bytesReturned = 0;
	sockaddr_in service;
	sockaddr_in sockName;
	int nameLen = sizeof(sockName);

	if (WSAIoctl(sock, SIO_ASSOCIATE_PORT_RESERVATION, (LPVOID)&token, sizeof(ULONG64), NULL, 0,
		     &bytesReturned, NULL, NULL) == SOCKET_ERROR) {
		wprintf(L"associate: error %d\n", WSAGetLastError());
		return;
	}
	service.sin_family = AF_INET;
	service.sin_addr.s_addr = INADDR_ANY;
	service.sin_port = 0;
	if (bind(sock, (SOCKADDR *)&service, sizeof(service)) == SOCKET_ERROR ||
	    getsockname(sock, (SOCKADDR *)&sockName, &nameLen) == SOCKET_ERROR) {
		wprintf(L"bind: error %d\n", WSAGetLastError());
		return;
	}
	wprintf(L"bound to %u\n", ntohs(sockName.sin_port));
}

int wmain(int argc, WCHAR **argv)
{
	USHORT start, count;
	ULONG64 token = { 0 }, again = { 0 };
	unsigned long status;
	WSADATA wsaData = { 0 };
	SOCKET sock;

	if (argc != 3) {
		wprintf(L"usage: %s START COUNT\n", argv[0]);
		return 2;
	}
	start = htons((USHORT)_wtoi(argv[1]));
	count = (USHORT)_wtoi(argv[2]);
	status = CreatePersistentTcpPortReservation(start, count, &token);
	if (status != NO_ERROR) {
		wprintf(L"create: error %ld\n", status);
		return 1;
	}
	wprintf(L"created, token %I64d\n", token);
	if (WSAStartup(MAKEWORD(2, 2), &wsaData) != 0)
		return 1;
	sock = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	if (sock != INVALID_SOCKET) {
		use_block(sock, token);
		closesocket(sock);
	}
	status = LookupPersistentTcpPortReservation(start, count, &again);
	wprintf(L"lookup: error %ld, %s token\n", status, again == token ? L"the same" : L"another");
	status = DeletePersistentTcpPortReservation(start, count);
	wprintf(L"delete: error %ld\n", status);
	WSACleanup();
	return status != NO_ERROR;
}
