// SPDX-License-Identifier: GPL-2.0-only
/*
 * WSAIoctl() with the three codes for port reservations: every code that it answers, for root
 * and for users without privilege. In C, and by winsock_cxx.c in C++.
 */
#include <winsock2.h>
#include <mstcpip.h>
#include <iphlpapi.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "winsock_calls.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))
#define NOWHERE ((void *)1)

enum { ACQUIRE, ASSOCIATE, RELEASE, CODES };

static const DWORD codes[CODES] = {
	SIO_ACQUIRE_PORT_RESERVATION,
	SIO_ASSOCIATE_PORT_RESERVATION,
	SIO_RELEASE_PORT_RESERVATION,
};

static const char *const code_names[CODES] = { "acquire", "associate", "release" };

enum socket_kind { UDP4, UDP6, TCP4, TCP6, LOCAL, PIPE, NUMBER, INVALID };

/* GOOD: what the code wants; LONGER: more than that; NOTHING: NULL, but a size. */
enum place { GOOD, LONGER, SHORTER, NOTHING, BAD };

static SOCKET open_kind(enum socket_kind kind)
{
	int ends[2] = { -1, -1 };

	switch (kind) {
	case UDP4:
		return socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	case UDP6:
		return WSASocketW(AF_INET6, SOCK_DGRAM, IPPROTO_UDP, NULL, 0, WSA_FLAG_OVERLAPPED);
	case TCP4:
		return socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	case TCP6:
		return WSASocketW(AF_INET6, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
	case LOCAL:
		return socket(AF_UNIX, SOCK_DGRAM, 0);
	case PIPE:
		return pipe(ends) ? INVALID_SOCKET : (SOCKET)ends[0];
	case NUMBER:
		return 999;
	default:
		return INVALID_SOCKET;
	}
}

struct envelope {
	const char *what;
	enum socket_kind socket;
	enum place in;
	enum place out;
	enum place returned;
	bool overlapped;
	bool routine;
	int wanted[CODES];
};

struct envelope_call {
	const struct envelope *row;
	int code;
};

static DWORD sized(enum place place, DWORD size)
{
	return place == LONGER ? size + 8 : place == SHORTER ? size - 1 : size;
}

static void *placed(enum place place, void *good)
{
	return place == NOTHING ? NULL : place == BAD ? NOWHERE : good;
}

static void CALLBACK routine(DWORD error, DWORD count, LPWSAOVERLAPPED overlapped, DWORD flags)
{
	(void)error;
	(void)count;
	(void)overlapped;
	(void)flags;
}

static bool is_tcp(enum socket_kind kind)
{
	return kind == TCP4 || kind == TCP6;
}

/* Association and release take a block that was acquired on another socket. */
static int make_envelope(void *arg)
{
	const struct envelope *row = ((struct envelope_call *)arg)->row;
	int code = ((struct envelope_call *)arg)->code;
	INET_PORT_RANGE range[3] = { { htons(21000), 4 } };
	INET_PORT_RESERVATION_INSTANCE instance[2];
	SOCKET s = open_kind(row->socket);
	WSAOVERLAPPED overlapped;
	ULONG64 token[2] = { 0, 0 };
	DWORD returned = 77;
	DWORD out_size = code == ACQUIRE ? sizeof(*instance) : 0;
	int got;

	memset(&overlapped, 0, sizeof(overlapped));
	if (code != ACQUIRE &&
	    acquire(open_kind(is_tcp(row->socket) ? TCP4 : UDP4), 22000, 4, token))
		return -2;
	/* a kind that is not GOOD gives the codes without output one */
	if (code != ACQUIRE && row->out != GOOD)
		out_size = sizeof(*instance);
	got = WSAIoctl(s, codes[code],
		       placed(row->in, code == ACQUIRE ? (void *)range : (void *)token),
		       sized(row->in, code == ACQUIRE ? 4 : 8), placed(row->out, instance),
		       sized(row->out, out_size), (LPDWORD)placed(row->returned, &returned),
		       row->overlapped ? &overlapped : NULL, row->routine ? routine : NULL);
	got = got == SOCKET_ERROR ? WSAGetLastError() : got;
	if (!got && returned != (code == ACQUIRE ? 16U : 0U))
		return -3;
	return got && returned && returned != 77 ? -4 : got;
}

static void test_envelope(void)
{
	static const struct envelope rows[] = {
		{ "IPv4", UDP4, GOOD, GOOD, GOOD, false, false, { 0, 0, 0 } },
		{ "IPv6", UDP6, GOOD, GOOD, GOOD, false, false, { 0, 0, 0 } },
		{ "longer input", UDP4, LONGER, GOOD, GOOD, false, false, { 0, 0, 0 } },
		{ "longer output", UDP4, GOOD, LONGER, GOOD, false, false,
		  { 0, WSAEINVAL, WSAEINVAL } },
		{ "INVALID_SOCKET", INVALID, GOOD, GOOD, GOOD, false, false,
		  { WSAENOTSOCK, WSAENOTSOCK, WSAENOTSOCK } },
		{ "no descriptor", NUMBER, GOOD, GOOD, GOOD, false, false,
		  { WSAENOTSOCK, WSAENOTSOCK, WSAENOTSOCK } },
		{ "a pipe", PIPE, GOOD, GOOD, GOOD, false, false,
		  { WSAENOTSOCK, WSAENOTSOCK, WSAENOTSOCK } },
		{ "TCP", TCP4, GOOD, GOOD, GOOD, false, false, { 0, 0, 0 } },
		{ "TCP over IPv6", TCP6, GOOD, GOOD, GOOD, false, false, { 0, 0, 0 } },
		{ "a UNIX socket", LOCAL, GOOD, GOOD, GOOD, false, false,
		  { WSAEOPNOTSUPP, WSAEOPNOTSUPP, WSAEOPNOTSUPP } },
		{ "overlapped", UDP4, GOOD, GOOD, GOOD, true, false,
		  { WSAEOPNOTSUPP, WSAEOPNOTSUPP, WSAEOPNOTSUPP } },
		{ "a completion routine", UDP4, GOOD, GOOD, GOOD, false, true,
		  { WSAEOPNOTSUPP, WSAEOPNOTSUPP, WSAEOPNOTSUPP } },
		{ "no byte count", UDP4, GOOD, GOOD, NOTHING, false, false,
		  { WSAEFAULT, WSAEFAULT, WSAEFAULT } },
		{ "a byte count nowhere", UDP4, GOOD, GOOD, BAD, false, false,
		  { WSAEFAULT, WSAEFAULT, WSAEFAULT } },
		{ "no input", UDP4, NOTHING, GOOD, GOOD, false, false,
		  { WSAEFAULT, WSAEFAULT, WSAEFAULT } },
		{ "an input nowhere", UDP4, BAD, GOOD, GOOD, false, false,
		  { WSAEFAULT, WSAEFAULT, WSAEFAULT } },
		{ "a shorter input", UDP4, SHORTER, GOOD, GOOD, false, false,
		  { WSAEINVAL, WSAEINVAL, WSAEINVAL } },
		{ "no output", UDP4, GOOD, NOTHING, GOOD, false, false,
		  { WSAEFAULT, WSAEINVAL, WSAEINVAL } },
		{ "an output nowhere", UDP4, GOOD, BAD, GOOD, false, false,
		  { WSAEFAULT, WSAEINVAL, WSAEINVAL } },
		{ "a shorter output", UDP4, GOOD, SHORTER, GOOD, false, false,
		  { WSAEINVAL, WSAEINVAL, WSAEINVAL } },
	};
	size_t i;

	for (i = 0; i < CODES * ARRAY_SIZE(rows); i++) {
		struct envelope_call call;

		call.row = &rows[i / CODES];
		call.code = i % CODES;
		tap_num(in_child(make_envelope, &call), call.row->wanted[call.code],
			"root: %s: %s", code_names[call.code], call.row->what);
		tap_num(as_user(STRANGER_UID, make_envelope, &call),
			call.row->wanted[call.code], "stranger: %s: %s", code_names[call.code],
			call.row->what);
	}
}

static void test_unknown_codes(void)
{
	static const DWORD unknown[] = {
		0, 100, 0x18000064, 0x58000064, 0xd8000064, 0xd8000065, 0x98000063, 0x98000067,
		0x98010064, 0x88000064,
	};
	SOCKET s = open_kind(UDP4);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		tap_num(by_token(s, unknown[i], 1), WSAEINVAL, "the code %08x is unknown",
			(unsigned int)unknown[i]);
	closesocket(s);
}

/* What the tests of ranges and tokens are about. */
static enum socket_kind kind = UDP4;

static const char *kind_name(void)
{
	return kind == UDP4 ? "UDP" : "TCP";
}

struct range {
	const char *what;
	unsigned int first;
	unsigned int count;
	int root;
	int stranger;
};

static int make_range(void *arg)
{
	const struct range *row = (const struct range *)arg;

	return acquire(open_kind(kind), row->first, row->count, NULL);
}

/* 6000-6009 is reserved for the owner, 7005 is in use, a user may have 100 ports. */
static void test_ranges(void)
{
	static struct range rows[] = {
		{ "a block", 5000, 10, 0, 0 },
		{ "the last port", 65535, 1, 0, 0 },
		{ "no ports", 5000, 0, WSAEINVAL, WSAEINVAL },
		{ "no ports anywhere", 0, 0, WSAEINVAL, WSAEINVAL },
		{ "beyond the last port", 65535, 2, WSAEINVAL, WSAEINVAL },
		{ "a reserved block", 6000, 10, WSAEADDRINUSE, WSAEADDRINUSE },
		{ "an overlap", 6009, 2, WSAEADDRINUSE, WSAEADDRINUSE },
		{ "a port in use", 7000, 10, WSAEADDRINUSE, WSAEADDRINUSE },
		{ "anywhere", 0, 16, 0, 0 },
		{ "anywhere, but there is no room", 0, 65535, WSAEADDRINUSE, WSAEDQUOT },
		{ "all that a user may have", 8000, 100, 0, 0 },
		{ "one more", 8000, 101, 0, WSAEDQUOT },
		{ "a port that needs privilege", 1023, 1, 0, WSAEACCES },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_num(in_child(make_range, &rows[i]), rows[i].root, "root: acquire: %s, %s",
			rows[i].what, kind_name());
		tap_num(as_user(STRANGER_UID, make_range, &rows[i]), rows[i].stranger,
			"stranger: acquire: %s, %s", rows[i].what, kind_name());
	}
}

struct token_call {
	int code;
	ULONG64 token;
};

static int make_token(void *arg)
{
	const struct token_call *call = (const struct token_call *)arg;

	return by_token(open_kind(kind), codes[call->code], call->token);
}

static void try_token(const char *what, ULONG64 token, int code, int root, int owner,
		      int stranger)
{
	struct token_call call;

	call.code = code;
	call.token = token;
	tap_num(in_child(make_token, &call), root, "root: %s: %s, %s", code_names[code], what,
		kind_name());
	tap_num(as_user(OWNER_UID, make_token, &call), owner, "owner: %s: %s, %s",
		code_names[code], what, kind_name());
	tap_num(as_user(STRANGER_UID, make_token, &call), stranger, "stranger: %s: %s, %s",
		code_names[code], what, kind_name());
}

/* other: a persistent one of the other protocol */
static void test_tokens(ULONG64 persistent, ULONG64 other)
{
	SOCKET s = open_kind(kind);
	ULONG64 runtime = 0;
	ULONG64 stale = 0;
	int code;

	acquire(s, 9000, 4, &stale);
	by_token(s, SIO_RELEASE_PORT_RESERVATION, stale);
	acquire(s, 9000, 4, &runtime);
	for (code = ASSOCIATE; code <= RELEASE; code++) {
		try_token("the token 0", 0, code, WSAEINVAL, WSAEINVAL, WSAEINVAL);
		try_token("an unknown token", 0x1234567, code, WSAEINVAL, WSAEINVAL, WSAEINVAL);
		try_token("a stale token", stale, code, WSAEINVAL, WSAEINVAL, WSAEINVAL);
		try_token("another process' token", runtime, code, WSAEACCES, WSAEACCES,
			  WSAEACCES);
	}
	try_token("a persistent token", persistent, ASSOCIATE, 0, 0, WSAEACCES);
	try_token("a persistent token", persistent, RELEASE, WSAEINVAL, WSAEINVAL, WSAEINVAL);
	try_token("a token of the other protocol", other, ASSOCIATE, WSAEINVAL, WSAEINVAL,
		  WSAEINVAL);
	tap_num(by_token(s, SIO_RELEASE_PORT_RESERVATION, runtime), 0, "it was not released, %s",
		kind_name());
	closesocket(s);
}

int main(void)
{
	struct sockaddr_in busy;
	ULONG64 udp = 0, tcp = 0;
	SOCKET s, stream;
	WSADATA data;

	module_load();
	new_netns();
	WSAStartup(MAKEWORD(2, 2), &data);
	memset(&busy, 0, sizeof(busy));
	busy.sin_family = AF_INET;
	busy.sin_port = htons(7005);
	s = open_kind(UDP4);
	stream = open_kind(TCP4);
	/* the library's command gives the reservation its owner */
	if (run("portres add udp 6000-6009 user %d", OWNER_UID) ||
	    run("portres add tcp 6000-6009 user %d", OWNER_UID) ||
	    LookupPersistentUdpPortReservation(htons(6000), 10, &udp) ||
	    LookupPersistentTcpPortReservation(htons(6000), 10, &tcp) ||
	    bind(s, (struct sockaddr *)&busy, sizeof(busy)) ||
	    bind(stream, (struct sockaddr *)&busy, sizeof(busy)) ||
	    set_sysctl("net/portres/user_max_ports", "100"))
		tap_bail("cannot set the stage");
	test_envelope();
	test_unknown_codes();
	test_ranges();
	test_tokens(udp, tcp);
	kind = TCP4;
	test_ranges();
	test_tokens(tcp, udp);
	closesocket(stream);
	closesocket(s);
	WSACleanup();
	return tap_finish();
}
