// SPDX-License-Identifier: GPL-2.0-only
/*
 * Valid names of reservations. Names are written to terminals, logs and files, so they are text
 * without control characters.
 */
#include "name.h"

#define MAX_CODE_POINT	0x10ffff

static bool name_is_surrogate(u32 code)
{
	return code >= 0xd800 && code <= 0xdfff;
}

/* C0, DEL, and C1, which terminals interpret as control sequences in UTF-8 as well. */
static bool name_is_control(u32 code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}

/* Return: length of a character that begins with this byte, 0 if none does. */
static size_t name_char_len(u8 lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	if (lead >= 0xf0 && lead <= 0xf4)
		return 4;
	return 0;
}

/*
 * Only the shortest form is valid: 0xc0 and 0xc1 begin no character, and longer forms encode
 * nothing that fits into fewer bytes.
 *
 * Return: length of the first character, 0 if it is not valid.
 */
static size_t name_decode(const u8 *at, size_t left, u32 *code)
{
	static const u8 masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	static const u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = name_char_len(at[0]);
	size_t i;

	if (!len || len > left)
		return 0;
	*code = at[0] & masks[len];
	for (i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (at[i] & 0x3f);
	}
	return *code < least[len] || *code > MAX_CODE_POINT || name_is_surrogate(*code) ? 0 : len;
}

/**
 * portres_name_check - check whether a name is valid
 * @name: the name
 * @len: its length in bytes, without a terminating zero
 */
enum portres_name portres_name_check(const char *name, size_t len)
{
	const u8 *at = (const u8 *)name;
	size_t step;
	u32 code;

	if (!len)
		return PORTRES_NAME_EMPTY;
	for (; len; at += step, len -= step) {
		step = name_decode(at, len, &code);
		if (!step)
			return PORTRES_NAME_NOT_UTF8;
		if (name_is_control(code))
			return PORTRES_NAME_CONTROL;
	}
	return PORTRES_NAME_GOOD;
}
