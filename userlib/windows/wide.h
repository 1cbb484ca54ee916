/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Converts formats of Microsoft's printf to those of the C library. */
#ifndef PORTRES_WIDE_H
#define PORTRES_WIDE_H

#include <wchar.h>

/* Returns a format that the caller frees, or NULL with errno set. */
wchar_t *portres_wide_format(const wchar_t *format);
char *portres_narrow_format(const char *format);

#endif /* PORTRES_WIDE_H */
