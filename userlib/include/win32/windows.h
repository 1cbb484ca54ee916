/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a small program with sockets takes from <windows.h>. These headers are for sources
 * that are written for Windows; see CreatePersistentUdpPortReservation(3) and WSAIoctl(3).
 */
#ifndef PORTRES_WIN32_WINDOWS_H
#define PORTRES_WIN32_WINDOWS_H

#include <string.h>

#include "portres_types.h"
/* by which the codes know that the types are there */
#include "portres_codes.h"
#include "portres_wide.h"

#define MAKEWORD(low, high)	\
	((WORD)(((BYTE)((low) & 0xff)) | ((WORD)((BYTE)((high) & 0xff))) << 8))
#define MAKELONG(low, high)	\
	((LONG)(((WORD)((low) & 0xffff)) | ((DWORD)((WORD)((high) & 0xffff))) << 16))
#define LOBYTE(value)		((BYTE)((value) & 0xff))
#define HIBYTE(value)		((BYTE)(((value) >> 8) & 0xff))
#define LOWORD(value)		((WORD)((value) & 0xffff))
#define HIWORD(value)		((WORD)(((value) >> 16) & 0xffff))

#define ZeroMemory(to, size)		memset((to), 0, (size))
#define FillMemory(to, size, value)	memset((to), (value), (size))
#define CopyMemory(to, from, size)	memcpy((to), (from), (size))
#define MoveMemory(to, from, size)	memmove((to), (from), (size))
#define UNREFERENCED_PARAMETER(name)	((void)(name))

#define MAX_PATH		260
#define INFINITE		0xffffffff
#define INVALID_HANDLE_VALUE	((HANDLE)(LONG_PTR)-1)

__extension__ typedef struct _OVERLAPPED {
	ULONG_PTR Internal;
	ULONG_PTR InternalHigh;
	__extension__ union {
		__extension__ struct {
			DWORD Offset;
			DWORD OffsetHigh;
		};
		PVOID Pointer;
	};
	HANDLE hEvent;
} OVERLAPPED, *LPOVERLAPPED;

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* The code of the thread's last call that failed; the same that WSAGetLastError() tells. */
PORTRES_WIN32(DWORD, GetLastError, (void));
PORTRES_WIN32(void, SetLastError, (DWORD code));

PORTRES_WIN32(void, Sleep, (DWORD milliseconds));
PORTRES_WIN32(DWORD, GetCurrentProcessId, (void));

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* PORTRES_WIN32_WINDOWS_H */
