/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Winsock, by functions of libportres on top of those of the C library:
 * SOCKET as type, int as length, WSA codes from WSAGetLastError(), nothing before
 * WSAStartup(). Constants and addresses are those of the C library.
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

/* include the headers of Linux that define names of Windows before those are defined below */
#include <asm/ioctls.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
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

/* The default on Linux; clears SO_REUSEADDR. */
#define SO_EXCLUSIVEADDRUSE	((int)~SO_REUSEADDR)
#define SO_DONTLINGER		((int)~SO_LINGER)

/* On Linux their numbers are those of other options. */
#define IP_DONTFRAGMENT		((int)~IP_MTU_DISCOVER)

#ifndef TCP_NODELAY
#define TCP_NODELAY		1
#endif

typedef USHORT ADDRESS_FAMILY;
typedef struct in_addr IN_ADDR, *PIN_ADDR, *LPIN_ADDR;
typedef struct sockaddr SOCKADDR, *PSOCKADDR, *LPSOCKADDR;
typedef struct sockaddr_in SOCKADDR_IN, *PSOCKADDR_IN, *LPSOCKADDR_IN;
typedef struct sockaddr_storage SOCKADDR_STORAGE, *PSOCKADDR_STORAGE, *LPSOCKADDR_STORAGE;
typedef struct timeval TIMEVAL, *PTIMEVAL, *LPTIMEVAL;
typedef struct linger LINGER, *PLINGER, *LPLINGER;
typedef struct hostent HOSTENT, *PHOSTENT, *LPHOSTENT;
typedef struct servent SERVENT, *PSERVENT, *LPSERVENT;
typedef struct protoent PROTOENT, *PPROTOENT, *LPPROTOENT;
typedef struct ip_mreq IP_MREQ, *PIP_MREQ;
typedef fd_set FD_SET, *PFD_SET, *LPFD_SET;

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

/* Linux defines some of them for its ioctl(), with the same or other values. */
#undef FIONBIO
#undef FIONREAD
#undef IOC_IN
#undef IOC_INOUT
#undef IOC_OUT
#undef IOC_VOID
#define IOC_VOID		0x20000000
#define IOC_OUT			0x40000000
#define IOC_IN			0x80000000
#define IOC_INOUT		(IOC_IN | IOC_OUT)
#define IOC_UNIX		0x00000000
#define IOC_WS2			0x08000000
#define IOC_PROTOCOL		0x10000000
#define IOC_VENDOR		0x18000000
#define _WSAIO(kind, number)	(IOC_VOID | (kind) | (number))
#define _WSAIOR(kind, number)	(IOC_OUT | (kind) | (number))
#define _WSAIOW(kind, number)	(IOC_IN | (kind) | (number))
#define _WSAIORW(kind, number)	(IOC_INOUT | (kind) | (number))

/* For ioctlsocket() and WSAIoctl(), which take the numbers of Linux as well. */
#define FIONBIO			0x8004667e
#define FIONREAD		0x4004667f

/* Callers must pass NULL for these: overlapped operations are not supported. */
typedef OVERLAPPED WSAOVERLAPPED;
typedef LPOVERLAPPED LPWSAOVERLAPPED;
typedef void (CALLBACK *LPWSAOVERLAPPED_COMPLETION_ROUTINE)(DWORD dwError, DWORD cbTransferred,
							    LPWSAOVERLAPPED lpOverlapped,
							    DWORD dwFlags);

typedef unsigned int GROUP;
typedef struct _WSAPROTOCOL_INFOA *LPWSAPROTOCOL_INFOA;
typedef struct _WSAPROTOCOL_INFOW *LPWSAPROTOCOL_INFOW;

/* One of several buffers. */
typedef struct _WSABUF {
	ULONG len;
	CHAR *buf;
} WSABUF, *LPWSABUF;

/* Callers must pass NULL for these. */
typedef struct _QualityOfService *LPQOS;
typedef int (CALLBACK *LPCONDITIONPROC)(LPWSABUF lpCallerId, LPWSABUF lpCallerData, LPQOS lpSQOS,
					LPQOS lpGQOS, LPWSABUF lpCalleeId, LPWSABUF lpCalleeData,
					GROUP *g, DWORD_PTR dwCallbackData);

/* poll.h has them for X/Open alone */
#ifndef POLLRDNORM
#define POLLRDNORM		0x040
#define POLLRDBAND		0x080
#define POLLWRNORM		0x100
#define POLLWRBAND		0x200
#endif

typedef struct pollfd_of_windows {
	SOCKET fd;
	SHORT events;
	SHORT revents;
} WSAPOLLFD, *PWSAPOLLFD, *LPWSAPOLLFD;

/* Only the program sets and resets an event: there is no WSAEventSelect(). */
typedef HANDLE WSAEVENT, *LPWSAEVENT;

#define WSA_INVALID_EVENT		((WSAEVENT)NULL)
#define WSA_MAXIMUM_WAIT_EVENTS		64
#define WSA_INFINITE			INFINITE
#define WSA_WAIT_FAILED			0xffffffff
#define WSA_WAIT_EVENT_0		0
#define WSA_WAIT_TIMEOUT		258

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

/*
 * lpOverlapped and lpCompletionRoutine are NULL, else it is WSAEOPNOTSUPP: nothing is overlapped
 * here. At most 64 buffers.
 */
PORTRES_WIN32(int, WSASend, (SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
			     LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
			     LPWSAOVERLAPPED lpOverlapped,
			     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine));
PORTRES_WIN32(int, WSASendTo, (SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
			       LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
			       const struct sockaddr *lpTo, int iTolen,
			       LPWSAOVERLAPPED lpOverlapped,
			       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine));
PORTRES_WIN32(int, WSARecv, (SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
			     LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
			     LPWSAOVERLAPPED lpOverlapped,
			     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine));
PORTRES_WIN32(int, WSARecvFrom, (SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
				 LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
				 struct sockaddr *lpFrom, LPINT lpFromlen,
				 LPWSAOVERLAPPED lpOverlapped,
				 LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine));

/* Connect data, quality of service and a condition function return WSAEOPNOTSUPP. */
PORTRES_WIN32(int, WSAConnect, (SOCKET s, const struct sockaddr *name, int namelen,
				LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
				LPQOS lpGQOS));
PORTRES_WIN32(SOCKET, WSAAccept, (SOCKET s, struct sockaddr *addr, LPINT addrlen,
				  LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData));

PORTRES_WIN32(int, WSAPoll, (LPWSAPOLLFD fdArray, ULONG fds, INT timeout));

PORTRES_WIN32(WSAEVENT, WSACreateEvent, (void));
PORTRES_WIN32(BOOL, WSACloseEvent, (WSAEVENT hEvent));
PORTRES_WIN32(BOOL, WSASetEvent, (WSAEVENT hEvent));
PORTRES_WIN32(BOOL, WSAResetEvent, (WSAEVENT hEvent));
PORTRES_WIN32(DWORD, WSAWaitForMultipleEvents, (DWORD cEvents, const WSAEVENT *lphEvents,
						BOOL fWaitAll, DWORD dwTimeout,
						BOOL fAlertable));

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
