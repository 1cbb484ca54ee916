// SPDX-License-Identifier: LGPL-2.1-or-later
/* From the rules of Microsoft's wide printf to those of the C library. */
#include <errno.h>
#include <stdlib.h>

#include "wide.h"

/* What stands between the flags and the letter of a conversion. */
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

/* A long has 32 bits there, and so has what is given for one. */
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

/* Small letters mean wide text, unless they are told to be narrow; capitals the reverse. */
static const wchar_t *text_size(enum size size, int capital)
{
	if (size == SHORT || size == CHAR)
		return L"";
	return size == LONG || !capital ? L"l" : L"";
}

static wchar_t *append(wchar_t *to, const wchar_t *text)
{
	return wcpcpy(to, text);
}

/* From behind a percent sign on; NULL if it makes no sense, or would write to memory. */
static wchar_t *convert(wchar_t *to, const wchar_t **at)
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
		to = append(to, text_size(size, 0));
		break;
	case L'S':
	case L'C':
		to = append(to, text_size(size, 1));
		letter = letter == L'S' ? L's' : L'c';
		break;
	case L'd':
	case L'i':
	case L'o':
	case L'u':
	case L'x':
	case L'X':
		to = append(to, number_size(size));
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

wchar_t *portres_wide_format(const wchar_t *format)
{
	/* no conversion becomes longer than by a letter, "%s", and none is shorter than two */
	wchar_t *made = calloc(wcslen(format) * 3 / 2 + 2, sizeof(*made));
	wchar_t *to = made;

	while (made && *format) {
		if (*format != L'%') {
			*to++ = *format++;
			continue;
		}
		format++;
		to = convert(to, &format);
		if (!to) {
			free(made);
			errno = EINVAL;
			return NULL;
		}
	}
	return made;
}
