/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes as they have to be, for tests of formats. */
#ifndef PORTRES_TESTS_BYTES_H
#define PORTRES_TESTS_BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define BYTES_MAX 128

/*
 * Reads hexadecimal numbers, separated by blanks, each of two digits for a byte, and stores them
 * in the byte order of the machine. Returns the number of bytes.
 */
static inline size_t bytes_of(const char *numbers, unsigned char bytes[BYTES_MAX])
{
	bool little = htole16(1) == 1;
	size_t len = 0;

	while (*numbers) {
		size_t size = strcspn(numbers, " ") / 2;
		size_t i;

		for (i = 0; i < size && len + i < BYTES_MAX; i++) {
			const char *at = numbers + 2 * (little ? size - 1 - i : i);
			char digits[] = { at[0], at[1], '\0' };

			bytes[len + i] = (unsigned char)strtoul(digits, NULL, 16);
		}
		len += size;
		numbers += 2 * size;
		numbers += strspn(numbers, " ");
	}
	return len;
}

static inline void same_bytes(const void *got, size_t len, const char *wanted, const char *what)
{
	const unsigned char *bytes = got;
	unsigned char right[BYTES_MAX];
	char text[3 * BYTES_MAX + 1] = "";
	size_t i;

	if (tap_ok(len == bytes_of(wanted, right) && !memcmp(got, right, len), "%s", what))
		return;
	for (i = 0; i < len && i < BYTES_MAX; i++)
		sprintf(text + 3 * i, " %02x", bytes[i]);
	tap_diag("got%s", text);
}

#endif
