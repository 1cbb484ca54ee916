// SPDX-License-Identifier: LGPL-2.1-or-later
/* Converts formats of Microsoft's printf, wide or narrow, to those of the C library. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "wide.h"

/* The length modifier of a conversion. */
enum size { PLAIN, CHAR, SHORT, LONG, LONG_LONG, POINTER, FLOAT };

static enum size read_size(const wchar_t **at)
{
	static const struct {
		const wchar_t *text;
		enum size size;
	} sizes[] = {
		{ L"I64", LONG_LONG }, { L"I32", PLAIN }, { L"I", POINTER },
		{ L"ll", LONG_LONG }, { L"l", LONG }, { L"hh", CHAR }, { L"h", SHORT },
		{ L"w", LONG }, { L"j", LONG_LONG }, { L"z", POINTER }, { L"t", POINTER },
		{ L"L", FLOAT },
	};
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t length = wcslen(sizes[i].text);

		if (!wcsncmp(*at, sizes[i].text, length)) {
			*at += length;
			return sizes[i].size;
		}
	}
	return PLAIN;
}

/* A long has 32 bits on Windows, so the argument has 32 bits as well. */
static const wchar_t *number_size(enum size size)
{
	switch (size) {
	case CHAR:
		return L"hh";
	case SHORT:
		return L"h";
	case LONG_LONG:
		return L"ll";
	case POINTER:
		return L"z";
	default:
		return L"";
	}
}

/* %s means text as wide as the format, %S of the other width; h and l select one of them. */
static const wchar_t *text_size(enum size size, bool wide)
{
	if (size == SHORT || size == CHAR)
		return L"";
	return size == LONG || wide ? L"l" : L"";
}

static wchar_t *format_append(wchar_t *to, const wchar_t *text)
{
	return wcpcpy(to, text);
}

/* Converts what follows a percent sign. NULL: invalid, or %n, which writes to memory. */
static wchar_t *format_convert(wchar_t *to, const wchar_t **at, bool wide)
{
	size_t flags = wcsspn(*at, L"-+ #0123456789.*");
	enum size size;
	wchar_t letter;

	*to++ = L'%';
	to = wmemcpy(to, *at, flags) + flags;
	*at += flags;
	size = read_size(at);
	letter = *(*at)++;
	switch (letter) {
	case L's':
	case L'c':
		to = format_append(to, text_size(size, wide));
		break;
	case L'S':
	case L'C':
		to = format_append(to, text_size(size, !wide));
		letter = letter == L'S' ? L's' : L'c';
		break;
	case L'd':
	case L'i':
	case L'o':
	case L'u':
	case L'x':
	case L'X':
		to = format_append(to, number_size(size));
		break;
	default:
		if (!letter || !wcschr(L"%aAeEfFgGp", letter))
			return NULL;
		if (size == FLOAT)
			*to++ = L'L';
	}
	*to++ = letter;
	return to;
}

static wchar_t *convert_format(const wchar_t *format, bool wide)
{
	/* a conversion has at least two characters, "%s", and grows by at most one */
	wchar_t *made = calloc(wcslen(format) * 3 / 2 + 2, sizeof(*made));
	wchar_t *to = made;

	while (made && *format) {
		if (*format != L'%') {
			*to++ = *format++;
			continue;
		}
		format++;
		to = format_convert(to, &format, wide);
		if (!to) {
			free(made);
			errno = EINVAL;
			return NULL;
		}
	}
	return made;
}

wchar_t *portres_wide_format(const wchar_t *format)
{
	return convert_format(format, true);
}

/* One element for each byte: the encoding does not matter here. */
static wchar_t *format_widen(const char *format)
{
	size_t length = strlen(format);
	wchar_t *wide = calloc(length + 1, sizeof(*wide));
	size_t i;

	for (i = 0; wide && i < length; i++)
		wide[i] = (unsigned char)format[i];
	return wide;
}

char *portres_narrow_format(const char *format)
{
	wchar_t *wide = format_widen(format);
	wchar_t *converted = wide ? convert_format(wide, false) : NULL;
	char *made = converted ? calloc(wcslen(converted) + 1, 1) : NULL;
	size_t i;

	for (i = 0; made && converted[i]; i++)
		made[i] = (char)converted[i];
	free(converted);
	free(wide);
	return made;
}
