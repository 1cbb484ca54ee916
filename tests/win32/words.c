// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words that programs for Windows are made of: annotations, keywords, types, macros and
 * functions, as the headers of mingw-w64 have them and as ours do. In C and in C++. It needs
 * neither the module nor a network, says what went wrong, and exits with the number of that.
 */
#include <winsock2.h>
#include <windows.h>
#include <ws2tcpip.h>
#include <mstcpip.h>
#include <mswsock.h>
#include <iphlpapi.h>
#include <basetsd.h>
#include <io.h>
#include <process.h>
#include <sal.h>
#include <stdio.h>
#include <string.h>
#include <tchar.h>
#include <winbase.h>
#include <windef.h>
#include <winerror.h>

/* mingw-w64 does not have it yet. */
#ifndef SIO_CPU_AFFINITY
#define SIO_CPU_AFFINITY _WSAIOW(IOC_VENDOR, 21)
#endif

static int faults;

static void check(_In_ BOOL good, _In_z_ const char *what)
{
	if (good)
		return;
	fprintf(stderr, "wrong: %s\n", what);
	faults++;
}

EXTERN_C __declspec(dllexport) int exported(_In_opt_ const void *nothing);
EXTERN_C __declspec(dllexport) int exported(_In_opt_ const void *nothing)
{
	return !nothing;
}

__declspec(noinline) static _Success_(return != SOCKET_ERROR)
int receive(_In_ SOCKET s, _Out_writes_bytes_to_(size, *received) char *buffer, _In_ ULONG size,
	    _Out_ DWORD *received)
{
	WSABUF room;
	DWORD flags = 0;

	room.len = size;
	room.buf = buffer;
	return WSARecv(s, &room, 1, received, &flags, NULL, NULL);
}

static _Check_return_ SSIZE_T total(_In_reads_(count) const WSABUF *buffers, _In_ SIZE_T count,
				    _Inout_ DWORD *calls)
{
	SSIZE_T sum = 0;
	SIZE_T i;

	for (i = 0; i < count; i++)
		sum += (SSIZE_T)buffers[i].len;
	++*calls;
	return sum;
}

/* A socket that is connected to itself, and a datagram on its way through two buffers. */
static void test_transfer(void)
{
	static const char wanted[] = "hello, world";
	char hello[8] = "hello, ";
	char world[6] = "world";
	WSABUF buffers[2] = { { 7, hello }, { 6, world } };
	struct sockaddr_in address;
	char text[32];
	DWORD received = 0;
	DWORD calls = 0;
	DWORD sent = 0;
	SOCKET s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	int size = sizeof(address);

	RtlZeroMemory(&address, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(!bind(s, (struct sockaddr *)&address, size) &&
	      !getsockname(s, (struct sockaddr *)&address, &size), "bind");
	check(!WSAConnect(s, (struct sockaddr *)&address, size, NULL, NULL, NULL, NULL),
	      "WSAConnect");
	check(!WSASend(s, buffers, 2, &sent, 0, NULL, NULL), "WSASend");
	check((SSIZE_T)sent == total(buffers, 2, &calls) && calls == 1, "what is sent");
	check(!receive(s, text, sizeof(text), &received), "WSARecv");
	check(received == sizeof(wanted) && !memcmp(text, wanted, sizeof(wanted)), "what comes");
	closesocket(s);
}

static void test_options(void)
{
	SOCKET s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	LINGER linger = { 0, 0 };
	DWORD on = 1;
	DWORD returned;
	USHORT cpu = 0;
	u_long count = 1;

	check(!setsockopt(s, IPPROTO_IP, IP_DONTFRAGMENT, (const char *)&on, sizeof(on)),
	      "IP_DONTFRAGMENT");
	check(!setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&linger, sizeof(linger)) ||
	      WSAGetLastError() == WSAENOPROTOOPT, "SO_LINGER");
	check(!WSAIoctl(s, FIONBIO, &on, sizeof(on), NULL, 0, &returned, NULL, NULL), "FIONBIO");
	check(!ioctlsocket(s, (long)FIONREAD, &count) && !count, "FIONREAD");
	check(!WSAIoctl(s, SIO_CPU_AFFINITY, &cpu, sizeof(cpu), NULL, 0, &returned, NULL, NULL),
	      "SIO_CPU_AFFINITY");
	closesocket(s);
}

static void test_wait(void)
{
	SOCKET s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	WSAEVENT event = WSACreateEvent();
	WSAPOLLFD fd;

	fd.fd = s;
	fd.events = POLLOUT;
	fd.revents = 0;
	check(WSAPoll(&fd, 1, 0) == 1 && (fd.revents & POLLOUT), "WSAPoll");
	check(event != WSA_INVALID_EVENT && WSASetEvent(event), "WSASetEvent");
	check(WSAWaitForMultipleEvents(1, &event, TRUE, WSA_INFINITE, FALSE) == WSA_WAIT_EVENT_0,
	      "WSAWaitForMultipleEvents");
	check(WSAResetEvent(event) && WSACloseEvent(event), "WSAResetEvent");
	closesocket(s);
}

static void test_text(void)
{
	static const _TCHAR name[] = _T("name");
	ULONG64 token = 0x123456789;
	char text[64];
	LPSTR message = NULL;

	sprintf(text, "%I64u %hs", token, "bytes");
	check(!strcmp(text, "4886718345 bytes"), "sprintf");
	check(_tcslen(name) == 4, "_tcslen");
	check(FormatMessageA(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM |
			     FORMAT_MESSAGE_IGNORE_INSERTS, NULL, ERROR_ACCESS_DENIED,
			     MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT), (LPSTR)&message, 0,
			     NULL) > 0, "FormatMessageA");
	LocalFree(message);
	RtlCopyMemory(text, "copied", 7);
	check(!memcmp(text, "copied", 7), "RtlCopyMemory");
	check(MAXINT32 == 0x7fffffff && ERROR_OUTOFMEMORY == 14, "numbers");
	check(_getpid() > 0 && _access("/", 0) == 0 && exported(NULL), "the rest");
}

int main(void)
{
	WSADATA data;

	check(!WSAStartup(MAKEWORD(2, 2), &data), "WSAStartup");
	test_transfer();
	test_options();
	test_wait();
	test_text();
	WSACleanup();
	return faults;
}
