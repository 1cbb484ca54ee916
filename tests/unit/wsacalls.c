// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions that take several buffers, WSAPoll() and events, without overlapped calls; the
 * rest of those that have a socket; and the texts of codes. Without the module.
 */
#include "include/win32/ws2tcpip.h"

#include <pthread.h>
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

static void CALLBACK routine(DWORD error, DWORD count, LPWSAOVERLAPPED overlapped, DWORD flags)
{
	(void)error;
	(void)count;
	(void)overlapped;
	(void)flags;
}

/* A UDP socket that is connected to itself. */
static SOCKET open_loop(struct sockaddr_in *address)
{
	SOCKET s = WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
	int size = sizeof(*address);

	*address = (struct sockaddr_in){ .sin_family = AF_INET };
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(s, (struct sockaddr *)address, size) ||
	    getsockname(s, (struct sockaddr *)address, &size))
		tap_bail("bind: %d", WSAGetLastError());
	return s;
}

static void test_buffers(SOCKET s, struct sockaddr_in *address)
{
	char first[4] = "abc";
	char second[8] = "defg";
	WSABUF buffers[2] = { { 3, first }, { 4, second } };
	struct sockaddr_in from = { 0 };
	int size = sizeof(from);
	DWORD count = 77;
	DWORD flags = 0;

	tap_num(code(WSASendTo(s, buffers, 2, &count, 0, (struct sockaddr *)address,
			       sizeof(*address), NULL, NULL)), 0, "WSASendTo: two buffers");
	tap_num(count, 7, "all of them is sent");
	memset(first, 0, sizeof(first));
	memset(second, 0, sizeof(second));
	tap_num(code(WSARecvFrom(s, buffers, 2, &count, &flags, (struct sockaddr *)&from, &size,
				 NULL, NULL)), 0, "WSARecvFrom: two buffers");
	tap_num(count, 7, "all of it comes");
	tap_ok(!memcmp(first, "abc", 4) && !memcmp(second, "defg", 5), "in two parts");
	tap_ok(from.sin_port == address->sin_port && size == sizeof(from),
	       "with the address of the sender");
	tap_num(code(WSAConnect(s, (struct sockaddr *)address, sizeof(*address), NULL, NULL, NULL,
				NULL)), 0, "WSAConnect");
	tap_num(code(WSAConnect(s, (struct sockaddr *)address, sizeof(*address), buffers, NULL,
				NULL, NULL)), WSAEOPNOTSUPP, "WSAConnect with data");
	tap_num(code(WSASend(s, buffers, 2, &count, 0, NULL, NULL)), 0, "WSASend");
	buffers[1].len = 1;
	flags = MSG_PEEK;
	tap_num(code(WSARecv(s, buffers, 2, &count, &flags, NULL, NULL)), WSAEMSGSIZE,
		"WSARecv: a datagram that does not fit");
	tap_num(count, 4, "what fits is there");
	flags = 0;
	buffers[1].len = 4;
	tap_num(code(WSARecv(s, buffers, 2, &count, &flags, NULL, NULL)), 0, "WSARecv");
}

static void test_bad_buffers(SOCKET s)
{
	char byte = 0;
	WSABUF good = { 1, &byte };
	WSABUF bad = { 1, NOWHERE };
	WSAOVERLAPPED overlapped;
	DWORD count;
	DWORD flags = 0;

	memset(&overlapped, 0, sizeof(overlapped));
	tap_num(code(WSASend(s, &good, 1, &count, 0, &overlapped, NULL)), WSAEOPNOTSUPP,
		"WSASend: overlapped");
	tap_num(code(WSASend(s, &good, 1, &count, 0, NULL, routine)), WSAEOPNOTSUPP,
		"WSASend: a completion routine");
	tap_num(code(WSASendTo(s, &good, 1, NULL, 0, NULL, 0, &overlapped, NULL)), WSAEOPNOTSUPP,
		"WSASendTo: overlapped");
	tap_num(code(WSARecv(s, &good, 1, NULL, &flags, &overlapped, NULL)), WSAEOPNOTSUPP,
		"WSARecv: overlapped");
	tap_num(code(WSARecvFrom(s, &good, 1, NULL, &flags, NULL, NULL, &overlapped, NULL)),
		WSAEOPNOTSUPP, "WSARecvFrom: overlapped");
	tap_num(code(WSASend(s, NOWHERE, 1, &count, 0, NULL, NULL)), WSAEFAULT,
		"WSASend: buffers nowhere");
	tap_num(code(WSASend(s, &bad, 1, &count, 0, NULL, NULL)), WSAEFAULT,
		"WSASend: a buffer nowhere");
	tap_num(code(WSASend(s, &good, 0, &count, 0, NULL, NULL)), WSAEINVAL,
		"WSASend: no buffers");
	tap_num(code(WSASend(s, &good, 1, NULL, 0, NULL, NULL)), WSAEFAULT, "WSASend: no count");
	tap_num(code(WSARecv(s, &good, 1, &count, NULL, NULL, NULL)), WSAEFAULT,
		"WSARecv: no flags");
	tap_num(code(WSASend(INVALID_SOCKET, &good, 1, &count, 0, NULL, NULL)), WSAENOTSOCK,
		"WSASend: no socket");
	tap_num(code((int)WSAAccept(s, NULL, NULL, NULL, 0)), WSAEOPNOTSUPP, "WSAAccept: UDP");
}

static void test_poll(SOCKET s)
{
	WSAPOLLFD fds[3] = { { s, POLLIN, 7 }, { s, POLLOUT, 7 }, { INVALID_SOCKET, POLLIN, 7 } };

	tap_num(WSAPoll(fds, 2, 0), 1, "WSAPoll: one socket is ready");
	tap_ok(!fds[0].revents && fds[1].revents == POLLOUT, "it tells which");
	send(s, "x", 1, 0);
	tap_num(WSAPoll(fds, 1, 10000), 1, "WSAPoll: a datagram comes");
	tap_ok(fds[0].revents & POLLIN, "it can be received");
	tap_num(WSAPoll(fds, 3, 0), 3, "WSAPoll: no socket among others");
	tap_num(fds[2].revents, POLLNVAL, "is told as such");
	tap_num(code(WSAPoll(&fds[2], 1, 0)), WSAEINVAL, "WSAPoll: no socket at all");
	tap_num(code(WSAPoll(fds, 0, 0)), WSAEINVAL, "WSAPoll: none");
	tap_num(code(WSAPoll(NOWHERE, 1, 0)), WSAEFAULT, "WSAPoll: sockets nowhere");
}

static void *set_later(void *event)
{
	Sleep(20);
	WSASetEvent(event);
	return NULL;
}

static void test_events(SOCKET s)
{
	WSAEVENT events[2];
	pthread_t thread;

	events[0] = WSACreateEvent();
	events[1] = WSACreateEvent();
	tap_ok(events[0] != WSA_INVALID_EVENT && events[1] != events[0], "WSACreateEvent");
	tap_num(WSAWaitForMultipleEvents(2, events, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT,
		"no event is set");
	tap_ok(WSASetEvent(events[1]), "WSASetEvent");
	tap_ok(WSASetEvent(events[1]), "set again");
	tap_num(WSAWaitForMultipleEvents(2, events, FALSE, WSA_INFINITE, FALSE),
		WSA_WAIT_EVENT_0 + 1, "the second is set");
	tap_num(WSAWaitForMultipleEvents(2, events, FALSE, 0, FALSE), WSA_WAIT_EVENT_0 + 1,
		"it stays set");
	tap_num(WSAWaitForMultipleEvents(2, events, TRUE, 30, FALSE), WSA_WAIT_TIMEOUT,
		"not all of them");
	pthread_create(&thread, NULL, set_later, events[0]);
	tap_num(WSAWaitForMultipleEvents(2, events, TRUE, 10000, FALSE), WSA_WAIT_EVENT_0,
		"all of them, later");
	pthread_join(thread, NULL);
	tap_ok(WSAResetEvent(events[1]), "WSAResetEvent");
	tap_ok(WSAResetEvent(events[1]), "reset again");
	tap_num(WSAWaitForMultipleEvents(1, &events[1], FALSE, 0, FALSE), WSA_WAIT_TIMEOUT,
		"it is not set any more");
	tap_ok(!WSASetEvent((WSAEVENT)s) && WSAGetLastError() == WSA_INVALID_HANDLE,
	       "a socket is no event");
	tap_ok(!WSASetEvent(NULL) && !WSAResetEvent(NOWHERE) && !WSACloseEvent((WSAEVENT)999),
	       "nor is what is no handle");
	tap_num(WSAWaitForMultipleEvents(0, events, FALSE, 0, FALSE), WSA_WAIT_FAILED,
		"to wait for nothing");
	tap_num(WSAGetLastError(), WSA_INVALID_PARAMETER, "is invalid");
	tap_ok(WSACloseEvent(events[0]) && WSACloseEvent(events[1]), "WSACloseEvent");
	tap_ok(!WSACloseEvent(events[0]), "once");
}

#define FROM_SYSTEM (FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS)

static void test_message(void)
{
	LPSTR text = NULL;
	LPWSTR wide = NULL;
	char small[8];
	char enough[100];
	DWORD length;

	length = FormatMessageA(FROM_SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL,
				ERROR_ACCESS_DENIED, 0, (LPSTR)&text, 0, NULL);
	tap_ok(length && !strcmp(text, "Access is denied.\r\n"), "FormatMessageA: a text");
	tap_num(length, 19, "its length");
	tap_ok(!LocalFree(text), "LocalFree");
	length = FormatMessageW(FROM_SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL,
				WSAEADDRINUSE, MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT),
				(LPWSTR)&wide, 200, NULL);
	tap_ok(length && length == wcslen(wide) && !wcscmp(wide + length - 2, L"\r\n"),
	       "FormatMessageW: a text");
	LocalFree(wide);
	tap_num(FormatMessageA(FROM_SYSTEM | FORMAT_MESSAGE_MAX_WIDTH_MASK, NULL, 5, 0, enough,
			       sizeof(enough), NULL), 18, "FormatMessageA: no line ends");
	tap_ok(!FormatMessageA(FROM_SYSTEM, NULL, 5, 0, small, sizeof(small), NULL) &&
	       GetLastError() == ERROR_INSUFFICIENT_BUFFER, "no room for the text");
	tap_ok(!FormatMessageA(FROM_SYSTEM, NULL, 123456, 0, enough, sizeof(enough), NULL) &&
	       GetLastError() == ERROR_MR_MID_NOT_FOUND, "a code without text");
	tap_ok(!FormatMessageA(FORMAT_MESSAGE_FROM_STRING, "x", 0, 0, enough, sizeof(enough),
			       NULL) && GetLastError() == ERROR_INVALID_PARAMETER,
	       "a format of the program's own");
}

static void test_others(void)
{
	struct timeval wrong = { -1, 0 };
	struct sockaddr_in address;
	u_long value = 0;
	int ends[2];
	fd_set set;
	SOCKET s = open_loop(&address);

	FD_ZERO(&set);
	FD_SET(s, &set);
	tap_num(code(select(0, &set, NULL, NULL, NOWHERE)), WSAEFAULT, "select: a timeout nowhere");
	tap_num(code(select(0, &set, NULL, NULL, &wrong)), WSAEINVAL, "select: a negative timeout");
	tap_num(code(ioctlsocket(s, FIONREAD, NOWHERE)), WSAEFAULT, "ioctlsocket: a value nowhere");
	if (pipe(ends))
		tap_bail("no pipe");
	tap_num(code(ioctlsocket((SOCKET)ends[0], FIONREAD, &value)), WSAENOTSOCK,
		"ioctlsocket: a pipe");
	tap_num(code(closesocket((SOCKET)ends[0])), WSAENOTSOCK, "closesocket: a pipe");
	tap_num(code(getsockname(s, (struct sockaddr *)&address, (int *)NOWHERE)), WSAEFAULT,
		"getsockname: a size nowhere");
	close(ends[0]);
	close(ends[1]);
	closesocket(s);
	FD_SET(s, &set);
	tap_num(code(select(0, &set, NULL, NULL, NULL)), WSAENOTSOCK, "select: no socket");
}

int main(void)
{
	struct sockaddr_in address;
	WSADATA data;
	SOCKET s;

	tap_ok(WSACreateEvent() == WSA_INVALID_EVENT && WSAGetLastError() == WSANOTINITIALISED,
	       "WSACreateEvent before WSAStartup");
	WSAStartup(MAKEWORD(2, 2), &data);
	s = open_loop(&address);
	test_buffers(s, &address);
	test_bad_buffers(s);
	test_poll(s);
	test_events(s);
	test_others();
	test_message();
	closesocket(s);
	WSACleanup();
	return tap_finish();
}
