// SPDX-License-Identifier: LGPL-2.1-or-later
/* Winsock: select(), WSAPoll() and ioctlsocket(). */
#include <asm/ioctls.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/socket.h>

/* The headers of Windows define these names again. */
enum { LINUX_FIONBIO = FIONBIO, LINUX_FIONREAD = FIONREAD };

#include "wsa.h"

int ioctl(int fd, unsigned long request, ...);

/* Windows ignores nfds, and programs pass any value, mostly 0. */
int portres_win32_select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
			 struct timeval *timeout)
{
	struct timeval rest = { 0 };

	(void)nfds;
	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (!readfds && !writefds && !exceptfds)
		return portres_wsa_fail(WSAEINVAL);
	if (timeout && portres_copy(&rest, timeout, sizeof(rest)))
		return portres_wsa_fail(WSAEFAULT);
	return portres_wsa_result(PORTRES_CALL_OTHER, -1,
				  select(FD_SETSIZE, readfds, writefds, exceptfds,
					 timeout ? &rest : NULL));
}

static void poll_load(struct pollfd *to, const WSAPOLLFD *from, ULONG count)
{
	ULONG i;

	for (i = 0; i < count; i++)
		to[i] = (struct pollfd){ .fd = portres_fd(from[i].fd), .events = from[i].events };
}

/* Returns the number of elements with revents. poll() skips a negative descriptor. */
static int poll_store(WSAPOLLFD *to, const struct pollfd *from, ULONG count)
{
	bool any_socket = false;
	int told = 0;
	ULONG i;

	for (i = 0; i < count; i++) {
		to[i].revents = from[i].fd < 0 ? POLLNVAL : from[i].revents;
		any_socket = any_socket || !(to[i].revents & POLLNVAL);
		told += to[i].revents != 0;
	}
	return any_socket ? told : -EINVAL;
}

/* The pointer may be invalid, so a copy of the caller's array is used. */
static int wait_for_array(WSAPOLLFD *array, ULONG count, INT timeout)
{
	WSAPOLLFD *copy = calloc(count, sizeof(*copy));
	struct pollfd *fds = calloc(count, sizeof(*fds));
	int result = copy && fds ? portres_copy(copy, array, count * sizeof(*copy)) : -ENOMEM;
	int error;

	if (!result) {
		poll_load(fds, copy, count);
		result = poll(fds, count, timeout) < 0 ? -errno : poll_store(copy, fds, count);
		error = portres_copy(array, copy, count * sizeof(*copy));
		if (error)
			result = error;
	}
	free(copy);
	free(fds);
	return result;
}

int portres_win32_WSAPoll(LPWSAPOLLFD fdArray, ULONG fds, INT timeout)
{
	int result;

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (!fds)
		return portres_wsa_fail(WSAEINVAL);
	result = wait_for_array(fdArray, fds, timeout);
	return result < 0 ? portres_wsa_fail(portres_to_wsa(result)) : result;
}

bool portres_is_fionbio(DWORD command)
{
	return command == FIONBIO || command == LINUX_FIONBIO;
}

bool portres_is_fionread(DWORD command)
{
	return command == FIONREAD || command == LINUX_FIONREAD;
}

int portres_set_nonblocking(int fd, bool on)
{
	int value = on;

	return ioctl(fd, LINUX_FIONBIO, &value);
}

int portres_bytes_waiting(int fd, DWORD *count)
{
	int value;

	if (ioctl(fd, LINUX_FIONREAD, &value))
		return -1;
	*count = (DWORD)value;
	return 0;
}

int portres_win32_ioctlsocket(SOCKET s, long cmd, u_long *argp)
{
	DWORD waiting = 0;
	int fd = portres_fd(s);
	u_long value;
	int result;

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (!portres_is_socket(fd))
		return portres_wsa_result(PORTRES_CALL_OTHER, fd, -1);
	if (portres_copy(&value, argp, sizeof(value)))
		return portres_wsa_fail(WSAEFAULT);
	if (portres_is_fionbio((DWORD)cmd))
		return portres_wsa_result(PORTRES_CALL_OTHER, fd,
					  portres_set_nonblocking(fd, value));
	if (!portres_is_fionread((DWORD)cmd))
		return portres_wsa_fail(WSAEINVAL);
	result = portres_bytes_waiting(fd, &waiting);
	value = waiting;
	if (!result && portres_copy(argp, &value, sizeof(value)))
		return portres_wsa_fail(WSAEFAULT);
	return portres_wsa_result(PORTRES_CALL_OTHER, fd, result);
}
