// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The wide printf functions by the rules of Microsoft. A stream without an orientation receives
 * bytes and stays narrow, so that printf() still works with it.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "wide.h"
#include "wsa.h"

/* Formats a text, which the caller frees. Returns -1 with errno set on failure. */
static int wide_compose(wchar_t **text, size_t *length, const wchar_t *format, va_list arguments)
{
	wchar_t *own = portres_wide_format(format);
	FILE *memory;
	int count;

	if (!own)
		return -1;
	*text = NULL;
	memory = open_wmemstream(text, length);
	count = memory ? vfwprintf(memory, own, arguments) : -1;
	free(own);
	if (memory && fclose(memory))
		count = -1;
	if (count < 0)
		free(*text);
	return count;
}

/* A character that the locale cannot encode becomes a question mark, as on Windows. */
static int put_bytes(FILE *stream, const wchar_t *text, size_t length)
{
	char bytes[MB_LEN_MAX];
	mbstate_t state = { 0 };
	size_t i;

	for (i = 0; i < length; i++) {
		size_t size = wcrtomb(bytes, text[i], &state);

		if (size == (size_t)-1) {
			state = (mbstate_t){ 0 };
			bytes[0] = '?';
			size = 1;
		}
		if (fwrite(bytes, 1, size, stream) != size)
			return -1;
	}
	return 0;
}

static int put_wide(FILE *stream, const wchar_t *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (fputwc(text[i], stream) == WEOF)
			return -1;
	return 0;
}

int portres_win32_vfwprintf(FILE *stream, const wchar_t *format, va_list arguments)
{
	wchar_t *text;
	size_t length;
	int count = wide_compose(&text, &length, format, arguments);
	int failed;

	if (count < 0)
		return -1;
	flockfile(stream);
	failed = fwide(stream, 0) > 0 ? put_wide(stream, text, length) :
		put_bytes(stream, text, length);
	funlockfile(stream);
	free(text);
	return failed ? -1 : count;
}

int portres_win32_fwprintf(FILE *stream, const wchar_t *format, ...)
{
	va_list arguments;
	int count;

	va_start(arguments, format);
	count = portres_win32_vfwprintf(stream, format, arguments);
	va_end(arguments);
	return count;
}

int portres_win32_vwprintf(const wchar_t *format, va_list arguments)
{
	return portres_win32_vfwprintf(stdout, format, arguments);
}

int portres_win32_wprintf(const wchar_t *format, ...)
{
	va_list arguments;
	int count;

	va_start(arguments, format);
	count = portres_win32_vfwprintf(stdout, format, arguments);
	va_end(arguments);
	return count;
}

int portres_win32_vswprintf(wchar_t *buffer, size_t size, const wchar_t *format,
			    va_list arguments)
{
	wchar_t *own = portres_wide_format(format);
	int count = own ? vswprintf(buffer, size, own, arguments) : -1;

	free(own);
	return count;
}

int portres_win32_swprintf(wchar_t *buffer, size_t size, const wchar_t *format, ...)
{
	va_list arguments;
	int count;

	va_start(arguments, format);
	count = portres_win32_vswprintf(buffer, size, format, arguments);
	va_end(arguments);
	return count;
}
