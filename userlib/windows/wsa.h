/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by the files that implement Winsock. */
#ifndef PORTRES_WSA_H
#define PORTRES_WSA_H

#define PORTRES_BUILDS_WIN32

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "include/win32/mstcpip.h"

/* Functions of Winsock, grouped by the error codes that Windows documents for them. */
enum portres_call {
	PORTRES_CALL_SOCKET,
	PORTRES_CALL_BIND,
	PORTRES_CALL_CONNECT,
	PORTRES_CALL_LISTEN,
	PORTRES_CALL_ACCEPT,
	PORTRES_CALL_RECV,
	PORTRES_CALL_SEND,
	PORTRES_CALL_SENDTO,
	PORTRES_CALL_SETSOCKOPT,
	PORTRES_CALL_GETSOCKOPT,
	/* functions whose codes depend on errno only */
	PORTRES_CALL_OTHER,
};

/* error: 0 or a negative errno. */
DWORD portres_to_wsa(int error);

/* The same for a failed call; the state of the socket fd selects between some codes. */
DWORD portres_call_code(enum portres_call call, int fd, int error);

/* Check whether WSAStartup() was called; if not, set the last error to WSANOTINITIALISED. */
bool portres_wsa_started(void);

/* Sets the thread's last error; returns SOCKET_ERROR. */
int portres_wsa_fail(DWORD code);

/* Returns a result, or sets the last error from errno and returns SOCKET_ERROR. */
int portres_wsa_result(enum portres_call call, int fd, ssize_t result);

/* Copies memory at pointers of the caller: 0, -EFAULT, or another negative errno. */
int portres_copy(void *to, const void *from, size_t size);

/* Returns false and sets errno if the descriptor is no socket. */
bool portres_is_socket(int fd);
bool portres_is_unbound(int fd);
bool portres_is_blocking(int fd);

/* Returns an int option of SOL_SOCKET, or 0 on failure. */
int portres_socket_int(int fd, int option);

/* Shared by ioctlsocket() and WSAIoctl(). Return -1 and set errno on failure. */
int portres_set_nonblocking(int fd, bool on);
int portres_bytes_waiting(int fd, DWORD *count);

/* These take both the numbers of Windows and those of <sys/ioctl.h>. */
bool portres_is_fionbio(DWORD command);
bool portres_is_fionread(DWORD command);

/* Sends buffers; to: NULL for a connected socket. Returns bytes sent, or SOCKET_ERROR. */
int portres_wsa_send(enum portres_call call, int fd, struct iovec *buffers, size_t count,
		     int flags, const struct sockaddr *to, int size);

/*
 * Receives into buffers. from and size: NULL, or room for the address of the sender. Returns bytes
 * received, or SOCKET_ERROR; *received counts the bytes in the buffers even then.
 */
int portres_wsa_receive(int fd, struct iovec *buffers, size_t count, int flags,
			struct sockaddr *from, int *size, DWORD *received);

/* A descriptor is at most INT_MAX. */
static inline int portres_fd(SOCKET s)
{
	return s > INT_MAX ? -1 : (int)s;
}

/* Linux rejects a size above that of sockaddr_storage; Windows ignores the excess. */
static inline socklen_t portres_name_size(int size)
{
	return size > (int)sizeof(struct sockaddr_storage) ? sizeof(struct sockaddr_storage) :
		(socklen_t)size;
}

#endif /* PORTRES_WSA_H */
