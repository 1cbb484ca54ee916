// SPDX-License-Identifier: LGPL-2.1-or-later
/* Socket options, where Windows has them in other forms. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "wsa.h"

/* Windows: a number of milliseconds, 0 for no limit. */
static bool is_timeout(int level, int option, size_t size)
{
	return level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO) &&
		size == sizeof(DWORD);
}

static int set_timeout(int fd, int option, DWORD milliseconds)
{
	struct timeval time = { milliseconds / 1000, milliseconds % 1000 * 1000 };

	return setsockopt(fd, SOL_SOCKET, option, &time, sizeof(time));
}

static int get_timeout(int fd, int option, DWORD *milliseconds)
{
	struct timeval time;
	socklen_t size = sizeof(time);

	if (getsockopt(fd, SOL_SOCKET, option, &time, &size) < 0)
		return -1;
	*milliseconds = (DWORD)(time.tv_sec * 1000 + time.tv_usec / 1000);
	return 0;
}

/* Nobody shares a port here who has not set SO_REUSEADDR. */
static int set_exclusive(int fd, const char *value, size_t size)
{
	int reuse = 0;
	int on;

	if (!value || size < sizeof(on)) {
		errno = EFAULT;
		return -1;
	}
	memcpy(&on, value, sizeof(on));
	return on ? setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse)) : 0;
}

int portres_win32_setsockopt(SOCKET s, int level, int optname, const char *optval, int optlen)
{
	int fd = portres_fd(s);
	DWORD milliseconds;

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (level == SOL_SOCKET && optname == SO_EXCLUSIVEADDRUSE)
		return portres_wsa_result(set_exclusive(fd, optval, (size_t)optlen));
	if (!optval || !is_timeout(level, optname, (size_t)optlen))
		return portres_wsa_result(setsockopt(fd, level, optname, optval,
						     (socklen_t)optlen));
	memcpy(&milliseconds, optval, sizeof(milliseconds));
	return portres_wsa_result(set_timeout(fd, optname, milliseconds));
}

int portres_win32_getsockopt(SOCKET s, int level, int optname, char *optval,
			     portres_length optlen)
{
	int fd = portres_fd(s);
	DWORD milliseconds;
	int result;

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (!optval || !optlen.length || !is_timeout(level, optname, *optlen.length))
		return portres_wsa_result(getsockopt(fd, level, optname, optval, optlen.length));
	result = get_timeout(fd, optname, &milliseconds);
	if (!result)
		memcpy(optval, &milliseconds, sizeof(milliseconds));
	return portres_wsa_result(result);
}
