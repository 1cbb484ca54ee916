/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The functions of sockets that take the place of a length: an int as on Windows, or a
 * socklen_t, which is an int there and unsigned here.
 */
#ifndef PORTRES_WIN32_LENGTH_H
#define PORTRES_WIN32_LENGTH_H

/* __extension__, as in the C library: no pedantic warning about a transparent union. */
#ifndef __cplusplus
#pragma GCC system_header
#endif

#include "winsock2.h"

#ifdef __cplusplus
typedef int *portres_length;
#else
typedef union {
	int *number;
	socklen_t *length;
} portres_length __attribute__((transparent_union));
#endif

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

PORTRES_WIN32(SOCKET, accept, (SOCKET s, struct sockaddr *addr, portres_length addrlen));
PORTRES_WIN32(int, getpeername, (SOCKET s, struct sockaddr *name, portres_length namelen));
PORTRES_WIN32(int, getsockname, (SOCKET s, struct sockaddr *name, portres_length namelen));
PORTRES_WIN32(int, getsockopt, (SOCKET s, int level, int optname, char *optval,
				portres_length optlen));
PORTRES_WIN32(int, recvfrom, (SOCKET s, char *buf, int len, int flags, struct sockaddr *from,
			      portres_length fromlen));

#pragma GCC visibility pop
#ifdef __cplusplus
}

/* For a socklen_t. Templates, as NULL does not match them. */
template <typename T> struct portres_length_of;
template <> struct portres_length_of<socklen_t> {
	typedef int number;
	typedef SOCKET socket;
};

template <typename T> inline typename portres_length_of<T>::socket
accept(SOCKET s, struct sockaddr *addr, T *length)
{
	return accept(s, addr, reinterpret_cast<int *>(length));
}

template <typename T> inline typename portres_length_of<T>::number
getpeername(SOCKET s, struct sockaddr *name, T *length)
{
	return getpeername(s, name, reinterpret_cast<int *>(length));
}

template <typename T> inline typename portres_length_of<T>::number
getsockname(SOCKET s, struct sockaddr *name, T *length)
{
	return getsockname(s, name, reinterpret_cast<int *>(length));
}

template <typename T> inline typename portres_length_of<T>::number
getsockopt(SOCKET s, int level, int optname, char *optval, T *length)
{
	return getsockopt(s, level, optname, optval, reinterpret_cast<int *>(length));
}

template <typename T> inline typename portres_length_of<T>::number
recvfrom(SOCKET s, char *buf, int len, int flags, struct sockaddr *from, T *length)
{
	return recvfrom(s, buf, len, flags, from, reinterpret_cast<int *>(length));
}
#endif

#endif /* PORTRES_WIN32_LENGTH_H */
