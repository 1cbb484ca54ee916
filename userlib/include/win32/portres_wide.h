/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The wide printf functions by the rules of Microsoft: in them %s and %c are wide, %hs and
 * %S are not, %ws is wide, %I64d has 64 bits and %ld has 32. They print in the encoding of
 * the locale and may be mixed with printf() on one stream.
 */
#ifndef PORTRES_WIN32_WIDE_H
#define PORTRES_WIN32_WIDE_H

#include <stdarg.h>
#include <stdio.h>

#include "portres_types.h"

/*
 * The C library's functions of the same names are declared under others, if they are not
 * declared yet. If they are, they may be inline already, or in use: then it takes macros.
 */
#ifndef _WCHAR_H
#define fwprintf	portres_libc_fwprintf
#define swprintf	portres_libc_swprintf
#define vfwprintf	portres_libc_vfwprintf
#define vswprintf	portres_libc_vswprintf
#define vwprintf	portres_libc_vwprintf
#define wprintf		portres_libc_wprintf
#include <wchar.h>
#undef fwprintf
#undef swprintf
#undef vfwprintf
#undef vswprintf
#undef vwprintf
#undef wprintf
#elif !defined(PORTRES_BUILDS_WIN32)
#ifdef __cplusplus
/* which would undefine them later */
#include <cwchar>
#endif
#define fwprintf	portres_win32_fwprintf
#define swprintf	portres_win32_swprintf
#define vfwprintf	portres_win32_vfwprintf
#define vswprintf	portres_win32_vswprintf
#define vwprintf	portres_win32_vwprintf
#define wprintf		portres_win32_wprintf
#define PORTRES_WIDE_MACROS
#endif

#ifdef PORTRES_WIDE_MACROS
#define PORTRES_WIDE(name, arguments)	int name arguments
#else
#define PORTRES_WIDE(name, arguments)	PORTRES_WIN32(int, name, arguments)
#endif

/* In C++ a redeclaration needs the exception specification of glibc. */
#if defined(__cplusplus) && defined(__THROWNL)
#define PORTRES_WIDE_THROW(arguments)	arguments __THROWNL
#else
#define PORTRES_WIDE_THROW(arguments)	arguments
#endif

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

PORTRES_WIDE(fwprintf, (FILE *__restrict stream, const wchar_t *__restrict format, ...));
PORTRES_WIDE(swprintf, PORTRES_WIDE_THROW((wchar_t *__restrict buffer, size_t size,
					   const wchar_t *__restrict format, ...)));
PORTRES_WIDE(vfwprintf, (FILE *__restrict stream, const wchar_t *__restrict format,
			 va_list arguments));
PORTRES_WIDE(vswprintf, PORTRES_WIDE_THROW((wchar_t *__restrict buffer, size_t size,
					    const wchar_t *__restrict format,
					    va_list arguments)));
PORTRES_WIDE(vwprintf, (const wchar_t *__restrict format, va_list arguments));
PORTRES_WIDE(wprintf, (const wchar_t *__restrict format, ...));

/* Parses a decimal number; a value out of range becomes the nearest int. */
PORTRES_WIN32(int, _wtoi, (const wchar_t *text));

#ifdef __cplusplus
/* Called by main() of libportres-wmain.a if the program has no main(). */
int wmain(int argc, wchar_t **argv);
#endif

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#if defined(__cplusplus) && defined(PORTRES_WIDE_MACROS)
namespace std
{
using ::portres_win32_fwprintf;
using ::portres_win32_swprintf;
using ::portres_win32_vfwprintf;
using ::portres_win32_vswprintf;
using ::portres_win32_vwprintf;
using ::portres_win32_wprintf;
}
#endif

#undef PORTRES_WIDE
#undef PORTRES_WIDE_THROW

#endif /* PORTRES_WIN32_WIDE_H */
