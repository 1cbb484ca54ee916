// SPDX-License-Identifier: LGPL-2.1-or-later
/* Winsock: creates, binds, connects and names sockets. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wsa.h"

/* On Windows an IPv6 socket does not receive IPv4, unless its program clears IPV6_V6ONLY. */
static void set_ipv6_only(int fd, int af)
{
	int on = 1;

	if (af == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
}

/* Linux has the same errno for an unknown type and an unknown protocol. */
static bool is_known_type(int type)
{
	return type >= SOCK_STREAM && type <= SOCK_PACKET;
}

static SOCKET open_socket(int af, int type, int protocol, int flags)
{
	int fd;

	if (!portres_wsa_started())
		return INVALID_SOCKET;
	if (!type)
		type = protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
	if (!is_known_type(type)) {
		portres_wsa_fail(WSAESOCKTNOSUPPORT);
		return INVALID_SOCKET;
	}
	fd = socket(af, type | flags, protocol);
	if (fd < 0) {
		portres_wsa_result(PORTRES_CALL_SOCKET, fd, fd);
		return INVALID_SOCKET;
	}
	set_ipv6_only(fd, af);
	return (SOCKET)fd;
}

SOCKET portres_win32_socket(int af, int type, int protocol)
{
	return open_socket(af, type, protocol, 0);
}

/* Rejects sockets of other processes and socket groups, which Linux does not have. */
static SOCKET open_wsa_socket(int af, int type, int protocol, const void *info, GROUP g,
			      DWORD flags)
{
	if (portres_wsa_started() &&
	    (info || g || flags & ~(DWORD)(WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT))) {
		portres_wsa_fail(WSAEINVAL);
		return INVALID_SOCKET;
	}
	return open_socket(af, type, protocol,
			   flags & WSA_FLAG_NO_HANDLE_INHERIT ? SOCK_CLOEXEC : 0);
}

SOCKET portres_win32_WSASocketA(int af, int type, int protocol,
				LPWSAPROTOCOL_INFOA lpProtocolInfo, GROUP g, DWORD dwFlags)
{
	return open_wsa_socket(af, type, protocol, lpProtocolInfo, g, dwFlags);
}

SOCKET portres_win32_WSASocketW(int af, int type, int protocol,
				LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags)
{
	return open_wsa_socket(af, type, protocol, lpProtocolInfo, g, dwFlags);
}

/* close() releases the descriptor even if it fails: a retry could close another file. */
int portres_win32_closesocket(SOCKET s)
{
	int fd = portres_fd(s);

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (!portres_is_socket(fd))
		return portres_wsa_result(PORTRES_CALL_OTHER, fd, -1);
	close(fd);
	return 0;
}

/* The size of an address of the socket's family. */
static int address_size(int fd)
{
	switch (portres_socket_int(fd, SO_DOMAIN)) {
	case AF_INET:
		return sizeof(struct sockaddr_in);
	case AF_INET6:
		return sizeof(struct sockaddr_in6);
	default:
		return 0;
	}
}

/* Windows reports WSAEFAULT for an address that is too short for the socket's family. */
static void set_fault_if_short(int fd, int size)
{
	if (errno == EINVAL && size < address_size(fd))
		errno = EFAULT;
}

int portres_win32_bind(SOCKET s, const struct sockaddr *name, int namelen)
{
	int fd = portres_fd(s);
	int result;

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	result = bind(fd, name, portres_name_size(namelen));
	if (result < 0)
		set_fault_if_short(fd, namelen);
	return portres_wsa_result(PORTRES_CALL_BIND, fd, result);
}

int portres_win32_connect(SOCKET s, const struct sockaddr *name, int namelen)
{
	int fd = portres_fd(s);
	int result;

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	result = connect(fd, name, portres_name_size(namelen));
	if (result < 0)
		set_fault_if_short(fd, namelen);
	return portres_wsa_result(PORTRES_CALL_CONNECT, fd, result);
}

/* Quality of service and connect data are obsolete on Windows and not supported here. */
int portres_win32_WSAConnect(SOCKET s, const struct sockaddr *name, int namelen,
			     LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
			     LPQOS lpGQOS)
{
	if (portres_wsa_started() && (lpCallerData || lpCalleeData || lpSQOS || lpGQOS))
		return portres_wsa_fail(WSAEOPNOTSUPP);
	return portres_win32_connect(s, name, namelen);
}

/* listen() of Linux binds an unbound stream socket; Windows rejects the call. */
int portres_win32_listen(SOCKET s, int backlog)
{
	int fd = portres_fd(s);

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (portres_socket_int(fd, SO_TYPE) == SOCK_STREAM && portres_is_unbound(fd))
		return portres_wsa_fail(WSAEINVAL);
	return portres_wsa_result(PORTRES_CALL_LISTEN, fd, listen(fd, backlog));
}

int portres_win32_shutdown(SOCKET s, int how)
{
	int fd = portres_fd(s);

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	return portres_wsa_result(PORTRES_CALL_OTHER, fd, shutdown(fd, how));
}

/* A receive timeout ends accept() on Linux, but not on Windows. */
static int accept_blocking(int fd, struct sockaddr *addr, socklen_t *size)
{
	socklen_t room = *size;
	int made;

	do {
		*size = room;
		made = accept(fd, addr, size);
	} while (made < 0 && errno == EAGAIN && portres_is_blocking(fd));
	return made;
}

/* Check the room for the address first: after accept() the connection would be lost. */
SOCKET portres_win32_accept(SOCKET s, struct sockaddr *addr, portres_length addrlen)
{
	int fd = portres_fd(s);
	socklen_t size = 0;
	int made;

	if (!portres_wsa_started())
		return INVALID_SOCKET;
	if (addr && (portres_copy(&size, addrlen.length, sizeof(size)) ||
		     portres_copy(addr, addr, size) || (int)size < address_size(fd))) {
		portres_wsa_fail(portres_is_socket(fd) ? WSAEFAULT : WSAENOTSOCK);
		return INVALID_SOCKET;
	}
	made = accept_blocking(fd, addr, &size);
	if (made < 0) {
		portres_wsa_result(PORTRES_CALL_ACCEPT, fd, made);
		return INVALID_SOCKET;
	}
	if (addr)
		portres_copy(addrlen.length, &size, sizeof(size));
	return (SOCKET)made;
}

/* Linux accepts connections before a condition function could be called: not supported. */
SOCKET portres_win32_WSAAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
			       LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData)
{
	(void)dwCallbackData;
	if (portres_wsa_started() && lpfnCondition) {
		portres_wsa_fail(WSAEOPNOTSUPP);
		return INVALID_SOCKET;
	}
	return portres_win32_accept(s, addr, (portres_length){ addrlen });
}

/* Windows reports WSAEFAULT for an address that does not fit; Linux truncates it. */
static int copy_name(int (*ask)(int, struct sockaddr *, socklen_t *), int fd,
		     struct sockaddr *name, portres_length namelen)
{
	socklen_t room = 0;
	socklen_t size;
	int error = portres_copy(&room, namelen.length, sizeof(room));

	size = room;
	if (ask(fd, error ? NULL : name, error ? NULL : &size) < 0)
		return portres_wsa_result(PORTRES_CALL_OTHER, fd, -1);
	portres_copy(namelen.length, &size, sizeof(size));
	return size > room ? portres_wsa_fail(WSAEFAULT) : 0;
}

int portres_win32_getpeername(SOCKET s, struct sockaddr *name, portres_length namelen)
{
	if (!portres_wsa_started())
		return SOCKET_ERROR;
	return copy_name(getpeername, portres_fd(s), name, namelen);
}

/* On Windows getsockname() fails before the socket is bound. */
int portres_win32_getsockname(SOCKET s, struct sockaddr *name, portres_length namelen)
{
	int fd = portres_fd(s);

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (portres_is_unbound(fd))
		return portres_wsa_fail(WSAEINVAL);
	return copy_name(getsockname, fd, name, namelen);
}
