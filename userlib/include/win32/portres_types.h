/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The basic types and keywords of the Windows headers. LONG, ULONG, DWORD and BOOL have
 * 32 bits everywhere. WCHAR is wchar_t, which has 32 bits here and holds a whole character.
 */
#ifndef PORTRES_WIN32_TYPES_H
#define PORTRES_WIN32_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifndef __cdecl
#define __cdecl
#endif
#ifndef __stdcall
#define __stdcall
#endif
#ifndef __int64
#define __int64		long long
#endif
#define CALLBACK
#define WINAPI
#define APIENTRY	WINAPI
#define FAR
#define CONST		const
#define VOID		void

/* <portres/iphlpapi.h> may have brought these. */
#ifndef PORTRES_HAS_WIN32_TYPES
#define PORTRES_HAS_WIN32_TYPES
typedef uint16_t USHORT;
typedef uint32_t ULONG;
__extension__ typedef unsigned long long ULONG64;
typedef ULONG64 *PULONG64;
#endif

typedef char CHAR, *PCHAR, *PSTR, *LPSTR;
typedef const char *PCSTR, *LPCSTR;
typedef unsigned char UCHAR, *PUCHAR;
typedef unsigned char BYTE, *PBYTE, *LPBYTE;
typedef unsigned char BOOLEAN;
typedef short SHORT, *PSHORT;
typedef unsigned short WORD, *PWORD, *LPWORD;
typedef USHORT *PUSHORT;
typedef int INT, *PINT, *LPINT;
typedef int BOOL, *PBOOL, *LPBOOL;
typedef unsigned int UINT, *PUINT;
typedef int32_t LONG, *PLONG, *LPLONG;
typedef ULONG *PULONG;
typedef uint32_t DWORD, *PDWORD, *LPDWORD;
__extension__ typedef long long LONGLONG, LONG64, INT64;
typedef ULONG64 ULONGLONG, UINT64, DWORD64;
typedef uint8_t UINT8;
typedef uint16_t UINT16;
typedef uint32_t UINT32;
typedef int32_t INT32;
typedef float FLOAT;
typedef intptr_t INT_PTR, LONG_PTR;
typedef uintptr_t UINT_PTR, ULONG_PTR, DWORD_PTR;
typedef size_t SIZE_T;
typedef wchar_t WCHAR, *PWCHAR, *PWSTR, *LPWSTR;
typedef const wchar_t *PCWSTR, *LPCWSTR;
typedef void *PVOID, *LPVOID;
typedef const void *LPCVOID;
typedef void *HANDLE, **PHANDLE;

#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR, *LPTSTR;
typedef const WCHAR *LPCTSTR;
#define PORTRES_TEXT(text)	L##text
#else
typedef char TCHAR, *PTCHAR, *LPTSTR;
typedef const char *LPCTSTR;
#define PORTRES_TEXT(text)	text
#endif
#define TEXT(text)		PORTRES_TEXT(text)

#ifndef FALSE
#define FALSE			0
#endif
#ifndef TRUE
#define TRUE			1
#endif

/*
 * A function of Windows' name. Its symbol is another one, so that neither the C library's
 * function of the same name nor another library with the names of Windows is in the way.
 * The library itself knows it by the name of the symbol.
 */
#ifdef PORTRES_BUILDS_WIN32
#define PORTRES_WIN32(type, name, arguments)	type portres_win32_##name arguments
#else
#define PORTRES_WIN32(type, name, arguments)	\
	type name arguments __asm__("portres_win32_" #name)
#endif

#endif /* PORTRES_WIN32_TYPES_H */
