// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSAIoctl(): the codes for port reservations, FIONBIO, FIONREAD and SIO_CPU_AFFINITY. */
#include <errno.h>
#include <portres/portres.h>
#include <sys/socket.h>
#include <unistd.h>

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
 * Reads the input. Too short an input is invalid, as is an output, by the pages of these codes; the
 * page of WSAIoctl() has WSAEFAULT for both.
 */
static int ioctl_input(const struct buffers *buffers, void *input, size_t size)
{
	if (!buffers->in)
		return -EFAULT;
	if (buffers->in_size < size)
		return -EINVAL;
	return portres_copy(input, buffers->in, size);
}

/* Checks that the output is writable before it acquires anything. */
static int ioctl_acquire(int fd, const struct buffers *buffers, DWORD *returned)
{
	INET_PORT_RESERVATION_INSTANCE instance = { 0 };
	struct portres_association acquired;
	INET_PORT_RANGE range;
	int error = ioctl_input(buffers, &range, sizeof(range));

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

static int ioctl_token(int fd, const struct buffers *buffers, int (*act)(int fd, uint64_t token))
{
	ULONG64 token;
	int error = ioctl_input(buffers, &token, sizeof(token));

	if (error)
		return error;
	return buffers->out_size ? -EINVAL : act(fd, token);
}

/* A u_long has 32 bits on Windows and may have 64 here: accept either size. */
static int ioctl_nonblocking(int fd, const struct buffers *buffers)
{
	u_long wide = 0;
	DWORD on = 0;
	int error = buffers->in_size < sizeof(wide) ? ioctl_input(buffers, &on, sizeof(on)) :
		ioctl_input(buffers, &wide, sizeof(wide));

	if (error)
		return error;
	return portres_set_nonblocking(fd, on || wide) ? -errno : 0;
}

static int ioctl_waiting(int fd, const struct buffers *buffers, DWORD *returned)
{
	u_long wide;
	DWORD count;

	if (!buffers->out)
		return -EFAULT;
	if (buffers->out_size < sizeof(count))
		return -EINVAL;
	if (portres_bytes_waiting(fd, &count))
		return -errno;
	wide = count;
	if (buffers->out_size < sizeof(wide)) {
		*returned = sizeof(count);
		return portres_copy(buffers->out, &count, sizeof(count));
	}
	*returned = sizeof(wide);
	return portres_copy(buffers->out, &wide, sizeof(wide));
}

/*
 * Sockets with this option share a port, and each receives what arrives at its CPU. SO_REUSEPORT
 * lets sockets of one user share the port, SO_INCOMING_CPU selects between them.
 */
static int ioctl_affinity(int fd, const struct buffers *buffers)
{
	USHORT number;
	int share = 1;
	int cpu;
	int error = ioctl_input(buffers, &number, sizeof(number));

	if (error)
		return error;
	if (portres_socket_int(fd, SO_PROTOCOL) != IPPROTO_UDP)
		return -EOPNOTSUPP;
	if (buffers->out_size || number >= sysconf(_SC_NPROCESSORS_CONF) ||
	    !portres_is_unbound(fd))
		return -EINVAL;
	cpu = number;
	if (setsockopt(fd, SOL_SOCKET, SO_INCOMING_CPU, &cpu, sizeof(cpu)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &share, sizeof(share)))
		return -errno;
	return 0;
}

static int ioctl_dispatch(int fd, DWORD code, const struct buffers *buffers, DWORD *returned)
{
	switch (code) {
	case SIO_ACQUIRE_PORT_RESERVATION:
		return ioctl_acquire(fd, buffers, returned);
	case SIO_ASSOCIATE_PORT_RESERVATION:
		return ioctl_token(fd, buffers, portres_associate);
	case SIO_RELEASE_PORT_RESERVATION:
		return ioctl_token(fd, buffers, portres_release);
	case SIO_CPU_AFFINITY:
		return ioctl_affinity(fd, buffers);
	default:
		if (portres_is_fionbio(code))
			return ioctl_nonblocking(fd, buffers);
		if (portres_is_fionread(code))
			return ioctl_waiting(fd, buffers, returned);
		return -EINVAL;
	}
}

/* EAGAIN: the time limit of the retries was reached. */
static DWORD ioctl_code(int error)
{
	return error == -EAGAIN ? WSAETIMEDOUT : portres_to_wsa(error);
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
	if (!portres_is_socket(fd))
		return portres_wsa_result(PORTRES_CALL_OTHER, fd, -1);
	if (lpOverlapped || lpCompletionRoutine)
		return portres_wsa_fail(WSAEOPNOTSUPP);
	if (portres_copy(lpcbBytesReturned, &returned, sizeof(returned)))
		return portres_wsa_fail(WSAEFAULT);
	error = ioctl_dispatch(fd, dwIoControlCode, &buffers, &returned);
	if (error)
		return portres_wsa_fail(ioctl_code(error));
	portres_copy(lpcbBytesReturned, &returned, sizeof(returned));
	return 0;
}
