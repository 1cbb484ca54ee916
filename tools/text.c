// SPDX-License-Identifier: GPL-2.0-only
/* Escaping of names that anybody may have chosen. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "text.h"

#define REPLACEMENT 0xfffdU

void *need(void *memory)
{
	if (memory)
		return memory;
	fputs("portres: out of memory\n", stderr);
	exit(1);
}

char *format_text(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	return need(len < 0 ? NULL : text);
}

/* Decodes a character; returns its length, 0 if the bytes are not valid UTF-8. */
static size_t decode(const char *at, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *bytes = (const unsigned char *)at;
	uint32_t value = bytes[0];
	size_t len;
	size_t i;

	if (value < 0x80)
		len = 1;
	else if (value >= 0xc2 && value < 0xe0)
		len = 2;
	else if (value >= 0xe0 && value < 0xf0)
		len = 3;
	else if (value >= 0xf0 && value < 0xf5)
		len = 4;
	else
		return 0;
	if (len > 1)
		value &= 0x7fU >> len;
	for (i = 1; i < len; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (bytes[i] & 0x3fU);
	}
	if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*character = value;
	return len;
}

static bool control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* Separators and marks that change what a reader sees of the rest of the line. */
static bool misleading(uint32_t c)
{
	return c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || c == 0x061c;
}

char *safe_text(const char *raw)
{
	char *safe = need(malloc(4 * strlen(raw) + 1));
	char *to = safe;

	while (*raw) {
		uint32_t c = 0;
		size_t len = decode(raw, &c);
		bool plain = len && !control(c) && !misleading(c) && c != '\\';

		if (c == '\\') {
			*to++ = '\\';
			plain = true;
		}
		for (len = len ? len : 1; len; len--, raw++) {
			if (plain)
				*to++ = *raw;
			else
				to += sprintf(to, "\\x%02x", (unsigned char)*raw);
		}
	}
	*to = '\0';
	return safe;
}

char *json_text(const char *raw)
{
	char *json = need(malloc(6 * strlen(raw) + 1));
	char *to = json;

	while (*raw) {
		uint32_t c = REPLACEMENT;
		size_t len = decode(raw, &c);

		if (c == '"' || c == '\\')
			to += sprintf(to, "\\%c", (char)c);
		else if (!len || control(c))
			to += sprintf(to, "\\u%04x", c);
		else
			to = mempcpy(to, raw, len);
		raw += len ? len : 1;
	}
	*to = '\0';
	return json;
}

size_t text_width(const char *safe)
{
	size_t width = 0;

	while (*safe) {
		uint32_t c = 0;
		size_t len = decode(safe, &c);
		int columns = wcwidth((wchar_t)c);

		/* What the locale does not know is most likely one column wide. */
		width += columns < 0 ? 1 : (size_t)columns;
		safe += len ? len : 1;
	}
	return width;
}
