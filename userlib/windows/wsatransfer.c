// SPDX-License-Identifier: LGPL-2.1-or-later
/* Winsock: sends and receives with one buffer. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "wsa.h"

/* Linux returns EINVAL for too short an address and for port 0. */
static void set_address_errno(const struct sockaddr *to, int size)
{
	struct sockaddr_in address;
	int family;

	if (errno != EINVAL || !to)
		return;
	if (size < (int)sizeof(address)) {
		errno = EFAULT;
		return;
	}
	if (portres_copy(&address, to, sizeof(address)))
		return;
	family = address.sin_family;
	if (family == AF_INET6 && size < (int)sizeof(struct sockaddr_in6))
		errno = EFAULT;
	else if ((family == AF_INET || family == AF_INET6) && !address.sin_port)
		errno = EADDRNOTAVAIL;
}

/* MSG_NOSIGNAL: Windows has no SIGPIPE. */
int portres_wsa_send(enum portres_call call, int fd, struct iovec *buffers, size_t count,
		     int flags, const struct sockaddr *to, int size)
{
	struct msghdr message = {
		.msg_iov = buffers,
		.msg_iovlen = count,
		.msg_name = (struct sockaddr *)to,
		.msg_namelen = to ? portres_name_size(size) : 0,
	};
	ssize_t sent = sendmsg(fd, &message, flags | MSG_NOSIGNAL);

	if (sent < 0)
		set_address_errno(to, size);
	return portres_wsa_result(call, fd, sent);
}

int portres_win32_send(SOCKET s, const char *buf, int len, int flags)
{
	struct iovec buffer = { (char *)buf, (size_t)len };

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (len < 0)
		return portres_wsa_fail(WSAEFAULT);
	return portres_wsa_send(PORTRES_CALL_SEND, portres_fd(s), &buffer, 1, flags, NULL, 0);
}

int portres_win32_sendto(SOCKET s, const char *buf, int len, int flags,
			 const struct sockaddr *to, int tolen)
{
	struct iovec buffer = { (char *)buf, (size_t)len };

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (len < 0)
		return portres_wsa_fail(WSAEFAULT);
	return portres_wsa_send(PORTRES_CALL_SENDTO, portres_fd(s), &buffer, 1, flags, to, tolen);
}

/* On Linux, receiving with an unbound datagram socket would block for ever. */
static bool cannot_receive(int fd)
{
	return portres_socket_int(fd, SO_TYPE) == SOCK_DGRAM && portres_is_unbound(fd);
}

/* A datagram that does not fit is an error, but the buffers are filled. */
int portres_wsa_receive(int fd, struct iovec *buffers, size_t count, int flags,
			struct sockaddr *from, int *size, DWORD *received)
{
	struct msghdr message = { .msg_iov = buffers, .msg_iovlen = count };
	bool wants_name = from && size;
	int room = 0;
	ssize_t result;

	*received = 0;
	if (cannot_receive(fd))
		return portres_wsa_fail(WSAEINVAL);
	if (wants_name) {
		if (portres_copy(&room, size, sizeof(room)) || room < 0)
			return portres_wsa_fail(WSAEFAULT);
		message.msg_name = from;
		message.msg_namelen = portres_name_size(room);
	}
	result = recvmsg(fd, &message, flags);
	if (result < 0)
		return portres_wsa_result(PORTRES_CALL_RECV, fd, result);
	*received = (DWORD)result;
	if (wants_name)
		portres_copy(size, &message.msg_namelen, sizeof(*size));
	if (wants_name && message.msg_namelen > (socklen_t)room)
		return portres_wsa_fail(WSAEFAULT);
	return message.msg_flags & MSG_TRUNC ? portres_wsa_fail(WSAEMSGSIZE) : (int)result;
}

int portres_win32_recvfrom(SOCKET s, char *buf, int len, int flags, struct sockaddr *from,
			   portres_length fromlen)
{
	struct iovec buffer = { buf, (size_t)len };
	DWORD received;

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (len < 0)
		return portres_wsa_fail(WSAEFAULT);
	return portres_wsa_receive(portres_fd(s), &buffer, 1, flags, from, fromlen.number,
				   &received);
}

int portres_win32_recv(SOCKET s, char *buf, int len, int flags)
{
	return portres_win32_recvfrom(s, buf, len, flags, NULL, (portres_length){ NULL });
}
