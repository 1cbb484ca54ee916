// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Socket options, and the conversion of those that Windows has in another form. A buffer may be
 * longer than the option, whose size is then returned; too short a buffer is WSAEFAULT.
 */
#include <errno.h>
#include <sys/socket.h>

#include "wsa.h"

/* An option that is converted. set and get return 0, or -1 with errno set. */
struct option {
	int level;
	int name;
	int (*set)(int fd, int name, DWORD value);
	int (*get)(int fd, int name, DWORD *value);
};

static int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static int get_int(int fd, int level, int name, int *value)
{
	socklen_t size = sizeof(*value);

	return getsockopt(fd, level, name, value, &size);
}

static int option_fail(int error)
{
	errno = error;
	return -1;
}

/* Windows: a number of milliseconds; 0: no limit. */
static int set_timeout(int fd, int name, DWORD milliseconds)
{
	struct timeval time = { milliseconds / 1000, milliseconds % 1000 * 1000 };

	return setsockopt(fd, SOL_SOCKET, name, &time, sizeof(time));
}

static int get_timeout(int fd, int name, DWORD *milliseconds)
{
	struct timeval time;
	socklen_t size = sizeof(time);

	if (getsockopt(fd, SOL_SOCKET, name, &time, &size) < 0)
		return -1;
	*milliseconds = (DWORD)(time.tv_sec * 1000 + time.tv_usec / 1000);
	return 0;
}

/* Without SO_REUSEADDR no socket shares its port on Linux. */
static int set_exclusive(int fd, int name, DWORD on)
{
	(void)name;
	if (!on)
		return portres_is_socket(fd) ? 0 : -1;
	return set_int(fd, SOL_SOCKET, SO_REUSEADDR, 0);
}

static int get_exclusive(int fd, int name, DWORD *on)
{
	int reuse;

	(void)name;
	if (get_int(fd, SOL_SOCKET, SO_REUSEADDR, &reuse) < 0)
		return -1;
	*on = !reuse;
	return 0;
}

/* Converts the pending error to a code of Winsock. Reading clears the error. */
static int get_error(int fd, int name, DWORD *code)
{
	int error;

	if (get_int(fd, SOL_SOCKET, name, &error) < 0)
		return -1;
	*code = error ? portres_call_code(PORTRES_CALL_CONNECT, fd, -error) : 0;
	return 0;
}

static int set_error(int fd, int name, DWORD code)
{
	(void)name;
	(void)code;
	return portres_is_socket(fd) ? option_fail(ENOPROTOOPT) : -1;
}

static int set_dontlinger(int fd, int name, DWORD on)
{
	struct linger linger = { .l_onoff = !on };

	(void)name;
	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static int get_dontlinger(int fd, int name, DWORD *on)
{
	struct linger linger;
	socklen_t size = sizeof(linger);

	(void)name;
	if (getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &size) < 0)
		return -1;
	*on = !linger.l_onoff;
	return 0;
}

/* Linux also discovers the path MTU with it; Windows does so for streams only. */
static int set_dontfragment(int fd, int name, DWORD on)
{
	(void)name;
	return set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, on ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
}

static int get_dontfragment(int fd, int name, DWORD *on)
{
	int mode;

	(void)name;
	if (get_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, &mode) < 0)
		return -1;
	*on = mode == IP_PMTUDISC_DO || mode == IP_PMTUDISC_PROBE;
	return 0;
}

static const struct option *find_option(int level, int name)
{
	static const struct option options[] = {
		{ SOL_SOCKET, SO_RCVTIMEO, set_timeout, get_timeout },
		{ SOL_SOCKET, SO_SNDTIMEO, set_timeout, get_timeout },
		{ SOL_SOCKET, SO_EXCLUSIVEADDRUSE, set_exclusive, get_exclusive },
		{ SOL_SOCKET, SO_DONTLINGER, set_dontlinger, get_dontlinger },
		{ SOL_SOCKET, SO_ERROR, set_error, get_error },
		{ IPPROTO_IP, IP_DONTFRAGMENT, set_dontfragment, get_dontfragment },
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].level == level && options[i].name == name)
			return &options[i];
	return NULL;
}

static int set_converted(int fd, const struct option *option, const char *value, int size)
{
	DWORD number;
	int error;

	if (size < (int)sizeof(number))
		return portres_is_socket(fd) ? option_fail(EFAULT) : -1;
	error = portres_copy(&number, value, sizeof(number));
	if (error)
		return portres_is_socket(fd) ? option_fail(-error) : -1;
	return option->set(fd, option->name, number);
}

static int get_converted(int fd, const struct option *option, char *value, int *size)
{
	DWORD number = 0;
	int room = 0;

	/* check the buffers first: reading SO_ERROR clears it */
	if (portres_copy(&room, size, sizeof(room)) || room < (int)sizeof(number) ||
	    portres_copy(value, value, sizeof(number)))
		return portres_is_socket(fd) ? option_fail(EFAULT) : -1;
	if (option->get(fd, option->name, &number) < 0)
		return -1;
	room = sizeof(number);
	portres_copy(value, &number, sizeof(number));
	portres_copy(size, &room, sizeof(room));
	return 0;
}

int portres_win32_setsockopt(SOCKET s, int level, int optname, const char *optval, int optlen)
{
	const struct option *option = find_option(level, optname);
	int fd = portres_fd(s);
	int result;

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (option) {
		result = set_converted(fd, option, optval, optlen);
	} else {
		result = setsockopt(fd, level, optname, optval, (socklen_t)optlen);
		/* Linux returns EINVAL for too short a value and for an invalid one */
		if (result < 0 && errno == EINVAL && optlen < (int)sizeof(int))
			errno = EFAULT;
	}
	return portres_wsa_result(PORTRES_CALL_SETSOCKOPT, fd, result);
}

int portres_win32_getsockopt(SOCKET s, int level, int optname, char *optval,
			     portres_length optlen)
{
	const struct option *option = find_option(level, optname);
	int fd = portres_fd(s);
	int result;

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	if (option)
		result = get_converted(fd, option, optval, optlen.number);
	else
		result = getsockopt(fd, level, optname, optval, optlen.length);
	return portres_wsa_result(PORTRES_CALL_GETSOCKOPT, fd, result);
}
