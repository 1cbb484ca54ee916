// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Winsock: sends and receives with several buffers. Overlapped operations are not supported: each
 * function completes before it returns.
 */
#include <sys/socket.h>

#include "wsa.h"

/* Limit of buffers in one call; Linux has UIO_MAXIOV. */
#define BUFFERS 64

/* The buffers of a call. */
struct transfer {
	struct iovec buffers[BUFFERS];
	DWORD count;
};

/* Checks and copies the arguments, before the socket is used. Returns 0 or a code. */
static DWORD vector_begin(struct transfer *transfer, const WSABUF *buffers, DWORD count,
			  DWORD *transferred, const void *overlapped, bool has_routine)
{
	const DWORD none = 0;
	DWORD i;

	if (overlapped || has_routine)
		return WSAEOPNOTSUPP;
	if (!count || count > BUFFERS)
		return WSAEINVAL;
	if (portres_copy(transferred, &none, sizeof(none)))
		return WSAEFAULT;
	for (i = 0; i < count; i++) {
		WSABUF buffer;

		if (portres_copy(&buffer, &buffers[i], sizeof(buffer)))
			return WSAEFAULT;
		transfer->buffers[i] = (struct iovec){ buffer.buf, buffer.len };
	}
	transfer->count = count;
	return 0;
}

/* WSASend() and WSASendTo(); to: NULL for a connected socket. */
static int send_vector(enum portres_call call, SOCKET s, const WSABUF *buffers, DWORD count,
		       DWORD *sent, DWORD flags, const struct sockaddr *to, int size,
		       const void *overlapped, bool has_routine)
{
	struct transfer transfer;
	DWORD code;
	int result;

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	code = vector_begin(&transfer, buffers, count, sent, overlapped, has_routine);
	if (code)
		return portres_wsa_fail(code);
	result = portres_wsa_send(call, portres_fd(s), transfer.buffers, transfer.count,
				  (int)flags, to, size);
	if (result < 0)
		return SOCKET_ERROR;
	portres_copy(sent, &(DWORD){ (DWORD)result }, sizeof(*sent));
	return 0;
}

int portres_win32_WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
			  LPDWORD lpNumberOfBytesSent, DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
			  LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
	return send_vector(PORTRES_CALL_SEND, s, lpBuffers, dwBufferCount, lpNumberOfBytesSent,
			   dwFlags, NULL, 0, lpOverlapped, lpCompletionRoutine);
}

int portres_win32_WSASendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
			    LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
			    const struct sockaddr *lpTo, int iTolen, LPWSAOVERLAPPED lpOverlapped,
			    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
	return send_vector(PORTRES_CALL_SENDTO, s, lpBuffers, dwBufferCount, lpNumberOfBytesSent,
			   dwFlags, lpTo, iTolen, lpOverlapped, lpCompletionRoutine);
}

int portres_win32_WSARecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
			      LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
			      struct sockaddr *lpFrom, LPINT lpFromlen,
			      LPWSAOVERLAPPED lpOverlapped,
			      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
	struct transfer transfer;
	DWORD received;
	DWORD flags;
	DWORD code;
	int result;

	if (!portres_wsa_started())
		return SOCKET_ERROR;
	code = vector_begin(&transfer, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpOverlapped,
			    lpCompletionRoutine);
	if (!code && portres_copy(&flags, lpFlags, sizeof(flags)))
		code = WSAEFAULT;
	if (code)
		return portres_wsa_fail(code);
	result = portres_wsa_receive(portres_fd(s), transfer.buffers, transfer.count, (int)flags,
				     lpFrom, lpFromlen, &received);
	portres_copy(lpNumberOfBytesRecvd, &received, sizeof(received));
	portres_copy(lpFlags, &(DWORD){ 0 }, sizeof(flags));
	return result < 0 ? SOCKET_ERROR : 0;
}

int portres_win32_WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
			  LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
			  LPWSAOVERLAPPED lpOverlapped,
			  LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
	return portres_win32_WSARecvFrom(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd,
					 lpFlags, NULL, NULL, lpOverlapped, lpCompletionRoutine);
}
