// SPDX-License-Identifier: GPL-2.0-only
/* Sockets by Windows' headers, as far as they go without the module. */
#include "include/win32/mstcpip.h"
#include "include/win32/ws2tcpip.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "tap.h"

DWORD portres_to_wsa(int error);

static void test_table(void)
{
	static const struct {
		int error;
		DWORD code;
	} rows[] = {
		{ 0, 0 }, { EINTR, 10004 }, { EBADF, 10038 }, { EACCES, 10013 }, { EPERM, 10013 },
		{ EFAULT, 10014 }, { EINVAL, 10022 }, { EMFILE, 10024 }, { ENFILE, 10024 },
		{ EAGAIN, 10035 }, { EINPROGRESS, 10035 }, { ENOTSOCK, 10038 },
		{ EDESTADDRREQ, 10039 }, { EMSGSIZE, 10040 }, { ENOPROTOOPT, 10042 },
		{ EPROTONOSUPPORT, 10043 }, { EOPNOTSUPP, 10045 }, { ENOSYS, 10045 },
		{ EAFNOSUPPORT, 10047 }, { EADDRINUSE, 10048 }, { EADDRNOTAVAIL, 10049 },
		{ ENETDOWN, 10050 }, { ENETUNREACH, 10051 }, { ECONNRESET, 10054 },
		{ ENOBUFS, 10055 }, { ENOMEM, 10055 }, { ENOTCONN, 10057 }, { EPIPE, 10058 },
		{ ETIMEDOUT, 10060 }, { ECONNREFUSED, 10061 }, { EDQUOT, 10069 },
		{ EPROTO, 10107 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		tap_num(portres_to_wsa(-rows[i].error), rows[i].code, "%s is %u",
			errno_name(rows[i].error), (unsigned int)rows[i].code);
}

/* 1 if a call was refused since nobody has called WSAStartup(). */
static bool refused(int result)
{
	int code = WSAGetLastError();

	WSASetLastError(0);
	return result == SOCKET_ERROR && code == WSANOTINITIALISED;
}

static void test_not_started(void)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	SOCKET s = 0;
	u_long value = 0;
	int size = sizeof(name);
	char byte = 0;
	DWORD returned;
	fd_set set;

	FD_ZERO(&set);
	tap_ok(refused((int)socket(AF_INET, SOCK_DGRAM, 0)), "socket before WSAStartup");
	tap_ok(refused((int)WSASocketA(AF_INET, SOCK_DGRAM, 0, NULL, 0, 0)), "WSASocketA");
	tap_ok(refused((int)WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0, 0)), "WSASocketW");
	tap_ok(refused(closesocket(s)), "closesocket");
	tap_ok(refused(bind(s, (struct sockaddr *)&name, size)), "bind");
	tap_ok(refused(connect(s, (struct sockaddr *)&name, size)), "connect");
	tap_ok(refused(listen(s, 1)), "listen");
	tap_ok(refused((int)accept(s, NULL, (int *)NULL)), "accept");
	tap_ok(refused(shutdown(s, SD_BOTH)), "shutdown");
	tap_ok(refused(getsockname(s, (struct sockaddr *)&name, &size)), "getsockname");
	tap_ok(refused(getpeername(s, (struct sockaddr *)&name, &size)), "getpeername");
	tap_ok(refused(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&size, &size)), "getsockopt");
	tap_ok(refused(setsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&size, size)), "setsockopt");
	tap_ok(refused(send(s, &byte, 1, 0)), "send");
	tap_ok(refused(sendto(s, &byte, 1, 0, (struct sockaddr *)&name, size)), "sendto");
	tap_ok(refused(recv(s, &byte, 1, 0)), "recv");
	tap_ok(refused(recvfrom(s, &byte, 1, 0, NULL, (int *)NULL)), "recvfrom");
	tap_ok(refused(select(0, &set, NULL, NULL, NULL)), "select");
	tap_ok(refused(ioctlsocket(s, FIONREAD, &value)), "ioctlsocket");
	tap_ok(refused(WSAIoctl(s, SIO_RELEASE_PORT_RESERVATION, &value, 8, NULL, 0, &returned,
				NULL, NULL)), "WSAIoctl");
	tap_ok(refused(WSACleanup()), "WSACleanup");
}

/* Leaves one start standing. */
static void test_start(void)
{
	static const struct {
		WORD wanted;
		int result;
		WORD version;
	} rows[] = {
		{ MAKEWORD(2, 2), 0, 0x0202 }, { MAKEWORD(1, 1), 0, 0x0101 },
		{ MAKEWORD(2, 0), 0, 0x0002 }, { MAKEWORD(2, 3), 0, 0x0202 },
		{ MAKEWORD(3, 0), 0, 0x0202 }, { MAKEWORD(0, 2), WSAVERNOTSUPPORTED, 0x7777 },
	};
	WSADATA data;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		data.wVersion = 0x7777;
		tap_num(WSAStartup(rows[i].wanted, &data), rows[i].result, "start with %04x",
			rows[i].wanted);
		tap_num(data.wVersion, rows[i].version, "version for %04x", rows[i].wanted);
	}
	tap_num(WSAStartup(MAKEWORD(2, 2), NULL), WSAEFAULT, "start with NULL");
	for (i = 0; i < 4; i++)
		tap_num(WSACleanup(), 0, "cleanup %zu", i);
	tap_ok(socket(AF_INET, SOCK_DGRAM, 0) != INVALID_SOCKET, "one start of five is left");
	WSACleanup();
	tap_ok(refused((int)socket(AF_INET, SOCK_DGRAM, 0)), "and then none");
	WSAStartup(MAKEWORD(2, 2), &data);
}

static void *other_thread(void *arg)
{
	*(DWORD *)arg = GetLastError();
	WSASetLastError(7);
	return NULL;
}

static void test_last_error(void)
{
	DWORD seen = 99;
	pthread_t thread;

	WSASetLastError(WSAEINTR);
	tap_num(GetLastError(), WSAEINTR, "GetLastError is WSAGetLastError");
	SetLastError(5);
	tap_num(WSAGetLastError(), 5, "and SetLastError WSASetLastError");
	pthread_create(&thread, NULL, other_thread, &seen);
	pthread_join(thread, NULL);
	tap_num(seen, 0, "another thread has its own");
	tap_num(WSAGetLastError(), 5, "and does not touch ours");
	closesocket(socket(AF_INET, SOCK_DGRAM, 0));
	tap_num(WSAGetLastError(), 5, "nor does what succeeds");
}

static int code(int result)
{
	return result == SOCKET_ERROR ? WSAGetLastError() : 0;
}

static void test_sockets(void)
{
	LPWSAPROTOCOL_INFOW info = (LPWSAPROTOCOL_INFOW)&info;
	int flag = 0;
	socklen_t size = sizeof(flag);
	SOCKET s = socket(AF_INET6, SOCK_DGRAM, 0);

	getsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&flag, &size);
	tap_num(flag, 1, "an IPv6 socket is one for IPv6 alone");
	tap_num(code(closesocket(s)), 0, "it is closed");
	tap_num(code(closesocket(s)), WSAENOTSOCK, "and is none any more");
	tap_num(code(closesocket(INVALID_SOCKET)), WSAENOTSOCK, "nor is INVALID_SOCKET");
	tap_num(code((int)WSASocketW(AF_INET, SOCK_DGRAM, 0, info, 0, 0)), WSAEINVAL,
		"a socket of another process");
	tap_num(code((int)WSASocketA(AF_INET, SOCK_DGRAM, 0, NULL, 1, 0)), WSAEINVAL,
		"a socket of a group");
	tap_num(code((int)WSASocketA(AF_INET, SOCK_DGRAM, 0, NULL, 0, 2)), WSAEINVAL,
		"an unknown flag");
	tap_num(code((int)socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP)), WSAEPROTONOSUPPORT,
		"a protocol of another type");
	s = socket(AF_INET, 0, 0);
	size = sizeof(flag);
	getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&flag, &size);
	tap_num(flag, SOCK_STREAM, "type 0 and protocol 0 is TCP");
	closesocket(s);
	s = WSASocketA(AF_INET, SOCK_DGRAM, 0, NULL, 0, WSA_FLAG_NO_HANDLE_INHERIT);
	tap_ok(s != INVALID_SOCKET, "a socket that is not inherited");
	closesocket(s);
}

static void test_names(SOCKET s)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	int size = sizeof(name);

	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	tap_num(code(getsockname(s, (struct sockaddr *)&name, &size)), WSAEINVAL,
		"getsockname unbound");
	tap_num(code(bind(s, (struct sockaddr *)&name, sizeof(name))), 0, "bind");
	size = 4;
	tap_num(code(getsockname(s, (struct sockaddr *)&name, &size)), WSAEFAULT,
		"getsockname without room");
	tap_num(code(getsockname(s, (struct sockaddr *)&name, (int *)NULL)), WSAEFAULT,
		"getsockname without a length");
	size = sizeof(name);
	tap_num(code(getsockname(s, (struct sockaddr *)&name, &size)), 0, "getsockname");
	tap_num(code(getpeername(s, (struct sockaddr *)&name, &size)), WSAENOTCONN,
		"getpeername");
	tap_num(code(connect(s, (struct sockaddr *)&name, size)), 0, "connect to itself");
	tap_num(code(bind(s, (struct sockaddr *)&name, sizeof(name))), WSAEINVAL, "bind again");
}

/* The socket is connected to itself. */
static void test_transfer(SOCKET s)
{
	struct timeval none = { 0, 0 };
	DWORD milliseconds = 20;
	socklen_t size = sizeof(milliseconds);
	BOOL on = TRUE;
	u_long value = 1;
	char text[8] = "";
	fd_set set;

	tap_num(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&milliseconds,
			   sizeof(milliseconds)), 0, "a timeout in milliseconds");
	milliseconds = 0;
	getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&milliseconds, &size);
	tap_num(milliseconds, 20, "is told in milliseconds");
	tap_num(setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&on, sizeof(on)), 0,
		"SO_EXCLUSIVEADDRUSE");
	tap_num(send(s, "1234567890", 10, 0), 10, "send");
	FD_ZERO(&set);
	FD_SET(s, &set);
	tap_num(select(0, &set, NULL, NULL, &none), 1, "select with nfds 0");
	tap_num(code(select(0, NULL, NULL, NULL, &none)), WSAEINVAL, "select of nothing");
	tap_num(ioctlsocket(s, FIONREAD, &value), 0, "FIONREAD");
	tap_num((long long)value, 10, "tells how much waits");
	tap_num(code(recv(s, text, 4, 0)), WSAEMSGSIZE, "a datagram that does not fit");
	tap_ok(!memcmp(text, "1234", 5), "what fits is there");
	tap_num(code(recv(s, text, 4, 0)), WSAETIMEDOUT, "the time is over");
	tap_num(ioctlsocket(s, 0x8004667eL, &value), 0, "FIONBIO");
	tap_num(code(ioctlsocket(s, 1, &value)), WSAEINVAL, "an unknown command");
	tap_num(code(ioctlsocket(s, FIONBIO, NULL)), WSAEFAULT, "no place for its value");
}

int main(void)
{
	SOCKET s;

	test_table();
	test_not_started();
	test_start();
	test_last_error();
	test_sockets();
	s = socket(AF_INET, SOCK_DGRAM, 0);
	test_names(s);
	test_transfer(s);
	closesocket(s);
	WSACleanup();
	return tap_finish();
}
