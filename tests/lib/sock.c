// SPDX-License-Identifier: GPL-2.0-only
/* Sockets, tersely. */
#include "sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

#define ANSWER "/run/no-udplite"

union sock_addr sock_addr(int family, const char *text, unsigned int port)
{
	union sock_addr addr;
	void *to;

	memset(&addr, 0, sizeof(addr));
	addr.any.sa_family = family;
	if (family == AF_INET) {
		addr.v4.sin_port = htons(port);
		to = &addr.v4.sin_addr;
	} else {
		addr.v6.sin6_port = htons(port);
		to = &addr.v6.sin6_addr;
	}
	if (inet_pton(family, text, to) != 1)
		tap_bail("%s is no address of family %d", text, family);
	return addr;
}

static socklen_t length(const union sock_addr *addr)
{
	return addr->any.sa_family == AF_INET ? sizeof(addr->v4) : sizeof(addr->v6);
}

int sock_open(int family, int type, int protocol)
{
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		tap_bail("no socket of family %d, type %d, protocol %d: %s", family, type,
			 protocol, strerror(errno));
	return fd;
}

/*
 * A kernel without it looks for a module each time that it is asked, which takes as long as
 * a whole test: one asks for all of the guest.
 */
bool protocol_exists(int protocol)
{
	int fd;

	if (protocol != IPPROTO_UDPLITE)
		return true;
	if (!access(ANSWER, F_OK))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, protocol);
	if (fd < 0 && errno != EPROTONOSUPPORT)
		tap_bail("no UDP-Lite socket: %s", strerror(errno));
	close(fd < 0 ? creat(ANSWER, 0444) : fd);
	return fd >= 0;
}

int udp_open(int family)
{
	return sock_open(family, SOCK_DGRAM, IPPROTO_UDP);
}

int tcp_socket(int family)
{
	return sock_open(family, SOCK_STREAM, IPPROTO_TCP);
}

int socket_of(int protocol, int family)
{
	return sock_open(family, protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM, protocol);
}

void sock_set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		tap_bail("socket option %d of level %d: %s", option, level, strerror(errno));
}

int sock_family(int fd)
{
	int family;
	socklen_t len = sizeof(family);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len))
		tap_bail("no family of a socket: %s", strerror(errno));
	return family;
}

int sock_bind(int fd, const char *text, unsigned int port)
{
	union sock_addr addr = sock_addr(sock_family(fd), text, port);

	return bind(fd, &addr.any, length(&addr)) ? errno : 0;
}

int tcp_state(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		tap_bail("no TCP_INFO: %s", strerror(errno));
	return info.tcpi_state;
}

void sock_drop(int fd)
{
	const struct linger linger = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

int sock_bind_any(int fd, unsigned int port)
{
	return sock_bind(fd, sock_family(fd) == AF_INET ? "0.0.0.0" : "::", port);
}

int sock_connect(int fd, const char *text, unsigned int port)
{
	union sock_addr addr = sock_addr(sock_family(fd), text, port);

	return connect(fd, &addr.any, length(&addr)) ? errno : 0;
}

int sock_disconnect(int fd)
{
	const struct sockaddr addr = { .sa_family = AF_UNSPEC };

	return connect(fd, &addr, sizeof(addr)) ? errno : 0;
}

int sock_sendto(int fd, const char *text, unsigned int port)
{
	union sock_addr addr = sock_addr(sock_family(fd), text, port);

	return sendto(fd, "", 1, MSG_NOSIGNAL, &addr.any, length(&addr)) < 0 ? errno : 0;
}

unsigned int sock_port(int fd)
{
	union sock_addr addr;
	socklen_t len = sizeof(addr);

	if (getsockname(fd, &addr.any, &len))
		tap_bail("no name of a socket: %s", strerror(errno));
	return ntohs(addr.any.sa_family == AF_INET ? addr.v4.sin_port : addr.v6.sin6_port);
}

int try_port_of(int protocol, int family, unsigned int port)
{
	int fd = socket_of(protocol, family);
	int error = sock_bind_any(fd, port);

	close(fd);
	return error;
}

int try_port(int family, unsigned int port)
{
	return try_port_of(IPPROTO_UDP, family, port);
}

int associate(int fd, uint64_t token)
{
	return setsockopt(fd, SOL_IP, PORTRES_SO_ASSOCIATE, &token, sizeof(token)) ? errno : 0;
}

int association(int fd, struct portres_association *association)
{
	socklen_t len = sizeof(*association);

	memset(association, 0, sizeof(*association));
	if (getsockopt(fd, SOL_IP, PORTRES_SO_ASSOCIATE, association, &len))
		return errno;
	return len == sizeof(*association) ? 0 : EMSGSIZE;
}

int acquire_once(int fd, unsigned int first, unsigned int count,
		 struct portres_association *acquired)
{
	struct portres_association block = { .first = first, .count = count };
	socklen_t len = sizeof(block);

	if (getsockopt(fd, SOL_IP, PORTRES_SO_ACQUIRE, &block, &len))
		return errno;
	if (acquired)
		*acquired = block;
	return len == sizeof(block) ? 0 : EMSGSIZE;
}

/* The kernel may not be able to right after the module was loaded. */
int acquire(int fd, unsigned int first, unsigned int count, struct portres_association *acquired)
{
	int attempts = 500, error;

	while ((error = acquire_once(fd, first, count, acquired)) == EAGAIN && --attempts)
		usleep(20000);
	return error;
}

int release(int fd, uint64_t token)
{
	return setsockopt(fd, SOL_IP, PORTRES_SO_RELEASE, &token, sizeof(token)) ? errno : 0;
}

int udp_acquired(int family, unsigned int first, unsigned int count, uint64_t *token)
{
	struct portres_association block;
	int fd = udp_open(family);
	int error = acquire(fd, first, count, &block);

	if (error)
		tap_bail("cannot acquire %u ports from %u on: %s", count, first, strerror(error));
	if (token)
		*token = block.token;
	return fd;
}

int udp_associated(int family, uint64_t token)
{
	int fd = udp_open(family);
	int error = associate(fd, token);

	if (error)
		tap_bail("cannot associate a socket: %s", strerror(error));
	return fd;
}
