// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sending, receiving, and waiting for that, as Windows has it. */
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>

#include "wsa.h"

/* <sys/ioctl.h> has other values for the names. */
#define WINDOWS_FIONBIO		0x8004667e
#define WINDOWS_FIONREAD	0x4004667f

/* There are no signals on Windows, so none comes for a connection that is gone. */
int portres_win32_send(SOCKET s, const char *buf, int len, int flags)
{
	if (!portres_wsa_started())
		return SOCKET_ERROR;
	return portres_wsa_result(send(portres_fd(s), buf, (size_t)len, flags | MSG_NOSIGNAL));
}

int portres_win32_sendto(SOCKET s, const char *buf, int len, int flags,
			 const struct sockaddr *to, int tolen)
{
	int fd = portres_fd(s);

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	return portres_wsa_implicit_bind(fd, sendto(fd, buf, (size_t)len, flags | MSG_NOSIGNAL,
						    to, (socklen_t)tolen));
}

/* A datagram that does not fit is an error, though what fits is there. */
int portres_win32_recvfrom(SOCKET s, char *buf, int len, int flags, struct sockaddr *from,
			   portres_length fromlen)
{
	struct iovec room = { buf, (size_t)len };
	struct msghdr message = { .msg_iov = &room, .msg_iovlen = 1 };
	ssize_t received;

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (from && fromlen.length) {
		message.msg_name = from;
		message.msg_namelen = *fromlen.length;
	}
	received = recvmsg(portres_fd(s), &message, flags);
	if (received < 0)
		return portres_wsa_result(received);
	if (from && fromlen.length)
		*fromlen.length = message.msg_namelen;
	if (message.msg_flags & MSG_TRUNC)
		return portres_wsa_refuse(WSAEMSGSIZE);
	return (int)received;
}

int portres_win32_recv(SOCKET s, char *buf, int len, int flags)
{
	return portres_win32_recvfrom(s, buf, len, flags, NULL, (portres_length){ NULL });
}

/* Which descriptors are meant is in the sets; programs pass any nfds, mostly 0. */
int portres_win32_select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
			 struct timeval *timeout)
{
	struct timeval rest = { 0 };

	(void)nfds;
	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (!readfds && !writefds && !exceptfds)
		return portres_wsa_refuse(WSAEINVAL);
	if (timeout)
		rest = *timeout;
	return portres_wsa_result(select(FD_SETSIZE, readfds, writefds, exceptfds,
					 timeout ? &rest : NULL));
}

static int set_blocking(int fd, u_long never)
{
	int on = never != 0;

	return ioctl(fd, FIONBIO, &on);
}

static int waiting_bytes(int fd, u_long *count)
{
	int value;
	int result = ioctl(fd, FIONREAD, &value);

	if (!result)
		*count = (u_long)value;
	return result;
}

int portres_win32_ioctlsocket(SOCKET s, long cmd, u_long *argp)
{
	int fd = portres_fd(s);

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (!argp)
		return portres_wsa_refuse(WSAEFAULT);
	switch ((DWORD)cmd) {
	case WINDOWS_FIONBIO:
	case FIONBIO:
		return portres_wsa_result(set_blocking(fd, *argp));
	case WINDOWS_FIONREAD:
	case FIONREAD:
		return portres_wsa_result(waiting_bytes(fd, argp));
	default:
		return portres_wsa_refuse(WSAEINVAL);
	}
}
