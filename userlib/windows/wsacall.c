// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Error codes that depend on the function or on the state of its socket: Windows documents codes
 * for each function, and several of them correspond to one errno of Linux.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "wsa.h"

/* Cases in which Windows does not document the code of wsaerror.c for the function. */
static const struct {
	enum portres_call call;
	int error;
	DWORD code;
} exceptions[] = {
	{ PORTRES_CALL_SOCKET, EINVAL, WSAEPROTONOSUPPORT },
	{ PORTRES_CALL_SOCKET, EPFNOSUPPORT, WSAEAFNOSUPPORT },
	/* the page of bind() documents WSAEFAULT for an address of another family */
	{ PORTRES_CALL_BIND, EAFNOSUPPORT, WSAEFAULT },
	{ PORTRES_CALL_BIND, ENODEV, WSAEADDRNOTAVAIL },
	{ PORTRES_CALL_CONNECT, ECONNABORTED, WSAECONNREFUSED },
	{ PORTRES_CALL_CONNECT, EHOSTDOWN, WSAEHOSTUNREACH },
	{ PORTRES_CALL_CONNECT, ENODEV, WSAEADDRNOTAVAIL },
	{ PORTRES_CALL_ACCEPT, ECONNABORTED, WSAECONNRESET },
	{ PORTRES_CALL_ACCEPT, EPERM, WSAECONNRESET },
	{ PORTRES_CALL_ACCEPT, EPROTO, WSAECONNRESET },
	/* an ICMP error for a datagram that was sent before */
	{ PORTRES_CALL_RECV, EACCES, WSAECONNRESET },
	{ PORTRES_CALL_RECV, ECONNREFUSED, WSAECONNRESET },
	{ PORTRES_CALL_RECV, ENOPROTOOPT, WSAECONNRESET },
	{ PORTRES_CALL_RECV, EHOSTDOWN, WSAETIMEDOUT },
	{ PORTRES_CALL_RECV, EHOSTUNREACH, WSAETIMEDOUT },
	{ PORTRES_CALL_RECV, ENETUNREACH, WSAETIMEDOUT },
	{ PORTRES_CALL_SEND, ECONNREFUSED, WSAECONNRESET },
	{ PORTRES_CALL_SEND, ENOPROTOOPT, WSAECONNRESET },
	{ PORTRES_CALL_SEND, EDESTADDRREQ, WSAENOTCONN },
	{ PORTRES_CALL_SEND, EHOSTDOWN, WSAEHOSTUNREACH },
	{ PORTRES_CALL_SEND, ENETUNREACH, WSAEHOSTUNREACH },
	{ PORTRES_CALL_SENDTO, ECONNREFUSED, WSAECONNRESET },
	{ PORTRES_CALL_SENDTO, ENOPROTOOPT, WSAECONNRESET },
	{ PORTRES_CALL_SENDTO, EHOSTDOWN, WSAEHOSTUNREACH },
	{ PORTRES_CALL_SETSOCKOPT, EOPNOTSUPP, WSAENOPROTOOPT },
	{ PORTRES_CALL_SETSOCKOPT, EDOM, WSAEINVAL },
	{ PORTRES_CALL_SETSOCKOPT, ERANGE, WSAEINVAL },
	{ PORTRES_CALL_SETSOCKOPT, EBUSY, WSAEINVAL },
	{ PORTRES_CALL_SETSOCKOPT, EADDRINUSE, WSAEINVAL },
	{ PORTRES_CALL_SETSOCKOPT, ENODEV, WSAEADDRNOTAVAIL },
	{ PORTRES_CALL_GETSOCKOPT, EOPNOTSUPP, WSAENOPROTOOPT },
};

int portres_socket_int(int fd, int option)
{
	socklen_t size = sizeof(int);
	int value = 0;

	return getsockopt(fd, SOL_SOCKET, option, &value, &size) ? 0 : value;
}

bool portres_is_socket(int fd)
{
	socklen_t size = sizeof(int);
	int type;

	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
}

bool portres_is_blocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && !(flags & O_NONBLOCK);
}

/* Only sockets of IPv4 and IPv6 have ports. */
bool portres_is_unbound(int fd)
{
	struct sockaddr_in6 address = { .sin6_family = AF_UNSPEC };
	socklen_t size = sizeof(address);

	/* the port has the same offset in both families */
	return !getsockname(fd, (struct sockaddr *)&address, &size) &&
		(address.sin6_family == AF_INET || address.sin6_family == AF_INET6) &&
		!address.sin6_port;
}

static bool is_connected(int fd)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);

	return !getpeername(fd, (struct sockaddr *)&peer, &size);
}

/*
 * Linux returns EAGAIN for a nonblocking socket, after a timeout, and if connect() or sendto() find
 * no free port for the implicit bind.
 */
static DWORD again_code(enum portres_call call, int fd)
{
	if (call != PORTRES_CALL_RECV && portres_is_unbound(fd))
		return WSAEADDRINUSE;
	return portres_is_blocking(fd) ? WSAETIMEDOUT : WSAEWOULDBLOCK;
}

/* TCP_CLOSE is in <netinet/tcp.h>, whose struct tcp_info is an older one. */
#define STATE_CLOSED	7

/* Linux returns EPIPE for a socket that was never connected, lost its peer, or was shut down. */
static DWORD pipe_code(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) || info.tcpi_state != STATE_CLOSED)
		return WSAESHUTDOWN;
	return info.tcpi_segs_out ? WSAECONNRESET : WSAENOTCONN;
}

static DWORD state_code(enum portres_call call, int fd, int error)
{
	switch (error) {
	case EAGAIN:
		return again_code(call, fd);
	case EPIPE:
		return call == PORTRES_CALL_OTHER ? 0 : pipe_code(fd);
	case EINPROGRESS:
		/* SO_SNDTIMEO has ended connect() of a blocking socket */
		return portres_is_blocking(fd) ? WSAETIMEDOUT : 0;
	case EISCONN:
		return call == PORTRES_CALL_CONNECT && portres_socket_int(fd, SO_ACCEPTCONN) ?
			WSAEINVAL : 0;
	case EINVAL:
		return call == PORTRES_CALL_LISTEN && is_connected(fd) ? WSAEISCONN : 0;
	default:
		return 0;
	}
}

DWORD portres_call_code(enum portres_call call, int fd, int error)
{
	DWORD code = state_code(call, fd, -error);
	size_t i;

	if (code)
		return code;
	for (i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
		if (exceptions[i].call == call && exceptions[i].error == -error)
			return exceptions[i].code;
	return portres_to_wsa(error);
}

int portres_wsa_result(enum portres_call call, int fd, ssize_t result)
{
	return result < 0 ? portres_wsa_fail(portres_call_code(call, fd, -errno)) : (int)result;
}
