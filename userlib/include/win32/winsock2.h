/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sockets as Windows has them, by functions of libportres in front of the C library's:
 * SOCKET as type, int as length, WSA codes from WSAGetLastError(), nothing before
 * WSAStartup(). Constants and addresses are the C library's own.
 *
 * As on Windows, this header comes first: the C library's functions of the same names are
 * declared under others while its headers are read.
 */
#ifndef PORTRES_WIN32_WINSOCK2_H
#define PORTRES_WIN32_WINSOCK2_H

#if defined(_SYS_SOCKET_H) && !defined(PORTRES_BUILDS_WIN32)
#error "<winsock2.h> has to come before <sys/socket.h> and headers that include that"
#endif

#include "windows.h"

#ifndef PORTRES_BUILDS_WIN32
#define accept		portres_libc_accept
#define bind		portres_libc_bind
#define connect		portres_libc_connect
#define getpeername	portres_libc_getpeername
#define getsockname	portres_libc_getsockname
#define getsockopt	portres_libc_getsockopt
#define listen		portres_libc_listen
#define recv		portres_libc_recv
#define recvfrom	portres_libc_recvfrom
#define send		portres_libc_send
#define sendto		portres_libc_sendto
#define setsockopt	portres_libc_setsockopt
#define shutdown	portres_libc_shutdown
#define socket		portres_libc_socket
#endif
#include <sys/socket.h>
#undef accept
#undef bind
#undef connect
#undef getpeername
#undef getsockname
#undef getsockopt
#undef listen
#undef recv
#undef recvfrom
#undef send
#undef sendto
#undef setsockopt
#undef shutdown
#undef socket

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/select.h>
#include <sys/types.h>

#define WSAAPI
#define PASCAL
#define WINSOCK_VERSION		MAKEWORD(2, 2)

/* An unsigned long has the size of a pointer here. */
#if defined(__GLIBC__) && !defined(__u_char_defined)
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
#endif

typedef UINT_PTR SOCKET;

#define INVALID_SOCKET		((SOCKET)~(SOCKET)0)
#define SOCKET_ERROR		(-1)

#define SD_RECEIVE		SHUT_RD
#define SD_SEND			SHUT_WR
#define SD_BOTH			SHUT_RDWR

/* The default here, and what turns SO_REUSEADDR off. */
#define SO_EXCLUSIVEADDRUSE	((int)~SO_REUSEADDR)

typedef USHORT ADDRESS_FAMILY;
typedef struct in_addr IN_ADDR, *PIN_ADDR, *LPIN_ADDR;
typedef struct sockaddr SOCKADDR, *PSOCKADDR, *LPSOCKADDR;
typedef struct sockaddr_in SOCKADDR_IN, *PSOCKADDR_IN, *LPSOCKADDR_IN;
typedef struct sockaddr_storage SOCKADDR_STORAGE, *PSOCKADDR_STORAGE, *LPSOCKADDR_STORAGE;
typedef struct timeval TIMEVAL, *PTIMEVAL, *LPTIMEVAL;

#define WSADESCRIPTION_LEN	256
#define WSASYS_STATUS_LEN	128

typedef struct WSAData {
	WORD wVersion;
	WORD wHighVersion;
#ifdef __LP64__
	unsigned short iMaxSockets;
	unsigned short iMaxUdpDg;
	char *lpVendorInfo;
#endif
	char szDescription[WSADESCRIPTION_LEN + 1];
	char szSystemStatus[WSASYS_STATUS_LEN + 1];
#ifndef __LP64__
	unsigned short iMaxSockets;
	unsigned short iMaxUdpDg;
	char *lpVendorInfo;
#endif
} WSADATA, *LPWSADATA;

/* Linux has some of them in <sys/ioctl.h>, mostly with the same values. */
#undef IOC_OUT
#undef IOC_IN
#undef IOC_INOUT
#define IOC_VOID		0x20000000
#define IOC_OUT			0x40000000
#define IOC_IN			0x80000000
#define IOC_INOUT		(IOC_IN | IOC_OUT)
#define IOC_VENDOR		0x18000000
#define _WSAIO(kind, number)	(IOC_VOID | (kind) | (number))
#define _WSAIOR(kind, number)	(IOC_OUT | (kind) | (number))
#define _WSAIOW(kind, number)	(IOC_IN | (kind) | (number))
#define _WSAIORW(kind, number)	(IOC_INOUT | (kind) | (number))

/* For ioctlsocket(), which takes those of Linux as well. */
#ifndef FIONBIO
#define FIONBIO			0x8004667e
#endif
#ifndef FIONREAD
#define FIONREAD		0x4004667f
#endif

/* They exist to be NULL: nothing is overlapped here. */
typedef OVERLAPPED WSAOVERLAPPED;
typedef LPOVERLAPPED LPWSAOVERLAPPED;
typedef void (CALLBACK *LPWSAOVERLAPPED_COMPLETION_ROUTINE)(DWORD dwError, DWORD cbTransferred,
							    LPWSAOVERLAPPED lpOverlapped,
							    DWORD dwFlags);

typedef unsigned int GROUP;
typedef struct _WSAPROTOCOL_INFOA *LPWSAPROTOCOL_INFOA;
typedef struct _WSAPROTOCOL_INFOW *LPWSAPROTOCOL_INFOW;

#define WSA_FLAG_OVERLAPPED		0x01
#define WSA_FLAG_NO_HANDLE_INHERIT	0x80

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

PORTRES_WIN32(int, WSAStartup, (WORD wVersionRequested, LPWSADATA lpWSAData));
PORTRES_WIN32(int, WSACleanup, (void));
PORTRES_WIN32(int, WSAGetLastError, (void));
PORTRES_WIN32(void, WSASetLastError, (int iError));

PORTRES_WIN32(SOCKET, WSASocketA, (int af, int type, int protocol,
				   LPWSAPROTOCOL_INFOA lpProtocolInfo, GROUP g, DWORD dwFlags));
PORTRES_WIN32(SOCKET, WSASocketW, (int af, int type, int protocol,
				   LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags));
#ifdef UNICODE
#define WSASocket	WSASocketW
#else
#define WSASocket	WSASocketA
#endif

PORTRES_WIN32(int, WSAIoctl, (SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
			      DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
			      LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
			      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine));

PORTRES_WIN32(int, bind, (SOCKET s, const struct sockaddr *name, int namelen));
PORTRES_WIN32(int, closesocket, (SOCKET s));
PORTRES_WIN32(int, connect, (SOCKET s, const struct sockaddr *name, int namelen));
PORTRES_WIN32(int, ioctlsocket, (SOCKET s, long cmd, unsigned long *argp));
PORTRES_WIN32(int, listen, (SOCKET s, int backlog));
PORTRES_WIN32(int, recv, (SOCKET s, char *buf, int len, int flags));
/* nfds is ignored */
PORTRES_WIN32(int, select, (int nfds, fd_set *__restrict readfds, fd_set *__restrict writefds,
			    fd_set *__restrict exceptfds, struct timeval *__restrict timeout));
PORTRES_WIN32(int, send, (SOCKET s, const char *buf, int len, int flags));
PORTRES_WIN32(int, sendto, (SOCKET s, const char *buf, int len, int flags,
			    const struct sockaddr *to, int tolen));
PORTRES_WIN32(int, setsockopt, (SOCKET s, int level, int optname, const char *optval,
				int optlen));
PORTRES_WIN32(int, shutdown, (SOCKET s, int how));
PORTRES_WIN32(SOCKET, socket, (int af, int type, int protocol));

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#include "portres_length.h"

#endif /* PORTRES_WIN32_WINSOCK2_H */
