/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Valid names of reservations, see name.c.
 */
#ifndef _PORTRES_NAME_H
#define _PORTRES_NAME_H

#include <linux/types.h>

/**
 * enum portres_name - result of the check of a name
 * @PORTRES_NAME_GOOD: valid
 * @PORTRES_NAME_EMPTY: has no bytes
 * @PORTRES_NAME_NOT_UTF8: is not valid UTF-8
 * @PORTRES_NAME_CONTROL: has a control character
 */
enum portres_name {
	PORTRES_NAME_GOOD,
	PORTRES_NAME_EMPTY,
	PORTRES_NAME_NOT_UTF8,
	PORTRES_NAME_CONTROL,
};

enum portres_name portres_name_check(const char *name, size_t len);

#endif /* _PORTRES_NAME_H */
