// SPDX-License-Identifier: GPL-2.0-only
/*
 * Socket options and control codes that Windows has in another form: every kind of buffer, and
 * what becomes of the option. Without the module.
 */
#include "include/win32/mstcpip.h"
#include "include/win32/ws2tcpip.h"

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

/* set: what the option is set to; get: what it is then; 0 and 0 for one that is not set. */
struct row {
	const char *name;
	int level;
	int option;
	DWORD set;
	DWORD get;
	int set_code;
};

static const struct row rows[] = {
	{ "SO_RCVTIMEO", SOL_SOCKET, SO_RCVTIMEO, 2000, 2000, 0 },
	{ "SO_SNDTIMEO", SOL_SOCKET, SO_SNDTIMEO, 3600000, 3600000, 0 },
	{ "SO_EXCLUSIVEADDRUSE", SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1, 1, 0 },
	{ "SO_DONTLINGER", SOL_SOCKET, SO_DONTLINGER, 1, 1, 0 },
	{ "SO_DONTLINGER off", SOL_SOCKET, SO_DONTLINGER, 0, 0, 0 },
	{ "SO_ERROR", SOL_SOCKET, SO_ERROR, 1, 0, WSAENOPROTOOPT },
	{ "IP_DONTFRAGMENT", IPPROTO_IP, IP_DONTFRAGMENT, 1, 1, 0 },
	{ "IP_DONTFRAGMENT off", IPPROTO_IP, IP_DONTFRAGMENT, 0, 0, 0 },
};

static void test_good(SOCKET s, const struct row *row)
{
	DWORD value[4] = { row->set, 7, 7, 7 };
	int size = sizeof(value[0]);

	tap_num(code(setsockopt(s, row->level, row->option, (char *)value, size)),
		row->set_code, "%s is set", row->name);
	tap_num(code(setsockopt(s, row->level, row->option, (char *)value, sizeof(value))),
		row->set_code, "%s: a longer value", row->name);
	value[0] = 99;
	tap_num(code(getsockopt(s, row->level, row->option, (char *)value, &size)), 0,
		"%s is told", row->name);
	tap_num(value[0], row->get, "%s: its value", row->name);
	size = sizeof(value);
	value[0] = 99;
	tap_num(code(getsockopt(s, row->level, row->option, (char *)value, &size)), 0,
		"%s: a longer buffer", row->name);
	tap_ok(size == 4 && value[0] == row->get && value[1] == 7, "%s: it gets 4 bytes of it",
	       row->name);
}

static void test_bad(SOCKET s, const struct row *row)
{
	DWORD value = 1;
	int size = sizeof(value);
	int small = 3;

	tap_num(code(setsockopt(s, row->level, row->option, NOWHERE, 4)), WSAEFAULT,
		"%s: a value nowhere", row->name);
	tap_num(code(setsockopt(s, row->level, row->option, NULL, 4)), WSAEFAULT,
		"%s: no value", row->name);
	tap_num(code(setsockopt(s, row->level, row->option, (char *)&value, 3)), WSAEFAULT,
		"%s: a shorter value", row->name);
	tap_num(code(setsockopt(s, row->level, row->option, (char *)&value, -1)), WSAEFAULT,
		"%s: a negative size", row->name);
	tap_num(code(getsockopt(s, row->level, row->option, NOWHERE, &size)), WSAEFAULT,
		"%s: a buffer nowhere", row->name);
	tap_num(code(getsockopt(s, row->level, row->option, (char *)&value, (int *)NOWHERE)),
		WSAEFAULT, "%s: a size nowhere", row->name);
	tap_num(code(getsockopt(s, row->level, row->option, (char *)&value, &small)), WSAEFAULT,
		"%s: a shorter buffer", row->name);
	tap_num(code(setsockopt(999, row->level, row->option, (char *)&value, 4)), WSAENOTSOCK,
		"%s: set on no socket", row->name);
	tap_num(code(getsockopt(999, row->level, row->option, (char *)&value, &size)), WSAENOTSOCK,
		"%s: asked of no socket", row->name);
}

/* Those that are the C library's own, whose codes are not. */
static void test_others(SOCKET s)
{
	struct ip_mreq group = { .imr_multiaddr.s_addr = htonl(0xe0000001) };
	DWORD on = 1;
	int size = sizeof(on);

	tap_num(code(setsockopt(s, SOL_SOCKET, SO_BROADCAST, (char *)&on, 1)), WSAEFAULT,
		"SO_BROADCAST: a shorter value");
	tap_num(code(setsockopt(s, SOL_SOCKET, SO_BROADCAST, NOWHERE, 4)), WSAEFAULT,
		"SO_BROADCAST: a value nowhere");
	tap_num(code(getsockopt(s, SOL_SOCKET, SO_TYPE, NOWHERE, &size)), WSAEFAULT,
		"SO_TYPE: a buffer nowhere");
	tap_num(code(setsockopt(s, SOL_SOCKET, 0x7fff, (char *)&on, 4)), WSAENOPROTOOPT,
		"an unknown option is set");
	tap_num(code(getsockopt(s, SOL_SOCKET, 0x7fff, (char *)&on, &size)), WSAENOPROTOOPT,
		"an unknown option is asked for");
	group.imr_interface.s_addr = htonl(0x08080808);
	tap_num(code(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&group, sizeof(group))),
		WSAEADDRNOTAVAIL, "a group of no interface");
}

/* A connection that fails leaves its code, once. */
static void test_error(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
	WSAPOLLFD wait = { .events = POLLOUT };
	int size = sizeof(address);
	u_long on = 1;
	DWORD error = 0;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(s, (struct sockaddr *)&address, size);
	getsockname(s, (struct sockaddr *)&address, &size);
	closesocket(s);
	s = socket(AF_INET, SOCK_STREAM, 0);
	ioctlsocket(s, FIONBIO, &on);
	connect(s, (struct sockaddr *)&address, sizeof(address));
	wait.fd = s;
	WSAPoll(&wait, 1, 10000);
	size = sizeof(error);
	getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &size);
	tap_num(error, WSAECONNREFUSED, "SO_ERROR is a code of Winsock");
	getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &size);
	tap_num(error, 0, "SO_ERROR: once");
	closesocket(s);
}

static int control(SOCKET s, DWORD command, void *in, DWORD in_size, void *out, DWORD out_size,
		   DWORD *returned)
{
	return code(WSAIoctl(s, command, in, in_size, out, out_size, returned, NULL, NULL));
}

/* The socket is bound. */
static void test_ioctl(SOCKET s, struct sockaddr_in *address)
{
	u_long value = ~0UL;
	DWORD returned = 77;
	DWORD waiting = 77;
	DWORD on = 1;
	char byte;

	tap_num(control(s, FIONBIO, &on, sizeof(on), NULL, 0, &returned), 0, "WSAIoctl: FIONBIO");
	tap_num(returned, 0, "FIONBIO returns nothing");
	tap_num(code(recv(s, &byte, 1, 0)), WSAEWOULDBLOCK, "the socket does not block then");
	tap_num(control(s, FIONBIO, &on, 3, NULL, 0, &returned), WSAEINVAL,
		"FIONBIO: a shorter input");
	tap_num(control(s, FIONBIO, NOWHERE, 4, NULL, 0, &returned), WSAEFAULT,
		"FIONBIO: an input nowhere");
	sendto(s, "12345", 5, 0, (struct sockaddr *)address, sizeof(*address));
	tap_num(control(s, FIONREAD, NULL, 0, &waiting, sizeof(waiting), &returned), 0,
		"WSAIoctl: FIONREAD");
	tap_num(waiting, 5, "it tells what waits");
	tap_num(returned, 4, "in four bytes");
	tap_num(control(s, FIONREAD, NULL, 0, &value, sizeof(value), &returned), 0,
		"FIONREAD: a u_long");
	tap_ok(value == 5 && returned == sizeof(value), "has all of its bits");
	tap_num(control(s, FIONREAD, NULL, 0, &waiting, 3, &returned), WSAEINVAL,
		"FIONREAD: a shorter output");
	tap_num(control(s, FIONREAD, NULL, 0, NOWHERE, 4, &returned), WSAEFAULT,
		"FIONREAD: an output nowhere");
	tap_num(code(ioctlsocket(s, FIONREAD, &value)), 0, "ioctlsocket: FIONREAD");
	tap_num((long long)value, 5, "it tells the same");
	tap_num(code(ioctlsocket(s, 0x541b, &value)), 0, "ioctlsocket: FIONREAD of Linux");
	tap_num(code(ioctlsocket(s, 0x5421, &value)), 0, "ioctlsocket: FIONBIO of Linux");
}

static SOCKET shared(int cpu, struct sockaddr_in *address, int *result)
{
	SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
	USHORT number = (USHORT)cpu;
	int size = sizeof(*address);
	DWORD returned;

	*result = control(s, SIO_CPU_AFFINITY, &number, sizeof(number), NULL, 0, &returned);
	if (!*result)
		*result = code(bind(s, (struct sockaddr *)address, size));
	getsockname(s, (struct sockaddr *)address, &size);
	return s;
}

static void test_affinity(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	SOCKET stream = socket(AF_INET, SOCK_STREAM, 0);
	USHORT number = 0xffff;
	DWORD returned;
	SOCKET first;
	SOCKET second;
	int result;

	first = shared(0, &address, &result);
	tap_num(result, 0, "SIO_CPU_AFFINITY: a socket for the first CPU");
	second = shared(0, &address, &result);
	tap_num(result, 0, "SIO_CPU_AFFINITY: another one on the same port");
	tap_num(control(first, SIO_CPU_AFFINITY, &number, 2, NULL, 0, &returned), WSAEINVAL,
		"SIO_CPU_AFFINITY: a CPU that is not there");
	number = 0;
	tap_num(control(first, SIO_CPU_AFFINITY, &number, 2, NULL, 0, &returned), WSAEINVAL,
		"SIO_CPU_AFFINITY: bound already");
	tap_num(control(stream, SIO_CPU_AFFINITY, &number, 2, NULL, 0, &returned), WSAEOPNOTSUPP,
		"SIO_CPU_AFFINITY: TCP");
	tap_num(control(stream, SIO_CPU_AFFINITY, &number, 1, NULL, 0, &returned), WSAEINVAL,
		"SIO_CPU_AFFINITY: a shorter input");
	tap_num(control(stream, SIO_CPU_AFFINITY, NOWHERE, 2, NULL, 0, &returned), WSAEFAULT,
		"SIO_CPU_AFFINITY: an input nowhere");
	closesocket(first);
	closesocket(second);
	closesocket(stream);
}

int main(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int size = sizeof(address);
	WSADATA data;
	SOCKET s;
	size_t i;

	WSAStartup(MAKEWORD(2, 2), &data);
	s = socket(AF_INET, SOCK_DGRAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(s, (struct sockaddr *)&address, size);
	getsockname(s, (struct sockaddr *)&address, &size);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_good(s, &rows[i]);
		test_bad(s, &rows[i]);
	}
	test_others(s);
	test_error();
	test_ioctl(s, &address);
	test_affinity();
	closesocket(s);
	WSACleanup();
	return tap_finish();
}
