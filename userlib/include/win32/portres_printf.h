/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The printf functions of bytes by the rules of Microsoft: %s and %c are bytes, %S, %ls and %ws
 * are wide, %I64d has 64 bits, %I32d and %ld have 32, and %n is an error. They are macros with
 * arguments: gcc knows what printf() does and would judge the formats by its own rules. A
 * program that wants those of the C library defines PORTRES_NO_PRINTF before.
 */
#ifndef PORTRES_WIN32_PRINTF_H
#define PORTRES_WIN32_PRINTF_H

/* no warning of ISO C90 about variadic macros */
#pragma GCC system_header

#ifdef __cplusplus
/* which would undefine the macros later */
#include <cstdio>
#endif
#include <stdarg.h>
#include <stdio.h>

#define PORTRES_WIN32_PRINTF(name, arguments)	int portres_win32_##name arguments

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

PORTRES_WIN32_PRINTF(printf, (const char *format, ...));
PORTRES_WIN32_PRINTF(fprintf, (FILE *stream, const char *format, ...));
PORTRES_WIN32_PRINTF(sprintf, (char *buffer, const char *format, ...));
PORTRES_WIN32_PRINTF(snprintf, (char *buffer, size_t size, const char *format, ...));
PORTRES_WIN32_PRINTF(vprintf, (const char *format, va_list list));
PORTRES_WIN32_PRINTF(vfprintf, (FILE *stream, const char *format, va_list list));
PORTRES_WIN32_PRINTF(vsprintf, (char *buffer, const char *format, va_list list));
PORTRES_WIN32_PRINTF(vsnprintf, (char *buffer, size_t size, const char *format, va_list list));

/* Returns -1 if the text does not fit, without a terminating NUL. */
PORTRES_WIN32_PRINTF(_snprintf, (char *buffer, size_t size, const char *format, ...));
PORTRES_WIN32_PRINTF(_vsnprintf, (char *buffer, size_t size, const char *format, va_list list));

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#undef PORTRES_WIN32_PRINTF

#if !defined(PORTRES_NO_PRINTF) && !defined(PORTRES_BUILDS_WIN32)
#ifdef __cplusplus
namespace std
{
using ::portres_win32_printf;
using ::portres_win32_fprintf;
using ::portres_win32_sprintf;
using ::portres_win32_snprintf;
using ::portres_win32_vprintf;
using ::portres_win32_vfprintf;
using ::portres_win32_vsprintf;
using ::portres_win32_vsnprintf;
}
#endif
#undef printf
#undef fprintf
#undef sprintf
#undef snprintf
#undef vprintf
#undef vfprintf
#undef vsprintf
#undef vsnprintf
#define printf(...)		portres_win32_printf(__VA_ARGS__)
#define fprintf(...)		portres_win32_fprintf(__VA_ARGS__)
#define sprintf(...)		portres_win32_sprintf(__VA_ARGS__)
#define snprintf(...)		portres_win32_snprintf(__VA_ARGS__)
#define vprintf(...)		portres_win32_vprintf(__VA_ARGS__)
#define vfprintf(...)		portres_win32_vfprintf(__VA_ARGS__)
#define vsprintf(...)		portres_win32_vsprintf(__VA_ARGS__)
#define vsnprintf(...)		portres_win32_vsnprintf(__VA_ARGS__)
#endif

/* The C library does not have these. */
#ifndef PORTRES_BUILDS_WIN32
#define _snprintf(...)		portres_win32__snprintf(__VA_ARGS__)
#define _vsnprintf(...)		portres_win32__vsnprintf(__VA_ARGS__)
#endif

#endif /* PORTRES_WIN32_PRINTF_H */
