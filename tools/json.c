// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes records as JSON. A list may have tens of thousands of them, so each object is put together
 * in one buffer, without a format and without an allocation for each value.
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "text.h"

#define NUMBER_MAX 20
#define TOKEN_DIGITS 16

/* One object or array. The buffer is kept for the next one. */
static struct buffer {
	char *text;
	size_t len;
	size_t room;
} buffer;

static bool is_pretty;

void json_set_pretty(bool pretty)
{
	is_pretty = pretty;
}

/* Returns where so many bytes can be written; the caller adds to the length what it wrote. */
static char *buffer_reserve(size_t len)
{
	if (buffer.room - buffer.len < len) {
		buffer.room = 2 * (buffer.len + len) + 1024;
		buffer.text = check_alloc(realloc(buffer.text, buffer.room));
	}
	return buffer.text + buffer.len;
}

static void buffer_add(const char *text, size_t len)
{
	memcpy(buffer_reserve(len), text, len);
	buffer.len += len;
}

static void buffer_put(const char *text)
{
	buffer_add(text, strlen(text));
}

static void buffer_flush(FILE *file)
{
	fwrite(buffer.text, 1, buffer.len, file);
	buffer.len = 0;
}

static void put_digits(uint64_t value)
{
	char digits[NUMBER_MAX];
	char *at = digits + sizeof(digits);

	do {
		*--at = (char)('0' + value % 10);
	} while (value /= 10);
	buffer_add(at, (size_t)(digits + sizeof(digits) - at));
}

static void put_hexadecimal(uint64_t value)
{
	static const char digits[] = "0123456789abcdef";
	char *to = buffer_reserve(TOKEN_DIGITS + 4);
	int shift;

	buffer.len += TOKEN_DIGITS + 4;
	to = mempcpy(to, "\"0x", 3);
	for (shift = 60; shift >= 0; shift -= 4)
		*to++ = digits[value >> shift & 0xf];
	*to = '"';
}

/* Bytes that are not UTF-8 are U+FFFD. */
static void put_string(const char *raw)
{
	size_t len = plain_length(raw);
	char *escaped;

	buffer_add("\"", 1);
	if (raw[len]) {
		escaped = json_text(raw);
		buffer_put(escaped);
		free(escaped);
	} else {
		buffer_add(raw, len);
	}
	buffer_add("\"", 1);
}

/* A new line at a depth, if lines are wanted there. */
static void put_line(unsigned int depth)
{
	if (!is_pretty)
		return;
	buffer_add("\n", 1);
	memset(buffer_reserve(4 * (size_t)depth), ' ', 4 * (size_t)depth);
	buffer.len += 4 * (size_t)depth;
}

static void put_object(const struct record *record, unsigned int depth);

static void put_array(const struct records *records, unsigned int depth)
{
	size_t i;

	buffer_add("[", 1);
	for (i = 0; i < records->count; i++) {
		buffer_add(",", i > 0);
		put_line(depth + 1);
		put_object(&records->items[i], depth + 1);
	}
	if (records->count)
		put_line(depth);
	buffer_add("]", 1);
}

static void put_value(const struct fact *fact, unsigned int depth)
{
	switch (fact->kind) {
	case FACT_NONE:
		buffer_put("null");
		break;
	case FACT_TEXT:
		put_string(fact->text);
		break;
	case FACT_NUMBER:
		put_digits(fact->number);
		break;
	case FACT_FLAG:
		buffer_put(fact->number ? "true" : "false");
		break;
	case FACT_TOKEN:
		put_hexadecimal(fact->number);
		break;
	case FACT_LIST:
		put_array(fact->list, depth);
		break;
	}
}

static void put_object(const struct record *record, unsigned int depth)
{
	bool first = true;
	size_t i;

	buffer_add("{", 1);
	for (i = 0; i < record->count; i++) {
		const struct fact *fact = &record->facts[i];

		if (!fact->key)
			continue;
		buffer_add(",", !first);
		put_line(depth + 1);
		buffer_add("\"", 1);
		buffer_put(fact->key);
		buffer_put(is_pretty ? "\": " : "\":");
		put_value(fact, depth + 1);
		first = false;
	}
	if (!first)
		put_line(depth);
	buffer_add("}", 1);
}

void json_write_object(FILE *file, const struct record *record)
{
	put_object(record, 0);
	buffer_flush(file);
}

void json_write_item(FILE *file, const struct record *record, size_t before)
{
	buffer_put(before ? "," : "[");
	if (is_pretty)
		put_line(1);
	else
		buffer_put("\n  ");
	put_object(record, 1);
	buffer_flush(file);
}

void json_write_end(FILE *file, size_t count)
{
	buffer_put(count ? "\n]" : "[]");
	buffer_flush(file);
}

void json_write_array(FILE *file, const struct records *records)
{
	size_t i;

	for (i = 0; i < records->count; i++)
		json_write_item(file, &records->items[i], i);
	json_write_end(file, records->count);
}
