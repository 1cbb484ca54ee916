// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sockets and their addresses as Windows has them. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wsa.h"

/* Windows: an IPv6 socket is one for IPv6 alone, unless its program says otherwise. */
static void like_windows(int fd, int af)
{
	int on = 1;

	if (af == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
}

static SOCKET open_socket(int af, int type, int protocol, int flags)
{
	int fd;

	if (!portres_wsa_started())
		return INVALID_SOCKET;
	if (!type)
		type = protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
	fd = socket(af, type | flags, protocol);
	if (fd < 0) {
		portres_wsa_result(fd);
		return INVALID_SOCKET;
	}
	like_windows(fd, af);
	return (SOCKET)fd;
}

SOCKET portres_win32_socket(int af, int type, int protocol)
{
	return open_socket(af, type, protocol, 0);
}

/* A socket that is described by another process, or is of a group, cannot be had. */
static SOCKET open_wsa_socket(int af, int type, int protocol, const void *info, GROUP g,
			      DWORD flags)
{
	if (portres_wsa_started() &&
	    (info || g || flags & ~(DWORD)(WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT))) {
		portres_wsa_refuse(WSAEINVAL);
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

/* Whatever it says, the descriptor is gone: to try again would be to close another's. */
int portres_win32_closesocket(SOCKET s)
{
	socklen_t size = sizeof(int);
	int fd = portres_fd(s);
	int type;

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
		return portres_wsa_result(-1);
	close(fd);
	return 0;
}

int portres_win32_bind(SOCKET s, const struct sockaddr *name, int namelen)
{
	if (!portres_wsa_started())
		return SOCKET_ERROR;
	return portres_wsa_result(bind(portres_fd(s), name, (socklen_t)namelen));
}

static bool is_unbound(int fd)
{
	struct sockaddr_in6 address = { .sin6_family = AF_UNSPEC };
	socklen_t size = sizeof(address);

	/* the port is at the same place in both families */
	return !getsockname(fd, (struct sockaddr *)&address, &size) &&
		(address.sin6_family == AF_INET || address.sin6_family == AF_INET6) &&
		!address.sin6_port;
}

int portres_wsa_implicit_bind(int fd, ssize_t result)
{
	if (result < 0 && errno == EAGAIN && is_unbound(fd))
		errno = EADDRINUSE;
	return portres_wsa_result(result);
}

int portres_win32_connect(SOCKET s, const struct sockaddr *name, int namelen)
{
	int fd = portres_fd(s);

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	return portres_wsa_implicit_bind(fd, connect(fd, name, (socklen_t)namelen));
}

int portres_win32_listen(SOCKET s, int backlog)
{
	if (!portres_wsa_started())
		return SOCKET_ERROR;
	return portres_wsa_result(listen(portres_fd(s), backlog));
}

int portres_win32_shutdown(SOCKET s, int how)
{
	if (!portres_wsa_started())
		return SOCKET_ERROR;
	return portres_wsa_result(shutdown(portres_fd(s), how));
}

SOCKET portres_win32_accept(SOCKET s, struct sockaddr *addr, portres_length addrlen)
{
	int fd;

	if (!portres_wsa_started())
		return INVALID_SOCKET;
	fd = accept(portres_fd(s), addr, addrlen.length);
	if (fd < 0)
		portres_wsa_result(fd);
	return fd < 0 ? INVALID_SOCKET : (SOCKET)fd;
}

/* An address that does not fit is a fault to Windows; Linux cuts it off. */
static int tell_name(int (*ask)(int, struct sockaddr *, socklen_t *), int fd,
		     struct sockaddr *name, portres_length namelen)
{
	socklen_t room = namelen.length ? *namelen.length : 0;

	if (!namelen.length)
		errno = EFAULT;
	if (!namelen.length || ask(fd, name, namelen.length) < 0)
		return portres_wsa_result(-1);
	return *namelen.length > room ? portres_wsa_refuse(WSAEFAULT) : 0;
}

int portres_win32_getpeername(SOCKET s, struct sockaddr *name, portres_length namelen)
{
	if (!portres_wsa_started())
		return SOCKET_ERROR;
	return tell_name(getpeername, portres_fd(s), name, namelen);
}

/* To Windows, a socket has no name before it is bound. */
int portres_win32_getsockname(SOCKET s, struct sockaddr *name, portres_length namelen)
{
	int fd = portres_fd(s);

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (is_unbound(fd))
		return portres_wsa_refuse(WSAEINVAL);
	return tell_name(getsockname, fd, name, namelen);
}
