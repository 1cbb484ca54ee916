// SPDX-License-Identifier: GPL-2.0-only
/* Escapes text of unknown origin. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "disk/words.h"
#include "text.h"

#define REPLACEMENT 0xfffdU

void *check_alloc(void *memory)
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
	return check_alloc(len < 0 ? NULL : text);
}

char *join_text(const char *first, const char *second)
{
	char *text = check_alloc(malloc(strlen(first) + strlen(second) + 1));

	strcpy(stpcpy(text, first), second);
	return text;
}

const char *number_text(char buffer[NUMBER_TEXT_MAX], uint64_t number)
{
	char *at = buffer + NUMBER_TEXT_MAX;

	*--at = '\0';
	do {
		*--at = (char)('0' + number % 10);
	} while (number /= 10);
	return at;
}

void append_text(char **list, const char *item)
{
	char *longer = *list ? format_text("%s, %s", *list, item) : check_alloc(strdup(item));

	free(*list);
	*list = longer;
}

/* Line separators, and marks that change the direction of the text after them. */
static bool is_misleading(uint32_t c)
{
	return c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || c == 0x061c;
}

size_t plain_length(const char *raw)
{
	size_t len = 0;

	while ((unsigned char)raw[len] >= ' ' && (unsigned char)raw[len] < 0x7f &&
	       raw[len] != '"' && raw[len] != '\\')
		len++;
	return len;
}

char *safe_text(const char *raw)
{
	char *safe;
	char *to;

	/* Most texts are. */
	if (!raw[plain_length(raw)])
		return check_alloc(strdup(raw));
	safe = check_alloc(malloc(4 * strlen(raw) + 1));
	to = safe;
	while (*raw) {
		uint32_t c = 0;
		size_t len = portres_words_decode(raw, &c);
		bool plain = len && !portres_words_is_control(c) && !is_misleading(c) && c != '\\';

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

char *quoted_text(const char *raw)
{
	portres_quoted quoted;

	return safe_text(portres_words_quote(quoted, raw));
}

char *json_text(const char *raw)
{
	char *json = check_alloc(malloc(6 * strlen(raw) + 1));
	char *to = json;

	while (*raw) {
		uint32_t c = REPLACEMENT;
		size_t len = portres_words_decode(raw, &c);

		if (c == '"' || c == '\\')
			to += sprintf(to, "\\%c", (char)c);
		else if (!len || portres_words_is_control(c))
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
	size_t width = plain_length(safe);

	safe += width;
	while (*safe) {
		uint32_t c = 0;
		size_t len = portres_words_decode(safe, &c);
		int columns = wcwidth((wchar_t)c);

		/* A character that the locale does not know is probably one column wide. */
		width += columns < 0 ? 1 : (size_t)columns;
		safe += len ? len : 1;
	}
	return width;
}
