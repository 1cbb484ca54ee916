// SPDX-License-Identifier: LGPL-2.1-or-later
/* The last error of a thread; converts errno to error codes of Winsock. */
#include <errno.h>

#include "wsa.h"

static __thread DWORD last_error;

DWORD portres_win32_GetLastError(void)
{
	return last_error;
}

void portres_win32_SetLastError(DWORD code)
{
	last_error = code;
}

int portres_win32_WSAGetLastError(void)
{
	return (int)last_error;
}

void portres_win32_WSASetLastError(int iError)
{
	last_error = (DWORD)iError;
}

DWORD portres_to_wsa(int error)
{
	static const struct {
		int error;
		DWORD code;
	} table[] = {
		{ 0, NO_ERROR },
		{ -EINTR, WSAEINTR },
		/* Windows has no separate code for an invalid handle here */
		{ -EBADF, WSAENOTSOCK },
		{ -EACCES, WSAEACCES },
		{ -EPERM, WSAEACCES },
		{ -EFAULT, WSAEFAULT },
		{ -EINVAL, WSAEINVAL },
		{ -EMFILE, WSAEMFILE },
		{ -ENFILE, WSAEMFILE },
		{ -EAGAIN, WSAEWOULDBLOCK },
		/* from connect() only; wsacall.c handles blocking sockets */
		{ -EINPROGRESS, WSAEWOULDBLOCK },
		{ -EALREADY, WSAEALREADY },
		{ -ENOTSOCK, WSAENOTSOCK },
		{ -EDESTADDRREQ, WSAEDESTADDRREQ },
		{ -EMSGSIZE, WSAEMSGSIZE },
		{ -EPROTOTYPE, WSAEPROTOTYPE },
		{ -ENOPROTOOPT, WSAENOPROTOOPT },
		{ -EPROTONOSUPPORT, WSAEPROTONOSUPPORT },
		{ -ESOCKTNOSUPPORT, WSAESOCKTNOSUPPORT },
		{ -EOPNOTSUPP, WSAEOPNOTSUPP },
		/* the library returns it if the module is not loaded */
		{ -ENOSYS, WSAEOPNOTSUPP },
		{ -EPFNOSUPPORT, WSAEPFNOSUPPORT },
		{ -EAFNOSUPPORT, WSAEAFNOSUPPORT },
		{ -EADDRINUSE, WSAEADDRINUSE },
		{ -EADDRNOTAVAIL, WSAEADDRNOTAVAIL },
		{ -ENETDOWN, WSAENETDOWN },
		{ -ENETUNREACH, WSAENETUNREACH },
		{ -ENETRESET, WSAENETRESET },
		{ -ECONNABORTED, WSAECONNABORTED },
		{ -ECONNRESET, WSAECONNRESET },
		{ -ENOBUFS, WSAENOBUFS },
		{ -ENOMEM, WSAENOBUFS },
		{ -EISCONN, WSAEISCONN },
		{ -ENOTCONN, WSAENOTCONN },
		{ -ESHUTDOWN, WSAESHUTDOWN },
		{ -EPIPE, WSAESHUTDOWN },
		{ -ETOOMANYREFS, WSAETOOMANYREFS },
		{ -ETIMEDOUT, WSAETIMEDOUT },
		{ -ECONNREFUSED, WSAECONNREFUSED },
		{ -ELOOP, WSAELOOP },
		{ -ENAMETOOLONG, WSAENAMETOOLONG },
		{ -EHOSTDOWN, WSAEHOSTDOWN },
		{ -EHOSTUNREACH, WSAEHOSTUNREACH },
		{ -ENOTEMPTY, WSAENOTEMPTY },
		{ -EUSERS, WSAEUSERS },
		{ -EDQUOT, WSAEDQUOT },
		{ -ESTALE, WSAESTALE },
		{ -EREMOTE, WSAEREMOTE },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].error == error)
			return table[i].code;
	return WSASYSCALLFAILURE;
}

int portres_wsa_fail(DWORD code)
{
	last_error = code;
	return SOCKET_ERROR;
}
