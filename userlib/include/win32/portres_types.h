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

#ifdef __cplusplus
#define EXTERN_C	extern "C"
#else
#define EXTERN_C	extern
#endif

/* Attributes of gcc, where it has one; dllimport needs none. */
#ifndef __declspec
#define __declspec(what)		PORTRES_DECLSPEC_##what
#endif
#define PORTRES_DECLSPEC_align(bytes)	__attribute__((aligned(bytes)))
#define PORTRES_DECLSPEC_deprecated	__attribute__((deprecated))
#define PORTRES_DECLSPEC_dllexport	__attribute__((visibility("default")))
#define PORTRES_DECLSPEC_dllimport
#define PORTRES_DECLSPEC_noinline	__attribute__((noinline))
#define PORTRES_DECLSPEC_noreturn	__attribute__((noreturn))
#define PORTRES_DECLSPEC_nothrow	__attribute__((nothrow))
#define PORTRES_DECLSPEC_novtable
#define PORTRES_DECLSPEC_restrict
#define PORTRES_DECLSPEC_selectany	__attribute__((weak))
#define PORTRES_DECLSPEC_thread		__thread
#define DECLSPEC_IMPORT			__declspec(dllimport)
#define DECLSPEC_EXPORT			__declspec(dllexport)
#define DECLSPEC_NORETURN		__declspec(noreturn)
#define DECLSPEC_NOINLINE		__declspec(noinline)
#define DECLSPEC_ALIGN(bytes)		__declspec(align(bytes))
#define WINBASEAPI			DECLSPEC_IMPORT

/* <portres/iphlpapi.h> may have defined these. */
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
typedef LONGLONG *PLONGLONG, *PLONG64, *PINT64;
typedef ULONG64 *PULONGLONG, *PUINT64, *PDWORD64, DWORDLONG, *PDWORDLONG;
typedef uint8_t UINT8, *PUINT8;
typedef uint16_t UINT16, *PUINT16;
typedef uint32_t UINT32, *PUINT32, ULONG32, *PULONG32, DWORD32, *PDWORD32;
typedef int8_t INT8, *PINT8;
typedef int16_t INT16, *PINT16;
typedef int32_t INT32, *PINT32, LONG32, *PLONG32;
typedef int32_t HRESULT;
typedef float FLOAT;
typedef intptr_t INT_PTR, *PINT_PTR, LONG_PTR, *PLONG_PTR;
typedef uintptr_t UINT_PTR, *PUINT_PTR, ULONG_PTR, *PULONG_PTR, DWORD_PTR, *PDWORD_PTR;
typedef size_t SIZE_T, *PSIZE_T;
typedef LONG_PTR SSIZE_T, *PSSIZE_T;
typedef wchar_t WCHAR, *PWCHAR, *PWSTR, *LPWSTR;
typedef const wchar_t *PCWSTR, *LPCWSTR;
typedef void *PVOID, *LPVOID;
typedef const void *LPCVOID;
typedef void *HANDLE, **PHANDLE, **LPHANDLE;
typedef HANDLE HLOCAL, HGLOBAL, HINSTANCE, HMODULE;
typedef BYTE *PBOOLEAN;

#define MAXUINT8		((UINT8)~(UINT8)0)
#define MAXINT8			((INT8)(MAXUINT8 >> 1))
#define MININT8			((INT8)~MAXINT8)
#define MAXUINT16		((UINT16)~(UINT16)0)
#define MAXINT16		((INT16)(MAXUINT16 >> 1))
#define MININT16		((INT16)~MAXINT16)
#define MAXUINT32		((UINT32)~(UINT32)0)
#define MAXINT32		((INT32)(MAXUINT32 >> 1))
#define MININT32		((INT32)~MAXINT32)
#define MAXUINT64		((UINT64)~(UINT64)0)
#define MAXINT64		((INT64)(MAXUINT64 >> 1))
#define MININT64		((INT64)~MAXINT64)
#define MAXUINT			((UINT)~(UINT)0)
#define MAXINT			((INT)(MAXUINT >> 1))
#define MININT			((INT)~MAXINT)
#define MAXDWORD		0xffffffff
#define MAXWORD			0xffff
#define MAXBYTE			0xff

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
