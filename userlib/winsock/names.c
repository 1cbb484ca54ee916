// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The functions by their names on Windows, for programs that load a library and look functions up
 * by name. The library is a separate one, since socket() and bind() of a program for Linux must
 * remain those of the C library. Each function calls that of libportres; the numbers (AF_INET6,
 * SOL_SOCKET, ...) and structures are those of our <winsock2.h>, mostly those of Linux.
 */
#include "windows/wsa.h"

#define PUBLIC(type, name, parameters)	\
	__attribute__((visibility("default"))) type portres_name_##name parameters __asm__(#name); \
	type portres_name_##name parameters

#define FORWARD(type, name, parameters, arguments)	\
	PUBLIC(type, name, parameters)			\
	{						\
		return portres_win32_##name arguments;	\
	}

#define FORWARD_VOID(name, parameters, arguments)	\
	PUBLIC(void, name, parameters)			\
	{						\
		portres_win32_##name arguments;		\
	}

typedef struct sockaddr *address;
typedef const struct sockaddr *const_address;
typedef LPWSAOVERLAPPED overlapped;
typedef LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;

FORWARD(int, WSAStartup, (WORD version, LPWSADATA data), (version, data))
FORWARD(int, WSACleanup, (void), ())
FORWARD(int, WSAGetLastError, (void), ())
FORWARD_VOID(WSASetLastError, (int code), (code))
FORWARD(DWORD, GetLastError, (void), ())
FORWARD_VOID(SetLastError, (DWORD code), (code))

FORWARD(SOCKET, socket, (int af, int type, int protocol), (af, type, protocol))
FORWARD(SOCKET, WSASocketA,
	(int af, int type, int protocol, LPWSAPROTOCOL_INFOA info, GROUP g, DWORD flags),
	(af, type, protocol, info, g, flags))
FORWARD(SOCKET, WSASocketW,
	(int af, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP g, DWORD flags),
	(af, type, protocol, info, g, flags))
FORWARD(int, closesocket, (SOCKET s), (s))
FORWARD(int, shutdown, (SOCKET s, int how), (s, how))

FORWARD(int, bind, (SOCKET s, const_address name, int size), (s, name, size))
FORWARD(int, connect, (SOCKET s, const_address name, int size), (s, name, size))
FORWARD(int, WSAConnect,
	(SOCKET s, const_address name, int size, LPWSABUF caller, LPWSABUF callee, LPQOS sqos,
	 LPQOS gqos),
	(s, name, size, caller, callee, sqos, gqos))
FORWARD(int, listen, (SOCKET s, int backlog), (s, backlog))
FORWARD(SOCKET, accept, (SOCKET s, address name, int *size), (s, name, size))
FORWARD(SOCKET, WSAAccept,
	(SOCKET s, address name, int *size, LPCONDITIONPROC condition, DWORD_PTR data),
	(s, name, size, condition, data))
FORWARD(int, getsockname, (SOCKET s, address name, int *size), (s, name, size))
FORWARD(int, getpeername, (SOCKET s, address name, int *size), (s, name, size))

FORWARD(int, setsockopt, (SOCKET s, int level, int name, const char *value, int size),
	(s, level, name, value, size))
FORWARD(int, getsockopt, (SOCKET s, int level, int name, char *value, int *size),
	(s, level, name, value, size))
FORWARD(int, WSAIoctl,
	(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size,
	 LPDWORD returned, overlapped later, routine done),
	(s, code, in, in_size, out, out_size, returned, later, done))

/* A u_long has 32 bits on Windows, so these callers pass 32 bits. */
PUBLIC(int, ioctlsocket, (SOCKET s, int command, DWORD *value))
{
	u_long wide;
	DWORD narrow;
	int result;

	if (!value || portres_copy(&narrow, value, sizeof(narrow)))
		return portres_win32_ioctlsocket(s, command, NULL);
	wide = narrow;
	result = portres_win32_ioctlsocket(s, command, &wide);
	narrow = (DWORD)wide;
	if (!result)
		portres_copy(value, &narrow, sizeof(narrow));
	return result;
}

FORWARD(int, send, (SOCKET s, const char *data, int size, int flags), (s, data, size, flags))
FORWARD(int, sendto,
	(SOCKET s, const char *data, int size, int flags, const_address to, int to_size),
	(s, data, size, flags, to, to_size))
FORWARD(int, recv, (SOCKET s, char *data, int size, int flags), (s, data, size, flags))
FORWARD(int, recvfrom, (SOCKET s, char *data, int size, int flags, address from, int *from_size),
	(s, data, size, flags, from, from_size))
FORWARD(int, WSASend,
	(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags, overlapped later,
	 routine done),
	(s, buffers, count, sent, flags, later, done))
FORWARD(int, WSASendTo,
	(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags, const_address to,
	 int to_size, overlapped later, routine done),
	(s, buffers, count, sent, flags, to, to_size, later, done))
FORWARD(int, WSARecv,
	(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
	 overlapped later, routine done),
	(s, buffers, count, received, flags, later, done))
FORWARD(int, WSARecvFrom,
	(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags, address from,
	 int *from_size, overlapped later, routine done),
	(s, buffers, count, received, flags, from, from_size, later, done))

FORWARD(int, select, (int count, fd_set *in, fd_set *out, fd_set *failed, struct timeval *timeout),
	(count, in, out, failed, timeout))
FORWARD(int, WSAPoll, (LPWSAPOLLFD sockets, ULONG count, INT timeout), (sockets, count, timeout))
FORWARD(WSAEVENT, WSACreateEvent, (void), ())
FORWARD(BOOL, WSACloseEvent, (WSAEVENT event), (event))
FORWARD(BOOL, WSASetEvent, (WSAEVENT event), (event))
FORWARD(BOOL, WSAResetEvent, (WSAEVENT event), (event))
FORWARD(DWORD, WSAWaitForMultipleEvents,
	(DWORD count, const WSAEVENT *events, BOOL all, DWORD timeout, BOOL alertable),
	(count, events, all, timeout, alertable))

FORWARD(DWORD, FormatMessageA,
	(DWORD flags, LPCVOID source, DWORD code, DWORD language, LPSTR text, DWORD size,
	 va_list *arguments),
	(flags, source, code, language, text, size, arguments))
FORWARD(DWORD, FormatMessageW,
	(DWORD flags, LPCVOID source, DWORD code, DWORD language, LPWSTR text, DWORD size,
	 va_list *arguments),
	(flags, source, code, language, text, size, arguments))
FORWARD(HLOCAL, LocalAlloc, (UINT flags, SIZE_T size), (flags, size))
FORWARD(HLOCAL, LocalFree, (HLOCAL memory), (memory))
