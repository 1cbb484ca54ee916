// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSAStartup() and WSACleanup(), which are counted. */
#include <stdatomic.h>
#include <string.h>

#include "wsa.h"

static atomic_uint starts;

bool portres_wsa_started(void)
{
	if (starts)
		return true;
	portres_wsa_fail(WSANOTINITIALISED);
	return false;
}

/* The highest version is 2.2; a lower requested version is granted. */
static WORD version_for(WORD wanted)
{
	BYTE major = LOBYTE(wanted);
	BYTE minor = HIBYTE(wanted);

	if (major > 2 || (major == 2 && minor > 2))
		return WINSOCK_VERSION;
	return wanted;
}

int portres_win32_WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData)
{
	WSADATA data = {
		.wVersion = version_for(wVersionRequested),
		.wHighVersion = WINSOCK_VERSION,
		.szDescription = "portres",
		.szSystemStatus = "Running",
	};

	if (!LOBYTE(wVersionRequested))
		return WSAVERNOTSUPPORTED;
	if (portres_copy(lpWSAData, &data, sizeof(data)))
		return WSAEFAULT;
	starts++;
	return 0;
}

/* Sockets stay open: code that does not use Winsock may use them, too. */
int portres_win32_WSACleanup(void)
{
	unsigned int count = starts;

	do {
		if (!count)
			return portres_wsa_fail(WSANOTINITIALISED);
	} while (!atomic_compare_exchange_weak(&starts, &count, count - 1));
	return 0;
}
