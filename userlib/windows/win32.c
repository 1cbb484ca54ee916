// SPDX-License-Identifier: LGPL-2.1-or-later
/* Functions of <windows.h> that do not concern sockets. */
#include <limits.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "wsa.h"

void portres_win32_Sleep(DWORD milliseconds)
{
	struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000L };

	if (milliseconds == INFINITE)
		for (;;)
			pause();
	while (nanosleep(&time, &time) < 0)
		;
}

DWORD portres_win32_GetCurrentProcessId(void)
{
	return (DWORD)getpid();
}

int portres_win32__wtoi(const wchar_t *text)
{
	long long value = wcstoll(text, NULL, 10);

	if (value > INT_MAX)
		return INT_MAX;
	return value < INT_MIN ? INT_MIN : (int)value;
}
