// SPDX-License-Identifier: LGPL-2.1-or-later
/* FormatMessage(): texts for all error codes that functions of this library return. */
#include <stdlib.h>
#include <string.h>

#include "wsa.h"

#define KNOWN_FLAGS	(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_IGNORE_INSERTS | \
			 FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_FROM_SYSTEM | \
			 FORMAT_MESSAGE_ARGUMENT_ARRAY | FORMAT_MESSAGE_MAX_WIDTH_MASK)

static const struct {
	DWORD code;
	const char *text;
} messages[] = {
	{ ERROR_SUCCESS, "The operation completed successfully." },
	{ ERROR_TOO_MANY_OPEN_FILES, "The process or the system has too many open files." },
	{ ERROR_ACCESS_DENIED, "Access is denied." },
	{ ERROR_INVALID_HANDLE, "The handle is invalid." },
	{ ERROR_NOT_ENOUGH_MEMORY, "There is not enough memory." },
	{ ERROR_OUTOFMEMORY, "There is not enough memory to complete the operation." },
	{ ERROR_WRITE_PROTECT, "The file system is mounted read-only." },
	{ ERROR_GEN_FAILURE, "The operation failed; the kernel or the library gave no reason." },
	{ ERROR_SHARING_VIOLATION, "A port is in use, or another reservation has it." },
	{ ERROR_NOT_SUPPORTED, "The request is not supported; is the portres module loaded?" },
	{ ERROR_INVALID_PARAMETER, "A parameter is invalid." },
	{ ERROR_DISK_FULL, "There is not enough space on the disk." },
	{ ERROR_INSUFFICIENT_BUFFER, "The buffer is too small." },
	{ ERROR_MR_MID_NOT_FOUND, "There is no message of this number." },
	{ WSA_OPERATION_ABORTED, "The operation was aborted." },
	{ WSA_IO_INCOMPLETE, "The overlapped operation is not complete." },
	{ WSA_IO_PENDING, "The overlapped operation completes later." },
	{ ERROR_IO_DEVICE, "The disk reported an error." },
	{ ERROR_NOT_FOUND, "There is no such reservation." },
	{ ERROR_DISK_QUOTA_EXCEEDED, "The quota of the disk is exhausted." },
	{ ERROR_TIMEOUT, "The operation timed out; try again." },
	{ WSAEINTR, "A signal interrupted the call." },
	{ WSAEBADF, "The file handle is invalid." },
	{ WSAEACCES, "Access to the address, port or reservation is denied." },
	{ WSAEFAULT, "A pointer is invalid, or a buffer or an address is too short." },
	{ WSAEINVAL, "An argument is invalid, or the socket is not in the state for this call." },
	{ WSAEMFILE, "The process has too many open sockets." },
	{ WSAEWOULDBLOCK, "The call would block, and the socket does not." },
	{ WSAEINPROGRESS, "A blocking call is in progress." },
	{ WSAEALREADY, "The socket is connecting already." },
	{ WSAENOTSOCK, "This is not a socket." },
	{ WSAEDESTADDRREQ, "A destination address is required." },
	{ WSAEMSGSIZE, "The message does not fit into the buffer, or into a datagram." },
	{ WSAEPROTOTYPE, "The protocol is of another type than the socket." },
	{ WSAENOPROTOOPT, "The socket does not have this option." },
	{ WSAEPROTONOSUPPORT, "The protocol is not supported." },
	{ WSAESOCKTNOSUPPORT, "The type of socket is not supported." },
	{ WSAEOPNOTSUPP, "The operation is not supported here, or not for this socket." },
	{ WSAEPFNOSUPPORT, "The family of protocols is not supported." },
	{ WSAEAFNOSUPPORT, "The address family is not supported." },
	{ WSAEADDRINUSE, "The address or port is in use or reserved, or no port is free." },
	{ WSAEADDRNOTAVAIL, "The address is not one that this socket can have or reach." },
	{ WSAENETDOWN, "The network is down." },
	{ WSAENETUNREACH, "The network is unreachable." },
	{ WSAENETRESET, "The network dropped the connection." },
	{ WSAECONNABORTED, "The connection was aborted." },
	{ WSAECONNRESET, "The peer reset the connection, or has no socket on that port." },
	{ WSAENOBUFS, "There is no memory for the socket." },
	{ WSAEISCONN, "The socket is connected already." },
	{ WSAENOTCONN, "The socket is not connected." },
	{ WSAESHUTDOWN, "The socket was shut down." },
	{ WSAETOOMANYREFS, "There are too many references." },
	{ WSAETIMEDOUT, "The operation timed out." },
	{ WSAECONNREFUSED, "The peer refused the connection." },
	{ WSAELOOP, "A path has too many symbolic links." },
	{ WSAENAMETOOLONG, "A name is too long." },
	{ WSAEHOSTDOWN, "The host is down." },
	{ WSAEHOSTUNREACH, "The host is unreachable." },
	{ WSAENOTEMPTY, "The directory is not empty." },
	{ WSAEPROCLIM, "Too many processes use Winsock." },
	{ WSAEUSERS, "There are too many users." },
	{ WSAEDQUOT, "The user has as many reservations or ports as the limits allow." },
	{ WSAESTALE, "The file handle is stale." },
	{ WSAEREMOTE, "The item is on another machine." },
	{ WSASYSNOTREADY, "The network is not ready." },
	{ WSAVERNOTSUPPORTED, "This version of Winsock is not supported." },
	{ WSANOTINITIALISED, "WSAStartup() was not called." },
	{ WSAEDISCON, "The peer has begun to end the connection." },
	{ WSAECANCELLED, "The call was cancelled." },
	{ WSASYSCALLFAILURE, "A system call failed in a way that Winsock has no code for." },
	{ WSAHOST_NOT_FOUND, "There is no such host." },
	{ WSATRY_AGAIN, "The host was not found for now; try again." },
	{ WSANO_RECOVERY, "The name server failed." },
	{ WSANO_DATA, "The name has no data of this type." },
};

static const char *find_message(DWORD code)
{
	size_t i;

	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (messages[i].code == code)
			return messages[i].text;
	return NULL;
}

static DWORD message_fail(DWORD code)
{
	portres_win32_SetLastError(code);
	return 0;
}

/* The texts are ASCII, so that a character of either width is a byte of the text. */
static void message_put(void *buffer, size_t i, char character, bool wide)
{
	if (wide)
		((WCHAR *)buffer)[i] = (WCHAR)character;
	else
		((char *)buffer)[i] = character;
}

/* With ALLOCATE_BUFFER, buffer points to a pointer and size is a minimum. */
static void *message_buffer(DWORD flags, void *buffer, DWORD size, size_t length, bool wide)
{
	size_t room = length + 1 > size ? length + 1 : size;
	void *made;

	if (!(flags & FORMAT_MESSAGE_ALLOCATE_BUFFER)) {
		if (size <= length)
			portres_win32_SetLastError(ERROR_INSUFFICIENT_BUFFER);
		return size > length ? buffer : NULL;
	}
	made = calloc(room, wide ? sizeof(WCHAR) : 1);
	if (made)
		memcpy(buffer, &made, sizeof(made));
	else
		portres_win32_SetLastError(ERROR_NOT_ENOUGH_MEMORY);
	return made;
}

/* As on Windows, the text ends with "\r\n", unless the width of lines is unlimited. */
static DWORD message_format(DWORD flags, DWORD code, void *buffer, DWORD size, bool wide)
{
	const char *text = find_message(code);
	const char *end = (flags & FORMAT_MESSAGE_MAX_WIDTH_MASK) ==
		FORMAT_MESSAGE_MAX_WIDTH_MASK ? " " : "\r\n";
	size_t length;
	size_t body;
	size_t i;

	if (!buffer || flags & ~(DWORD)KNOWN_FLAGS)
		return message_fail(ERROR_INVALID_PARAMETER);
	if (!text || !(flags & FORMAT_MESSAGE_FROM_SYSTEM))
		return message_fail(ERROR_MR_MID_NOT_FOUND);
	body = strlen(text);
	length = body + strlen(end);
	buffer = message_buffer(flags, buffer, size, length, wide);
	if (!buffer)
		return 0;
	for (i = 0; i <= length; i++)
		message_put(buffer, i, i < body ? text[i] : end[i - body], wide);
	return (DWORD)length;
}

DWORD portres_win32_FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
				   DWORD dwLanguageId, LPSTR lpBuffer, DWORD nSize,
				   va_list *Arguments)
{
	(void)lpSource;
	(void)dwLanguageId;
	(void)Arguments;
	return message_format(dwFlags, dwMessageId, lpBuffer, nSize, false);
}

DWORD portres_win32_FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
				   DWORD dwLanguageId, LPWSTR lpBuffer, DWORD nSize,
				   va_list *Arguments)
{
	(void)lpSource;
	(void)dwLanguageId;
	(void)Arguments;
	return message_format(dwFlags, dwMessageId, lpBuffer, nSize, true);
}

HLOCAL portres_win32_LocalAlloc(UINT uFlags, SIZE_T uBytes)
{
	HLOCAL made = uFlags & LMEM_ZEROINIT ? calloc(1, uBytes ? uBytes : 1) :
		malloc(uBytes ? uBytes : 1);

	if (!made)
		portres_win32_SetLastError(ERROR_NOT_ENOUGH_MEMORY);
	return made;
}

HLOCAL portres_win32_LocalFree(HLOCAL hMem)
{
	free(hMem);
	return NULL;
}
