// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSAIoctl() with the three codes for port reservations. */
#include <errno.h>

#include "internal.h"
#include "wsa.h"

struct buffers {
	const void *in;
	void *out;
	DWORD in_size;
	DWORD out_size;
};

#ifdef __cplusplus
#error "the members of the structures have other names in C++"
#endif
_Static_assert(sizeof(INET_PORT_RANGE) == 4, "as on Windows");
_Static_assert(sizeof(INET_PORT_RESERVATION_INSTANCE) == 16, "as on Windows");

/*
 * An input that is too short is an input that is not acceptable; so is an output, by the
 * pages of these codes. (That of WSAIoctl() calls both a fault.)
 */
static int take(const struct buffers *buffers, void *input, size_t size)
{
	if (!buffers->in)
		return -EFAULT;
	if (buffers->in_size < size)
		return -EINVAL;
	return portres_copy(input, buffers->in, size);
}

/* The answer's place is tried before there is an answer. */
static int acquire(int fd, const struct buffers *buffers, DWORD *returned)
{
	INET_PORT_RESERVATION_INSTANCE instance = { 0 };
	struct portres_association acquired;
	INET_PORT_RANGE range;
	int error = take(buffers, &range, sizeof(range));

	if (error)
		return error;
	if (!buffers->out)
		return -EFAULT;
	if (buffers->out_size < sizeof(instance))
		return -EINVAL;
	error = portres_copy(buffers->out, buffers->out, sizeof(instance));
	if (!error)
		error = portres_acquire(fd, ntohs(range.StartPort), range.NumberOfPorts, &acquired);
	if (error)
		return error;
	instance.StartPort = htons(acquired.first);
	instance.NumberOfPorts = acquired.count;
	instance.Token = acquired.token;
	*returned = sizeof(instance);
	return portres_copy(buffers->out, &instance, sizeof(instance));
}

static int by_token(int fd, const struct buffers *buffers, int (*act)(int fd, uint64_t token))
{
	ULONG64 token;
	int error = take(buffers, &token, sizeof(token));

	if (error)
		return error;
	return buffers->out_size ? -EINVAL : act(fd, token);
}

static int dispatch(int fd, DWORD code, const struct buffers *buffers, DWORD *returned)
{
	switch (code) {
	case SIO_ACQUIRE_PORT_RESERVATION:
		return acquire(fd, buffers, returned);
	case SIO_ASSOCIATE_PORT_RESERVATION:
		return by_token(fd, buffers, portres_associate);
	case SIO_RELEASE_PORT_RESERVATION:
		return by_token(fd, buffers, portres_release);
	default:
		return -EINVAL;
	}
}

static bool is_socket(int fd)
{
	socklen_t size = sizeof(int);
	int type;

	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
}

int portres_win32_WSAIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
			   DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
			   LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
			   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
	const struct buffers buffers = { lpvInBuffer, lpvOutBuffer, cbInBuffer, cbOutBuffer };
	DWORD returned = 0;
	int fd = portres_fd(s);
	int error;

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (!is_socket(fd))
		return portres_wsa_result(-1);
	if (lpOverlapped || lpCompletionRoutine)
		return portres_wsa_refuse(WSAEOPNOTSUPP);
	if (portres_copy(lpcbBytesReturned, &returned, sizeof(returned)))
		return portres_wsa_refuse(WSAEFAULT);
	error = dispatch(fd, dwIoControlCode, &buffers, &returned);
	if (error)
		return portres_wsa_refuse(portres_to_wsa(error));
	portres_copy(lpcbBytesReturned, &returned, sizeof(returned));
	return 0;
}
