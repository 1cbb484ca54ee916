// SPDX-License-Identifier: LGPL-2.1-or-later
/* The narrow printf functions by the rules of Microsoft. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "wide.h"
#include "wsa.h"

#ifdef __clang__
#pragma clang diagnostic ignored "-Wformat-nonliteral"
#endif

int portres_win32_vfprintf(FILE *stream, const char *format, va_list arguments)
{
	char *own = portres_narrow_format(format);
	int count = own ? vfprintf(stream, own, arguments) : -1;

	free(own);
	return count;
}

int portres_win32_vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
	char *own = portres_narrow_format(format);
	int count = own ? vsnprintf(buffer, size, own, arguments) : -1;

	free(own);
	return count;
}

/* Microsoft's older function: returns -1 if the text does not fit, without a terminating NUL. */
int portres_win32__vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
	char *own = portres_narrow_format(format);
	char *text = NULL;
	int count = own ? vasprintf(&text, own, arguments) : -1;

	free(own);
	if (count < 0)
		return -1;
	if (buffer)
		memcpy(buffer, text, (size_t)count < size ? (size_t)count + 1 : size);
	free(text);
	return buffer && (size_t)count > size ? -1 : count;
}

int portres_win32_vprintf(const char *format, va_list arguments)
{
	return portres_win32_vfprintf(stdout, format, arguments);
}

int portres_win32_vsprintf(char *buffer, const char *format, va_list arguments)
{
	return portres_win32_vsnprintf(buffer, INT_MAX, format, arguments);
}

int portres_win32_printf(const char *format, ...)
{
	va_list arguments;
	int count;

	va_start(arguments, format);
	count = portres_win32_vfprintf(stdout, format, arguments);
	va_end(arguments);
	return count;
}

int portres_win32_fprintf(FILE *stream, const char *format, ...)
{
	va_list arguments;
	int count;

	va_start(arguments, format);
	count = portres_win32_vfprintf(stream, format, arguments);
	va_end(arguments);
	return count;
}

int portres_win32_sprintf(char *buffer, const char *format, ...)
{
	va_list arguments;
	int count;

	va_start(arguments, format);
	count = portres_win32_vsprintf(buffer, format, arguments);
	va_end(arguments);
	return count;
}

int portres_win32_snprintf(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	int count;

	va_start(arguments, format);
	count = portres_win32_vsnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return count;
}

int portres_win32__snprintf(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	int count;

	va_start(arguments, format);
	count = portres_win32__vsnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return count;
}
