// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded into a program to count its binds of UDP sockets to the ports $PORTRES_FIRST to
 * $PORTRES_LAST, which it leaves as they are. $PORTRES_LOG gets a letter for each: + it got the
 * port, - it was in use, ! something else went wrong.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int bind(int fd, const struct sockaddr *address, socklen_t len);

static int number(const char *name)
{
	const char *text = getenv(name);

	return text ? atoi(text) : 0;
}

static int is_ours(int fd, const struct sockaddr *address)
{
	int type = 0, port;
	socklen_t size = sizeof(type);

	if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) || type != SOCK_DGRAM)
		return 0;
	/* the port is in the same place for both families */
	port = ntohs(((const struct sockaddr_in *)address)->sin_port);
	return port >= number("PORTRES_FIRST") && port <= number("PORTRES_LAST");
}

static void note(char letter)
{
	int file = open(getenv("PORTRES_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);

	if (file >= 0) {
		if (write(file, &letter, 1) != 1)
			abort();
		close(file);
	}
}

int bind(int fd, const struct sockaddr *address, socklen_t len)
{
	int (*real)(int fd, const struct sockaddr *address, socklen_t len) =
		dlsym(RTLD_NEXT, "bind");
	int result, error;

	if (!is_ours(fd, address))
		return real(fd, address, len);
	result = real(fd, address, len);
	error = errno;
	note(!result ? '+' : error == EADDRINUSE ? '-' : '!');
	errno = error;
	return result;
}
