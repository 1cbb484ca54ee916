/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a small program with sockets takes from <windows.h>. These headers are for sources
 * that are written for Windows; see CreatePersistentUdpPortReservation(3) and WSAIoctl(3).
 */
#ifndef PORTRES_WIN32_WINDOWS_H
#define PORTRES_WIN32_WINDOWS_H

#include <string.h>

#include "portres_types.h"
/* for <portres/iphlpapi.h>: the types are defined */
#include "portres_codes.h"
#include "portres_printf.h"
#include "portres_wide.h"
#include "sal.h"

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
#define RtlZeroMemory(to, size)		ZeroMemory(to, size)
#define RtlFillMemory(to, size, value)	FillMemory(to, size, value)
#define RtlCopyMemory(to, from, size)	CopyMemory(to, from, size)
#define RtlMoveMemory(to, from, size)	MoveMemory(to, from, size)
#define RtlEqualMemory(a, b, size)	(!memcmp((a), (b), (size)))
#define UNREFERENCED_PARAMETER(name)	((void)(name))

/* As on Windows, not defined with NOMINMAX or in C++. */
#if !defined(NOMINMAX) && !defined(__cplusplus)
#undef max
#undef min
#define max(a, b)		((a) > (b) ? (a) : (b))
#define min(a, b)		((a) < (b) ? (a) : (b))
#endif

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

/* The code of the last failed call of the thread, as returned by WSAGetLastError(). */
PORTRES_WIN32(DWORD, GetLastError, (void));
PORTRES_WIN32(void, SetLastError, (DWORD code));

#define FORMAT_MESSAGE_ALLOCATE_BUFFER	0x00000100
#define FORMAT_MESSAGE_IGNORE_INSERTS	0x00000200
#define FORMAT_MESSAGE_FROM_STRING	0x00000400
#define FORMAT_MESSAGE_FROM_HMODULE	0x00000800
#define FORMAT_MESSAGE_FROM_SYSTEM	0x00001000
#define FORMAT_MESSAGE_ARGUMENT_ARRAY	0x00002000
#define FORMAT_MESSAGE_MAX_WIDTH_MASK	0x000000ff

#define LANG_NEUTRAL		0x00
#define SUBLANG_DEFAULT		0x01
#define MAKELANGID(primary, sub)	((WORD)((WORD)((WORD)(sub) << 10) | (WORD)(primary)))

/*
 * The text of an error code, in English, with "\r\n" at its end; its length, or 0 and a last
 * error. FORMAT_MESSAGE_FROM_SYSTEM has to be set. With FORMAT_MESSAGE_ALLOCATE_BUFFER,
 * lpBuffer is the place of a pointer to text that LocalFree() frees. lpSource, dwLanguageId and
 * Arguments are ignored.
 */
PORTRES_WIN32(DWORD, FormatMessageA, (DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
				      DWORD dwLanguageId, LPSTR lpBuffer, DWORD nSize,
				      va_list *Arguments));
PORTRES_WIN32(DWORD, FormatMessageW, (DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
				      DWORD dwLanguageId, LPWSTR lpBuffer, DWORD nSize,
				      va_list *Arguments));
#ifdef UNICODE
#define FormatMessage	FormatMessageW
#else
#define FormatMessage	FormatMessageA
#endif

#define LMEM_FIXED	0x0000
#define LMEM_ZEROINIT	0x0040
#define LPTR		(LMEM_FIXED | LMEM_ZEROINIT)

/* Memory of malloc(); NULL on failure. LocalFree() returns NULL. */
PORTRES_WIN32(HLOCAL, LocalAlloc, (UINT uFlags, SIZE_T uBytes));
PORTRES_WIN32(HLOCAL, LocalFree, (HLOCAL hMem));

PORTRES_WIN32(void, Sleep, (DWORD milliseconds));
PORTRES_WIN32(DWORD, GetCurrentProcessId, (void));

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* PORTRES_WIN32_WINDOWS_H */
