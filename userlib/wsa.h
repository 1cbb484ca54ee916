/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files share that stand in for Winsock. */
#ifndef PORTRES_WSA_H
#define PORTRES_WSA_H

#define PORTRES_BUILDS_WIN32

#include <limits.h>
#include <stdbool.h>

#include "include/win32/mstcpip.h"

/* error: 0 or a negative errno. */
DWORD portres_to_wsa(int error);

/* WSAStartup() was called; if not, the thread's last error is WSANOTINITIALISED. */
bool portres_wsa_started(void);

/* Makes a code the thread's last error; returns SOCKET_ERROR. */
int portres_wsa_refuse(DWORD code);

/* A result is handed on; a negative one as SOCKET_ERROR, with errno as the last error. */
int portres_wsa_result(ssize_t result);

/*
 * The same for what may have bound the socket. Where all ports are taken, Linux says
 * EAGAIN, which to Windows is no answer of a socket that blocks.
 */
int portres_wsa_implicit_bind(int fd, ssize_t result);

/* Copies memory that may not be there: 0, -EFAULT, or why it could not be found out. */
int portres_copy(void *to, const void *from, size_t size);

/* No descriptor has a number that would be cut off here. */
static inline int portres_fd(SOCKET s)
{
	return s > INT_MAX ? -1 : (int)s;
}

#endif /* PORTRES_WSA_H */
